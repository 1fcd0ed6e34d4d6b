// Consent of a person at a processor (OAuth 2.0): a mail to whoever saved the connection, a link that leads on with a
// fresh state, and the return with a code. The link's token and the state are kept as hashes only; both serve once.

import { and, eq, gt, isNull } from "drizzle-orm";
import { authorizationRequests, connections, members, merchants, outbox, user } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { newToken, sha256Hex } from "../ids.ts";
import { log } from "../log.ts";
import { refreshAccounts } from "./accounts.ts";
import { type Connection, openStored } from "./credentials.ts";
import type { Principal } from "./permissions.ts";
import { resolveLapsed, storeAccess } from "./renew-access.ts";

const MINUTE = 60_000;
/** How long the mail's link works, and how long a person may take at the processor after opening it. */
export const LINK_MS = 24 * 60 * MINUTE;
const RETURN_MS = 60 * MINUTE;
/** Between two mails for one connection. */
export const RESEND_MS = MINUTE;

export type Request = typeof authorizationRequests.$inferSelect;

/** The one address that processors send people back to; registered there as it stands here, to the letter. */
export function redirectUriOf(context: Context): string {
  return `${context.env.WEB_ORIGIN}/oauth/callback`;
}

/**
 * Who is to consent for a principal: the member who asks; for an API key, which is nobody, the merchant's first owner.
 * Null when there is no such person.
 */
export async function whoConsents(context: Context, principal: Principal) {
  const memberId = /^member:(.+)$/.exec(principal.actor)?.[1];
  const rows = await context.db
    .select({ id: user.id, email: user.email })
    .from(members)
    .innerJoin(user, eq(user.id, members.userId))
    .where(
      and(
        eq(members.merchantId, principal.merchantId),
        isNull(members.archivedAt),
        memberId ? eq(members.id, memberId) : eq(members.role, "owner"),
      ),
    )
    .orderBy(members.id)
    .limit(1);
  return rows[0] ?? null;
}

/** Orders the mail with the link. Earlier links of the connection stay good until one of them has served. */
export async function requestConsent(
  context: Context,
  connection: Connection,
  person: { id: string; email: string },
): Promise<Request> {
  const { db, now, newId } = context;
  const id = newId("authorizationRequest");
  const [rows] = await db.batch([
    db
      .insert(authorizationRequests)
      .values({
        id,
        merchantId: connection.merchantId,
        connectionId: connection.id,
        userId: person.id,
        sentTo: person.email,
        // The link's token is made when the mail is: until then nothing opens it.
        mailHash: await sha256Hex(newToken()),
        createdAt: now,
        expiresAt: new Date(now.getTime() + LINK_MS),
      })
      .returning(),
    db.insert(outbox).values({
      id: newId("outbox"),
      merchantId: connection.merchantId,
      topic: "consent_mail",
      effectKey: id,
      payload: { requestId: id },
      nextAttemptAt: now,
      createdAt: now,
    }),
  ]);
  await context.wake({ kind: "due" });
  const [row] = rows;
  if (!row) throw new Error("no request was made");
  return row;
}

/** The newest request of a connection that can still serve; null when there is none. */
export async function openRequest(context: Context, connection: Connection): Promise<Request | null> {
  const rows = await context.db.query.authorizationRequests.findFirst({
    where: (t, { and: all, eq: is }) => all(is(t.merchantId, connection.merchantId), is(t.connectionId, connection.id)),
    orderBy: (t, { desc }) => desc(t.id),
  });
  return rows && !rows.usedAt && rows.expiresAt > context.now ? rows : null;
}

/** What a link of a mail leads to, and why it does not. */
export type Link =
  | { state: "open"; request: Request; connection: Connection; merchantName: string; timeZone: string }
  | { state: "used" | "expired" | "unknown" };

/** Reads a link without using it: programs that look into mails open links too. */
export async function readLink(context: Context, token: string): Promise<Link> {
  const rows = await context.db
    .select({
      request: authorizationRequests,
      connection: connections,
      merchantName: merchants.name,
      timeZone: merchants.timeZone,
    })
    .from(authorizationRequests)
    .innerJoin(
      connections,
      and(
        eq(connections.merchantId, authorizationRequests.merchantId),
        eq(connections.id, authorizationRequests.connectionId),
      ),
    )
    .innerJoin(merchants, eq(merchants.id, authorizationRequests.merchantId))
    .where(eq(authorizationRequests.mailHash, await sha256Hex(token)));
  const found = rows[0];
  if (!found || found.connection.archivedAt) return { state: "unknown" };
  if (found.request.usedAt) return { state: "used" };
  if (found.request.expiresAt <= context.now) return { state: "expired" };
  return { state: "open", ...found };
}

