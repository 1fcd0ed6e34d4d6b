// Taking a notification: cap the size, let the adapter verify, store, answer. Nothing else happens before the answer.

import { sql } from "drizzle-orm";
import { jsonText, storableText, toJsonRow } from "../../db/json-rows.ts";
import { ipns } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { sha256Hex, toBase64 } from "../ids.ts";
import { type Connection, openStored, platformKeysOf } from "../merchants/connections.ts";
import { type StoredStory, type Story, storyFrom } from "../payments/story.ts";
import type { Notification, Observation, Reply } from "../processors/contract.ts";
import { findKnownConnection } from "./known-connections.ts";

export const MAX_IPN_BYTES = 64 * 1024;
const HEAD_BYTES = 1024;
/** Who received it processes it at once; only what is still there after this long is swept by others. */
export const HEAD_START_MS = 10_000;
const KEEP_MS = 90 * 24 * 3600 * 1000;

/** An address of ours: /ipn/<connection>, or /ipn/<connection>/<attempt>/<secret>. */
export type IpnAddress = { connectionId: string; attemptId?: string; secret?: string };

/** What the adapter read, in the form that the inbox keeps it. */
export type Reading = {
  reference?: Notification["reference"];
  /** SHA-256 of the proof, hex: the secret itself is kept nowhere. */
  proofHash?: string;
  claims?: { pointOfSale?: string; asked?: JsonMoney; settled?: JsonMoney };
  observations: JsonObservation[];
  lookNow: boolean;
};
export type JsonMoney = { minor: string; currency: string };
export type JsonObservation = Omit<Observation, "money" | "occurredAt"> & { money?: JsonMoney; occurredAt?: string };

type Ipn = typeof ipns.$inferSelect;

export type Received = {
  reply: Reply;
  /** What was stored now, with its story if that was asked for. */
  stored?: { ipn: Ipn; story?: Story | null };
  /** The one that we have already, of which this is a copy. */
  copyOf?: string | null;
};

const plain = (status: number, body: string): Reply => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body,
});

/** Reads a body up to a limit; `whole` is false when there was more, which is not read. */
export async function readCapped(request: Request, limit: number): Promise<{ bytes: Uint8Array; whole: boolean }> {
  // HTTP itself lets no more come than was announced, and reading at once is much quicker than chunk by chunk.
  const announced = request.headers.get("content-length");
  if (announced !== null && /^\d{1,9}$/.test(announced) && Number(announced) <= limit) {
    const bytes = new Uint8Array(await request.arrayBuffer());
    return { bytes: bytes.subarray(0, limit), whole: bytes.length <= limit };
  }
  const reader = request.body?.getReader();
  if (!reader) return { bytes: new Uint8Array(), whole: true };
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    chunks.push(value);
    if (size > limit) {
      await reader.cancel().catch(() => {});
      break;
    }
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return size > limit ? { bytes: all.subarray(0, limit), whole: false } : { bytes: all, whole: true };
}

/**
 * Stores a notification and says what to answer. It is durable before this returns.
 * @param withStory whether the story it speaks of is read in the same round trip
 */
export async function receiveIpn(
  context: Context,
  address: IpnAddress,
  request: Request,
  sender: string,
  withStory: boolean,
): Promise<Received> {
  const { bytes, whole } = await readCapped(request, MAX_IPN_BYTES);
  const path = storable(
    address.attemptId ? `/ipn/${address.connectionId}/${address.attemptId}/…` : `/ipn/${address.connectionId}`,
  ).slice(0, 200);
  const found = await findKnownConnection(context, address.connectionId);
  let connection = found?.connection;
  const base = {
    id: context.newId("ipn"),
    path,
    sizeBytes: bytes.length,
    sha256: await sha256Hex(bytes),
    receivedAt: context.now,
    purgeAt: new Date(context.now.getTime() + KEEP_MS),
  };
  const head = () => toBase64(bytes.subarray(0, HEAD_BYTES));
  if (!connection || !whole) {
    const reason = connection ? "too_large" : "unknown_address";
    const reply = connection ? await tooLargeReply(context, connection, request) : plain(404, "not found");
    // Strangers may not fill the inbox either.
    const { success } = await context.env.IPN_LIMIT.limit({ key: `${connection?.id ?? "unknown"}|${sender}` });
    if (!success) return { reply: plain(429, "later") };
    await context.db.insert(ipns).values({
      ...base,
      merchantId: connection?.merchantId ?? null,
      connectionId: connection?.id ?? null,
      processor: connection?.processor ?? null,
      attemptId: null,
      verdict: "rejected",
      reason,
      dedupeKey: base.sha256,
      state: "refused",
      head: head(),
      answerStatus: reply.status,
      answerBody: reply.body,
    });
    return { reply };
  }

  let notification = await readBy(context, connection, request, bytes);
  if (notification.trust === "rejected") {
    // Forgeries may not fill the inbox: beyond the limit they are told "later" and leave no row.
    const { success } = await context.env.IPN_LIMIT.limit({ key: `${connection.id}|${sender}` });
    if (!success) return { reply: notification.replies.retry };
    // A key that was changed a moment ago may be why.
    const newest = found?.isRemembered
      ? await findKnownConnection(context, address.connectionId, { readAnew: true })
      : null;
    if (newest) {
      connection = newest.connection;
      notification = await readBy(context, connection, request, bytes);
    }
  }
  const isRejected = notification.trust === "rejected";
  const reply = isRejected ? refusal(notification) : notification.replies.stored;
  const sealed = await context.vault.seal(
    connection.merchantId,
    // With the address: a replay must read exactly what came, and the secret in it stands nowhere else.
    JSON.stringify({
      path: new URL(request.url).pathname,
      headers: [...request.headers],
      body: toBase64(bytes),
    }),
    `ipns|${base.id}`,
  );
  const attemptId = notification.reference?.attempt;
  const row: Ipn = {
    ...base,
    merchantId: connection.merchantId,
    connectionId: connection.id,
    processor: connection.processor,
    attemptId: attemptId ?? (address.attemptId ? storable(address.attemptId) : null),
    verdict: notification.trust,
    reason: notification.reason ?? null,
    dedupeKey: notification.dedupeKey,
    state: isRejected ? "refused" : "stored",
    reading: (await readingOf(notification)) as unknown as Record<string, unknown>,
    sealed: sealed.sealed,
    dataKeyId: sealed.dataKeyId,
    head: null,
    answerStatus: reply.status,
    answerBody: reply.body,
    tries: 0,
    nextTryAt: isRejected ? null : new Date(context.now.getTime() + HEAD_START_MS),
    processedAt: null,
  };
  // What the database does is told by migration 0025.
  const wanted = withStory && !isRejected ? (attemptId ?? null) : null;
  const { rows } = await context.db.execute<{ taken: { kept: boolean; story?: StoredStory | null } }>(
    sql`select plata_take_ipn(${jsonText(toJsonRow(ipns, row))}::jsonb, ${wanted}) as taken`,
  );
  const taken = rows[0]?.taken;
  if (isRejected) return { reply };
  // What came is sealed on record, and needed no more.
  if (taken?.kept)
    return {
      reply,
      stored: { ipn: { ...row, sealed: null }, ...(wanted ? { story: storyFrom(taken.story ?? null) } : {}) },
    };
  // A copy of what we have: it changes nothing, but it still makes us look again.
  return { reply, copyOf: await originalOf(context, connection.id, notification.dedupeKey) };
}

