// v2: the JSON notification, believed only with its token (netopia.md B6, B9).

import { createHash } from "node:crypto";
import type { Notification, NotificationContext, NotificationRequest, Reply } from "../contract.ts";
import { asObject, parseObject, textOf } from "../read-json.ts";
import type { V2Credentials } from "./credentials.ts";
import { verifyToken } from "./token.ts";
import { CONVERTED_TO, moneyOf, observationOf, readPayment } from "./v2-wire.ts";

const LARGEST_BODY = 256 * 1024;

/** Verifies the raw bytes first and parses them only then. */
export function readV2Notification(
  request: NotificationRequest,
  context: NotificationContext<V2Credentials>,
): Notification {
  const token = request.headers.get("verification-token");
  const none = request.method.toUpperCase() !== "POST" || request.body.byteLength === 0;
  if (none || (token === null && parseObject(request.body) === null))
    return rejected(request, "not_a_notification", "refused");
  if (request.body.byteLength > LARGEST_BODY) return rejected(request, "too_large", "retry");
  const verdict = verifyToken(token, request.body, {
    signature: context.credentials.signature,
    platformKeys: context.platformKeys,
  });
  // "Again" and not "stop": after a change of their key the fault may be ours, and "stop" is for good.
  if (!verdict.ok) return rejected(request, verdict.reason, "retry");
  const body = parseObject(request.body);
  const wire = asObject(body?.payment);
  const order = asObject(body?.order);
  const orderId = textOf(order?.orderID);
  if (!wire || !order || !orderId) return rejected(request, body ? "incomplete" : "malformed_body", "retry");
  const payment = readPayment(wire, null);
  if (payment.ntpId === undefined || payment.status === null) return rejected(request, "incomplete", "retry");
  const pointOfSale = textOf(order.posSignature) ?? context.credentials.signature;
  const asked = moneyOf(order.amount, order.currency);
  const { seen, lookNow } = observationOf(payment, asked?.currency);
  const { stated } = payment;
  const settled = stated && (asked ? stated.currency !== asked.currency && stated.currency === CONVERTED_TO : true);
  return {
    trust: "verified",
    dedupeKey: [payment.ntpId, payment.status, payment.codeText ?? "", hash(request.body)].join(":"),
    reference: { attempt: orderId, processor: payment.ntpId },
    claims: {
      pointOfSale,
      ...(asked ? { asked } : {}),
      ...(settled ? { settled: stated } : {}),
    },
    observations: [seen],
    lookNow,
    replies: replies(),
    advised: "stored",
  };
}

function rejected(request: NotificationRequest, reason: string, advised: "retry" | "refused"): Notification {
  // The same body with another token is another message: a forged copy must not stand for the genuine one.
  const token = request.headers.get("verification-token") ?? "";
  return {
    trust: "rejected",
    reason,
    dedupeKey: `rejected:${hash(request.body)}:${hash(new TextEncoder().encode(token)).slice(0, 16)}`,
    observations: [],
    lookNow: false,
    replies: replies(),
    advised,
  };
}

/** HTTP 200 with a numeric errorCode, whatever we think of the payment itself; SDK numbers for our troubles (B6). */
function replies(): Notification["replies"] {
  const reply = (errorType: number, errorCode: number, errorMessage: string): Reply => ({
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ errorType, errorCode, errorMessage }),
  });
  return {
    stored: reply(0, 0, ""),
    retry: reply(1, 0x10000101, "try again later"),
    refused: reply(2, 0x10000107, "not a notification"),
  };
}

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
