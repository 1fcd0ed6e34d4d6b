// The payer's page of one refund, under the link of its invoice.

import { refundPage } from "../../../../../components/payer/refund-ticket.tsx";
import { languageOf } from "../../../../../messages/languages.ts";
import { answerNotice, answerPage, findTicket, placeOf } from "../../../invoice-link.ts";

export const dynamic = "force-dynamic";

type Params = { params: Promise<{ token: string; refund: string }> };

export async function GET(request: Request, { params }: Params): Promise<Response> {
  const { token, refund } = await params;
  const asked = new URL(request.url).searchParams.get("lang");
  const found = await findTicket(token, refund);
  // In no frame: it is a page of its own, opened from a link.
  const place = found.ok
    ? placeOf(request, token, asked, {
        frame_origins: [],
        brand: found.ticket.brand,
        invoice: { locale: languageOf(found.ticket.invoice.locale) },
      })
    : placeOf(request, token, asked);
  const own = { ...place, path: `${place.path}/refunds/${encodeURIComponent(refund)}` };
  if (!found.ok) return answerNotice(own, found.notice);
  return answerPage(await refundPage(found.ticket, own, place.path), own, { kind: "page" });
}
