// Every word UAPAY uses for an outcome, in ours: two vocabularies of a payment, one of an invoice, and the bank's codes
// (uapay.md 10, 11).

import type { DeclineReason, ObservationKind } from "../contract.ts";

/** `paymentStatus`, the processing of a payment. `HOLDED` counts only beside `PAID`, see `kindOfPayment`. */
export const PAYMENT_STATUSES: Record<string, ObservationKind> = {
  OPEN: "awaiting_payer",
  NEEDS_CONFIRMATION: "awaiting_payer", // 3-D Secure, or a code that the payer types
  PENDING: "processing",
  PAYED: "processing", // debited, not settled yet
  HOLDED: "authorized",
  FINISHED: "captured",
  REJECTED: "declined",
  CANCELED: "declined", // the payer broke off; of a hold: let go
  REVERSED: "refund_succeeded",
  RETURNED: "refund_succeeded",
  CLOSED: "voided",
};

/** `status`, the payment as its invoice sees it. */
export const STATUSES: Record<string, ObservationKind> = {
  NEW: "awaiting_payer",
  PAID: "processing",
  FINISHED: "captured",
  REVERSED: "refund_succeeded",
  CANCELED: "declined",
};

/** `invoiceStatus`; asked only where no payment says more. */
export const INVOICE_STATUSES: Record<string, ObservationKind> = { ACTIVE: "awaiting_payer", INACTIVE: "expired" };

/** Names under which a payment may carry the bank's code: which of them is right is not documented (11). */
export const CODE_FIELDS = ["responseCode", "bankResponseCode", "errorCode", "code"];

/** The bank's codes that say no. 00 to 20 are documented, the others are ISO 8583. Finer than the page where our list is. */
export const DECLINES: Record<string, DeclineReason> = {
  "01": "do_not_honor",
  "02": "do_not_honor",
  "03": "processor_error",
  "04": "card_blocked",
  "05": "do_not_honor",
  "06": "processor_error",
  "07": "card_blocked",
  "08": "authentication_failed",
  "12": "processor_error",
  "13": "processor_error",
  "14": "invalid_card",
  "15": "invalid_card",
  "17": "payer_cancelled",
  "18": "declined", // a dispute with the customer
  "19": "processor_error",
  "20": "processor_error",
  "33": "card_expired",
  "34": "fraud_suspected",
  "41": "card_blocked",
  "43": "card_blocked",
  "51": "insufficient_funds",
  "54": "card_expired",
  "55": "invalid_card",
  "57": "not_permitted",
  "58": "not_permitted",
  "59": "fraud_suspected",
  "61": "limit_exceeded",
  "62": "card_blocked",
  "65": "limit_exceeded",
  "68": "processor_error",
  "75": "invalid_card",
  "82": "invalid_cvv",
  "91": "issuer_unavailable",
  "96": "processor_error",
};

/** The bank's codes that say yes, to the whole or to a part. */
export const APPROVALS = ["00", "11", "16"];
export const APPROVED_IN_PART = "10";
/** Still in progress: not a decline, whatever stands beside it. */
export const IN_PROGRESS = "09";

/** The kind of a word by one of the tables above; a word that is not in it is `not_understood`. */
export function kindOf(table: Record<string, ObservationKind>, word: string): ObservationKind {
  return (Object.hasOwn(table, word) ? table[word] : undefined) ?? "not_understood";
}

/**
 * What the two words of a payment say together. A reversal in either is one; a hold is one only when both say so (10). Words
 * that contradict each other about money say nothing.
 */
export function kindOfPayment(status: string | undefined, paymentStatus: string | undefined): ObservationKind {
  const outer = status === undefined ? undefined : kindOf(STATUSES, status);
  const inner = paymentStatus === undefined ? undefined : kindOf(PAYMENT_STATUSES, paymentStatus);
  if (outer === "not_understood" || inner === "not_understood") return "not_understood";
  if (inner === undefined) return outer ?? "not_understood";
  if (outer === "refund_succeeded") return outer;
  const hasMoney = status === "PAID" || status === "FINISHED";
  switch (paymentStatus) {
    case "HOLDED":
      return status === "PAID" ? "authorized" : "processing";
    case "FINISHED":
      return status === "CANCELED" ? "not_understood" : inner;
    case "REJECTED":
    case "CLOSED":
      return hasMoney ? "not_understood" : inner;
    default:
      return inner;
  }
}

/** Why a payment was refused. With no code or a new one its state tells: the payer left, or "technical reasons" (11). */
export function declineReasonOf(paymentStatus: string, code: string | undefined): DeclineReason {
  const known = code !== undefined && Object.hasOwn(DECLINES, code) ? DECLINES[code] : undefined;
  return known ?? (paymentStatus === "CANCELED" ? "payer_cancelled" : "processor_error");
}

/** Every word of the tables above with its meaning, for the test that none is left out. */
export function wireWords(): { word: string; kind: ObservationKind; declineReason?: DeclineReason }[] {
  const states = (name: string, table: Record<string, ObservationKind>) =>
    Object.entries(table).map(([state, kind]) => ({
      word: `${name} ${state}`,
      kind,
      ...(kind === "declined" ? { declineReason: declineReasonOf(state, undefined) } : {}),
    }));
  return [
    ...states("paymentStatus", PAYMENT_STATUSES),
    ...states("status", STATUSES),
    ...states("invoiceStatus", INVOICE_STATUSES),
    ...Object.entries(DECLINES).map(([code, declineReason]) => ({
      word: `code ${code}`,
      kind: "declined" as const,
      declineReason,
    })),
  ];
}
