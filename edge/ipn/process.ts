// What a stored notification does: find its attempt, check that it may be believed and speaks of what was asked, then
// hand its observations to the one door. Resumable and idempotent; what finds no attempt is parked and tried again.

import { and, eq, isNull, lt, or } from "drizzle-orm";
import { runTogether } from "../../db/client.ts";
import { attempts, attentionItems, connections, ipns } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { lookAtAttempt } from "../payments/look-at-attempt.ts";
import { observe } from "../payments/observe.ts";
import type { Attempt } from "../payments/story.ts";
import { takeStep } from "../payments/transition.ts";
import { fromJson, type Reading } from "./receive.ts";

type Ipn = typeof ipns.$inferSelect;

const MINUTE = 60_000;
/** Minutes until a parked notification is tried again; after the last it waits for a person. */
const PARK_MINUTES = [1, 5, 15, 60, 240, 720];

export type Processed = "processed" | "parked" | "nothing";

/** Processes one stored notification; again is harmless. */
export async function processIpn(context: Context, ipnId: string): Promise<Processed> {
  const rows = await context.db.select().from(ipns).where(eq(ipns.id, ipnId));
  const ipn = rows[0];
  if (!ipn?.merchantId || !ipn.connectionId || ipn.verdict === "rejected") return "nothing";
  if (ipn.state === "processed") {
    await lookIfUseful(context, ipn);
    return "nothing";
  }
  const reading = ipn.reading as unknown as Reading;
  const attempt = await findAttempt(context, ipn, reading);
  if (!attempt) return park(context, ipn, "unknown_attempt");
  const claim = await claimFault(context, ipn, reading, attempt);
  if (claim) return park(context, ipn, claim);

  const isBelieved =
    ipn.verdict === "verified" || (reading.proofHash !== undefined && reading.proofHash === attempt.secretHash);
  if (isBelieved) {
    await takeStep(
      context.db,
      context.stepBy(`processor:${attempt.processor}`),
      { merchantId: attempt.merchantId, invoiceId: attempt.invoiceId },
      (step) => {
        const mine = step.story.attempts.find((a) => a.id === attempt.id);
        if (!mine) return;
        noteReference(step, mine, reading);
        for (const [index, observation] of reading.observations.entries()) {
          observe(step, mine, fromJson(observation), {
            way: "notification",
            key: `${ipn.dedupeKey}:${index}`,
            ipnId: ipn.id,
          });
        }
      },
    );
  }
  if (!isBelieved || reading.lookNow) await lookAtAttempt(context, attempt.merchantId, attempt.id);
  await runTogether(context.db, [
    context.db
      .update(ipns)
      .set({
        state: "processed",
        processedAt: context.now,
        nextTryAt: null,
        attemptId: attempt.id,
        reason: isBelieved ? null : (ipn.reason ?? "hint_without_proof"),
      })
      .where(eq(ipns.id, ipn.id)),
    // Only what is believed is a sign of life: a forgery may not hide that the processor went silent.
    ...(isBelieved
      ? [
          context.db
            .update(connections)
            .set({ lastNotificationAt: ipn.receivedAt })
            .where(
              and(
                eq(connections.merchantId, attempt.merchantId),
                eq(connections.id, attempt.connectionId),
                or(isNull(connections.lastNotificationAt), lt(connections.lastNotificationAt, ipn.receivedAt)),
              ),
            ),
        ]
      : []),
  ]);
  return "processed";
}

async function lookIfUseful(context: Context, ipn: Ipn): Promise<void> {
  if (ipn.merchantId && ipn.attemptId) await lookAtAttempt(context, ipn.merchantId, ipn.attemptId);
}

async function findAttempt(context: Context, ipn: Ipn, reading: Reading): Promise<Attempt | null> {
  const id = reading.reference?.attempt;
  if (!id || !ipn.merchantId || !ipn.connectionId) return null;
  const rows = await context.db
    .select()
    .from(attempts)
    .where(
      and(eq(attempts.merchantId, ipn.merchantId), eq(attempts.connectionId, ipn.connectionId), eq(attempts.id, id)),
    );
  return rows[0] ?? null;
}

/** Why the message cannot speak of this attempt, or null when it can. */
async function claimFault(context: Context, ipn: Ipn, reading: Reading, attempt: Attempt): Promise<string | null> {
  const { claims } = reading;
  if (
    claims?.asked &&
    (BigInt(claims.asked.minor) !== attempt.amountMinor || claims.asked.currency !== attempt.currency)
  ) {
    return "amount_differs";
  }
  if (claims?.pointOfSale) {
    const rows = await context.db
      .select({ accountReference: connections.accountReference })
      .from(connections)
      .where(and(eq(connections.merchantId, attempt.merchantId), eq(connections.id, ipn.connectionId ?? "")));
    const known = rows[0]?.accountReference;
    if (known && known !== claims.pointOfSale) return "point_of_sale_differs";
  }
  const told = reading.reference?.processor;
  // Their number may change while there were only declines; after money moved another number is not applied.
  if (told && attempt.processorReference && told !== attempt.processorReference && attempt.capturedMinor > 0n) {
    return "reference_changed";
  }
  return null;
}

function noteReference(step: Parameters<Parameters<typeof takeStep>[3]>[0], attempt: Attempt, reading: Reading): void {
  const told = reading.reference?.processor;
  const settled = reading.claims?.settled;
  const patch: Partial<Attempt> = {};
  if (told && told !== attempt.processorReference) patch.processorReference = told;
  if (settled && attempt.settledMinor === null) {
    patch.settledMinor = BigInt(settled.minor);
    patch.settledCurrency = settled.currency;
  }
  if (Object.keys(patch).length > 0) step.patchAttempt(attempt, patch);
}

async function park(context: Context, ipn: Ipn, reason: string): Promise<Processed> {
  const pause = PARK_MINUTES[ipn.tries];
  const isLast = pause === undefined;
  // Counted once when receipt and cron come upon it together.
  const parked = await context.db
    .update(ipns)
    .set({
      state: "parked",
      reason,
      tries: ipn.tries + 1,
      nextTryAt: isLast ? null : new Date(context.now.getTime() + pause * MINUTE),
    })
    .where(and(eq(ipns.id, ipn.id), eq(ipns.tries, ipn.tries)))
    .returning({ id: ipns.id });
  if (parked.length > 0 && ipn.tries === 0 && ipn.merchantId) {
    await context.db.insert(attentionItems).values({
      id: context.newId("attention"),
      merchantId: ipn.merchantId,
      kind: "notification_parked",
      ipnId: ipn.id,
      detail: { reason },
      dueAt: new Date(context.now.getTime() + 24 * 60 * MINUTE),
      createdAt: context.now,
    });
  }
  return "parked";
}
