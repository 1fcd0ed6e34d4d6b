// How a payment stands, in a few bytes: what an open payer page asks for again and again.

import { dataHeaders } from "../../../../components/payer/headers.ts";
import { knownOf } from "../../../../components/payer/known.ts";
import { findView, placeOf, readToken } from "../../invoice-link.ts";

export const dynamic = "force-dynamic";

export async function GET(request: Request, { params }: { params: Promise<{ token: string }> }): Promise<Response> {
  const { token } = await params;
  const found = await findView(readToken(token));
  const asked = new URL(request.url).searchParams.get("lang");
  const body = found.ok ? knownOf(found.view, placeOf(request, token, asked, found.view).language) : { state: null };
  return new Response(JSON.stringify(body), { status: found.ok ? 200 : 503, headers: dataHeaders() });
}
