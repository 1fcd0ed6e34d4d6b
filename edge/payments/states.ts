// The state tables of attempt, refund, invoice and dispute: from, event, to. What is not in a table is recorded and
// changes nothing. Screens ask the same tables what may be done.

import type { ObservationKind } from "../processors/contract.ts";

export const ATTEMPT_STATES = [
  "created", // our row exists, the processor was not called or has not answered
  "awaiting_payer", // the processor's page waits for the payer
  "processing", // money is being processed
  "in_review", // the processor looks into it; money may have been taken
  "unresolved", // outcome unknown: asked for until final, never guessed
  "authorized", // money held, not taken
  "captured", // money taken
  "declined",
  "expired",
  "voided", // a hold was let go, or the processor cancelled it
] as const;
export type AttemptState = (typeof ATTEMPT_STATES)[number];

/** What can happen to an attempt: an observation, or the fault "outcome unknown". */
export type AttemptEvent =
  | Extract<
      ObservationKind,
      "awaiting_payer" | "processing" | "in_review" | "authorized" | "captured" | "voided" | "declined" | "expired"
    >
  | "outcome_unknown";

type Table<State extends string, Event extends string> = Record<State, Partial<Record<Event, State>>>;

// Weaker news never undoes stronger news, so that the end is the same in whatever order the news comes:
// created < awaiting_payer < processing < expired < declined < in_review < authorized < voided < captured.
export const ATTEMPT_TABLE: Table<AttemptState, AttemptEvent> = {
  created: {
    awaiting_payer: "awaiting_payer",
    processing: "processing",
    in_review: "in_review",
    authorized: "authorized",
    captured: "captured",
    voided: "voided",
    declined: "declined",
    expired: "expired",
    outcome_unknown: "unresolved",
  },
  awaiting_payer: {
    processing: "processing",
    in_review: "in_review",
    authorized: "authorized",
    captured: "captured",
    voided: "voided",
    declined: "declined",
    expired: "expired",
    outcome_unknown: "unresolved",
  },
  processing: {
    in_review: "in_review",
    authorized: "authorized",
    captured: "captured",
    voided: "voided",
    declined: "declined",
    expired: "expired",
    outcome_unknown: "unresolved",
  },
  unresolved: {
    awaiting_payer: "awaiting_payer",
    processing: "processing",
    in_review: "in_review",
    authorized: "authorized",
    captured: "captured",
    voided: "voided",
    declined: "declined",
    expired: "expired",
  },
  expired: {
    in_review: "in_review",
    authorized: "authorized",
    captured: "captured",
    voided: "voided",
    declined: "declined",
  },
  // A hosted page lets the payer try again after a decline, so a decline is not the end.
  declined: { in_review: "in_review", authorized: "authorized", captured: "captured", voided: "voided" },
  in_review: { authorized: "authorized", captured: "captured", voided: "voided", declined: "declined" },
  authorized: { captured: "captured", voided: "voided" },
  // Money that came after all is the truth, and is flagged as late.
  voided: { captured: "captured" },
  captured: {},
};

// "declined" and "in_review" follow each other both ways: a new try after a decline, a review that is lost. Where both
// times are known the older one is old news.
const DATED_PAIRS = new Set(["declined>in_review", "in_review>declined"]);

/**
 * The state an attempt takes on an event, or null when the event changes nothing.
 * @param reachedAt when the present state was reached by the processor's clock, if known
 * @param occurredAt when the event happened by the processor's clock, if known
 */
export function nextAttemptState(
  state: AttemptState,
  event: AttemptEvent,
  reachedAt?: Date | null,
  occurredAt?: Date | null,
): AttemptState | null {
  const next = ATTEMPT_TABLE[state][event];
  if (!next || next === state) return null;
  if (DATED_PAIRS.has(`${state}>${next}`) && reachedAt && occurredAt && occurredAt < reachedAt) return null;
  return next;
}

