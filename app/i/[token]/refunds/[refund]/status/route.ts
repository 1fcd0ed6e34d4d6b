// How a refund stands, in a few bytes: what its open page asks for again and again.

import { dataHeaders } from "../../../../../../components/payer/headers.ts";
import { ticketKey } from "../../../../../../components/payer/refund-ticket.tsx";
import { findTicket } from "../../../../invoice-link.ts";

export const dynamic = "force-dynamic";

type Params = { params: Promise<{ token: string; refund: string }> };

export async function GET(_request: Request, { params }: Params): Promise<Response> {
  const { token, refund } = await params;
  const found = await findTicket(token, refund);
  const body = found.ok ? { state: found.ticket.state, key: ticketKey(found.ticket) } : { state: null };
  return new Response(JSON.stringify(body), { status: found.ok ? 200 : 503, headers: dataHeaders() });
}
