// What comes in and goes out: the IPN inbox, the outbox, and answers kept for repeated requests.

import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { id, merchantId, moment, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { merchants, pointsOfSale } from "./merchants.ts";

export const IPN_VERDICTS = ["verified", "hint", "rejected"] as const;
export const IPN_STATES = ["stored", "processed", "parked", "refused"] as const;

/** Every notification that reached us: stored before it is answered. Bodies and headers are sealed and kept 90 days. */
export const ipns = pgTable(
  "ipns",
  {
    id: id(),
    /** Null when it is for nobody we know. */
    merchantId: text("merchant_id").references(() => merchants.id),
    connectionId: text("connection_id"),
    processor: text("processor"),
    /** Attempt named by the notification address or by the message. */
    attemptId: text("attempt_id"),
    path: text("path").notNull(),
    verdict: text("verdict", { enum: IPN_VERDICTS }).notNull(),
    reason: text("reason"),
    dedupeKey: text("dedupe_key").notNull(),
    state: text("state", { enum: IPN_STATES }).notNull(),
    /** Observations and claims as the adapter read them, in JSON form. */
    reading: jsonb("reading").$type<Record<string, unknown>>(),
    /** Headers and body, sealed with the merchant's data key; null for strangers. */
    sealed: text("sealed"),
    dataKeyId: text("data_key_id"),
    sizeBytes: integer("size_bytes").notNull(),
    sha256: text("sha256").notNull(),
    /** First kilobyte of what is too large or for nobody, base64. */
    head: text("head"),
    answerStatus: integer("answer_status").notNull(),
    answerBody: text("answer_body").notNull(),
    tries: integer("tries").notNull().default(0),
    nextTryAt: moment("next_try_at"),
    receivedAt: moment("received_at").notNull(),
    processedAt: moment("processed_at"),
    purgeAt: moment("purge_at").notNull(),
  },
  (t) => [
    uniqueIndex("ipns_once")
      .on(t.connectionId, t.dedupeKey)
      .where(sql`verdict <> 'rejected' and connection_id is not null`),
    index("ipns_list").on(t.merchantId, t.id),
    index("ipns_by_attempt").on(t.merchantId, t.attemptId, t.id).where(sql`attempt_id is not null`),
    // What people look for among many that are as they should be.
    index("ipns_unprocessed").on(t.merchantId, t.state, t.id).where(sql`state <> 'processed'`),
    index("ipns_unverified").on(t.merchantId, t.verdict, t.id).where(sql`verdict <> 'verified'`),
    index("ipns_due").on(t.nextTryAt).where(sql`next_try_at is not null`),
    index("ipns_purge").on(t.purgeAt),
    foreignKey({ columns: [t.merchantId, t.connectionId], foreignColumns: [connections.merchantId, connections.id] }),
    check("ipns_verdict", oneOf("verdict", IPN_VERDICTS)),
    check("ipns_state", oneOf("state", IPN_STATES)),
  ],
);

/** Effects that leave the house, written in the transaction that caused them. `next_attempt_at` rules. */
export const outbox = pgTable(
  "outbox",
  {
    id: id(),
    merchantId: merchantId().references(() => merchants.id),
    topic: text("topic").notNull(),
    /** The same effect is written once. */
    effectKey: text("effect_key").notNull(),
    payload: jsonb("payload").$type<Record<string, unknown>>().notNull(),
    tries: integer("tries").notNull().default(0),
    nextAttemptAt: moment("next_attempt_at"),
    /** Until when a deliverer has it; after that, without an end written, the deliverer is taken to be dead. */
    leasedUntil: moment("leased_until"),
    lastAnswer: text("last_answer"),
    createdAt: moment("created_at").notNull(),
    deliveredAt: moment("delivered_at"),
    failedAt: moment("failed_at"),
  },
  (t) => [
    unique("outbox_tenant").on(t.merchantId, t.id),
    uniqueIndex("outbox_once").on(t.merchantId, t.topic, t.effectKey),
    index("outbox_due").on(t.nextAttemptAt).where(sql`next_attempt_at is not null`),
  ],
);

/** Answers to creating requests, so that a repeat gets the same one. Kept 48 hours. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    id: id(),
    merchantId: merchantId(),
    pointOfSaleId: text("point_of_sale_id").notNull(),
    key: text("key").notNull(),
    /** SHA-256 of method, path and body. */
    requestHash: text("request_hash").notNull(),
    /** Null while the first request is still running. */
    status: integer("status"),
    /** The answer, sealed: it may name a payer. */
    answer: text("answer"),
    dataKeyId: text("data_key_id"),
    isDone: boolean("is_done").notNull().default(false),
    /** Until when the request that took it is taken to be running; after that a repeat may finish its work. */
    leasedUntil: moment("leased_until"),
    createdAt: moment("created_at").notNull(),
    purgeAt: moment("purge_at").notNull(),
  },
  (t) => [
    uniqueIndex("idempotency_keys_once").on(t.merchantId, t.pointOfSaleId, t.key),
    index("idempotency_keys_purge").on(t.purgeAt),
    foreignKey({
      columns: [t.merchantId, t.pointOfSaleId],
      foreignColumns: [pointsOfSale.merchantId, pointsOfSale.id],
    }),
  ],
);
