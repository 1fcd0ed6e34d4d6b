// Everything that is due: notifications to process, attempts to look at, effects to deliver. Queue, cron and tests call
// this one function; the rows' own times rule, so calling it too often is harmless.

import { and, asc, eq, isNotNull, lte, sql } from "drizzle-orm";
import { attempts, handOvers, idempotencyKeys, ipns, outbox, refunds } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { dueReceipts } from "../fiscal/deliver-receipt.ts";
import { lookAtReceipt } from "../fiscal/look-at-receipt.ts";
import { processIpn } from "../ipn/process.ts";
import { processTogether } from "../ipn/process-together.ts";
import { log, scrubText } from "../log.ts";
import { dueHoldAlarms, tellOfHold } from "../payments/hold-alarms.ts";
import { carryOutHoldPolicy, dueHoldPolicies } from "../payments/hold-policy.ts";
import { lookAtAttempt } from "../payments/look-at-attempt.ts";
import { lookAtRefund } from "../payments/look-at-refund.ts";
import { backoffSeconds } from "./backoff.ts";
import type { Deliver } from "./deliver.ts";
import {
  putOffHoldAlarm,
  putOffHoldPolicy,
  putOffIpn,
  putOffLook,
  putOffReceiptLook,
  putOffRefundLook,
} from "./put-off.ts";
import { topics } from "./topics.ts";

const BATCH = 50;
const LEASE_SECONDS = 60;

export type Delivered = {
  ipns: number;
  /** Questions about attempts, refunds and receipts. */
  looks: number;
  /** People told that a hold is about to end, and policies carried out because nobody decided. */
  alarms: number;
  effects: number;
};

/** Does what is due at the context's moment, a batch of each kind, and says how much that was. */
export async function deliverDue(context: Context): Promise<Delivered> {
  return {
    ipns: await processDueIpns(context),
    looks: (await lookAtDueAttempts(context)) + (await lookAtDueRefunds(context)) + (await lookAtDueReceipts(context)),
    alarms: (await raiseDueAlarms(context)) + (await carryOutDuePolicies(context)),
    effects: await deliverDueEffects(context),
  };
}

/** Repeats `deliverDue` until nothing is due any more, at most `rounds` times. */
export async function deliverAllDue(context: Context, rounds = 20): Promise<Delivered> {
  const total: Delivered = { ipns: 0, looks: 0, alarms: 0, effects: 0 };
  for (let round = 0; round < rounds; round++) {
    const done = await deliverDue(context);
    total.ipns += done.ipns;
    total.looks += done.looks;
    total.alarms += done.alarms;
    total.effects += done.effects;
    if (done.ipns + done.looks + done.alarms + done.effects === 0) break;
  }
  return total;
}

async function processDueIpns(context: Context): Promise<number> {
  const due = await context.db.query.ipns.findMany({
    columns: { sealed: false, head: false },
    where: (t) => and(isNotNull(t.nextTryAt), lte(t.nextTryAt, context.now)),
    orderBy: (t) => asc(t.nextTryAt),
    limit: BATCH,
  });
  const left = await processTogether(
    context,
    due.map((ipn) => ({ context, ipn })),
  );
  await workThrough(
    "ipn",
    left.map(({ ipn }) => ipn),
    ({ id }) => processIpn(context, id),
    (ipn) => putOffIpn(context, ipn),
  );
  return due.length;
}

async function lookAtDueAttempts(context: Context): Promise<number> {
  const due = await context.db
    .select({ id: attempts.id, merchantId: attempts.merchantId, looks: attempts.looks })
    .from(attempts)
    .where(and(isNotNull(attempts.nextLookAt), lte(attempts.nextLookAt, context.now)))
    .orderBy(asc(attempts.nextLookAt))
    .limit(BATCH);
  return workThrough(
    "look",
    due,
    ({ id, merchantId }) => lookAtAttempt(context, merchantId, id, "schedule"),
    (of) => putOffLook(context, of),
  );
}

async function lookAtDueRefunds(context: Context): Promise<number> {
  const due = await context.db
    .select({ id: refunds.id, merchantId: refunds.merchantId, looks: refunds.looks })
    .from(refunds)
    .where(and(isNotNull(refunds.nextLookAt), lte(refunds.nextLookAt, context.now)))
    .orderBy(asc(refunds.nextLookAt))
    .limit(BATCH);
  return workThrough(
    "refund look",
    due,
    ({ id, merchantId }) => lookAtRefund(context, merchantId, id),
    (of) => putOffRefundLook(context, of),
  );
}

