// Handing an invoice over: a press makes a short-lived link to the same session, for another device or another person.

import { isHandable } from "../../../../components/payer/elsewhere.tsx";
import { elsewherePage } from "../../../../components/payer/pages.tsx";
import { payerEdge } from "../../../edge.ts";
import { answerNotice, answerPage, findView, noticeOf, placeOf, readToken, toPayment } from "../../invoice-link.ts";

export const dynamic = "force-dynamic";

type Params = { params: Promise<{ token: string }> };

export async function GET(request: Request, { params }: Params): Promise<Response> {
  const { token } = await params;
  const asked = new URL(request.url).searchParams.get("lang");
  const found = await findView(readToken(token));
  if (!found.ok) return answerNotice(placeOf(request, token, asked), found.notice);
  const place = placeOf(request, token, asked, found.view);
  if (!isHandable(found.view)) return toPayment(place);
  return answerPage(await elsewherePage(found.view, place), place, { kind: "page" });
}

export async function POST(request: Request, { params }: Params): Promise<Response> {
  const form = await request.formData().catch(() => new FormData());
  const lang = form.get("lang");
  const asked = typeof lang === "string" ? lang : null;
  const { token: text } = await params;
  const token = readToken(text);
  const place = placeOf(request, text, asked);
  if (!token) return answerNotice(place, "missing");
  try {
    const answer = await payerEdge().payer[":token"]["hand-overs"].$post({ param: { token } });
    if (!answer.ok) return answerNotice(place, noticeOf((answer as Response).status));
    const { view, ...handOver } = await answer.json();
    const there = placeOf(request, text, asked, view);
    // Nothing to hand over: the payment page says what there is.
    if (!isHandable(view)) return toPayment(there);
    return answerPage(await elsewherePage(view, there, handOver), there, { kind: "page" });
  } catch {
    return answerNotice(place, "unreachable");
  }
}
