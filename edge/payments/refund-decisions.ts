// What a person decides about a refund that no processor has heard of yet: allow it as the second person, refuse it, try to
// send it at once, give it up; and money that was given back outside, entered by hand.

import { and, eq, isNull, sql } from "drizzle-orm";
import { apiKeys, attentionItems, outbox, refunds } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { fail, ok, type Result } from "../result.ts";
import { refundableMinor } from "./amounts.ts";
import { moveRefund, newRefund, orderRefund } from "./refund-steps.ts";
import type { Step } from "./step.ts";
import type { Refund } from "./story.ts";
import { takeStep } from "./transition.ts";

export type RefundDecisionRefusal =
  | "not_found"
  | "not_awaiting_approval"
  /** The one who asked may not decide on it, nor who made the key that asked. */
  | "own_refund"
  /** It reached the processor, or may have: only the processor can end it. */
  | "refund_under_way"
  | "amount_over_refundable";

type Input = { merchantId: string; refundId: string; actor: string };

async function decide(
  context: Context,
  { merchantId, refundId, actor }: Input,
  decideOn: (step: Step, refund: Refund) => RefundDecisionRefusal | null,
): Promise<Result<Refund, RefundDecisionRefusal>> {
  const [row] = await context.db
    .select({ invoiceId: refunds.invoiceId })
    .from(refunds)
    .where(and(eq(refunds.merchantId, merchantId), eq(refunds.id, refundId)));
  if (!row) return fail("not_found");
  const of = { merchantId, invoiceId: row.invoiceId };
  const result = await takeStep<Result<Refund, RefundDecisionRefusal>>(
    context.db,
    context.stepBy(actor),
    of,
    (step) => {
      const refund = step.story.refunds.find((r) => r.id === refundId);
      if (!refund) return fail("not_found");
      const refusal = decideOn(step, refund);
      return refusal ? fail(refusal) : ok(refund);
    },
  );
  if (result.ok) await resolveAttention(context, merchantId, refundId, actor);
  return result;
}

/** What was put before a person about this refund is decided. */
async function resolveAttention(context: Context, merchantId: string, refundId: string, actor: string): Promise<void> {
  await context.db
    .update(attentionItems)
    .set({ resolvedAt: context.now, resolvedBy: actor })
    .where(
      and(
        eq(attentionItems.merchantId, merchantId),
        isNull(attentionItems.resolvedAt),
        sql`${attentionItems.kind} in ('refund_awaits_approval', 'refund_not_sent')`,
        sql`${attentionItems.detail} ->> 'refundId' = ${refundId}`,
      ),
    );
}

/** Who made the key that asked for a refund; null where a person asked. */
async function makerOfKey({ db }: Context, { merchantId, refundId }: Input): Promise<string | null> {
  const [key] = await db
    .select({ createdBy: apiKeys.createdBy })
    .from(refunds)
    .innerJoin(
      apiKeys,
      and(eq(apiKeys.merchantId, refunds.merchantId), sql`'api_key:' || ${apiKeys.id} = ${refunds.requestedBy}`),
    )
    .where(and(eq(refunds.merchantId, merchantId), eq(refunds.id, refundId)));
  return key?.createdBy ?? null;
}

/** The second person's yes; the refund is then sent. Not by the one who asked, and not above what was taken. */
export async function approveRefund(context: Context, input: Input) {
  const maker = await makerOfKey(context, input);
  const result = await decide(context, input, (step, refund) => {
    const attempt = step.story.attempts.find((a) => a.id === refund.attemptId);
    if (refund.state !== "awaiting_approval" || !attempt) return "not_awaiting_approval";
    if ([refund.requestedBy, maker].includes(input.actor)) return "own_refund";
    // Its own sum is among what is claimed.
    if (refundableMinor(step.story, attempt) < 0n) return "amount_over_refundable";
    step.patchRefund(refund, { decidedBy: input.actor, decidedAt: step.context.now });
    moveRefund(step, refund, "approved");
    orderRefund(step, refund);
    step.audit("refund.approved", refund.id, null, { amountMinor: refund.amountMinor.toString() });
    return null;
  });
  if (result.ok) await context.wake({ kind: "due" });
  return result;
}

/** The second person's no, with its reason. */
export async function refuseRefund(context: Context, input: Input & { note: string }) {
  const maker = await makerOfKey(context, input);
  return decide(context, input, (step, refund) => {
    if (refund.state !== "awaiting_approval") return "not_awaiting_approval";
    if ([refund.requestedBy, maker].includes(input.actor)) return "own_refund";
    step.patchRefund(refund, { decidedBy: input.actor, decidedAt: step.context.now, decisionNote: input.note });
    moveRefund(step, refund, "approval_refused", { note: input.note });
    step.audit("refund.rejected", refund.id, null, { note: input.note });
    return null;
  });
}

/** Gives up a refund that has not reached its processor: its sum may be given back another way. */
export function giveUpRefund(context: Context, input: Input & { note: string | null }) {
  return decide(context, input, (step, refund) => {
    const { note } = input;
    const stated = note ? { note } : {};
    if (!moveRefund(step, refund, "given_up", stated)) return "refund_under_way";
    step.patchRefund(refund, { decidedBy: input.actor, decidedAt: step.context.now, decisionNote: note });
    step.audit("refund.abandoned", refund.id, null, stated);
    return null;
  });
}

/** Tries at once what waits for its next try. */
export async function retryRefund(context: Context, input: Input): Promise<Result<Refund, RefundDecisionRefusal>> {
  const { db, now } = context;
  const mine = and(eq(refunds.merchantId, input.merchantId), eq(refunds.id, input.refundId));
  const [refund] = await db.select().from(refunds).where(mine);
  if (!refund) return fail("not_found");
  if (refund.state !== "not_sent" && refund.state !== "requested") return fail("refund_under_way");
  await db
    .update(outbox)
    .set({ nextAttemptAt: now, failedAt: null, deliveredAt: null, tries: 0 })
    .where(and(eq(outbox.merchantId, input.merchantId), eq(outbox.topic, "refund"), eq(outbox.effectKey, refund.id)));
  await context.wake({ kind: "due" });
  return ok(refund);
}

export type ManualRefundRefusal = "attempt_not_found" | "nothing_captured" | "amount_over_refundable";

/**
 * Enters money that was given back outside (in the bank's cabinet, by transfer, in cash): booked at once and marked manual.
 * News of the same sum that the processor tells later is taken for this one.
 */
export function recordManualRefund(
  context: Context,
  input: {
    merchantId: string;
    invoiceId: string;
    attemptId: string;
    amountMinor: bigint;
    reason: string | null;
    reference: string | null;
    occurredAt: Date;
    actor: string;
    id?: string;
  },
): Promise<Result<Refund, ManualRefundRefusal>> {
  return takeStep<Result<Refund, ManualRefundRefusal>>(context.db, context.stepBy(input.actor), input, (step) => {
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
  });
}
