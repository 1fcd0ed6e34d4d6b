// A notification: believed with the shop's signature, told with what it claims, and a reason to read the invoice (uapay.md 7).

import { createHash } from "node:crypto";
import type { Notification, NotificationContext, NotificationRequest, Reply } from "../contract.ts";
import type { UapayCredentials } from "./credentials.ts";
import { readPayment, tell } from "./invoice.ts";
import { optional, parseObject, textOf } from "./json.ts";
import { readToken } from "./token.ts";

const LARGEST_BODY = 256 * 1024;

/**
 * Verifies the token as it came. Its age is never judged: they try again for up to 27 hours, and the window of twenty
 * seconds is for requests only. Another shop's key does not verify; whose it is is known from the address it came to.
 */
export function readNotification(
  request: NotificationRequest,
  { credentials }: NotificationContext<UapayCredentials>,
): Notification {
  if (request.method.toUpperCase() !== "POST" || request.body.byteLength === 0) {
    return rejected(request, "not_a_notification", "refused");
  }
  if (request.body.byteLength > LARGEST_BODY) return rejected(request, "too_large");
  const body = parseObject(request.body);
  if (!body) return rejected(request, "malformed_body");
  if (typeof body.token !== "string" || body.token === "") return rejected(request, "token_missing");
  const read = readToken(body.token, credentials.secretKey);
  // Always "again": after a change of the key the wrong one may be ours.
  if (!read.ok) return rejected(request, read.reason);
  const { claims } = read;
  const payment = readPayment(claims);
  const invoiceId = textOf(claims.invoiceId) ?? textOf(claims.orderId);
  const attempt = textOf(claims.externalId);
  const hasState = payment.status !== undefined || payment.paymentStatus !== undefined;
  // An answer's token has the same key: without these it is none of a notification.
  if ((invoiceId === undefined && attempt === undefined) || !hasState) return rejected(request, "incomplete");
  const type = textOf(claims.type);
  const { amount } = payment;
  return {
    trust: "verified",
    dedupeKey: [
      ...[invoiceId ?? attempt, payment.id, payment.paymentStatus, payment.status].map((one) => one ?? ""),
      hash(JSON.stringify([type, amount?.minor.toString(), payment.code, claims.amount])).slice(0, 16),
    ].join(":"),
    reference: { ...optional("attempt", attempt), ...optional("processor", invoiceId) },
    claims: { ...optional("pointOfSale", textOf(claims.clientId)), ...optional("asked", amount) },
    observations: tell(payment, optional("type", type)),
    lookNow: true,
    replies: replies(),
    advised: "stored",
  };
}

/** What never should be needed: a message that could not even be looked at. */
export function unreadable(request: NotificationRequest): Notification {
  return rejected(request, "unreadable");
}

function rejected(request: NotificationRequest, reason: string, advised: "retry" | "refused" = "retry"): Notification {
  return {
    trust: "rejected",
    reason,
    dedupeKey: `rejected:${hash(request.body)}`,
    observations: [],
    lookNow: false,
    replies: replies(),
    advised,
  };
}

/** Delivered is 200 alone; everything else is tried again, after 5 seconds up to a day. There is no word for "stop". */
function replies(): Notification["replies"] {
  const reply = (status: number, body: string): Reply => ({
    status,
    headers: { "content-type": "text/plain; charset=utf-8" },
    body,
  });
  return { stored: reply(200, ""), retry: reply(401, "not verified"), refused: reply(400, "not a notification") };
}

function hash(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}
