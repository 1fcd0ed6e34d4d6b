// Keeps an access that a person has given alive (OAuth's refresh): before it runs out, at least weekly, and on demand.
// Renewing changes the pair of tokens and kills the old one, so two at once would burn the connection: who renews holds
// a lease on the row, taken and given back by conditional updates. (A row lock cannot be held over a call to the outside:
// the database is reached by single statements.)

import { and, eq, inArray, isNotNull, isNull, lte, or } from "drizzle-orm";
import { attentionItems, connections, outbox } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { log } from "../log.ts";
import type { Authorized, Fault } from "../processors/contract.ts";
import { type Connection, openStored, sealCredentials } from "./credentials.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** How long before its end an access is renewed by the clock, and how long a renewal may last. */
const AHEAD_MS = 10 * MINUTE;
const LEASE_MS = MINUTE;
const WEEK_MS = 7 * DAY;
const LARGEST_BATCH = 50;
/** Somebody else's renewal is waited for this often, with this pause in real time. */
const WAITS = 40;
const WAIT_MS = 250;

const own = (connection: Connection) =>
  and(eq(connections.merchantId, connection.merchantId), eq(connections.id, connection.id));

/** Whether a call now would come with an access that has ended or does so while it runs. */
export function runsOut(context: Context, connection: Connection): boolean {
  const { authorizationState, accessExpiresAt } = connection;
  return (
    authorizationState === "granted" &&
    accessExpiresAt !== null &&
    accessExpiresAt.getTime() <= context.now.getTime() + 30 * SECOND
  );
}

/** Renews what ends within ten minutes or was not renewed for a week; says how many were tried. Called by cron. */
export async function renewDueAccess(context: Context): Promise<number> {
  const { db, now } = context;
  const due = await db
    .select()
    .from(connections)
    .where(
      and(
        eq(connections.authorizationState, "granted"),
        isNull(connections.archivedAt),
        isNotNull(connections.accessExpiresAt),
        or(
          lte(connections.accessExpiresAt, new Date(now.getTime() + AHEAD_MS)),
          lte(connections.renewedAt, new Date(now.getTime() - WEEK_MS)),
        ),
      ),
    )
    .orderBy(connections.accessExpiresAt)
    .limit(LARGEST_BATCH);
  for (const connection of due) {
    await renewAccess(context, connection).catch((error) =>
      log("error", "renewal failed", { connectionId: connection.id, error }),
    );
  }
  return due.length;
}

/**
 * Renews the access of a connection, or waits for whoever is doing so.
 * @param connection as it was read; when its access was renewed since, nothing is done
 * @returns the row as it stands afterwards: with a new access, lapsed, or unchanged where the processor gave no answer
 */
export async function renewAccess(context: Context, connection: Connection): Promise<Connection> {
  const { db, now, newId } = context;
  const [held] = await db
    .update(connections)
    .set({ renewLeaseUntil: new Date(now.getTime() + LEASE_MS) })
    .where(
      and(
        own(connection),
        eq(connections.authorizationState, "granted"),
        eq(connections.credentials, connection.credentials),
        or(isNull(connections.renewLeaseUntil), lte(connections.renewLeaseUntil, now)),
      ),
    )
    .returning();
  if (!held) return waitForOther(context, connection);
  const open = await openStored(context, held);
  const renew = open.processor.authorization?.renew;
  const answer = renew
    ? await renew(open.callWith(newId("request")))
    : ({ ok: false, error: { kind: "unsupported", detail: "no renewal" } } as const);
  if (answer.ok) return (await storeAccess(context, held, answer.value)) ?? held;
  return endRenewal(context, held, answer.error);
}

/** Writes an access into its row; null when the row is gone. */
export async function storeAccess(
  context: Context,
  connection: Connection,
  access: Authorized<unknown>,
): Promise<Connection | null> {
  const { db, now } = context;
  const sealed = await sealCredentials(context, connection.merchantId, connection.id, access.credentials);
  const write = () =>
    db
      .update(connections)
      .set({
        credentials: sealed.sealed,
        dataKeyId: sealed.dataKeyId,
        authorizationState: "granted",
        permissions: { granted: access.granted, missing: access.missing },
        accessExpiresAt: access.expiresAt,
        renewableUntil: access.renewableUntil,
        renewedAt: now,
        renewLeaseUntil: null,
        updatedAt: now,
      })
      .where(own(connection))
      .returning();
  // The old pair is dead by now: what is not written is lost for good.
  for (let turn = 1; ; turn++) {
    try {
      const [row] = await write();
      return row ?? null;
    } catch (error) {
      if (turn >= 5) throw error;
      await pause(turn * WAIT_MS);
    }
  }
}

/** A renewal that gave no access: refused means that a person must consent again, anything else is tried again. */
async function endRenewal(context: Context, held: Connection, fault: Fault): Promise<Connection> {
  const { db, now } = context;
  const isRefused = fault.kind === "bad_credentials" || fault.kind === "rejected" || fault.kind === "unsupported";
  const isOver = held.renewableUntil !== null && held.renewableUntil <= now;
  log("warn", "access not renewed", { connectionId: held.id, kind: fault.kind });
  if (!isRefused && !isOver) {
    const [row] = await db.update(connections).set({ renewLeaseUntil: null }).where(own(held)).returning();
    return row ?? held;
  }
  return lapse(context, held, fault.kind);
}

/** Marks the access as ended and tells the merchant's people: on the screens, as an item to resolve, by mail. */
async function lapse(context: Context, held: Connection, why: string): Promise<Connection> {
  const { db, now, newId } = context;
  const detail = { connection: held.name, processor: held.processor, why };
  const [rows] = await db.batch([
    db
      .update(connections)
      .set({ authorizationState: "lapsed", renewLeaseUntil: null, updatedAt: now })
      .where(own(held))
      .returning(),
    db.insert(attentionItems).values({
      id: newId("attention"),
      merchantId: held.merchantId,
      kind: "access_lapsed",
      connectionId: held.id,
      detail,
      dueAt: new Date(now.getTime() + 60 * MINUTE),
      createdAt: now,
    }),
    db
      .insert(outbox)
      .values({
        id: newId("outbox"),
        merchantId: held.merchantId,
        topic: "access_lapsed_mail",
        effectKey: `${held.id}:${held.renewedAt?.getTime() ?? 0}`,
        payload: { connectionId: held.id },
        nextAttemptAt: now,
        createdAt: now,
      })
      .onConflictDoNothing(),
  ]);
  await context.wake({ kind: "due" });
  return rows[0] ?? held;
}

/** Items about an ended access are resolved when a person has consented again. */
export function resolveLapsed(context: Context, connection: Connection) {
  return context.db
    .update(attentionItems)
    .set({ resolvedAt: context.now, resolvedBy: "system" })
    .where(
      and(
        eq(attentionItems.merchantId, connection.merchantId),
        eq(attentionItems.connectionId, connection.id),
        inArray(attentionItems.kind, ["access_lapsed"]),
        isNull(attentionItems.resolvedAt),
      ),
    );
}

/** Another request renews it, or has done so: the row after that, or as it is when that takes too long. */
async function waitForOther(context: Context, connection: Connection): Promise<Connection> {
  let row = connection;
  for (let turn = 0; turn < WAITS; turn++) {
    const rows = await context.db.select().from(connections).where(own(connection));
    row = rows[0] ?? row;
    const isOver = row.renewLeaseUntil === null || row.renewLeaseUntil <= context.now;
    if (isOver || row.credentials !== connection.credentials || row.authorizationState !== "granted") return row;
    await pause(WAIT_MS);
  }
  return row;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
