// What people and partners do about refunds, as steps of an invoice's story. Pure: decided on a story, written by transition.ts.

import { fail, ok, type Result } from "../result.ts";
import { refundableMinor } from "./amounts.ts";
import { moveRefund, newRefund, orderRefund, requestRefund } from "./move-refund.ts";
import type { Step } from "./step.ts";
import type { Refund } from "./story.ts";

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
