// The merchant's own statuses and which of them each outcome leads to: one directory and one mapping for all connections.

import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import { sqlState } from "../../db/client.ts";
import { merchants, outcomeStatuses, ownStatuses } from "../../db/schema/index.ts";
import type { StatusTone } from "../../db/schema/own-statuses.ts";
import type { Context } from "../context.ts";
import { fail, ok, type Result } from "../result.ts";
import { audit } from "./audit.ts";
import type { Principal } from "./permissions.ts";

/** The one list stands in edge/payments/states.ts; the table knows it. */
const OUTCOMES = outcomeStatuses.outcome.enumValues;
type Outcome = (typeof OUTCOMES)[number];

export type OwnStatus = typeof ownStatuses.$inferSelect;
export type StatusRefusal = "not_found" | "name_taken" | "status_in_use";

/** What two names that people take for the same have in common. */
export const nameKeyOf = (name: string) => name.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase();

/** All of a merchant's statuses, archived ones too, oldest first. */
export function listStatuses({ db }: Context, merchantId: string): Promise<OwnStatus[]> {
  return db.select().from(ownStatuses).where(eq(ownStatuses.merchantId, merchantId)).orderBy(asc(ownStatuses.id));
}

/** Makes a status. `name_taken` when one that is not archived is called the same. */
export async function createStatus(
  context: Context,
  principal: Principal,
  id: string,
  input: { name: string; tone: StatusTone },
): Promise<Result<OwnStatus, StatusRefusal>> {
  return orTaken(async () => {
    const [rows] = await context.db.batch([
      context.db
        .insert(ownStatuses)
        .values({ ...rowOf(context, principal.merchantId, input), id })
        .returning(),
      audit(context, principal, "own_status.created", id, { after: input }),
    ]);
    return rows[0];
  });
}

const rowOf = (context: Context, merchantId: string, { name, tone }: { name: string; tone: StatusTone }) => ({
  merchantId,
  name,
  nameKey: nameKeyOf(name),
  tone,
  createdAt: context.now,
});

/** Renames, recolours, archives or brings back a status. One that an outcome leads to cannot be archived. */
export async function changeStatus(
  context: Context,
  principal: Principal,
  id: string,
  change: { name?: string; tone?: StatusTone; isArchived?: boolean },
): Promise<Result<OwnStatus, StatusRefusal>> {
  const { db, now } = context;
  const mine = and(eq(ownStatuses.merchantId, principal.merchantId), eq(ownStatuses.id, id));
  const [before] = await db.select().from(ownStatuses).where(mine);
  if (!before) return fail("not_found");
  const patch = {
    ...(change.name === undefined ? {} : { name: change.name, nameKey: nameKeyOf(change.name) }),
    ...(change.tone === undefined ? {} : { tone: change.tone }),
    ...(change.isArchived === undefined ? {} : { archivedAt: change.isArchived ? (before.archivedAt ?? now) : null }),
  };
  if (Object.keys(patch).length === 0) return ok(before);
  // An archived one is in no outcome, and none can be chosen while it is archived: decided by one statement.
  const isFree = change.isArchived
    ? sql`not exists (select 1 from ${outcomeStatuses} o where o.merchant_id = ${principal.merchantId} and o.own_status_id = ${id})`
    : sql`true`;
  const changed = await orTaken(
    async () => (await db.update(ownStatuses).set(patch).where(and(mine, isFree)).returning())[0],
  );
  if (!changed.ok) return changed.error === "not_found" ? fail("status_in_use") : changed;
  const shown = ({ name, tone, archivedAt }: OwnStatus) => ({ name, tone, archivedAt });
  await audit(context, principal, "own_status.updated", id, { before: shown(before), after: shown(changed.value) });
  return changed;
}

async function orTaken(work: () => Promise<OwnStatus | undefined>): Promise<Result<OwnStatus, StatusRefusal>> {
  try {
    const row = await work();
    return row ? ok(row) : fail("not_found");
  } catch (error) {
    if (sqlState(error) === "23505") return fail("name_taken");
    throw error;
  }
}

export type Mapping = { isAsked: boolean; statuses: Map<Outcome, OwnStatus> };

