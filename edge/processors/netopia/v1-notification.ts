// v1: the sealed IPN. Nothing in it is authenticated, so it is never more than a hint with a proof (netopia.md A6, A9).

import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import { fromDecimalText, type Money, sameMoney } from "../../money.ts";
import type { Notification, NotificationContext, NotificationRequest, Observation, Reply } from "../contract.ts";
import { meaningOfV1 } from "./codes.ts";
import type { V1Credentials } from "./credentials.ts";
import { open } from "./envelope.ts";
import { maskedInstrument } from "./instrument.ts";
import { fromRomanianStamp } from "./romanian-time.ts";
import { escapeXml, type ReadOrder, readOrder } from "./xml-order.ts";

const LARGEST_BODY = 64 * 1024; // A10
const CONVERTED_TO = "RON"; // amounts of an order in another currency come back in lei (A6, original_amount)

/** Opens and reads an IPN. The path secret comes back as `proof`, unless the message contradicts itself or our order. */
export function readV1Notification(
  request: NotificationRequest,
  context: NotificationContext<V1Credentials>,
): Notification {
  if (request.body.byteLength > LARGEST_BODY) return rejected(request, "too_large", "retry");
  const fields = formFields(request);
  if (fields === null) return rejected(request, "not_a_notification", "refused");
  const xml = open(fields, context.credentials.privateKey);
  if (xml === null) return rejected(request, "cannot_open", "retry");
  const order = readOrder(xml);
  if (order === null) return rejected(request, "cannot_read", "retry");
  const pathSecret = lastSegment(request.url);
  const asked = moneyOf(order.amount, order.currency);
  const isMalleable = fields.cipher?.trim().toLowerCase() !== "aes-256-cbc";
  const reason = doubt(order, asked, pathSecret, context.credentials.signature, isMalleable);
  const meaning = meaningOfV1(order.action, Number(order.errorCode), order.errorText);
  const settled = asked?.currency === CONVERTED_TO ? null : moneyOf(order.originalAmount, CONVERTED_TO);
  return {
    trust: "hint",
    ...(reason === null ? {} : { reason }),
    dedupeKey: dedupeKey(order, pathSecret),
    reference: { attempt: order.id, processor: order.purchase },
    ...(reason === null && pathSecret !== null ? { proof: pathSecret } : {}),
    claims: { pointOfSale: order.signature, ...(asked ? { asked } : {}), ...(settled ? { settled } : {}) },
    observations: [observation(order, meaning, asked)],
    lookNow: meaning.lookNow,
    replies: replies(order.crc),
    advised: "stored",
  };
}

function observation(order: ReadOrder, meaning: ReturnType<typeof meaningOfV1>, asked: Money | null): Observation {
  const money = statedMoney(order, asked);
  const occurredAt = fromRomanianStamp(order.timestamp ?? "");
  const instrument = maskedInstrument(order.panMasked);
  return {
    kind: meaning.kind,
    ...(money && meaning.kind !== "not_understood" && meaning.kind !== "awaiting_payer" ? { money } : {}),
    ...(meaning.declineReason ? { declineReason: meaning.declineReason } : {}),
    processorCode: order.errorCode,
    ...(meaning.text ? { processorText: meaning.text } : {}),
    // Two equal partial refunds differ by this alone (A10).
    ...(order.action === "credit" ? { reference: order.crc } : {}),
    ...(occurredAt ? { occurredAt } : {}),
    method: "card",
    ...(instrument ? { instrument } : {}),
  };
}

/** The processed sum when it was stated in the order's currency: for a converted order only the whole sum can be told. */
function statedMoney(order: ReadOrder, asked: Money | null): Money | null {
  const processed = moneyOf(order.processedAmount, CONVERTED_TO);
  if (asked?.currency === CONVERTED_TO) return processed;
  const original = moneyOf(order.originalAmount, CONVERTED_TO);
  return asked && processed && original && sameMoney(processed, original) ? asked : null;
}

