// What happens to refunds: asked for here or found at the processor, moved by their table, booked when money went back.

import type { Observation } from "../processors/contract.ts";
import { fail, ok, type Result } from "../result.ts";
import { movedMinorOf, refundableMinor } from "./amounts.ts";
import type { Source } from "./observe.ts";
import { scheduleRefundLook } from "./schedule-look.ts";
import { bookCollection, settleInvoice } from "./settle-invoice.ts";
import { CLAIMING_REFUND_STATES, nextRefundState, UNHEARD_REFUND_STATES } from "./states.ts";
import type { Step } from "./step.ts";
import type { Attempt, Payment, Refund } from "./story.ts";

/** Refunds whose news came before that of the capture they give back; what exceeds the capture waits for a person. */
export function finishEarlyRefunds(step: Step, attempt: Attempt): void {
  for (const refund of step.story.refunds) {
    if (refund.attemptId !== attempt.id || refund.state !== "accepted" || !isFound(refund)) continue;
    succeed(step, attempt, refund, {
      occurredAt: refund.occurredAt ?? step.context.now,
      ...(refund.processorReference ? { reference: refund.processorReference } : {}),
    });
  }
}

/** Takes a processor's word that money went back: never more than came, and what only we know of makes room for it. */
function succeed(step: Step, attempt: Attempt, refund: Refund, told: Parameters<typeof moveRefund>[3]): boolean {
  if (!nextRefundState(refund.state, "refund_succeeded")) return false;
  const back = step.story.refunds
    .filter((r) => r.attemptId === attempt.id && r.state === "succeeded")
    .reduce((sum, r) => sum + r.amountMinor, 0n);
  if (back + refund.amountMinor > attempt.capturedMinor) {
    const detail = { refundId: refund.id, told: refund.amountMinor.toString(), currency: refund.currency };
    step.attention("refund_over_captured", detail, { attemptId: attempt.id, days: 1 });
    return false;
  }
  moveRefund(step, refund, "refund_succeeded", told);
  makeRoom(step, attempt);
  return true;
}

/** Made at the processor and heard of; only such a one can be older than its capture. */
const isFound = ({ origin }: Refund) => origin === "notification" || origin === "query";

/** A refund of an attempt's money as it begins: what is not known of it yet is empty. Not added to the story. */
export function newRefund(
  { context: { now, newId, actor } }: Step,
  attempt: Attempt,
  known: Pick<Refund, "state" | "amountMinor" | "origin"> & Partial<Refund>,
): Refund {
  return {
    id: known.id ?? newId("refund"),
    merchantId: attempt.merchantId,
    invoiceId: attempt.invoiceId,
    attemptId: attempt.id,
    isTest: attempt.isTest,
    currency: attempt.currency,
    reason: null,
    requestedBy: actor,
    processorReference: null,
    processorCode: null,
    processorText: null,
    bankReference: null,
    bankReferenceKind: null,
    decidedBy: null,
    decidedAt: null,
    decisionNote: null,
    createdAt: now,
    updatedAt: now,
    occurredAt: null,
    nextLookAt: null,
    looks: 0,
    lastLookAt: null,
    ...known,
  };
}

/** Adds a refund: to be sent to the processor by the outbox, or first to be allowed by a second person. */
export function requestRefund(
  step: Step,
  attempt: Attempt,
  input: {
    id?: string;
    amountMinor: bigint;
    reason: string | null;
    origin: Refund["origin"];
    needsApproval?: boolean;
  },
): Refund {
  const refund = newRefund(step, attempt, {
    ...(input.id ? { id: input.id } : {}),
    state: input.needsApproval ? "awaiting_approval" : "requested",
    amountMinor: input.amountMinor,
    reason: input.reason,
    origin: input.origin,
  });
  step.addRefund(refund);
  const told = { refundId: refund.id, amountMinor: refund.amountMinor.toString(), currency: refund.currency };
  if (input.needsApproval) {
    step.event("refund.awaiting_approval", { ...told, reason: refund.reason }, { attemptId: attempt.id });
    step.attention("refund_awaits_approval", told, { attemptId: attempt.id, days: 1 });
    return refund;
  }
  step.event("refund.requested", { ...told, reason: refund.reason }, { attemptId: attempt.id });
  orderRefund(step, refund);
  return refund;
}

/** Orders the call that gives it back. */
export function orderRefund(step: Step, refund: Refund): void {
  step.outbox("refund", refund.id, { refundId: refund.id, invoiceId: refund.invoiceId });
}

