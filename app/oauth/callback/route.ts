// The one address that processors send people back to (OAuth's redirect URI). It stands at the web Worker's origin
// because that is where the member's session lives: its cookie tells whether the right person came back.
import { consentEdge } from "../../edge.ts";

export const dynamic = "force-dynamic";

export async function GET(request: Request): Promise<Response> {
  const given = new URL(request.url).searchParams;
  const code = given.get("code");
  const answer = await consentEdge(request.headers.get("cookie")).consent.return.$post({
    json: { state: (given.get("state") ?? "").slice(0, 200), ...(code ? { code: code.slice(0, 4000) } : {}) },
  });
  const returned = answer.ok ? await answer.json() : null;
  const outcome = returned?.outcome ?? "failed";
  // Nothing of the query decides where this leads: only what the edge knows of the state.
  const isHome = returned?.is_signed_in && returned.connection_id && returned.processor;
  const location = isHome
    ? `/integrations/${returned.processor}?${new URLSearchParams({ connection: returned.connection_id ?? "", consent: outcome })}`
    : `/oauth/result?outcome=${outcome}`;
  return new Response(null, {
    status: 303,
    headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer" },
  });
}
