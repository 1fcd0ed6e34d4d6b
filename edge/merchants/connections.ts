// A point of sale's connections to processors: found, listed, and opened for a call with an access that is fresh.

import { and, desc, eq, isNull } from "drizzle-orm";
import { connections } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { processorOf } from "../processors/registry.ts";
import { type Connection, type OpenConnection, openStored } from "./credentials.ts";
import { renewAccess, runsOut } from "./renew-access.ts";

export { type Connection, callable, type OpenConnection, openStored, sealCredentials } from "./credentials.ts";

/** Finds a connection of a merchant; archived ones too, since late news of theirs still counts. */
export async function findConnection(context: Context, merchantId: string, id: string): Promise<Connection | null> {
  const rows = await context.db
    .select()
    .from(connections)
    .where(and(eq(connections.merchantId, merchantId), eq(connections.id, id)));
  return rows[0] ?? null;
}

/** Live connections of a point of sale, newest first. */
export async function listConnections(
  context: Context,
  merchantId: string,
  pointOfSaleId: string,
): Promise<Connection[]> {
  return context.db
    .select()
    .from(connections)
    .where(
      and(
        eq(connections.merchantId, merchantId),
        eq(connections.pointOfSaleId, pointOfSaleId),
        isNull(connections.archivedAt),
      ),
    )
    .orderBy(desc(connections.id));
}

/** Decrypts a connection's credentials and makes it callable; an access that has run out is renewed first. */
export async function openConnection(context: Context, connection: Connection): Promise<OpenConnection> {
  return openStored(context, runsOut(context, connection) ? await renewAccess(context, connection) : connection);
}

/** Whether payments may be opened through it at all: access given, account chosen and still there. */
export function isReady(connection: Connection): boolean {
  const { authorizationState, accounts, accountId } = connection;
  if (authorizationState === "wanted" || authorizationState === "lapsed") return false;
  if (!processorOf(connection.processor)?.listAccounts) return true;
  return accounts?.accounts.some((account) => account.id === accountId) ?? false;
}

/** Keys that a processor signs with for all of its merchants, from the environment; empty means the adapter's own. */
export function platformKeysOf(context: Context, processor: string): string[] {
  return context.env.PLATFORM_KEYS?.[processor] ?? [];
}