/** Moves a refund by its table; money that went back becomes a negative payment. Null when nothing changed. */
export function moveRefund(
  step: Step,
  refund: Refund,
  event: Parameters<typeof nextRefundState>[1],
  told: Pick<Observation, "processorCode" | "processorText" | "reference" | "bankReference" | "occurredAt"> & {
    note?: string;
    /** No line for it: the same was told before, and nothing is new but that it was tried again. */
    isQuiet?: boolean;
  } = {},
): boolean {
  const to = nextRefundState(refund.state, event);
  if (!to) return false;
  step.patchRefund(refund, {
    state: to,
    processorReference: told.reference ?? refund.processorReference,
    processorCode: told.processorCode ?? null,
    processorText: told.processorText ?? null,
    ...bankReferenceOf(told),
    occurredAt: told.occurredAt ?? refund.occurredAt,
    looks: 0,
  });
  step.patchRefund(refund, { nextLookAt: scheduleRefundLook(step, refund) });
  if (!told.isQuiet) {
    step.event(
      `refund.${to}`,
      {
        refundId: refund.id,
        amountMinor: refund.amountMinor.toString(),
        currency: refund.currency,
        ...(to === "succeeded" ? { foundBy: refund.origin } : {}),
        ...(told.processorCode ? { code: told.processorCode } : {}),
        ...(told.note ? { reason: told.note } : {}),
      },
      { attemptId: refund.attemptId, occurredAt: told.occurredAt },
    );
  }
  if (to === "succeeded") giveBack(step, refund, told.occurredAt ?? step.context.now);
  if (to === "failed")
    step.attention(
      "refund_failed",
      { refundId: refund.id, text: told.processorText ?? null },
      { attemptId: refund.attemptId },
    );
  return true;
}

/** The bank's number in what was told, if there is one. */
function bankReferenceOf({ bankReference }: Pick<Observation, "bankReference">): Partial<Refund> {
  return bankReference ? { bankReference: bankReference.value, bankReferenceKind: bankReference.kind } : {};
}

/** Books what went back. Where one attempt's money was partly a second payment, that part goes back first. */
function giveBack(step: Step, refund: Refund, occurredAt: Date): void {
  const ofAttempt = step.story.payments.filter((p) => p.attemptId === refund.attemptId);
  const surplus = movedMinorOf(ofAttempt, { isKept: false });
  const fromSurplus = surplus < refund.amountMinor ? surplus : refund.amountMinor;
  const parts = [
    { isKept: false, amountMinor: fromSurplus },
    { isKept: true, amountMinor: refund.amountMinor - fromSurplus },
  ];
  for (const { isKept, amountMinor } of parts) {
    if (amountMinor === 0n) continue;
    const origin = ofAttempt.find((p) => p.isKept === isKept && p.amountMinor > 0n);
    const payment: Payment = {
      id: step.context.newId("payment"),
      merchantId: refund.merchantId,
      invoiceId: refund.invoiceId,
      attemptId: refund.attemptId,
      refundId: refund.id,
      source: "refund",
      processor: origin?.processor ?? null,
      method: origin?.method ?? null,
      currency: refund.currency,
      amountMinor: -amountMinor,
      isKept,
      isTest: refund.isTest,
      reference: refund.processorReference,
      occurredAt,
      recordedAt: step.context.now,
    };
    step.addPayment(payment);
    if (step.story.collections.some((c) => c.paymentId === origin?.id)) bookCollection(step, payment, "system");
  }
  const attempt = step.story.attempts.find((a) => a.id === refund.attemptId);
  if (attempt) step.receipt(attempt, { refundId: refund.id });
  settleInvoice(step);
}

export function refundObserved(step: Step, attempt: Attempt, observation: Observation, source: Source): boolean {
  const kind = observation.kind as "refund_accepted" | "refund_succeeded" | "refund_failed";
  if (source.refundId && isOfAnother(step, attempt, observation, source.refundId)) return false;
  const known = findRefund(step, attempt, observation, source);
  if (known) {
    if (known.state === "succeeded") {
      const isNamed = known.processorReference === null && observation.reference;
      if (isNamed) step.patchRefund(known, { processorReference: observation.reference });
      if (known.bankReference === null && observation.bankReference)
        step.patchRefund(known, bankReferenceOf(observation));
    }
    // Money cannot go back before it came: such news waits for that of the capture.
    if (kind === "refund_succeeded" && attempt.capturedMinor === 0n) return false;
    return kind === "refund_succeeded"
      ? succeed(step, attempt, known, observation)
      : moveRefund(step, known, kind, observation);
  }
  if (kind !== "refund_succeeded") return false;
  // Made at the processor, not by us: it is booked with how it was found.
  if (!observation.money) {
    const claimed = step.story.refunds.some(
      (r) => r.attemptId === attempt.id && CLAIMING_REFUND_STATES.includes(r.state),
    );
    if (claimed) return false; // says "refunded" without a sum, and our own refunds explain it
    step.attention(
      "refund_amount_unknown",
      { text: observation.processorText ?? null },
      { attemptId: attempt.id, days: 1 },
    );
    return false;
  }
  const isEarly = attempt.capturedMinor === 0n;
  // Money that went back without us is the truth: what only we know of has to make room for it.
  const unheard = step.story.refunds
    .filter((r) => r.attemptId === attempt.id && UNHEARD_REFUND_STATES.includes(r.state))
    .reduce((sum, r) => sum + r.amountMinor, 0n);
  const limit = refundableMinor(step.story, attempt) + unheard + (isEarly ? attempt.amountMinor : 0n);
  if (observation.money.currency !== attempt.currency || observation.money.minor > limit) {
    step.attention(
      "refund_over_captured",
      { told: observation.money.minor.toString(), currency: observation.money.currency },
      { attemptId: attempt.id, days: 1 },
    );
    return false;
  }
  const refund = newRefund(step, attempt, {
    state: "accepted",
    amountMinor: observation.money.minor,
    origin: source.way === "query" ? "query" : "notification",
    occurredAt: observation.occurredAt ?? null,
  });
  if (isEarly) {
    // The capture it gives back was not heard of yet; it is booked when that news comes.
    step.addRefund({ ...refund, processorReference: observation.reference ?? null });
    step.event(
      "refund.accepted",
      { refundId: refund.id, amountMinor: refund.amountMinor.toString(), currency: refund.currency },
      { attemptId: attempt.id, occurredAt: observation.occurredAt },
    );
    return true;
  }
  step.addRefund(refund);
  return succeed(step, attempt, refund, observation);
}

