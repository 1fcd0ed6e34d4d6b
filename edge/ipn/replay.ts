// Reading a stored notification once more, as of the time it came: after a repaired key, a late attempt, a fixed mapping.

import { and, eq } from "drizzle-orm";
import { sqlState } from "../../db/client.ts";
import { ipns } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { findConnection, openStored, platformKeysOf } from "../merchants/connections.ts";
import { processIpn } from "./process.ts";
import { HEAD_START_MS, readingOf, storable } from "./receive.ts";

export type Replayed = "processed" | "parked" | "nothing" | "rejected" | "not_found";

/** Address, headers and body of a stored notification, or null when they were purged or never kept. */
export async function openRaw(
  context: Context,
  ipn: typeof ipns.$inferSelect,
): Promise<{ path: string; headers: [string, string][]; body: Uint8Array } | null> {
  if (!ipn.sealed || !ipn.dataKeyId || !ipn.merchantId) return null;
  const text = await context.vault.open(
    ipn.merchantId,
    { sealed: ipn.sealed, dataKeyId: ipn.dataKeyId },
    `ipns|${ipn.id}`,
  );
  const raw = JSON.parse(text) as { path: string; headers: [string, string][]; body: string };
  return { path: raw.path, headers: raw.headers, body: Uint8Array.from(atob(raw.body), (c) => c.charCodeAt(0)) };
}

/** Verifies and processes a stored notification again. What was read before and is the same has no second effect. */
export async function replayIpn(context: Context, merchantId: string, ipnId: string): Promise<Replayed> {
  const rows = await context.db
    .select()
    .from(ipns)
    .where(and(eq(ipns.merchantId, merchantId), eq(ipns.id, ipnId)));
  const ipn = rows[0];
  if (!ipn?.connectionId) return "not_found";
  const connection = await findConnection(context, merchantId, ipn.connectionId);
  const raw = await openRaw(context, ipn);
  if (!connection || !raw) return "nothing";
  const open = await openStored(context, connection);
  const read = await open.processor.readNotification(
    {
      method: "POST",
      url: `${context.env.EDGE_ORIGIN}${raw.path}`,
      headers: new Headers(raw.headers),
      body: raw.body,
    },
    {
      credentials: open.credentials,
      environment: connection.environment,
      now: ipn.receivedAt,
      platformKeys: platformKeysOf(context, connection.processor),
    },
  );
  const notification = storable(read);
  if (notification.trust === "rejected") {
    await context.db
      .update(ipns)
      .set({ reason: notification.reason ?? ipn.reason })
      .where(eq(ipns.id, ipnId));
    return "rejected";
  }
  try {
    await context.db
      .update(ipns)
      .set({
        verdict: notification.trust,
        state: "stored",
        reason: notification.reason ?? null,
        dedupeKey: notification.dedupeKey,
        tries: 0,
        nextTryAt: new Date(context.now.getTime() + HEAD_START_MS),
        attemptId: notification.reference?.attempt ?? ipn.attemptId,
        reading: (await readingOf(notification)) as unknown as Record<string, unknown>,
      })
      .where(eq(ipns.id, ipnId));
  } catch (error) {
    if (sqlState(error) !== "23505") throw error;
    return "nothing"; // a genuine copy of it was stored meanwhile
  }
  return processIpn(context, ipnId);
}
