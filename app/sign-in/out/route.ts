// Ends the session and leads back to sign-in.
import { askEdge } from "../../edge.ts";

export const dynamic = "force-dynamic";

export async function POST(request: Request): Promise<Response> {
  const headers = new Headers({ "content-type": "application/json" });
  for (const name of ["origin", "referer", "cookie"]) {
    const value = request.headers.get(name);
    if (value) headers.set(name, value);
  }
  const answer = await askEdge(
    new Request(new URL("/api/auth/sign-out", request.url), { method: "POST", headers, body: "{}" }),
  );
  const reply = new Headers({ location: "/sign-in", "cache-control": "no-store" });
  for (const cookie of answer.headers.getSetCookie()) reply.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers: reply });
}