/** States in which an attempt may still bring money by itself. */
export const OPEN_ATTEMPT_STATES: readonly AttemptState[] = [
  "created",
  "awaiting_payer",
  "processing",
  "in_review",
  "unresolved",
];
/** States in which money is on its way: no second processor may be opened. */
export const MONEY_MOVING_STATES: readonly AttemptState[] = ["processing", "in_review", "authorized"];

/** What may be asked of a hold, and how far the asking has come. */
export const HOLD_VERBS = ["capture", "void"] as const;
export type HoldVerb = (typeof HOLD_VERBS)[number];
export const HOLD_COMMAND_STATES = [
  "begun", // our row exists; the processor was called, or we died before
  "unknown", // called, and no answer that can be read: asked for until known, never called again blindly
  "done",
  "refused", // not done, with the processor's words; the hold stands as before
] as const;
export type HoldCommandState = (typeof HOLD_COMMAND_STATES)[number];
/** States in which no second command may be begun. */
export const OPEN_COMMAND_STATES: readonly HoldCommandState[] = ["begun", "unknown"];

export const REFUND_STATES = [
  "awaiting_approval", // above the merchant's sum: a second person has to allow it
  "requested", // to be sent
  "sent", // the processor is being called
  "not_sent", // it never reached the processor; tried again, or given up by a person
  "accepted", // the processor took it, the money is on its way
  "unresolved", // outcome unknown: asked for until final, never sent again blindly
  "succeeded",
  "failed", // the processor said no
  "rejected", // the second person said no
  "abandoned", // given up before it reached the processor
] as const;
export type RefundState = (typeof REFUND_STATES)[number];
export type RefundEvent =
  | "approved"
  | "approval_refused"
  | "given_up"
  | "call_started"
  | "refund_accepted"
  | "refund_succeeded"
  | "refund_failed"
  | "outcome_unknown"
  | "not_sent";

export const REFUND_TABLE: Table<RefundState, RefundEvent> = {
  awaiting_approval: { approved: "requested", approval_refused: "rejected", given_up: "abandoned" },
  requested: {
    call_started: "sent",
    given_up: "abandoned",
    refund_accepted: "accepted",
    refund_succeeded: "succeeded",
    refund_failed: "failed",
  },
  sent: {
    refund_accepted: "accepted",
    refund_succeeded: "succeeded",
    refund_failed: "failed",
    outcome_unknown: "unresolved",
    not_sent: "not_sent",
  },
  not_sent: {
    call_started: "sent",
    given_up: "abandoned",
    refund_accepted: "accepted",
    refund_succeeded: "succeeded",
    refund_failed: "failed",
  },
  accepted: { refund_succeeded: "succeeded", refund_failed: "failed" },
  unresolved: {
    refund_accepted: "accepted",
    refund_succeeded: "succeeded",
    refund_failed: "failed",
    // Asked for long enough, and they know of none.
    not_sent: "not_sent",
  },
  // A processor may report success after it reported a failure; money that went back is the truth.
  failed: { refund_succeeded: "succeeded" },
  succeeded: {},
  rejected: {},
  // It never reached them, as far as we know: what they say counts all the same.
  abandoned: { refund_succeeded: "succeeded" },
};

/** The state a refund takes on an event, or null when it changes nothing. */
export function nextRefundState(state: RefundState, event: RefundEvent): RefundState | null {
  return REFUND_TABLE[state][event] ?? null;
}

/** Refunds that took money back or may still do. */
export const CLAIMING_REFUND_STATES: readonly RefundState[] = [
  "awaiting_approval",
  "requested",
  "sent",
  "not_sent",
  "accepted",
  "unresolved",
  "succeeded",
];

/** Refunds that nobody but us has heard of: money that went back without us may take their room. */
export const UNHEARD_REFUND_STATES: readonly RefundState[] = ["awaiting_approval", "requested", "not_sent"];

/** Refunds that a payer may follow: what waits for a second person, or was not allowed, is promised to nobody. */
export const TICKET_STATES: readonly RefundState[] = [
  "requested",
  "sent",
  "not_sent",
  "accepted",
  "unresolved",
  "succeeded",
  "failed",
];

