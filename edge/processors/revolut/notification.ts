// A webhook: believed with its signature and its time, and then only as a reason to read the order (revolut.md 8).

import { Buffer } from "node:buffer";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Notification, NotificationContext, NotificationRequest, Observation, Reply } from "../contract.ts";
import { disputeKindOf, EVENTS } from "./codes.ts";
import type { RevolutCredentials } from "./credentials.ts";
import { readReference } from "./reference.ts";
import { parseObject, textOf } from "./wire.ts";

const LARGEST_BODY = 256 * 1024;
const WINDOW_MS = 5 * 60 * 1000;

/** Verifies the raw bytes first and parses them only then. */
export function readNotification(
  request: NotificationRequest,
  context: NotificationContext<RevolutCredentials>,
): Notification {
  const signature = request.headers.get("revolut-signature")?.trim() ?? "";
  const timestamp = request.headers.get("revolut-request-timestamp")?.trim() ?? "";
  const isNone = request.method.toUpperCase() !== "POST" || request.body.byteLength === 0;
  if (isNone || (signature === "" && timestamp === "" && parseObject(request.body) === null)) {
    return rejected(request, "not_a_notification", "refused");
  }
  if (request.body.byteLength > LARGEST_BODY) return rejected(request, "too_large");
  const why = faultOfSignature(signature, timestamp, request.body, context);
  // Always "again": after a rotation the secret that is missing may be ours (8.5).
  if (why) return rejected(request, why);
  const body = parseObject(request.body);
  if (!body) return rejected(request, "malformed_body");
  const event = textOf(body.event);
  if (event === undefined) return rejected(request, "incomplete");
  const orderId = textOf(body.order_id);
  const about = Object.hasOwn(EVENTS, event) ? EVENTS[event] : undefined;
  if (about === "order" && orderId === undefined) return rejected(request, "incomplete");
  const echoed = textOf(body.merchant_order_ext_ref);
  const ours = echoed === undefined ? undefined : readReference(echoed);
  // The id of a refund's order is not that of the attempt's.
  const processor = ours?.isRefund ? undefined : orderId;
  return {
    trust: "verified",
    dedupeKey: [event, orderId ?? textOf(body.dispute_id) ?? "", timestamp, hash(request.body).slice(0, 32)].join(":"),
    ...(ours || processor
      ? { reference: { ...(ours ? { attempt: ours.attemptId } : {}), ...(processor ? { processor } : {}) } }
      : {}),
    observations: saidByItself(event, about, textOf(body.dispute_id)),
    lookNow: orderId !== undefined,
    replies: replies(),
    advised: "stored",
  };
}

/**
 * What may be taken from the bare event: nothing about money. It has no amount, no reason and no state, comes in any
 * order and may be about a refund's order (8.3, 8.5, 8.6).
 */
function saidByItself(event: string, about: string | undefined, disputeId: string | undefined): Observation[] {
  if (about === undefined) return [{ kind: "not_understood", processorCode: event, processorText: `event ${event}` }];
  const kind = disputeKindOf(event);
  return kind ? [{ kind, processorCode: event, ...(disputeId === undefined ? {} : { reference: disputeId }) }] : [];
}

/** Why the message is not theirs, or null when it is (8.4). The time is judged last: then a wrong secret is told as such. */
function faultOfSignature(
  signature: string,
  timestamp: string,
  body: Uint8Array,
  { credentials, now }: NotificationContext<RevolutCredentials>,
): string | null {
  if (signature === "") return "signature_missing";
  if (timestamp === "") return "timestamp_missing";
  // Milliseconds in decimal digits; the unit is never guessed.
  if (!/^\d{1,15}$/.test(timestamp)) return "timestamp_malformed";
  if (credentials.webhookSecrets.length === 0) return "no_webhook_secret";
  const told = signature
    .split(",")
    .map((entry) => /^v1=([0-9a-f]{64})$/.exec(entry.trim())?.[1])
    .filter((hex) => hex !== undefined)
    .map((hex) => Buffer.from(hex, "hex"));
  if (told.length === 0) return "signature_malformed";
  const isTheirs = credentials.webhookSecrets
    .map((secret) => createHmac("sha256", secret).update(`v1.${timestamp}.`).update(body).digest())
    .map((expected) => told.some((one) => timingSafeEqual(one, expected)))
    .includes(true);
  if (!isTheirs) return "bad_signature";
  const age = now.getTime() - Number(timestamp);
  if (age > WINDOW_MS) return "timestamp_too_old";
  return age < -WINDOW_MS ? "timestamp_in_future" : null;
}

/** What never should be needed: a message that could not even be looked at. */
export function unreadable(request: NotificationRequest): Notification {
  return {
    trust: "rejected",
    reason: "unreadable",
    dedupeKey: `rejected:${hash(request.body)}`,
    observations: [],
    lookNow: false,
    replies: replies(),
    advised: "retry",
  };
}

function rejected(request: NotificationRequest, reason: string, advised: "retry" | "refused" = "retry"): Notification {
  // The same body under other headers is another message: a forged copy must not stand for the genuine one.
  const headers = ["revolut-signature", "revolut-request-timestamp"].map((name) => request.headers.get(name) ?? "");
  return {
    trust: "rejected",
    reason,
    dedupeKey: `rejected:${hash(request.body)}:${hash(new TextEncoder().encode(headers.join("\n"))).slice(0, 16)}`,
    observations: [],
    lookNow: false,
    replies: replies(),
    advised,
  };
}

/** 200 to 399 counts as delivered, any 4xx is tried again thrice; there is no word for "stop" (8.5). */
function replies(): Notification["replies"] {
  const reply = (status: number, body: string): Reply => ({
    status,
    headers: { "content-type": "text/plain; charset=utf-8" },
    body,
  });
  return { stored: reply(200, ""), retry: reply(403, "not verified"), refused: reply(400, "not a notification") };
}

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
