// Which ways to pay fail for many people just now. Counted from the tries of the last minutes over all merchants, without
// a card or a name; what is in trouble is offered last until it is over.

import { and, eq, inArray, sql } from "drizzle-orm";
import { methodTroubles } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import type { DeclineReason } from "../processors/contract.ts";

const WINDOW_MS = 15 * 60_000;
/** Fewer tries say nothing. */
const FEWEST_TRIES = 5;
const FAILING_SHARE = 0.6;
/** So many good ones in a row, the newest, and it is over. */
const GOOD_AGAIN = 3;
/** One connection may be set up wrongly; that many are not. */
const SEVERAL = 3;

/** Reasons that speak of the processor or a bank, not of the payer or the card. */
const TECHNICAL: readonly DeclineReason[] = ["processor_error", "issuer_unavailable", "timed_out"];

export type RecentTry = {
  processor: string;
  method: string;
  isTest: boolean;
  connectionId: string;
  isFailure: boolean;
  at: Date;
};
export type Trouble = Omit<typeof methodTroubles.$inferSelect, "updatedAt">;

/**
 * What is in trouble by these tries.
 * @param tries of the last minutes, the oldest first
 */
export function findTroubles(tries: RecentTry[]): Trouble[] {
  const troubles: Trouble[] = [];
  for (const same of grouped(tries, (t) => `${t.processor}|${t.method}|${t.isTest}`)) {
    const failing = new Set(same.filter((t) => t.isFailure).map((t) => t.connectionId));
    if (isFailing(same) && failing.size >= SEVERAL) {
      troubles.push(troubleOf(same, ""));
      continue;
    }
    for (const ofOne of grouped(same, (t) => t.connectionId)) {
      if (isFailing(ofOne)) troubles.push(troubleOf(ofOne, ofOne[0]?.connectionId ?? ""));
    }
  }
  return troubles;
}

function isFailing(tries: RecentTry[]): boolean {
  const failures = tries.filter((t) => t.isFailure).length;
  const isOver = tries.slice(-GOOD_AGAIN).every((t) => !t.isFailure);
  return tries.length >= FEWEST_TRIES && failures / tries.length >= FAILING_SHARE && !isOver;
}

function troubleOf(tries: RecentTry[], connectionId: string): Trouble {
  const failures = tries.filter((t) => t.isFailure);
  const [first] = failures;
  if (!first) throw new Error("no trouble without a failure");
  const { processor, method, isTest, at } = first;
  return { processor, method, isTest, connectionId, since: at, tries: tries.length, failures: failures.length };
}

function grouped<T>(all: T[], keyOf: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups.values()];
}

/** Counts anew and keeps the result for the payment pages. Called by cron; says how many are in trouble. */
export async function watchMethods(context: Context): Promise<number> {
  const { db, now } = context;
  const { rows } = await db.execute<{
    processor: string;
    method: string;
    is_test: boolean;
    connection_id: string;
    decline_reason: DeclineReason | null;
    recorded_at: string;
  }>(sql`
    select a.processor, a.method, a.is_test, a.connection_id, t.decline_reason, t.recorded_at
    from tries t join attempts a on a.merchant_id = t.merchant_id and a.id = t.attempt_id
    where t.recorded_at > ${new Date(now.getTime() - WINDOW_MS).toISOString()}::timestamptz
      and t.recorded_at <= ${now.toISOString()}::timestamptz
    order by t.recorded_at desc limit 20000`);
  const tries = rows.reverse().map((row) => ({
    processor: row.processor,
    method: row.method,
    isTest: row.is_test,
    connectionId: row.connection_id,
    isFailure: row.decline_reason !== null && TECHNICAL.includes(row.decline_reason),
    at: new Date(row.recorded_at),
  }));
  const troubles = findTroubles(tries);
  const forget = db.delete(methodTroubles);
  if (troubles.length === 0) await forget;
  else await db.batch([forget, db.insert(methodTroubles).values(troubles.map((one) => ({ ...one, updatedAt: now })))]);
  return troubles.length;
}

/** The present troubles of some connections. */
export async function readTroubles(
  { db }: Context,
  connections: { id: string; processor: string }[],
  isTest: boolean,
): Promise<Trouble[]> {
  if (connections.length === 0) return [];
  const processors = [...new Set(connections.map(({ processor }) => processor))];
  const rows = await db
    .select()
    .from(methodTroubles)
    .where(and(eq(methodTroubles.isTest, isTest), inArray(methodTroubles.processor, processors)));
  return rows.filter((row) => row.connectionId === "" || connections.some(({ id }) => id === row.connectionId));
}

/** The trouble that a way to pay is in, if it is. */
export function troubleWith(
  troubles: Trouble[],
  choice: { connection: { id: string; processor: string }; method: string },
): Trouble | undefined {
  return troubles.find(
    (one) =>
      one.processor === choice.connection.processor &&
      one.method === choice.method &&
      (one.connectionId === "" || one.connectionId === choice.connection.id),
  );
}

/** Declines that the payer can mend with the same way to pay; after others another way is the better advice. */
const MENDED_BY_PAYER: readonly DeclineReason[] = [
  "insufficient_funds",
  "card_expired",
  "invalid_card",
  "invalid_cvv",
  "authentication_failed",
  "payer_cancelled",
  "merchant_cancelled",
];

/**
 * The order in which to offer: as the merchant wants it, but what fails for many people comes last, and before that what has
 * just failed for this payer for a reason that he cannot mend there.
 */
export function adviseOrder<C extends { connection: { id: string; processor: string }; method: string }>(
  choices: C[],
  troubles: Trouble[],
  declined?: { connectionId: string; method: string; declineReason: DeclineReason | null },
): C[] {
  const isPoor = (choice: C) =>
    declined?.declineReason != null &&
    !MENDED_BY_PAYER.includes(declined.declineReason) &&
    choice.connection.id === declined.connectionId &&
    choice.method === declined.method;
  const place = (choice: C) => (troubleWith(troubles, choice) ? 2 : isPoor(choice) ? 1 : 0);
  return [...choices].sort((a, b) => place(a) - place(b));
}
