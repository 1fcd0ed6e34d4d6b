// A refund from its row to its end: begun, moved by its table, booked when money went back.

import type { Observation } from "../processors/contract.ts";
import { movedMinorOf } from "./amounts.ts";
import { scheduleRefundLook } from "./schedule-look.ts";
import { bookCollection, settleInvoice } from "./settle-invoice.ts";
import { nextRefundState } from "./states.ts";
import type { Step } from "./step.ts";
import type { Attempt, Payment, Refund } from "./story.ts";

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
export function bankReferenceOf({ bankReference }: Pick<Observation, "bankReference">): Partial<Refund> {
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
