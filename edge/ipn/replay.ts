// Reading a stored notification once more, as of the time it came: after a repaired key, a late attempt, a fixed mapping.

import { and, eq } from "drizzle-orm";
import { ipns } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { findConnection, openConnection, platformKeysOf } from "../merchants/connections.ts";
import { processIpn } from "./process.ts";
import { readingOf } from "./receive.ts";

export type Replayed = "processed" | "parked" | "nothing" | "rejected" | "not_found";

/** Raw headers and body of a stored notification, or null when they were purged or never kept. */
export async function openRaw(
  context: Context,
  ipn: typeof ipns.$inferSelect,
): Promise<{ headers: [string, string][]; body: Uint8Array } | null> {
  if (!ipn.sealed || !ipn.dataKeyId || !ipn.merchantId) return null;
  const text = await context.vault.open(
    ipn.merchantId,
    { sealed: ipn.sealed, dataKeyId: ipn.dataKeyId },
    `ipns|${ipn.id}`,
  );
  const raw = JSON.parse(text) as { headers: [string, string][]; body: string };
  return { headers: raw.headers, body: Uint8Array.from(atob(raw.body), (c) => c.charCodeAt(0)) };
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
  const open = await openConnection(context, connection);
  const notification = await open.processor.readNotification(
    // The secret of the address is not kept, so a replay cannot prove it again; what was proved at receipt is.
    {
      method: "POST",
      url: `${context.env.EDGE_ORIGIN}/ipn/${connection.id}`,
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
  if (notification.trust === "rejected") {
    await context.db
      .update(ipns)
      .set({ reason: notification.reason ?? ipn.reason })
      .where(eq(ipns.id, ipnId));
    return "rejected";
  }
  const earlier = ipn.reading as { proofHash?: string } | null;
  try {
    await context.db
      .update(ipns)
      .set({
        verdict: notification.trust,
        state: "stored",
        reason: notification.reason ?? null,
        dedupeKey: notification.dedupeKey,
        tries: 0,
        reading: readingOf(notification, earlier?.proofHash) as unknown as Record<string, unknown>,
      })
      .where(eq(ipns.id, ipnId));
  } catch {
    return "nothing"; // a genuine copy of it was stored meanwhile
  }
  return processIpn(context, ipnId);
}
