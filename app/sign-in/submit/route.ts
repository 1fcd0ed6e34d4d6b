// Takes the sign-in form, works without scripts: asks the edge Worker and hands on its cookies as they are.
import { askEdge } from "../../edge.ts";
import { safePath } from "../safe-path.ts";

export const dynamic = "force-dynamic";

const TYPED = "plata_typed_email";

export async function POST(request: Request): Promise<Response> {
  const form = await request.formData();
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value : "";
  };
  const next = safePath(text("next"));
  const email = text("email").trim();
  // The browser's own origin goes along: the edge Worker refuses a form that another site sent.
  const headers = new Headers({ "content-type": "application/json" });
  for (const name of ["origin", "referer", "cf-connecting-ip", "user-agent", "cookie"]) {
    const value = request.headers.get(name);
    if (value) headers.set(name, value);
  }
  const answer = await askEdge(
    new Request(new URL("/api/auth/sign-in/email", request.url), {
      method: "POST",
      headers,
      body: JSON.stringify({ email, password: text("password") }),
    }),
  );
  const reply = new Headers({ "cache-control": "no-store" });
  if (answer.ok) {
    reply.set("location", next);
    reply.append("set-cookie", `${TYPED}=; Path=/sign-in; Max-Age=0`);
  } else {
    const fault = answer.status === 429 ? "busy" : "wrong";
    reply.set("location", `/sign-in?fault=${fault}&next=${encodeURIComponent(next)}`);
    reply.append(
      "set-cookie",
      `${TYPED}=${encodeURIComponent(email.slice(0, 254))}; Path=/sign-in; Max-Age=120; HttpOnly; SameSite=Strict`,
    );
  }
  for (const cookie of answer.headers.getSetCookie()) reply.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers: reply });
}
