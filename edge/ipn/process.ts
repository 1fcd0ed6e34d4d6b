// What a stored notification does: find its attempt, check that it may be believed and speaks of what was asked, then
// hand its observations to the one door. Resumable and idempotent; what finds no attempt is parked and tried again.

import { and, eq } from "drizzle-orm";
import { attempts, attentionItems, connections, ipns } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { lookAtAttempt } from "../payments/look-at-attempt.ts";
import { observe } from "../payments/observe.ts";
import type { Step } from "../payments/step.ts";
import { type Attempt, readStoriesOfAttempts, type Story } from "../payments/story.ts";
import { takeStep } from "../payments/transition.ts";
import { fromJson, type Reading } from "./receive.ts";

/** A row of the inbox, without what came: that is sealed, and was read when it was received. */
export type Ipn = Omit<typeof ipns.$inferSelect, "sealed" | "head">;

const MINUTE = 60_000;
/** Minutes until a parked notification is tried again; after the last it waits for a person. */
const PARK_MINUTES = [1, 5, 15, 60, 240, 720];

export type Processed = "processed" | "parked" | "nothing";

/** Processes one stored notification; again is harmless. */
export async function processIpn(context: Context, ipnId: string): Promise<Processed> {
  const ipn = await context.db.query.ipns.findFirst({
    columns: { sealed: false, head: false },
    where: (t, { eq: is }) => is(t.id, ipnId),
  });
  if (!ipn?.merchantId || !ipn.connectionId || ipn.verdict === "rejected") return "nothing";
  if (ipn.state === "processed") {
    await lookIfUseful(context, ipn);
    return "nothing";
  }
  const { merchantId } = ipn;
  const reading = readingIn(ipn);
  const attemptId = reading.reference?.attempt ?? (await attemptByTheirId(context, ipn, reading.reference?.processor));
  const [story] = attemptId ? await readStoriesOfAttempts(context.db, [{ merchantId, attemptId }]) : [];
  const finding = judge(ipn, attemptId, story ?? null);
  switch (finding.kind) {
    case "nobody":
      // Genuine and about somebody else's account: kept, and nothing that a person would have to look at.
      if (await isOfAnotherAccount(context, ipn, reading)) return finish(context, ipn, "point_of_sale_differs");
      return park(context, ipn, "unknown_attempt");
    case "sibling":
      // One address may serve several accounts of a merchant (Tochka): for another connection it is a hint to ask.
      await lookAtAttempt(context, merchantId, finding.attempt.id, "aside");
      return finish(context, ipn, "other_connection", finding.attempt.id);
    case "contradiction":
      return park(context, ipn, finding.reason);
    case "hint":
      // A hint's only effect is a question.
      await lookAtAttempt(context, merchantId, finding.attempt.id, "aside");
      return finish(context, ipn, ipn.reason ?? "hint_without_proof", finding.attempt.id);
    case "news": {
      const { attempt } = finding;
      await takeStep(
        context.db,
        context.stepBy(`processor:${attempt.processor}`),
        { merchantId, invoiceId: attempt.invoiceId },
        takeNews(ipn, attempt.id),
        story ?? undefined,
      );
      // A verified "go and read" is the processor's own wish, so it is followed at once.
      if (reading.lookNow) await lookAtAttempt(context, merchantId, attempt.id);
      return "processed";
    }
  }
}

/** What was read when it was received. */
export function readingIn(ipn: Ipn): Reading {
  return ipn.reading as unknown as Reading;
}

/** What a notification is worth beside the story it names. */
export type Finding =
  | { kind: "news" | "hint" | "sibling"; attempt: Attempt }
  | { kind: "contradiction"; reason: string }
  | { kind: "nobody" };

