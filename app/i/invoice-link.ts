// What the routes under a payment link share: reading the link, asking the edge, answering a page.

import type { ClientResponse } from "hono/client";
import { brandStyle } from "../../components/payer/brand.ts";
import { type Policy, pageHeaders } from "../../components/payer/headers.ts";
import { inAppBrowserOf } from "../../components/payer/in-app-browsers.ts";
import { type Notice, noticePage, type Place } from "../../components/payer/pages.tsx";
import type { PayerView } from "../../components/payer/view.ts";
import { chooseLanguage, type Language } from "../../components/payer/words.ts";
import type { RefundTicketShape } from "../../edge/http/refund-ticket.ts";
import { payerEdge } from "../edge.ts";

const TOKEN = /^[A-Za-z0-9_-]{16,40}$/;

/** The token, when it can be one at all: nothing else ever goes into an address of the edge. */
export function readToken(text: string): string | null {
  return TOKEN.test(text) ? text : null;
}

export type Found = { ok: true; view: PayerView; returnPath?: string | undefined } | { ok: false; notice: Notice };

/** Why the edge gave no view. */
export function noticeOf(status: number): Notice {
  if (status === 429) return "tooMany";
  if (status === 410) return "lapsed";
  return status === 404 || status === 400 ? "missing" : "unreachable";
}

/**
 * The view of a link.
 * @param back the attempt with which the browser came back from a processor: makes the edge ask that processor first
 */
export async function findView(token: string | null, back?: string | null): Promise<Found> {
  if (!token) return { ok: false, notice: "missing" };
  if (back) {
    const found = await ask((link) =>
      link.returned.$post({ param: { token }, json: { attempt_id: back.slice(0, 40) } }),
    );
    // Asking is a help, not a condition: what is known already can be shown without it.
    if (found.ok) return found;
  }
  return ask((link) => link.$get({ param: { token } }));
}

type Seen = PayerView & { return_link?: string | undefined };
type Link = ReturnType<typeof payerEdge>["payer"][":token"];

async function ask(call: (link: Link) => Promise<ClientResponse<Seen, number, "json">>): Promise<Found> {
  try {
    const answer = await call(payerEdge().payer[":token"]);
    if (!answer.ok) return { ok: false, notice: noticeOf(answer.status) };
    const { return_link: link, ...view } = await answer.json();
    return { ok: true, view, returnPath: link && new URL(link).pathname };
  } catch {
    return { ok: false, notice: "unreachable" };
  }
}

/** The version of a link's invoice; null where it cannot be told. */
export async function versionOf(token: string): Promise<string | null> {
  try {
    const answer = await payerEdge().payer[":token"].version.$get({ param: { token } });
    return answer.ok ? String((await answer.json()).version) : null;
  } catch {
    return null;
  }
}

export type FoundTicket = { ok: true; ticket: RefundTicketShape } | { ok: false; notice: Notice };

/** The ticket of a refund under a link. */
export async function findTicket(token: string, refund: string): Promise<FoundTicket> {
  if (!readToken(token) || !/^rfd_[0-9A-Z]{26}$/.test(refund)) return { ok: false, notice: "missing" };
  try {
    const answer = await payerEdge().payer[":token"].refunds[":refund"].$get({ param: { token, refund } });
    if (answer.ok) return { ok: true, ticket: await answer.json() };
    return { ok: false, notice: noticeOf(answer.status) };
  } catch {
    return { ok: false, notice: "unreachable" };
  }
}

/** Where the page stands, in which language it speaks, and who may show it in a frame: known with the invoice. */
export function placeOf(
  request: Request,
  token: string,
  asked: string | null,
  view?: Pick<PayerView, "frame_origins" | "brand"> & { invoice: { locale: Language } },
): Place {
  return {
    language: chooseLanguage(asked, request.headers.get("accept-language"), view?.invoice.locale),
    path: `/i/${encodeURIComponent(token)}`,
    frames: view?.frame_origins ?? [],
    brand: view?.brand,
    app: inAppBrowserOf(request.headers.get("user-agent")),
  };
}

/** Another page of ours, to be fetched. */
export function seeOther(path: string): Response {
  return new Response(null, {
    status: 303,
    headers: { location: path, "cache-control": "no-store", "referrer-policy": "no-referrer" },
  });
}

/** The payment page, which says what there is. */
export function toPayment({ path, language }: Place): Response {
  return seeOther(`${path}?lang=${language}`);
}

/** A page as an answer, with the policy it needs. */
export function answerPage(html: string, place: Place, policy: Policy, status = 200): Response {
  const headers = pageHeaders(policy, place.language, place.frames, brandStyle(place.brand?.color));
  return new Response(html, { status, headers });
}

const STATUS: Record<Notice, { status: number; retryAfter?: string }> = {
  missing: { status: 404 },
  lapsed: { status: 410 },
  tooMany: { status: 429, retryAfter: "60" },
  unreachable: { status: 503, retryAfter: "10" },
};

/** The page of a link that can show no invoice. */
export async function answerNotice(place: Place, notice: Notice): Promise<Response> {
  const { status, retryAfter } = STATUS[notice];
  const response = answerPage(await noticePage(place, notice), place, { kind: "still" }, status);
  if (retryAfter) response.headers.set("retry-after", retryAfter);
  return response;
}
