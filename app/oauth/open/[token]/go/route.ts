// Leads on to the processor with a fresh state.
import { consentEdge } from "../../../../edge.ts";

export const dynamic = "force-dynamic";

export async function POST(request: Request, { params }: { params: Promise<{ token: string }> }): Promise<Response> {
  if (request.headers.get("sec-fetch-site") === "cross-site") return new Response(null, { status: 403 });
  const { token } = await params;
  const answer = await consentEdge(null).consent.links[":token"].follow.$post({ param: { token } });
  const location = answer.ok
    ? (await answer.json()).url
    : `/oauth/open/${encodeURIComponent(token)}${answer.status === 409 ? "?fault=processor_fault" : ""}`;
  return new Response(null, {
    status: 303,
    headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer" },
  });
}
