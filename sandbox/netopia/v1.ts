// Protocol v1 at the gateway: opens the sealed order that the payer's browser posts, and shows the page for it.

import { messageFor } from "./cards.ts";
import { type EnvelopeFields, openEnvelope } from "./envelope.ts";
import { errorPage, showPage } from "./hosted-page.ts";
import type { Netopia } from "./notify.ts";
import { looksLikeOrder, type Order, readOrder } from "./order.ts";
import { createPayment, openStatuses } from "./payment.ts";
import type { PointOfSale } from "./state.ts";

const fieldNames = ["env_key", "data", "cipher", "iv"] as const;

function readForm(body: string): EnvelopeFields | string {
  const fields: EnvelopeFields = {};
  const form = new URLSearchParams(body);
  for (const name of fieldNames) {
    const values = form.getAll(name);
    if (values.length > 1) return `the field ${name} comes twice`;
    const value = values[0];
    if (value?.includes(" ")) return `the field ${name} has spaces: was + sent without encoding?`;
    if (value !== undefined) fields[name] = value;
  }
  if (!fields.env_key || !fields.data) return "env_key or data is missing";
  return fields;
}

/** The envelope does not name its point of sale, so each gateway key is tried; a well-formed order proves the right one. */
function openWithAny(
  netopia: Netopia,
  fields: EnvelopeFields,
): { xml: string; pos: PointOfSale } | { reason: string; xml: string } {
  let reason = "no point of sale has a key that opens this envelope";
  for (const pos of netopia.state.pointsOfSale) {
    const opened = openEnvelope(fields, pos.gateway.privateKey);
    if (!opened.ok) {
      if (!opened.reason.startsWith("env_key does not open")) reason = opened.reason;
      continue;
    }
    if (looksLikeOrder(opened.text)) return { xml: opened.text, pos };
    reason = "the decrypted text is no well-formed order";
  }
  return { reason, xml: "" };
}

/** `POST /`, `/{lang}` and `/card4`. */
export async function receiveOrder(netopia: Netopia, request: Request, language: string): Promise<Response> {
  const path = new URL(request.url).pathname;
  const log = (
    verdict: "accepted" | "refused",
    reason: string,
    status: number,
    body: string,
    order?: Pick<Order, "signature" | "id">,
  ): void => {
    netopia.requests.push({
      at: netopia.clock.now(),
      protocol: "v1",
      path,
      verdict,
      reason,
      status,
      signature: order?.signature ?? null,
      orderId: order?.id ?? null,
      body,
    });
  };
  const refuse = (code: string, reason: string, body = "", order?: Pick<Order, "signature" | "id">): Response => {
    log("refused", reason, 400, body, order);
    return errorPage(code, reason, 400);
  };

  const type = request.headers.get("content-type") ?? "";
  if (!type.toLowerCase().startsWith("application/x-www-form-urlencoded")) {
    return refuse("48", "the order must be posted as application/x-www-form-urlencoded");
  }
  const fields = readForm(await request.text());
  if (typeof fields === "string") return refuse("48", fields);
  const opened = openWithAny(netopia, fields);
  if (!("pos" in opened)) return refuse("48", opened.reason);
  const { xml, pos } = opened;
  const read = readOrder(xml);
  if (!read.ok) return refuse(read.code, read.reason, xml);
  const { order } = read;
  if (order.signature !== pos.signature) {
    return refuse("99", "the signature does not belong to the key that the order was sealed with", xml, order);
  }
  if (!pos.approved) return refuse("99", "the point of sale is not approved", xml, order);

  const existing = netopia.state.payments.find(
    (payment) => payment.protocol === "v1" && payment.signature === order.signature && payment.orderId === order.id,
  );
  if (existing) {
    if (existing.amount !== order.amount || existing.currency !== order.currency) {
      return refuse("99", "the same order was posted before with another amount", xml, order);
    }
    if (!openStatuses.includes(existing.status)) return refuse("56", messageFor("56", "romanian"), xml, order);
    log("accepted", "posted again, not paid yet", 200, xml, order);
    return showPage(netopia, existing);
  }
  const payment = createPayment(netopia, pos, {
    protocol: "v1",
    orderId: order.id,
    amount: order.amount,
    currency: order.currency,
    description: order.details,
    language,
    payer: { type: order.payerType, ...order.payer },
    confirmUrl: order.confirmUrl,
    returnUrl: order.returnUrl,
    cancelUrl: order.cancelUrl,
    sent: xml,
    ipnCipher: order.ipnCipher,
    data: null,
  });
  log("accepted", "", 200, xml, order);
  return showPage(netopia, payment);
}
