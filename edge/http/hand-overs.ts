// Handing an invoice over to another device or person: a short-lived link to the same session, without its payer's data.

import { and, desc, eq, lt } from "drizzle-orm";
import { handOvers } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { newToken, sha256Hex } from "../ids.ts";

/** How long a hand-over opens the invoice. */
export const HAND_OVER_MINUTES = 15;
/** How long who began to pay through it can come back to it. */
const RETURN_MINUTES = 120;

const MINUTE_MS = 60_000;
type HandOver = typeof handOvers.$inferSelect;

/** @returns the token, shown this once and kept as its hash only, and until when it opens the invoice */
export async function makeHandOver(
  context: Context,
  invoice: { merchantId: string; id: string },
): Promise<{ token: string; expiresAt: Date }> {
  const token = newToken();
  const expiresAt = new Date(context.now.getTime() + HAND_OVER_MINUTES * MINUTE_MS);
  await context.db.insert(handOvers).values({
    id: context.newId("handOver"),
    merchantId: invoice.merchantId,
    invoiceId: invoice.id,
    tokenHash: await sha256Hex(token),
    createdAt: context.now,
    expiresAt,
  });
  return { token, expiresAt };
}

/** The hand-over of a token, expired ones too; undefined for what is none. */
export async function findHandOver(context: Context, token: string): Promise<HandOver | undefined> {
  const rows = await context.db
    .select()
    .from(handOvers)
    .where(eq(handOvers.tokenHash, await sha256Hex(token)));
  return rows[0];
}

/** A payment is begun through it: whoever comes back from the processor finds the result there. */
export async function keepForReturn(context: Context, { merchantId, id }: HandOver): Promise<void> {
  const until = new Date(context.now.getTime() + RETURN_MINUTES * MINUTE_MS);
  await context.db
    .update(handOvers)
    .set({ expiresAt: until })
    .where(and(eq(handOvers.merchantId, merchantId), eq(handOvers.id, id), lt(handOvers.expiresAt, until)));
}

/** An attempt was opened through it, begun there or somewhere else. */
export async function noteOpened({ db }: Context, { merchantId, id }: HandOver, attemptId: string): Promise<void> {
  await db
    .update(handOvers)
    .set({ attemptId })
    .where(and(eq(handOvers.merchantId, merchantId), eq(handOvers.id, id)));
}

/** An attempt was opened again by the invoice's own link: who comes back stays there. */
export async function noteOpenedByOwn({ db }: Context, merchantId: string, attemptId: string): Promise<void> {
  await db
    .update(handOvers)
    .set({ attemptId: null })
    .where(and(eq(handOvers.merchantId, merchantId), eq(handOvers.attemptId, attemptId)));
}

/**
 * Where the browser belongs that came back to the invoice's own link from an attempt that was last opened through a
 * hand-over: the processor knows only the address it was given when the attempt began. The hand-over's own token is
 * known to nobody here, so another one of the same invoice is made.
 */
export async function returnLink(
  context: Context,
  invoice: { merchantId: string; id: string },
  attemptId: string,
): Promise<string | null> {
  const [last] = await context.db
    .select()
    .from(handOvers)
    .where(and(eq(handOvers.merchantId, invoice.merchantId), eq(handOvers.attemptId, attemptId)))
    .orderBy(desc(handOvers.id))
    .limit(1);
  if (!last) return null;
  const made = await makeHandOver(context, invoice);
  return `${context.env.WEB_ORIGIN}/i/${made.token}`;
}
