// How a payment stands, in a few bytes: what an open payer page asks for again and again.

import { dataHeaders } from "../../../../components/payer/headers.ts";
import { knownOf } from "../../../../components/payer/known.ts";
import { findView, placeOf, readToken, versionOf } from "../../invoice-link.ts";

export const dynamic = "force-dynamic";

/**
 * In full, or, where the page names the version it knows and there is no newer one, in no word at all. A page asks so most
 * of the time: it costs one look into an index, and what changes by the clock alone is seen by the full answers in between.
 */
export async function GET(request: Request, { params }: { params: Promise<{ token: string }> }): Promise<Response> {
  const token = readToken((await params).token);
  const { searchParams } = new URL(request.url);
  const known = searchParams.get("v");
  if (token && known && (await versionOf(token)) === known) {
    return new Response(null, { status: 204, headers: dataHeaders() });
  }
  const found = await findView(token);
  const asked = searchParams.get("lang");
  const body = found.ok
    ? knownOf(found.view, placeOf(request, token ?? "", asked, found.view).language)
    : { state: null };
  return new Response(JSON.stringify(body), { status: found.ok ? 200 : 503, headers: dataHeaders() });
}
