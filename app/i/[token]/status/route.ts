// How a payment stands, in a few bytes: what an open payer page asks for again and again.

import { dataHeaders } from "../../../../components/payer/headers.ts";
import { keyOf } from "../../../../components/payer/view.ts";
import { findView, readToken } from "../../invoice-link.ts";

export const dynamic = "force-dynamic";

export async function GET(_request: Request, { params }: { params: Promise<{ token: string }> }): Promise<Response> {
  const found = await findView(readToken((await params).token));
  const body = found.ok ? { state: found.view.state, key: keyOf(found.view) } : { state: null };
  return new Response(JSON.stringify(body), { status: found.ok ? 200 : 503, headers: dataHeaders() });
}