/** Gives up refunds that no processor has heard of and that would give back more than is left, the newest first. */
function makeRoom(step: Step, attempt: Attempt): void {
  for (const refund of step.story.refunds.toReversed()) {
    if (refundableMinor(step.story, attempt) >= 0n) return;
    if (refund.attemptId !== attempt.id || !UNHEARD_REFUND_STATES.includes(refund.state)) continue;
    moveRefund(step, refund, "given_up", { note: "given_back_elsewhere" });
  }
}

/** Whether the answer to a question about one refund names another one: an equal sum was taken for it. */
function isOfAnother(step: Step, attempt: Attempt, { reference }: Observation, refundId: string): boolean {
  return (
    reference !== undefined &&
    step.story.refunds.some(
      (r) => r.attemptId === attempt.id && r.id !== refundId && r.processorReference === reference,
    )
  );
}

/** The refund an observation speaks of: named by us, by reference, by sum and time, else the oldest still under way. */
function findRefund(step: Step, attempt: Attempt, observation: Observation, source: Source): Refund | undefined {
  const ours = step.story.refunds.filter((r) => r.attemptId === attempt.id);
  const money = observation.money;
  return (
    ours.find((r) => r.id === source.refundId) ??
    ours.find((r) => observation.reference !== undefined && r.processorReference === observation.reference) ??
    ours.find(
      (r) =>
        r.state === "succeeded" &&
        money !== undefined &&
        r.amountMinor === money.minor &&
        observation.occurredAt !== undefined &&
        r.occurredAt?.getTime() === observation.occurredAt.getTime(),
    ) ??
    ours.find(
      (r) =>
        ["requested", "sent", "not_sent", "accepted", "unresolved"].includes(r.state) &&
        (r.processorReference === null || observation.reference === undefined) &&
        (money === undefined || r.amountMinor === money.minor),
    ) ??
    // Our own refund succeeded by the call's answer, or was entered by hand; the first news of the same sum names it.
    ours.find(
      (r) =>
        r.state === "succeeded" &&
        r.processorReference === null &&
        (r.origin === "requested" || r.origin === "paid_twice" || r.origin === "manual") &&
        money !== undefined &&
        r.amountMinor === money.minor,
    )
  );
}

export type RefundAsked = {
  attemptId: string;
  /** Left out: all that may still be given back. */
  amountMinor?: bigint;
  reason: string | null;
  /** The same for a repeat of the same request, which gives nothing back. */
  id?: string;
  /** Whether a refund of the attempt is what is asked for here, for callers whose repeats have no key. */
  isRepeatOf?(refund: Refund, leftMinor: bigint): boolean;
  /** By currency, minor units: above it a second person is asked. */
  approvalSums: Record<string, number>;
};

export type RefundRefusal =
  | "attempt_not_found"
  | "nothing_captured"
  | "amount_over_refundable"
  | "refund_not_supported"
  | "partial_not_supported";

