// Every word Revolut uses for an outcome, in ours: order and payment states, decline reasons, events (revolut.md 6, 7, 8.2, 13, 14).

import type { DeclineReason, ObservationKind } from "../contract.ts";

/** States of an order of type payment or payment_request. `completed` means captured, `failed` means expired (6). */
export const ORDER_STATES: Record<string, ObservationKind> = {
  pending: "awaiting_payer",
  processing: "processing",
  authorised: "authorized",
  completed: "captured",
  cancelled: "voided",
  failed: "expired",
};

/** States of a refund order; its payment is asked first (5.5, 13). */
export const REFUND_ORDER_STATES: Record<string, ObservationKind> = {
  pending: "refund_accepted",
  processing: "refund_accepted",
  authorised: "refund_accepted",
  completed: "refund_succeeded",
  cancelled: "refund_failed",
  failed: "refund_failed",
};

/** States of one try. The short-lived ones decide nothing (6). */
export const PAYMENT_STATES: Record<string, ObservationKind> = {
  pending: "processing",
  authentication_challenge: "awaiting_payer",
  authentication_verified: "processing",
  authorisation_started: "processing",
  authorisation_passed: "processing",
  authorised: "authorized",
  capture_started: "processing",
  captured: "captured",
  completing: "processing",
  completed: "captured",
  declining: "processing",
  declined: "declined",
  soft_declined: "declined",
  failing: "processing",
  failed: "declined",
  cancellation_started: "processing",
  cancelling: "processing",
  cancelled: "voided",
  refund_validated: "refund_accepted",
  refund_started: "refund_accepted",
};

/**
 * Why a try was refused. Where the product's list says more than the page's own words, it does here: the CVV, a
 * restricted card, an issuer that cannot be reached. What the payer entered about himself has no word of its own.
 */
export const DECLINES: Record<string, DeclineReason> = {
  "3ds_challenge_abandoned": "authentication_failed",
  "3ds_challenge_failed_manually": "authentication_failed",
  "3ds_challenge_failed": "authentication_failed", // of older documentation
  cardholder_name_missing: "declined",
  customer_challenge_abandoned: "authentication_failed",
  customer_challenge_failed: "authentication_failed",
  customer_name_mismatch: "declined",
  do_not_honour: "do_not_honor",
  expired_card: "card_expired",
  high_risk: "fraud_suspected",
  insufficient_funds: "insufficient_funds",
  invalid_address: "declined",
  invalid_amount: "processor_error",
  invalid_card: "invalid_card",
  invalid_country: "declined",
  invalid_cvv: "invalid_cvv",
  invalid_email: "declined",
  invalid_expiry: "invalid_card",
  invalid_merchant: "processor_error",
  invalid_phone: "declined",
  invalid_pin: "invalid_card",
  issuer_not_available: "issuer_unavailable",
  pick_up_card: "fraud_suspected",
  rejected_by_customer: "payer_cancelled",
  restricted_card: "card_blocked",
  suspected_fraud: "fraud_suspected",
  technical_error: "processor_error",
  transaction_not_allowed_for_cardholder: "not_permitted",
  unknown_card: "invalid_card",
  withdrawal_limit_exceeded: "limit_exceeded",
};

/** What an event is about. None but those of disputes says anything by itself: the order is read (8.6). */
export const EVENTS: Record<string, "order" | "dispute" | "other"> = {
  ORDER_AUTHORISED: "order",
  ORDER_COMPLETED: "order",
  ORDER_CANCELLED: "order",
  ORDER_FAILED: "order",
  ORDER_INCREMENTAL_AUTHORISATION_AUTHORISED: "order",
  ORDER_INCREMENTAL_AUTHORISATION_DECLINED: "order",
  ORDER_INCREMENTAL_AUTHORISATION_FAILED: "order",
  ORDER_PAYMENT_AUTHENTICATION_CHALLENGED: "order",
  ORDER_PAYMENT_AUTHENTICATED: "order",
  ORDER_PAYMENT_AUTHORISATION_STARTED: "order",
  ORDER_PAYMENT_DECLINED: "order",
  ORDER_PAYMENT_FAILED: "order",
  DISPUTE_ACTION_REQUIRED: "dispute",
  DISPUTE_UNDER_REVIEW: "dispute",
  DISPUTE_WON: "dispute",
  DISPUTE_LOST: "dispute",
  PAYOUT_INITIATED: "other",
  PAYOUT_COMPLETED: "other",
  PAYOUT_FAILED: "other",
  SUBSCRIPTION_INITIATED: "other",
  SUBSCRIPTION_FINISHED: "other",
  SUBSCRIPTION_CANCELLED: "other",
  SUBSCRIPTION_OVERDUE: "other",
};

const DISPUTES: Record<string, ObservationKind> = {
  DISPUTE_ACTION_REQUIRED: "dispute_opened",
  DISPUTE_UNDER_REVIEW: "dispute_opened",
  DISPUTE_WON: "dispute_won",
  DISPUTE_LOST: "dispute_lost",
};

/** The kind of a word by one of the tables above; a word that is not in it is `not_understood`. */
export function kindOf(table: Record<string, ObservationKind>, word: string): ObservationKind {
  return (Object.hasOwn(table, word) ? table[word] : undefined) ?? "not_understood";
}

/** What a dispute's event tells; null for any other event. */
export function disputeKindOf(event: string): ObservationKind | null {
  return Object.hasOwn(DISPUTES, event) ? (DISPUTES[event] ?? null) : null;
}

/** Why a refused try was refused. With no reason or a new one its state tells: the issuer's no, or a fault (14). */
export function declineReasonOf(paymentState: string, reason: string | undefined): DeclineReason {
  const known = reason !== undefined && Object.hasOwn(DECLINES, reason) ? DECLINES[reason] : undefined;
  return known ?? (paymentState === "failed" ? "processor_error" : "declined");
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
    ...states("order", ORDER_STATES),
    ...states("refund", REFUND_ORDER_STATES),
    ...states("payment", PAYMENT_STATES),
    ...states("event", DISPUTES),
    ...Object.entries(DECLINES).map(([reason, declineReason]) => ({
      word: `reason ${reason}`,
      kind: "declined" as const,
      declineReason,
    })),
  ];
}