/** Whether it may be believed, and speaks of what was asked. Pure. */
export function judge(ipn: Ipn, attemptId: string | undefined, story: Story | null): Finding {
  const named = story?.attempts.find((a) => a.id === attemptId);
  if (!story || !named) return { kind: "nobody" };
  if (named.connectionId !== ipn.connectionId) {
    return named.processor === ipn.processor ? { kind: "sibling", attempt: named } : { kind: "nobody" };
  }
  const reading = readingIn(ipn);
  const reason = claimFault(reading, story, named);
  if (reason) return { kind: "contradiction", reason };
  const isBelieved =
    ipn.verdict === "verified" || (reading.proofHash !== undefined && reading.proofHash === named.secretHash);
  return { kind: isBelieved ? "news" : "hint", attempt: named };
}

/** The step that a believed notification makes. */
export function takeNews(ipn: Ipn, attemptId: string): (step: Step) => void {
  return (step) => {
    const mine = step.story.attempts.find((a) => a.id === attemptId);
    if (!mine) return;
    const reading = readingIn(ipn);
    noteReference(step, mine, reading);
    for (const [index, observation] of reading.observations.entries()) {
      const source = { way: "notification", key: `${ipn.dedupeKey}:${index}`, ipnId: ipn.id } as const;
      observe(step, mine, fromJson(observation), source);
    }
    const { id, receivedAt } = ipn;
    step.push({ kind: "ipn_done", id, attemptId, connectionId: mine.connectionId, receivedAt, at: step.context.now });
  };
}

/** The attempt whose number at the processor it is, for messages that do not echo our id (an SBP payment by QR). */
async function attemptByTheirId(
  context: Context,
  ipn: Ipn,
  reference: string | undefined,
): Promise<string | undefined> {
  if (!reference || !ipn.merchantId || !ipn.connectionId) return undefined;
  const rows = await context.db
    .select({ id: attempts.id })
    .from(attempts)
    .where(
      and(
        eq(attempts.merchantId, ipn.merchantId),
        eq(attempts.connectionId, ipn.connectionId),
        eq(attempts.processorReference, reference),
      ),
    )
    .limit(2);
  return rows.length === 1 ? rows[0]?.id : undefined;
}

async function isOfAnotherAccount(context: Context, ipn: Ipn, reading: Reading): Promise<boolean> {
  const told = reading.claims?.pointOfSale;
  if (ipn.verdict !== "verified" || !told || !ipn.merchantId || !ipn.connectionId) return false;
  const rows = await context.db
    .select({ account: connections.accountReference })
    .from(connections)
    .where(and(eq(connections.merchantId, ipn.merchantId), eq(connections.id, ipn.connectionId)));
  const ours = rows[0]?.account;
  return ours !== undefined && ours !== null && ours !== told;
}

/** Done with a message that is not applied itself. */
async function finish(context: Context, ipn: Ipn, reason: string, attemptId?: string): Promise<Processed> {
  await context.db
    .update(ipns)
    .set({ ...DONE, processedAt: context.now, reason, ...(attemptId ? { attemptId } : {}) })
    .where(eq(ipns.id, ipn.id));
  return "processed";
}

const DONE = { state: "processed", nextTryAt: null } as const;

async function lookIfUseful(context: Context, ipn: Ipn): Promise<void> {
  if (ipn.merchantId && ipn.attemptId) await lookAtAttempt(context, ipn.merchantId, ipn.attemptId, "aside");
}

/** Why the message cannot speak of this attempt, or null when it can. */
function claimFault(reading: Reading, story: Story, attempt: Attempt): string | null {
  const { claims } = reading;
  const asked = claims?.asked;
  if (asked && (BigInt(asked.minor) !== attempt.amountMinor || asked.currency !== attempt.currency))
    return "amount_differs";
  const ours = story.connections.find((c) => c.id === attempt.connectionId)?.accountReference;
  if (claims?.pointOfSale && ours && ours !== claims.pointOfSale) return "point_of_sale_differs";
  // Their number may change while there were only declines; after money moved another number is not applied.
  const told = reading.reference?.processor;
  if (told && attempt.processorReference && told !== attempt.processorReference && attempt.capturedMinor > 0n) {
    return "reference_changed";
  }
  return null;
}

function noteReference(step: Step, attempt: Attempt, reading: Reading): void {
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
