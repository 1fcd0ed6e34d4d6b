// Connections as notifications find them: read once, then remembered for a moment, so that a burst of notifications does
// not ask the database for the same row each time. What is remembered is sealed as it is stored.

import { and, eq } from "drizzle-orm";
import { connections, dataKeys } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import type { Connection } from "../merchants/connections.ts";

type Known = { connection: Connection; dataKey: typeof dataKeys.$inferSelect };

/** By the machine's own clock: how old a memory may be says nothing about money. */
const FRESH_MS = 5_000;
const MOST = 500;
const remembered = new Map<string, { known: Known; at: number }>();

/**
 * The connection of a notification address, or null; its data key is told to the vault.
 * @returns `isRemembered` when it may be some seconds old: whoever turns a message away must look again with `readAnew`
 */
export async function findKnownConnection(
  context: Context,
  id: string,
  { readAnew = false } = {},
): Promise<{ connection: Connection; isRemembered: boolean } | null> {
  // Asked for only in the form that our ids have: an address may hold what no column can.
  if (!/^con_[0-9A-Z]{26}$/.test(id)) return null;
  const memory = remembered.get(id);
  if (memory && !readAnew && Math.abs(Date.now() - memory.at) < FRESH_MS) {
    context.vault.learn(memory.known.dataKey);
    return { connection: memory.known.connection, isRemembered: true };
  }
  const [known] = await context.db
    .select({ connection: connections, dataKey: dataKeys })
    .from(connections)
    .innerJoin(dataKeys, and(eq(dataKeys.merchantId, connections.merchantId), eq(dataKeys.id, connections.dataKeyId)))
    .where(eq(connections.id, id));
  remembered.delete(id);
  if (!known) return null;
  if (remembered.size >= MOST) remembered.delete(remembered.keys().next().value as string);
  remembered.set(id, { known, at: Date.now() });
  context.vault.learn(known.dataKey);
  return { connection: known.connection, isRemembered: false };
}