/** Which status each outcome leads to, and whether that was ever settled or put off. */
export async function readMapping({ db }: Context, merchantId: string): Promise<Mapping> {
  const [[merchant], rows] = await db.batch([
    db.select({ askedAt: merchants.outcomesAskedAt }).from(merchants).where(eq(merchants.id, merchantId)),
    db
      .select({ outcome: outcomeStatuses.outcome, status: ownStatuses })
      .from(outcomeStatuses)
      .innerJoin(
        ownStatuses,
        and(eq(ownStatuses.merchantId, outcomeStatuses.merchantId), eq(ownStatuses.id, outcomeStatuses.ownStatusId)),
      )
      .where(eq(outcomeStatuses.merchantId, merchantId)),
  ]);
  return {
    isAsked: merchant?.askedAt !== null,
    statuses: new Map(rows.map(({ outcome, status }) => [outcome, status])),
  };
}

/** What an outcome is to lead to: a status there is, one to be made (or found) by its name, or none. */
export type Choice = { outcome: Outcome; ownStatusId?: string | null; make?: { name: string; tone: StatusTone } };
export type ChoiceFault = { outcome: Outcome; code: "unknown_status" | "status_archived" | "chosen_twice" };

/**
 * Saves the mapping whole, with the statuses that have to be made for it, or not at all. Outcomes that are not named stay
 * as they are.
 */
export async function saveMapping(
  context: Context,
  principal: Principal,
  choices: Choice[],
): Promise<Result<Mapping, ChoiceFault[]>> {
  const { db, now, newId } = context;
  const { merchantId } = principal;
  const [known, before] = await Promise.all([listStatuses(context, merchantId), readMapping(context, merchantId)]);
  const faults: ChoiceFault[] = [];
  const made = new Map<string, typeof ownStatuses.$inferInsert>();
  const target = new Map<Outcome, string | null>();
  for (const { outcome, ownStatusId, make } of choices) {
    if (target.has(outcome)) faults.push({ outcome, code: "chosen_twice" });
    target.set(outcome, ownStatusId ?? null);
    if (make) {
      const key = nameKeyOf(make.name);
      const same = known.find((status) => status.nameKey === key && !status.archivedAt);
      const row = made.get(key) ?? { ...rowOf(context, merchantId, make), id: newId("ownStatus") };
      if (!same) made.set(key, row);
      target.set(outcome, same?.id ?? row.id);
    } else if (ownStatusId) {
      const status = known.find(({ id }) => id === ownStatusId);
      if (!status) faults.push({ outcome, code: "unknown_status" });
      else if (status.archivedAt) faults.push({ outcome, code: "status_archived" });
    }
  }
  if (faults.length > 0) return fail(faults);
  const rows = [...target].flatMap(([outcome, ownStatusId]) =>
    ownStatusId === null ? [] : [{ id: newId("outcomeStatus"), merchantId, outcome, ownStatusId, updatedAt: now }],
  );
  const emptied = [...target].flatMap(([outcome, ownStatusId]) => (ownStatusId === null ? [outcome] : []));
  // One transaction: a mapping that is half an old and half a new one would be nobody's decision.
  await db.batch([
    db
      .update(merchants)
      .set({ outcomesAskedAt: now })
      .where(and(eq(merchants.id, merchantId), isNull(merchants.outcomesAskedAt))),
    ...(made.size > 0 ? [db.insert(ownStatuses).values([...made.values()])] : []),
    ...(emptied.length > 0
      ? [
          db
            .delete(outcomeStatuses)
            .where(and(eq(outcomeStatuses.merchantId, merchantId), inArray(outcomeStatuses.outcome, emptied))),
        ]
      : []),
    ...(rows.length > 0
      ? [
          db
            .insert(outcomeStatuses)
            .values(rows)
            .onConflictDoUpdate({
              target: [outcomeStatuses.merchantId, outcomeStatuses.outcome],
              set: { ownStatusId: sql`excluded.own_status_id`, updatedAt: now },
            }),
        ]
      : []),
    audit(context, principal, "outcome_statuses.updated", merchantId, {
      before: shownMapping(before),
      after: { ...shownMapping(before), ...Object.fromEntries(target) },
    }),
  ]);
  return ok(await readMapping(context, merchantId));
}

const shownMapping = ({ statuses }: Mapping) =>
  Object.fromEntries(OUTCOMES.map((outcome) => [outcome, statuses.get(outcome)?.id ?? null]));
