// A webhook: the bank's signature over the event, and what the event says of one of our attempts (tochka-sbp.md 8).

import { createHash } from "node:crypto";
import type { Notification, NotificationContext, NotificationRequest, Observation, Reply } from "../contract.ts";
import { readRoubles } from "./amounts.ts";
import { methodOf } from "./codes.ts";
import { outletId, type TochkaCredentials } from "./credentials.ts";
import { isTheirId, toReference } from "./reference.ts";
import { readToken } from "./token.ts";
import { type Json, optional, textOf } from "./wire.ts";

const LARGEST_BODY = 64 * 1024;

/**
 * Verifies the exact text first and reads it only then. A good signature is the bank's, but says nothing of whose event it
 * is: the samples of its guide are signed and public, and another company's event is as genuine as ours. So the event is
 * told with what it claims, for the core to compare, and one about another outlet carries no news of money at all.
 */
export function readNotification(
  request: NotificationRequest,
  context: NotificationContext<TochkaCredentials>,
): Notification {
  if (request.method.toUpperCase() !== "POST" || request.body.byteLength === 0) {
    return rejected(request, "not_a_notification", "refused");
  }
  if (request.body.byteLength > LARGEST_BODY) return rejected(request, "too_large");
  const read = readToken(new TextDecoder("utf-8").decode(request.body), context.platformKeys);
  // Always "again": after a rotation the key that is missing may be ours (8.3).
  if (!read.ok) return rejected(request, read.reason);
  const { claims } = read;
  const event = textOf(claims.webhookType);
  if (event === undefined) return rejected(request, "incomplete");
  const told =
    event === "acquiringInternetPayment"
      ? linkEvent(claims, context.credentials)
      : event === "incomingSbpPayment"
        ? qrEvent(claims, context.credentials)
        : otherEvent(event);
  const id = textOf(claims.operationId) ?? textOf(claims.qrcId) ?? textOf(claims.paymentId) ?? "";
  return {
    trust: "verified",
    // Copies are the same to the byte (14).
    dedupeKey: [event, id, textOf(claims.status) ?? "", hash(read.payload).slice(0, 32)].join(":"),
    ...told,
    replies: replies(),
    advised: "stored",
  };
}

type Told = Pick<Notification, "reference" | "claims" | "observations" | "lookNow">;

/** A payment by link: taken or held. Declines, ends and refunds are never told (8.2). */
function linkEvent(claims: Json, credentials: TochkaCredentials): Told {
  const operationId = textOf(claims.operationId);
  const attempt = textOf(claims.paymentLinkId);
  const status = textOf(claims.status) ?? "";
  const shop = outletId(textOf(claims.customerCode) ?? "", textOf(claims.merchantId) ?? "");
  const isOurs = shop === outletId(credentials.customerCode, credentials.merchantId);
  const paymentType = textOf(claims.paymentType);
  const kind = status === "APPROVED" ? "captured" : status === "AUTHORIZED" ? "authorized" : "not_understood";
  return toldOf(claims, {
    isOurs,
    pointOfSale: shop,
    attempt,
    processor: isTheirId(operationId) ? toReference({ rail: "link", id: operationId }) : undefined,
    observation: {
      kind,
      processorCode: status,
      ...(paymentType === undefined ? {} : { method: methodOf(paymentType) }),
      ...(kind === "not_understood" ? { processorText: `operation ${status}` } : {}),
    },
  });
}

/** A payment by a QR: the event itself is the success. Its outlet is the one of SBP. */
function qrEvent(claims: Json, credentials: TochkaCredentials): Told {
  const qrcId = textOf(claims.qrcId);
  const customerCode = textOf(claims.customerCode) ?? "";
  const merchantId = textOf(claims.merchantId) ?? "";
  const isOurs =
    customerCode === credentials.customerCode && customerCode !== "" && merchantId === credentials.sbpMerchantId;
  return toldOf(claims, {
    isOurs,
    // Two numbers of one outlet (4): it is called by the one it was chosen by.
    pointOfSale: isOurs ? outletId(customerCode, credentials.merchantId) : outletId(customerCode, merchantId),
    attempt: undefined,
    processor: isTheirId(qrcId) ? toReference({ rail: "qr", id: qrcId }) : undefined,
    observation: {
      kind: "captured",
      processorCode: "Accepted",
      method: "sbp",
      ...optional("reference", textOf(claims.operationId)),
    },
  });
}

/** Genuine and no concern of ours: kept, because a registration needs 200 for every sample. */
function otherEvent(event: string): Told {
  return {
    observations: [{ kind: "not_understood", processorCode: event, processorText: `event ${event}` }],
    lookNow: false,
  };
}

function toldOf(
  claims: Json,
  seen: {
    isOurs: boolean;
    pointOfSale: string;
    attempt: string | undefined;
    processor: string | undefined;
    observation: Observation;
  },
): Told {
  const sum = readRoubles(textOf(claims.amount));
  const money = sum && sum.minor > 0n ? sum : null;
  const isMoney = seen.observation.kind !== "not_understood";
  // Another outlet's number must never be noted as that of an attempt of ours, whatever id it echoes.
  const processor = seen.isOurs ? seen.processor : undefined;
  const reference = { ...optional("attempt", seen.attempt), ...optional("processor", processor) };
  return {
    ...(Object.keys(reference).length > 0 ? { reference } : {}),
    claims: { pointOfSale: seen.pointOfSale, ...(money ? { asked: money } : {}) },
    // Without a sum nothing is said about money: it is read.
    observations: seen.isOurs && (money || !isMoney) ? [{ ...seen.observation, ...(money ? { money } : {}) }] : [],
    lookNow: seen.isOurs && (!money || !isMoney),
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

/** Exactly 200 ends their repeating; anything else is tried again every ten seconds for five minutes (8.2). */
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
