// v2 on the wire: JSON text with exact amounts out, lenient reading in (netopia.md B3, B6, B7).

import { fromDecimalText, type Money, toDecimalText } from "../../money.ts";
import type { Observation, ObservationKind } from "../contract.ts";
import { asObject, type Json, textOf } from "../read-json.ts";
import { codeNumber, meaningOfV2 } from "./codes.ts";
import { maskedInstrument } from "./instrument.ts";

/** An amount in major units with its currency; null when it is absent or not exact. */
export function moneyOf(amount: unknown, currency: unknown): Money | null {
  const text = textOf(amount);
  const code = textOf(currency);
  return text === undefined || code === undefined ? null : fromDecimalText(text, code);
}

/** The amount as a JSON number in major units, written digit by digit: 24990 RON is 249.9. */
export function amountNumber(money: Money): string {
  const text = toDecimalText(money);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** JSON text of an object with one member whose number is written as given, so that no binary fraction comes between. */
export function jsonWithNumber(members: Json, name: string, number: string): string {
  const rest = JSON.stringify(members);
  const separator = rest === "{}" ? "" : ",";
  return `${rest.slice(0, -1)}${separator}${JSON.stringify(name)}:${number}}`;
}

/** The parts of a payment that answers and notifications share. */
export type WirePayment = {
  ntpId?: string;
  status: number | null;
  code: number | null;
  codeText?: string;
  message: string;
  stated: Money | null;
  occurredAt?: Date;
  method?: string;
  instrument?: string;
};

/** Reads `payment`; the reason code is its own in a notification and that of `error` in an answer. */
export function readPayment(payment: Json, error: Json | null): WirePayment {
  const code = error ? error.code : payment.code;
  const read: WirePayment = {
    status: codeNumber(payment.status),
    code: codeNumber(code),
    message: textOf(error ? error.message : payment.message) ?? "",
    stated: moneyOf(payment.amount, payment.currency),
  };
  const ntpId = textOf(payment.ntpID);
  const codeText = textOf(code);
  const occurredAt = momentOf(payment.operationDate);
  const instrument = maskedInstrument(textOf(asObject(payment.instrument)?.panMasked));
  if (ntpId) read.ntpId = ntpId;
  if (codeText) read.codeText = codeText;
  if (occurredAt) read.occurredAt = occurredAt;
  if (instrument) read.instrument = instrument;
  const method = textOf(payment.method);
  if (method) read.method = method.toLowerCase();
  return read;
}

/** What NETOPIA converts to when an account is not cleared for the order's currency (B6). */
export const CONVERTED_TO = "RON";

/**
 * What a payment's status says. Money is given when it was stated in `currency`, the attempt's; a sum in lei for another
 * order is its conversion and left out, any other foreign currency is shown, so that it is seen to differ (B6). A refund's status repeats the original amount and not the refunded one, so it has none (B8).
 */
export function observationOf(
  payment: WirePayment,
  currency: string | undefined,
): { seen: Observation; lookNow: boolean } {
  const meaning =
    payment.status === null
      ? { kind: "not_understood" as const, text: `status unreadable: ${payment.message}`, lookNow: false }
      : meaningOfV2(payment.status, payment.code, payment.message);
  const withMoney = meaning.kind !== "refund_succeeded" && meaning.kind !== "not_understood";
  const reason = "declineReason" in meaning ? meaning.declineReason : undefined;
  const seen: Observation = {
    kind: meaning.kind,
    ...(withMoney && payment.stated && isSumOf(payment.stated, currency) ? { money: payment.stated } : {}),
    ...(reason ? { declineReason: reason } : {}),
    processorCode: processorCode(payment, meaning.kind),
    ...(meaning.text ? { processorText: meaning.text } : {}),
    ...(payment.occurredAt ? { occurredAt: payment.occurredAt } : {}),
    method: payment.method ?? "card",
    ...(payment.instrument ? { instrument: payment.instrument } : {}),
  };
  return { seen, lookNow: meaning.lookNow };
}

function isSumOf(stated: Money, currency: string | undefined): boolean {
  return currency !== undefined && (stated.currency === currency || stated.currency !== CONVERTED_TO);
}

/** The number that says most: a decline's reason code when there is one, else the status. */
function processorCode(payment: WirePayment, kind: ObservationKind): string {
  if (kind === "declined" && payment.codeText !== undefined && payment.code !== 0) return payment.codeText;
  return payment.status === null ? "?" : String(payment.status);
}

/** A moment with its zone; a bare local time is left out, because nobody says whose it is, and so is year 1 (B3). */
function momentOf(value: unknown): Date | undefined {
  const text = textOf(value);
  if (!text || !/^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})$/.test(text)) return undefined;
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) || moment.getUTCFullYear() < 2000 ? undefined : moment;
}
