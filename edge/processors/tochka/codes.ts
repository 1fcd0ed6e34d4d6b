// Every word Tochka uses for an outcome, in ours: link, QR and refund statuses, decline reasons (tochka-sbp.md 6.4, 7, 11, 12).

import type { DeclineReason, ObservationKind } from "../contract.ts";

/** Statuses of a link's operation; refunds of one that has some are told beside it (6.4, 11). No status says "declined". */
export const LINK_STATUSES: Record<string, ObservationKind> = {
  CREATED: "awaiting_payer",
  WAIT_FULL_PAYMENT: "processing", // undocumented: never paid
  AUTHORIZED: "authorized",
  APPROVED: "captured",
  "ON-REFUND": "captured",
  REFUNDED: "captured",
  REFUNDED_PARTIALLY: "captured",
  EXPIRED: "expired", // of a lapsed hold: voided, which its ledger tells
};

/** Statuses of a QR's payment, and those of the payments list (7.2, 7.3, 11). */
export const SBP_STATUSES: Record<string, ObservationKind> = {
  NotStarted: "awaiting_payer",
  Received: "processing",
  InProgress: "processing",
  Confirming: "processing",
  Confirmed: "processing",
  Initiated: "processing",
  Accepting: "processing",
  Timeout: "processing",
  Accepted: "captured",
  Rejected: "declined",
  Error: "declined",
};

/** Statuses of an SBP refund (7.4). */
export const SBP_REFUND_STATUSES: Record<string, ObservationKind> = {
  WaitingForClientConfirm: "refund_accepted",
  Initiated: "refund_accepted",
  WaitingForConfirm: "refund_accepted",
  Confirmed: "refund_accepted",
  WaitingForAccept: "refund_accepted",
  Accepted: "refund_succeeded",
  Rejected: "refund_failed",
};

/**
 * Why a try was refused. The link's API gives no reason and SBP a code and a message; the names are of the bank's own card
 * form (12). Where our list is finer than the page's words, it is used: CVV, a fault of the bank.
 */
export const DECLINES: Record<string, DeclineReason> = {
  INSUFFICIENT_FUNDS: "insufficient_funds",
  EXPIRED_CARD: "card_expired",
  INVALID_CARD: "invalid_card",
  INCORRECT_CVV: "invalid_cvv",
  BLOCKED_CARD: "card_blocked",
  ACCOUNT_BLOCKED: "card_blocked",
  ACCOUNT_CLOSED: "card_blocked",
  LIMIT_EXCEEDED: "limit_exceeded",
  NOT_PERMITTED: "not_permitted",
  OPERATION_NOT_SUPPORTED: "not_permitted",
  REATTEMPT_NOT_PERMITTED: "not_permitted",
  EXPIRED_3DS: "authentication_failed",
  SUSPECTED_FRAUD: "fraud_suspected",
  ISSUER_NOT_AVAILABLE: "issuer_unavailable",
  PAYER_BANK_TIMEOUT: "issuer_unavailable",
  GATEWAY_TIMEOUT: "issuer_unavailable",
  QR_CODE_NOT_FOUND: "processor_error",
  RQ05014: "processor_error", // the code is not known there
  PAYMENT_EXECUTION_REJECTED: "declined", // the payer's bank said no, and not why
  REFUND_AMOUNT_EXCEEDS_PAYMENT_AMOUNT: "processor_error",
  PREVIOUS_REFUND_IN_PROGRESS: "processor_error",
  TECH_ERROR: "processor_error",
  INTERNAL_ERROR: "processor_error",
  UNKNOWN_ERROR: "processor_error",
};

/** Ways of paying on the hosted page, by ours (6.1). */
export const PAYMENT_MODES: Record<string, string> = {
  card: "card",
  sbp: "sbp",
  t_pay: "tinkoff",
  instalments: "dolyame",
};

/** The kind of a word by one of the tables above; a word that is not in it is `not_understood`. */
export function kindOf(table: Record<string, ObservationKind>, word: string): ObservationKind {
  return (Object.hasOwn(table, word) ? table[word] : undefined) ?? "not_understood";
}

/** Why a try was refused; a new code, or RQ00000 ("processed"), tells no reason. */
export function declineReasonOf(code: string | undefined): DeclineReason {
  return (code !== undefined && Object.hasOwn(DECLINES, code) ? DECLINES[code] : undefined) ?? "declined";
}

/** Our method of their payment type; `digitalRuble` and what may come is another way. */
export function methodOf(paymentType: string): string {
  return Object.entries(PAYMENT_MODES).find(([, mode]) => mode === paymentType)?.[0] ?? "other";
}

/** Every word of the tables above with its meaning, for the test that none is left out. */
export function wireWords(): { word: string; kind: ObservationKind; declineReason?: DeclineReason }[] {
  const statuses = (name: string, table: Record<string, ObservationKind>) =>
    Object.entries(table).map(([status, kind]) => ({
      word: `${name} ${status}`,
      kind,
      ...(kind === "declined" ? { declineReason: declineReasonOf(undefined) } : {}),
    }));
  return [
    ...statuses("link", LINK_STATUSES),
    ...statuses("sbp", SBP_STATUSES),
    ...statuses("refund", SBP_REFUND_STATUSES),
    ...Object.entries(DECLINES).map(([reason, declineReason]) => ({
      word: `reason ${reason}`,
      kind: "declined" as const,
      declineReason,
    })),
  ];
}