/** Opens a link: a consent is prepared at the processor, and the person is led there with a fresh state. */
export async function followLink(
  context: Context,
  token: string,
): Promise<{ ok: true; url: string } | { ok: false; why: Exclude<Link["state"], "open"> | "processor_fault" }> {
  const link = await readLink(context, token);
  if (link.state !== "open") return { ok: false, why: link.state };
  const { request, connection } = link;
  const open = await openStored(context, connection);
  if (!open.processor.authorization) return { ok: false, why: "unknown" };
  const state = newToken() + newToken();
  const begun = await open.processor.authorization.begin(
    { state, redirectUri: redirectUriOf(context) },
    open.callWith(context.newId("request")),
  );
  if (!begun.ok) {
    log("warn", "consent not begun", { connectionId: connection.id, kind: begun.error.kind });
    return { ok: false, why: "processor_fault" };
  }
  await context.db
    .update(authorizationRequests)
    .set({ stateHash: await sha256Hex(state), openedAt: context.now })
    .where(and(eq(authorizationRequests.id, request.id), isNull(authorizationRequests.usedAt)));
  return { ok: true, url: begun.value.url };
}

export type Returned = {
  outcome: "granted" | "incomplete" | "refused" | "failed" | "unknown_state" | "other_merchant";
  /** Absent when nobody may be told whose it is. */
  connection?: Connection;
};

/**
 * A browser came back from the processor. The state must be one that we gave out, not served yet and not too old; where
 * the browser is signed in, it must be for the connection's merchant.
 * @param members merchants that the browser's session belongs to; null without a session
 */
export async function finishConsent(
  context: Context,
  input: { state: string; code?: string; members: string[] | null },
): Promise<Returned> {
  const { db, now } = context;
  const found = await db
    .select()
    .from(authorizationRequests)
    .where(eq(authorizationRequests.stateHash, await sha256Hex(input.state)));
  const request = found[0];
  if (!request) return { outcome: "unknown_state" };
  if (input.members && !input.members.includes(request.merchantId)) return { outcome: "other_merchant" };
  // Taken by this statement alone: a second return with the same state finds nothing.
  const [taken] = await db
    .update(authorizationRequests)
    .set({ usedAt: now })
    .where(
      and(
        eq(authorizationRequests.id, request.id),
        eq(authorizationRequests.stateHash, request.stateHash ?? ""),
        isNull(authorizationRequests.usedAt),
        gt(authorizationRequests.openedAt, new Date(now.getTime() - RETURN_MS)),
      ),
    )
    .returning();
  if (!taken) return { outcome: "unknown_state" };
  const rows = await db
    .select()
    .from(connections)
    .where(
      and(
        eq(connections.merchantId, request.merchantId),
        eq(connections.id, request.connectionId),
        isNull(connections.archivedAt),
      ),
    );
  const connection = rows[0];
  if (!connection) return { outcome: "unknown_state" };
  if (!input.code) return { outcome: "refused", connection };
  const open = await openStored(context, connection);
  const finished = await open.processor.authorization?.finish(
    { code: input.code, redirectUri: redirectUriOf(context) },
    open.callWith(context.newId("request")),
  );
  if (!finished?.ok) {
    log("warn", "consent not finished", { connectionId: connection.id, kind: finished?.error.kind ?? "unsupported" });
    return { outcome: "failed", connection };
  }
  const granted = await storeAccess(context, connection, finished.value);
  if (!granted) return { outcome: "unknown_state" };
  // Other links of the same connection have nothing left to ask for.
  await db
    .update(authorizationRequests)
    .set({ usedAt: now })
    .where(
      and(
        eq(authorizationRequests.merchantId, granted.merchantId),
        eq(authorizationRequests.connectionId, granted.id),
        isNull(authorizationRequests.usedAt),
      ),
    );
  await resolveLapsed(context, granted);
  // What there is to choose from is shown at once; a processor that does not answer now is asked by a button later.
  const refreshed = await refreshAccounts(context, granted);
  return {
    outcome: finished.value.missing.length > 0 ? "incomplete" : "granted",
    connection: refreshed.ok ? refreshed.value : granted,
  };
}

/** An address as it is shown to people who know it: first and last letter of its name, and the domain. */
export function maskEmail(email: string): string {
  const [name = "", domain = ""] = email.split("@");
  return `${name.slice(0, 1)}•••${name.length > 2 ? name.slice(-1) : ""}@${domain}`;
}