/** What the adapter makes of it with a connection's credentials, in a form that every column can hold. */
async function readBy(
  context: Context,
  connection: Connection,
  request: Request,
  body: Uint8Array,
): Promise<Notification> {
  const open = await openStored(context, connection);
  const read = await open.processor.readNotification(
    { method: request.method, url: request.url, headers: request.headers, body },
    {
      credentials: open.credentials,
      environment: connection.environment,
      now: context.now,
      platformKeys: platformKeysOf(context, connection.processor),
    },
  );
  return storable(read);
}

/** What a processor wants to hear about a message that is larger than any of its own. */
async function tooLargeReply(context: Context, connection: Connection, request: Request): Promise<Reply> {
  // Nothing of it is read: one byte over the limit stands for it.
  return refusal(await readBy(context, connection, request, new Uint8Array(MAX_IPN_BYTES + 1)));
}

/** "Again later" for what we could not read, so that a repaired key still gets it; "stop" only for what is no IPN at all. */
function refusal(notification: Notification): Reply {
  return notification.replies[notification.advised === "refused" ? "refused" : "retry"];
}

async function originalOf(context: Context, connectionId: string, dedupeKey: string): Promise<string | null> {
  const rows = await context.db.query.ipns.findMany({
    columns: { id: true },
    where: (t, { and, eq, ne }) =>
      and(eq(t.connectionId, connectionId), eq(t.dedupeKey, dedupeKey), ne(t.verdict, "rejected")),
    limit: 1,
  });
  return rows[0]?.id ?? null;
}

/**
 * A copy that every column can hold: NUL characters and halves of surrogate pairs, which PostgreSQL refuses in text and
 * jsonb, become a replacement character. A signed message may contain them, and must still be stored.
 */
export function storable<T>(value: T): T {
  if (typeof value === "string") return storableText(value) as T;
  if (Array.isArray(value)) return value.map(storable) as T;
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, storable(inner)])) as T;
}

/** What the inbox keeps of a reading. */
export async function readingOf(notification: Notification): Promise<Reading> {
  const money = (m: { minor: bigint; currency: string }) => ({ minor: m.minor.toString(), currency: m.currency });
  const { claims, proof } = notification;
  return {
    ...(notification.reference ? { reference: notification.reference } : {}),
    ...(proof === undefined ? {} : { proofHash: await sha256Hex(proof) }),
    ...(claims
      ? {
          claims: {
            ...(claims.pointOfSale ? { pointOfSale: claims.pointOfSale } : {}),
            ...(claims.asked ? { asked: money(claims.asked) } : {}),
            ...(claims.settled ? { settled: money(claims.settled) } : {}),
          },
        }
      : {}),
    observations: notification.observations.map(({ money: m, occurredAt, ...rest }) => ({
      ...rest,
      ...(m ? { money: money(m) } : {}),
      ...(occurredAt ? { occurredAt: occurredAt.toISOString() } : {}),
    })),
    lookNow: notification.lookNow,
  };
}

/** An observation as the inbox keeps it, back in the form that the core takes. */
export function fromJson({ money, occurredAt, ...rest }: JsonObservation): Observation {
  return {
    ...rest,
    ...(money ? { money: { minor: BigInt(money.minor), currency: money.currency } } : {}),
    ...(occurredAt ? { occurredAt: new Date(occurredAt) } : {}),
  };
}
