// Asking for a new date in place of one that is over: a press tells the merchant, and the payment page says so.

import { payerEdge } from "../../../edge.ts";
import { answerNotice, noticeOf, placeOf, readToken, toPayment } from "../../invoice-link.ts";

export const dynamic = "force-dynamic";

export async function POST(request: Request, { params }: { params: Promise<{ token: string }> }): Promise<Response> {
  const form = await request.formData().catch(() => new FormData());
  const lang = form.get("lang");
  const { token: text } = await params;
  const token = readToken(text);
  const place = placeOf(request, text, typeof lang === "string" ? lang : null);
  if (!token) return answerNotice(place, "missing");
  try {
    const answer = await payerEdge().payer[":token"]["date-requests"].$post({ param: { token } });
    // Seen by a GET, so that a reload asks nobody again.
    return answer.ok ? toPayment(place) : answerNotice(place, noticeOf((answer as Response).status));
  } catch {
    return answerNotice(place, "unreachable");
  }
}