async function lookAtDueReceipts(context: Context): Promise<number> {
  return workThrough(
    "receipt look",
    await dueReceipts(context, BATCH),
    ({ id, merchantId }) => lookAtReceipt(context, merchantId, id),
    (of) => putOffReceiptLook(context, of),
  );
}

async function raiseDueAlarms(context: Context): Promise<number> {
  return workThrough(
    "hold alarm",
    await dueHoldAlarms(context, BATCH),
    (of) => tellOfHold(context, of),
    (of) => putOffHoldAlarm(context, of),
  );
}

async function carryOutDuePolicies(context: Context): Promise<number> {
  return workThrough(
    "hold policy",
    await dueHoldPolicies(context, BATCH),
    (of) => carryOutHoldPolicy(context, of),
    (of) => putOffHoldPolicy(context, of),
  );
}

async function deliverDueEffects(context: Context): Promise<number> {
  const { db, now } = context;
  // Taken under a lease: a second deliverer skips them, a crashed one lets them come due again.
  const lease = new Date(now.getTime() + LEASE_SECONDS * 1000);
  const moment = sql`${now.toISOString()}::timestamptz`;
  const taken = await db
    .update(outbox)
    .set({ leasedUntil: lease, tries: sql`${outbox.tries} + 1` })
    .where(
      sql`${outbox.id} in (select id from ${outbox} where next_attempt_at is not null and next_attempt_at <= ${moment} and (leased_until is null or leased_until <= ${moment}) order by next_attempt_at limit ${BATCH} for update skip locked)`,
    )
    .returning();
  // One dead partner may cost its own time limit, not everybody's.
  await sideBySide(taken, async (row) => {
    const deliver = topics[row.topic];
    let answer: Awaited<ReturnType<Deliver>>;
    try {
      answer = deliver ? await deliver(context, row) : { done: true, text: "no such topic" };
    } catch (error) {
      log("error", "effect failed", { outboxId: row.id, topic: row.topic, error });
      answer = { done: false, text: error instanceof Error ? scrubText(error.message).slice(0, 300) : "failed" };
    }
    const pause = backoffSeconds(row.tries);
    const givesUp = !answer.done && (answer.isFinal === true || pause === null);
    const mine = and(eq(outbox.merchantId, row.merchantId), eq(outbox.id, row.id));
    const [ended] = await db.batch([
      db
        .update(outbox)
        .set({
          lastAnswer: answer.text,
          deliveredAt: answer.done ? now : null,
          failedAt: givesUp ? now : null,
          nextAttemptAt: answer.done || givesUp || pause === null ? null : new Date(now.getTime() + pause * 1000),
        })
        .where(and(mine, eq(outbox.tries, row.tries)))
        .returning({ id: outbox.id }),
      db
        .update(outbox)
        .set({ leasedUntil: null })
        .where(and(mine, eq(outbox.leasedUntil, lease))),
    ]);
    // Somebody asked for it anew while it was on its way (its tries were set back): that is not this delivery's end to write.
    if (ended.length === 0) await context.wake({ kind: "due" });
  });
  return taken.length;
}

/** Forgets what its retention time says: raw notifications, answers kept for repeats, hand-overs. Called by cron. */
export async function purgeExpired(context: Context): Promise<void> {
  const { db, now } = context;
  await db.batch([
    db
      .update(ipns)
      .set({ sealed: null, head: null })
      .where(and(lte(ipns.purgeAt, now), isNotNull(ipns.sealed))),
    db.delete(idempotencyKeys).where(lte(idempotencyKeys.purgeAt, now)),
    // A while longer than they work, so that whoever comes late is told why.
    db.delete(handOvers).where(lte(handOvers.expiresAt, new Date(now.getTime() - 7 * 24 * 3600 * 1000))),
    db
      .update(attempts)
      .set({ payerAction: null, dataKeyId: null })
      .where(
        and(isNotNull(attempts.payerAction), lte(attempts.expiresAt, new Date(now.getTime() - 7 * 24 * 3600 * 1000))),
      ),
  ]);
}

const WIDTH = 6; // as many connections as the platform opens at once

/** Does work on all items, a few at a time. */
async function sideBySide<T>(items: T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const waiting = [...items];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(WIDTH, items.length) }, lane));
}

/** Does what is due, a few at a time; what fails is logged and put off. Says how much was due. */
async function workThrough<T extends { id: string }>(
  what: string,
  due: T[],
  work: (item: T) => Promise<unknown>,
  putOff: (item: T) => PromiseLike<unknown>,
): Promise<number> {
  await sideBySide(due, async (item) => {
    try {
      await work(item);
    } catch (error) {
      log("error", `${what} failed`, { id: item.id, error });
      await putOff(item);
    }
  });
  return due.length;
}
