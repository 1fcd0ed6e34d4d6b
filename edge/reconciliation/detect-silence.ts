// The silence detector: money that was found by asking, of which no notification told, means that a connection's
// notifications do not arrive. One open alarm per connection, naming what to repair; it closes when one arrives again.

import { and, eq, isNull, sql } from "drizzle-orm";
import { attentionItems } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";

const MINUTE = 60_000;
/** A notification may come this much later than the answer to a question and is still in time. */
const GRACE_MS = 10 * MINUTE;
/** How far back is looked. */
const WINDOW_MS = 24 * 60 * MINUTE;

type Silent = {
  merchant_id: string;
  connection_id: string;
  name: string;
  account_reference: string | null;
  found: string;
  since: string;
};

/** Raises and closes alarms about silent connections; says how many are open. Called by cron. */
export async function detectSilence(context: Context): Promise<number> {
  const { db, now, newId, env } = context;
  const until = new Date(now.getTime() - GRACE_MS).toISOString();
  const from = new Date(now.getTime() - WINDOW_MS).toISOString();
  const { rows } = await db.execute<Silent>(sql`
    select a.merchant_id, a.connection_id, c.name, c.account_reference, count(distinct a.id) as found, min(o.recorded_at) as since
    from observations o
    join attempts a on a.merchant_id = o.merchant_id and a.id = o.attempt_id
    join connections c on c.merchant_id = a.merchant_id and c.id = a.connection_id
    where o.source = 'query' and o.changed_state and o.kind in ('captured', 'authorized', 'declined')
      and o.recorded_at between ${from}::timestamptz and ${until}::timestamptz
      and c.archived_at is null
      and (c.last_notification_at is null or c.last_notification_at < o.recorded_at)
      and not exists (
        select 1 from observations told
        where told.merchant_id = o.merchant_id and told.attempt_id = o.attempt_id and told.source = 'notification'
      )
    group by a.merchant_id, a.connection_id, c.name, c.account_reference`);
  const open = await db
    .select({ id: attentionItems.id, merchantId: attentionItems.merchantId, connectionId: attentionItems.connectionId })
    .from(attentionItems)
    .where(and(eq(attentionItems.kind, "notifications_silent"), isNull(attentionItems.resolvedAt)));
  for (const silent of rows) {
    const detail = {
      connection: silent.name,
      account: silent.account_reference,
      found: Number(silent.found),
      since: new Date(silent.since).toISOString(),
      expectedAddress: `${env.EDGE_ORIGIN}/ipn/${silent.connection_id}`,
    };
    const known = open.find(
      (item) => item.merchantId === silent.merchant_id && item.connectionId === silent.connection_id,
    );
    if (known) {
      await db
        .update(attentionItems)
        .set({ detail })
        .where(and(eq(attentionItems.merchantId, known.merchantId), eq(attentionItems.id, known.id)));
    } else {
      await db.insert(attentionItems).values({
        id: newId("attention"),
        merchantId: silent.merchant_id,
        kind: "notifications_silent",
        connectionId: silent.connection_id,
        detail,
        dueAt: new Date(now.getTime() + 60 * MINUTE),
        createdAt: now,
      });
    }
  }
  for (const item of open) {
    const isStill = rows.some(
      (silent) => silent.merchant_id === item.merchantId && silent.connection_id === item.connectionId,
    );
    if (isStill) continue;
    await db
      .update(attentionItems)
      .set({ resolvedAt: now, resolvedBy: "system" })
      .where(and(eq(attentionItems.merchantId, item.merchantId), eq(attentionItems.id, item.id)));
  }
  return rows.length;
}