/** Asks for a refund of an attempt's captured money. */
export function askRefund(step: Step, input: RefundAsked): Result<Refund, RefundRefusal> {
  const known = step.story.refunds.find((r) => r.id === input.id);
  if (known) return ok(known);
  const attempt = step.story.attempts.find((a) => a.id === input.attemptId);
  if (!attempt) return fail("attempt_not_found");
  if (attempt.capturedMinor === 0n) return fail("nothing_captured");
  const variant = step.story.connections.find((c) => c.id === attempt.connectionId)?.variant ?? "";
  if (!step.context.abilitiesOf(attempt.processor, variant).canRefund) return fail("refund_not_supported");
  const left = refundableMinor(step.story, attempt);
  const twin = step.story.refunds.find((r) => r.attemptId === attempt.id && input.isRepeatOf?.(r, left));
  if (twin) return ok(twin);
  const amountMinor = input.amountMinor ?? left;
  if (amountMinor <= 0n || amountMinor > left) return fail("amount_over_refundable");
  const over = input.approvalSums[attempt.currency];
  const refund = requestRefund(step, attempt, {
    ...(input.id ? { id: input.id } : {}),
    amountMinor,
    reason: input.reason,
    origin: "requested",
    // All that one payment gives back counts, or many small refunds would need nobody.
    needsApproval: over !== undefined && attempt.capturedMinor - left + amountMinor > BigInt(over),
  });
  step.audit("refund.requested", refund.id, null, { amountMinor: amountMinor.toString(), reason: input.reason });
  return ok(refund);
}

export type RefundDecisionRefusal =
  | "not_found"
  | "not_awaiting_approval"
  /** The one who asked may not decide on it, nor who made the key that asked. */
  | "own_refund"
  /** It reached the processor, or may have: only the processor can end it. */
  | "refund_under_way"
  | "amount_over_refundable";

/**
 * The second person's yes: not of the one who asked, and not above what was taken.
 * @param maker who made the key that asked
 */
export function approve(step: Step, refund: Refund, maker: string | null): RefundDecisionRefusal | null {
  const attempt = step.story.attempts.find((a) => a.id === refund.attemptId);
  if (refund.state !== "awaiting_approval" || !attempt) return "not_awaiting_approval";
  if ([refund.requestedBy, maker].includes(step.context.actor)) return "own_refund";
  // Its own sum is among what is claimed.
  if (refundableMinor(step.story, attempt) < 0n) return "amount_over_refundable";
  step.patchRefund(refund, { decidedBy: step.context.actor, decidedAt: step.context.now });
  moveRefund(step, refund, "approved");
  orderRefund(step, refund);
  step.audit("refund.approved", refund.id, null, { amountMinor: refund.amountMinor.toString() });
  return null;
}

/** The second person's no. */
export function refuse(step: Step, refund: Refund, maker: string | null, note: string): RefundDecisionRefusal | null {
  if (refund.state !== "awaiting_approval") return "not_awaiting_approval";
  if ([refund.requestedBy, maker].includes(step.context.actor)) return "own_refund";
  step.patchRefund(refund, { decidedBy: step.context.actor, decidedAt: step.context.now, decisionNote: note });
  moveRefund(step, refund, "approval_refused", { note: note });
  step.audit("refund.rejected", refund.id, null, { note: note });
  return null;
}

/** Gives up a refund that has not reached its processor. */
export function giveUp(step: Step, refund: Refund, note: string | null): RefundDecisionRefusal | null {
  const stated = note ? { note } : {};
  if (!moveRefund(step, refund, "given_up", stated)) return "refund_under_way";
  step.patchRefund(refund, { decidedBy: step.context.actor, decidedAt: step.context.now, decisionNote: note });
  step.audit("refund.abandoned", refund.id, null, stated);
  return null;
}

export type RefundEntered = {
  attemptId: string;
  amountMinor: bigint;
  reason: string | null;
  reference: string | null;
  occurredAt: Date;
  id?: string;
};

export type ManualRefundRefusal = "attempt_not_found" | "nothing_captured" | "amount_over_refundable";

/** Enters money that was given back outside. */
export function enterRefund(step: Step, input: RefundEntered): Result<Refund, ManualRefundRefusal> {
  const known = step.story.refunds.find((r) => r.id === input.id);
  if (known) return ok(known);
  const attempt = step.story.attempts.find((a) => a.id === input.attemptId);
  if (!attempt) return fail("attempt_not_found");
  if (attempt.capturedMinor === 0n) return fail("nothing_captured");
  const { amountMinor } = input;
  if (amountMinor <= 0n || amountMinor > refundableMinor(step.story, attempt)) return fail("amount_over_refundable");
  const refund = newRefund(step, attempt, {
    ...(input.id ? { id: input.id } : {}),
    // Nobody is called: it is done already, and its table takes it to its end.
    state: "accepted",
    amountMinor,
    reason: input.reason,
    origin: "manual",
    bankReference: input.reference,
    occurredAt: input.occurredAt,
  });
  step.addRefund(refund);
  moveRefund(step, refund, "refund_succeeded", { occurredAt: input.occurredAt });
  step.audit("refund.recorded", refund.id, null, {
    amountMinor: amountMinor.toString(),
    reason: input.reason,
    reference: input.reference,
  });
  return ok(refund);
}