/** Refunds that were sent and whose end is not known: they are asked about until it is. */
export const ASKED_REFUND_STATES: readonly RefundState[] = ["accepted", "unresolved"];

export const INVOICE_STATES = ["draft", "open", "authorized", "paid", "cancelled"] as const;
export type InvoiceState = (typeof INVOICE_STATES)[number];
export type InvoiceEvent =
  | "issued"
  | "held"
  | "released"
  | "covered"
  | "uncovered"
  | "uncovered_cancelled"
  | "cancelled";

export const INVOICE_TABLE: Table<InvoiceState, InvoiceEvent> = {
  draft: { issued: "open", cancelled: "cancelled" },
  open: { held: "authorized", covered: "paid", cancelled: "cancelled" },
  authorized: { released: "open", covered: "paid" },
  // A refund reopens what is no longer fully paid, but not what was cancelled before the money came.
  paid: { uncovered: "open", uncovered_cancelled: "cancelled" },
  // Money that arrives for a cancelled invoice is real; it is marked as late.
  cancelled: { covered: "paid" },
};

/** The state an invoice takes on an event, or null when it changes nothing. */
export function nextInvoiceState(state: InvoiceState, event: InvoiceEvent): InvoiceState | null {
  return INVOICE_TABLE[state][event] ?? null;
}

/**
 * What can become of an invoice, in the few words that merchants have statuses of their own for. The one list: the
 * mapping's dialog, its table and the API are made from it.
 */
export const OUTCOMES = [
  "held", // money is held and waits for a person
  "paid",
  "partly_paid",
  "rejected", // a person let the hold go
  "refunded",
  "partly_refunded",
  "cancelled", // something went wrong, or the invoice was cancelled
] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type OutcomeEvent =
  | "held"
  | "covered"
  | "part_paid"
  | "rejected"
  | "given_back"
  | "part_given_back"
  | "went_wrong";

// Where no money is, anything but giving back may follow; where money is, only money and a new hold move it.
const WITHOUT_MONEY = {
  held: "held",
  covered: "paid",
  part_paid: "partly_paid",
  rejected: "rejected",
  went_wrong: "cancelled",
} as const;
export const OUTCOME_TABLE: Record<Outcome | "none", Partial<Record<OutcomeEvent, Outcome>>> = {
  none: WITHOUT_MONEY,
  held: WITHOUT_MONEY,
  // A person's no is known after the processor's news of the same release, or before it.
  rejected: { held: "held", covered: "paid", part_paid: "partly_paid", went_wrong: "cancelled" },
  cancelled: WITHOUT_MONEY,
  paid: { given_back: "refunded", part_given_back: "partly_refunded" },
  partly_paid: {
    held: "held",
    covered: "paid",
    given_back: "refunded",
    part_given_back: "partly_refunded",
  },
  partly_refunded: { held: "held", covered: "paid", given_back: "refunded" },
  refunded: { held: "held", covered: "paid", part_given_back: "partly_refunded" },
};

/** The outcome that follows, or null when the event changes nothing. */
export function nextOutcome(outcome: Outcome | null, event: OutcomeEvent): Outcome | null {
  return OUTCOME_TABLE[outcome ?? "none"][event] ?? null;
}

export const DISPUTE_STATES = ["opened", "won", "lost"] as const;
export type DisputeState = (typeof DISPUTE_STATES)[number];
export type DisputeEvent = "dispute_opened" | "dispute_won" | "dispute_lost";

export const DISPUTE_TABLE: Table<DisputeState, DisputeEvent> = {
  opened: { dispute_won: "won", dispute_lost: "lost" },
  won: { dispute_lost: "lost" },
  lost: {},
};

/** The state a dispute takes on an event, or null when it changes nothing. */
export function nextDisputeState(state: DisputeState, event: DisputeEvent): DisputeState | null {
  return DISPUTE_TABLE[state][event] ?? null;
}
