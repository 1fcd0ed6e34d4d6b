// What a person decides about a refund that no processor has heard of yet: allow it as the second person, refuse it, try to
// send it at once, give it up; and money that was given back outside, entered by hand.

import { and, eq, isNull, sql } from "drizzle-orm";
import { apiKeys, attentionItems, outbox, refunds } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { fail, ok, type Result } from "../result.ts";
import {
  approve,
  enterRefund,
  giveUp,
  type ManualRefundRefusal,
  type RefundDecisionRefusal,
  type RefundEntered,
  refuse,
} from "./refund-steps.ts";
import type { Step } from "./step.ts";
import type { Refund } from "./story.ts";
import { takeStep } from "./transition.ts";

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
  const result = await decide(context, input, (step, refund) => approve(step, refund, maker));
  if (result.ok) await context.wake({ kind: "due" });
  return result;
}

/** The second person's no, with its reason. */
export async function refuseRefund(context: Context, input: Input & { note: string }) {
  const maker = await makerOfKey(context, input);
  return decide(context, input, (step, refund) => refuse(step, refund, maker, input.note));
}

/** Gives up a refund that has not reached its processor: its sum may be given back another way. */
export function giveUpRefund(context: Context, input: Input & { note: string | null }) {
  return decide(context, input, (step, refund) => giveUp(step, refund, input.note));
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

/**
 * Enters money that was given back outside (in the bank's cabinet, by transfer, in cash): booked at once and marked manual.
 * News of the same sum that the processor tells later is taken for this one.
 */
export function recordManualRefund(
  context: Context,
  input: {
    merchantId: string;
    invoiceId: string;
    actor: string;
  } & RefundEntered,
): Promise<Result<Refund, ManualRefundRefusal>> {
  return takeStep(context.db, context.stepBy(input.actor), input, (step) => enterRefund(step, input));
}
