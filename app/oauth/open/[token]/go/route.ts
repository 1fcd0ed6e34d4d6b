// Leads on to the processor with a fresh state.
import { speak } from "../../../../(merchant)/speak.ts";
import { consentEdge } from "../../../../edge.ts";
import { leadOn } from "../../../../lead-on.ts";

export const dynamic = "force-dynamic";

export async function POST(request: Request, { params }: { params: Promise<{ token: string }> }): Promise<Response> {
  if (request.headers.get("sec-fetch-site") === "cross-site") return new Response(null, { status: 403 });
  const { token } = await params;
  const answer = await consentEdge(null).consent.links[":token"].follow.$post({ param: { token } });
  if (answer.ok) {
    const { say, locale } = await speak();
    return leadOn((await answer.json()).url, { locale, text: say("connect.open.leading"), go: say("connect.open.go") });
  }
  return new Response(null, {
    status: 303,
    headers: {
      location: `/oauth/open/${encodeURIComponent(token)}${answer.status === 409 ? "?fault=processor_fault" : ""}`,
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    },
  });
}
