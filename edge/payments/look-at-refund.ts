// Asking a processor what became of money that we gave back: by the clock and when a person asks, until it is final.

import { and, eq, inArray } from "drizzle-orm";
import { attempts, refunds } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { findConnection } from "../merchants/connections.ts";
import type { Fault } from "../processors/contract.ts";
import { referenceOf } from "./attempt-reference.ts";
import { callProcessor } from "./call-processor.ts";
import { type Look, lookAtAttempt, lookOf } from "./look-at-attempt.ts";
import { moveRefund } from "./move-refund.ts";
import { observe } from "./observe.ts";
import { scheduleRefundLook } from "./schedule-look.ts";
import { ASKED_REFUND_STATES } from "./states.ts";
import type { Step } from "./step.ts";
import type { Refund } from "./story.ts";
import { takeStep } from "./transition.ts";

const HOUR_MS = 3600 * 1000;
/** A refund without an end for this long is put before a person; it is asked about all the same. */
const OLD_MS = {
  /** Nobody knows whether it was taken at all. */
  unresolved: HOUR_MS,
  /** Taken and on its way: two days are usual. */
  accepted: 72 * HOUR_MS,
};

/**
 * Asks about one refund and records the answer. What is no answer changes nothing: a refund fails only when the processor
 * says so. Where refunds cannot be asked about, the attempt is: its answer may tell of what went back.
 */
export async function lookAtRefund(context: Context, merchantId: string, refundId: string): Promise<Look> {
  const rows = await context.db
    .select({ refund: refunds, attempt: attempts })
    .from(refunds)
    .innerJoin(attempts, and(eq(attempts.merchantId, refunds.merchantId), eq(attempts.id, refunds.attemptId)))
    .where(and(eq(refunds.merchantId, merchantId), eq(refunds.id, refundId)));
  const found = rows[0];
  if (!found || !ASKED_REFUND_STATES.includes(found.refund.state)) return { kind: "cannot_ask" };
  const { refund, attempt } = found;
  const connection = await findConnection(context, merchantId, attempt.connectionId);
  if (!connection) return { kind: "cannot_ask" };
  const answer = await callProcessor(context, connection, async (open) => {
    const { queryRefund } = open.processor;
    if (!open.processor.descriptor.variants[connection.variant]?.refund.asynchronous || !queryRefund) return null;
    const others = await referencesOfOthers(context, refund);
    const question = {
      attempt: referenceOf(attempt),
      amount: { minor: refund.amountMinor, currency: refund.currency },
      ...(refund.reason ? { reason: refund.reason } : {}),
      ...(refund.processorReference ? { reference: refund.processorReference } : {}),
      ...(others.length > 0 ? { otherReferences: others } : {}),
    };
    return queryRefund(question, open.callWith(refund.id));
  });
  const of = { merchantId, invoiceId: refund.invoiceId };
  if (!answer) {
    // No question about refunds here: what the attempt's own answer says of them is all there is.
    const look = await lookAtAttempt(context, merchantId, attempt.id);
    await takeStep(context.db, context.stepBy("system"), of, (step) => {
      const mine = step.story.refunds.find((r) => r.id === refundId);
      if (mine) wasAsked(step, mine);
    });
    return look;
  }
  await takeStep(context.db, context.stepBy(`processor:${attempt.processor}`), of, (step) => {
    const mine = step.story.refunds.find((r) => r.id === refundId);
    const its = step.story.attempts.find((a) => a.id === attempt.id);
    if (!mine || !its) return;
    for (const observation of answer.ok ? answer.value : []) {
      const key = `${refundId}:${observation.occurredAt?.toISOString() ?? ""}`;
      observe(step, its, observation, { way: "query", key, refundId });
    }
    if (!answer.ok) neverArrived(step, mine, answer.error);
    wasAsked(step, mine);
  });
  return lookOf(answer);
}

/** Asks about all refunds of an attempt that have no end yet. */
export async function lookAtOpenRefunds(context: Context, merchantId: string, attemptId: string): Promise<Look[]> {
  const open = await context.db
    .select({ id: refunds.id })
    .from(refunds)
    .where(
      and(
        eq(refunds.merchantId, merchantId),
        eq(refunds.attemptId, attemptId),
        inArray(refunds.state, [...ASKED_REFUND_STATES]),
      ),
    );
  const looks: Look[] = [];
  for (const { id } of open) looks.push(await lookAtRefund(context, merchantId, id));
  return looks;
}

/**
 * A processor that finds refunds by our own number and knows of none, an hour after the call, never got it. It is not sent
 * again by itself: a person sends it once more or gives it up.
 */
function neverArrived(step: Step, refund: Refund, fault: Fault): void {
  if (refund.state !== "unresolved" || fault.kind !== "rejected" || fault.detail !== "no_such_refund") return;
  if (step.context.now.getTime() < refund.createdAt.getTime() + OLD_MS.unresolved) return;
  moveRefund(step, refund, "not_sent");
  step.attention("refund_not_sent", { refundId: refund.id }, { attemptId: refund.attemptId, days: 1 });
}

function wasAsked(step: Step, refund: Refund): void {
  alarmWhenOld(step, refund);
  refund.looks += 1;
  step.patchRefund(refund, {
    looks: refund.looks,
    lastLookAt: step.context.now,
    nextLookAt: scheduleRefundLook(step, refund),
  });
}

/** Once for each of the two states, at the first look after its time. */
function alarmWhenOld(step: Step, refund: Refund): void {
  if (refund.state !== "accepted" && refund.state !== "unresolved") return;
  const oldAt = refund.createdAt.getTime() + OLD_MS[refund.state];
  const wasTold = refund.lastLookAt !== null && refund.lastLookAt.getTime() >= oldAt;
  if (step.context.now.getTime() < oldAt || wasTold) return;
  step.attention(
    "refund_pending_long",
    { refundId: refund.id, state: refund.state, since: refund.createdAt.toISOString() },
    { attemptId: refund.attemptId, days: 1 },
  );
}

/** Numbers under which the processor knows the attempt's other refunds. */
async function referencesOfOthers(context: Context, refund: typeof refunds.$inferSelect): Promise<string[]> {
  const rows = await context.db
    .select({ id: refunds.id, reference: refunds.processorReference })
    .from(refunds)
    .where(and(eq(refunds.merchantId, refund.merchantId), eq(refunds.attemptId, refund.attemptId)));
  return rows.flatMap((row) => (row.id !== refund.id && row.reference ? [row.reference] : []));
}