/** Why the path secret may not stand for this message; null when nothing speaks against it (A6, verification 4–8). */
function doubt(
  order: ReadOrder,
  asked: Money | null,
  pathSecret: string | null,
  signature: string,
  isMalleable: boolean,
): string | null {
  const echoed = order.params.n;
  if (echoed !== undefined && !sameText(echoed, pathSecret ?? "")) return "secret_mismatch";
  if (order.signature !== signature) return "wrong_point_of_sale";
  const original = moneyOf(order.originalAmount, CONVERTED_TO);
  const isInLei = asked?.currency === CONVERTED_TO;
  if (isInLei && original && !sameMoney(asked, original)) return "amount_mismatch";
  // More than was ordered is never taken or given back. In a stream cipher a turned bit is another sum and nothing shows
  // it: there only the ordered sum, which stands in the message twice, is believed.
  // Where the one that was sent back cannot be read the order's own stands for it.
  const ordered = original ?? (isInLei ? asked : null);
  const processed = moneyOf(order.processedAmount, CONVERTED_TO);
  if (ordered && processed && processed.minor > ordered.minor) return "amount_mismatch";
  const isOrdered = ordered && processed && sameMoney(processed, ordered);
  if (isMalleable && order.action !== "credit" && processed && !isOrdered) return "amount_mismatch";
  return null;
}

/**
 * Order and crc name a message (A10). Outcome and address are in the key too, so that a forgery which repeats a known
 * crc with other content, or at another address, can never stand in the way of the genuine message.
 */
function dedupeKey(order: ReadOrder, pathSecret: string | null): string {
  const rest = [order.action, order.errorCode, order.processedAmount ?? "", order.purchase, pathSecret ?? ""];
  return `${order.id}:${order.crc}:${sha256(Buffer.from(JSON.stringify(rest))).slice(0, 16)}`;
}

function formFields(
  request: NotificationRequest,
): { env_key: string; data: string; cipher?: string; iv?: string } | null {
  if (request.method.toUpperCase() !== "POST") return null;
  const form = new URLSearchParams(new TextDecoder().decode(request.body));
  const one = (name: string) => {
    const values = form.getAll(name);
    return values.length === 1 && values[0] ? values[0] : undefined;
  };
  if (!form.has("env_key") || !form.has("data")) return null;
  const cipher = one("cipher");
  const iv = one("iv");
  return {
    // A field that comes twice has no one value: emptied, it cannot be opened.
    env_key: one("env_key") ?? "",
    data: form.getAll("cipher").length > 1 ? "" : (one("data") ?? ""),
    ...(cipher === undefined ? {} : { cipher }),
    ...(iv === undefined ? {} : { iv }),
  };
}

function rejected(request: NotificationRequest, reason: string, advised: "retry" | "refused"): Notification {
  return {
    trust: "rejected",
    reason,
    dedupeKey: `rejected:${sha256(request.body)}`,
    observations: [],
    lookNow: false,
    replies: replies("stored"),
    advised,
  };
}

/** One element each; `error_code` is a number of our choice, here the SDK's for the same trouble (A6, reply). */
function replies(crc: string): Notification["replies"] {
  const reply = (element: string): Reply => ({
    status: 200,
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="utf-8"?>${element}`,
  });
  return {
    stored: reply(`<crc>${escapeXml(crc)}</crc>`),
    retry: reply('<crc error_type="1" error_code="805306611">try again later</crc>'),
    refused: reply('<crc error_type="2" error_code="805306614">not a notification</crc>'),
  };
}

function lastSegment(address: string): string | null {
  try {
    const segment = new URL(address, "https://path.invalid").pathname.split("/").at(-1);
    return segment ? decodeURIComponent(segment) : null;
  } catch {
    return null;
  }
}

function moneyOf(text: string | undefined, currency: string | undefined): Money | null {
  return text && currency ? fromDecimalText(text, currency) : null;
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(Buffer.from(text)).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
