// What happened with the money: attempts and their tries, observations, payments, refunds, collections, events.

import { sql } from "drizzle-orm";
import {
  bigserial,
  boolean,
  check,
  customType,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import {
  ATTEMPT_STATES,
  DISPUTE_STATES,
  HOLD_COMMAND_STATES,
  HOLD_VERBS,
  REFUND_STATES,
} from "../../edge/payments/states.ts";
import { BANK_REFERENCE_KINDS, DECLINE_REASONS, OBSERVATION_KINDS } from "../../edge/processors/contract.ts";
import { currency, id, merchantId, minor, moment, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { invoices } from "./invoices.ts";

const xid8 = customType<{ data: string }>({ dataType: () => "xid8" });

export const RECEIPT_MAKERS = ["processor", "register"] as const;

/** One visit to one processor for one amount. */
export const attempts = pgTable(
  "attempts",
  {
    id: id(),
    merchantId: merchantId(),
    invoiceId: text("invoice_id").notNull(),
    connectionId: text("connection_id").notNull(),
    processor: text("processor").notNull(),
    /** Asked for at first; what the payer really used when the processor tells. */
    method: text("method").notNull(),
    state: text("state", { enum: ATTEMPT_STATES }).notNull(),
    isTest: boolean("is_test").notNull(),
    currency: currency(),
    amountMinor: minor("amount_minor").notNull(),
    authorizedMinor: minor("authorized_minor").notNull().default(sql`0`),
    /** Total that the processor says it took. */
    capturedMinor: minor("captured_minor").notNull().default(sql`0`),
    captureMode: text("capture_mode", { enum: ["automatic", "manual"] }).notNull(),
    processorReference: text("processor_reference"),
    /** SHA-256 of the secret in the notification address, hex. */
    secretHash: text("secret_hash").notNull(),
    /** What the payer does next, sealed with the merchant's data key (a form may carry personal data). */
    payerAction: text("payer_action"),
    dataKeyId: text("data_key_id"),
    declineReason: text("decline_reason", { enum: DECLINE_REASONS }),
    processorCode: text("processor_code"),
    processorText: text("processor_text"),
    instrument: text("instrument"),
    /** When the present state was reached by the processor's clock, if it told. */
    stateOccurredAt: moment("state_occurred_at"),
    settledMinor: minor("settled_minor"),
    settledCurrency: text("settled_currency"),
    startedBy: text("started_by").notNull(),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
    /** When their page stops working; after it a silent attempt is asked about and expires. */
    expiresAt: moment("expires_at").notNull(),
    /** When to ask the processor again; null when nothing is open. */
    nextLookAt: moment("next_look_at"),
    /** How often it was asked about since it was last heard of. */
    looks: integer("looks").notNull().default(0),
    /** When the processor was last asked, by whatever cause. */
    lastLookAt: moment("last_look_at"),
    returnedAt: moment("returned_at"),
    /** When the hold on the payer's money ends; null when nobody can say. Kept after the hold is over. */
    holdUntil: moment("hold_until"),
    /** Whether we reckoned that by the processor's usual time, because it told none. */
    isHoldEstimated: boolean("is_hold_estimated"),
    /** When a person is next told that the hold is about to end; null when nothing is left to tell. */
    holdAlarmAt: moment("hold_alarm_at"),
    /** When the merchant's policy for holds that nobody decided on is carried out; null when nothing is held. */
    holdPolicyAt: moment("hold_policy_at"),
    /** What was asked of the hold last, and what came of it. Written before the processor is called. */
    commandVerb: text("command_verb", { enum: HOLD_VERBS }),
    commandState: text("command_state", { enum: HOLD_COMMAND_STATES }),
    commandMinor: minor("command_minor"),
    /** The idempotency key that the processor is called with. */
    commandKey: text("command_key"),
    commandBy: text("command_by"),
    commandAt: moment("command_at"),
    /** Why it was not done, in the processor's words. */
    commandCode: text("command_code"),
    commandText: text("command_text"),
    /** Who makes its fiscal receipt, settled as it begins: whatever is chosen later, one payment has one receipt. */
    receiptBy: text("receipt_by", { enum: RECEIPT_MAKERS }),
    /** Where the register's receipt goes. */
    receiptEmail: text("receipt_email"),
  },
  (t) => [
    unique("attempts_tenant").on(t.merchantId, t.id),
    index("attempts_by_invoice").on(t.merchantId, t.invoiceId, t.id),
    index("attempts_due").on(t.nextLookAt).where(sql`next_look_at is not null`),
    index("attempts_hold_alarm").on(t.holdAlarmAt).where(sql`hold_alarm_at is not null`),
    index("attempts_hold_policy").on(t.holdPolicyAt).where(sql`hold_policy_at is not null`),
    index("attempts_held").on(t.merchantId, t.holdUntil).where(sql`state = 'authorized'`),
    index("attempts_by_reference").on(t.connectionId, t.processorReference),
    foreignKey({ columns: [t.merchantId, t.invoiceId], foreignColumns: [invoices.merchantId, invoices.id] }),
    foreignKey({ columns: [t.merchantId, t.connectionId], foreignColumns: [connections.merchantId, connections.id] }),
    check("attempts_state", oneOf("state", ATTEMPT_STATES)),
    check("attempts_amount", sql`amount_minor > 0`),
    check("attempts_receipt_by", oneOf("receipt_by", RECEIPT_MAKERS)),
  ],
);

/** One thing a processor said about an attempt, by whatever way; each has its effect once. */
export const observations = pgTable(
  "observations",
  {
    id: id(),
    merchantId: merchantId(),
    attemptId: text("attempt_id").notNull(),
    /** The same for the same thing said again the same way. */
    digest: text("digest").notNull(),
    source: text("source", { enum: ["notification", "query", "start", "command", "clock"] }).notNull(),
    ipnId: text("ipn_id"),
    kind: text("kind", { enum: OBSERVATION_KINDS }).notNull(),
    moneyMinor: minor("money_minor"),
    moneyCurrency: text("money_currency"),
    declineReason: text("decline_reason", { enum: DECLINE_REASONS }),
    processorCode: text("processor_code"),
    processorText: text("processor_text"),
    reference: text("reference"),
    method: text("method"),
    instrument: text("instrument"),
    /** Whether a state table had a row for it. */
    changedState: boolean("changed_state").notNull(),
    /** Events that it caused; the timeline shows what was said beside what happened. */
    eventIds: jsonb("event_ids").$type<string[]>(),
    occurredAt: moment("occurred_at"),
    recordedAt: moment("recorded_at").notNull(),
  },
  (t) => [
    unique("observations_tenant").on(t.merchantId, t.id),
    uniqueIndex("observations_once").on(t.attemptId, t.digest),
    foreignKey({ columns: [t.merchantId, t.attemptId], foreignColumns: [attempts.merchantId, attempts.id] }),
    check("observations_kind", oneOf("kind", OBSERVATION_KINDS)),
  ],
);

/** One decline or success inside an attempt: hosted pages allow several, the history shows each. */
export const tries = pgTable(
  "tries",
  {
    id: id(),
    merchantId: merchantId(),
    attemptId: text("attempt_id").notNull(),
    outcome: text("outcome", { enum: ["accepted", "declined"] }).notNull(),
    /** By which way we learned of it: the same try told twice by different ways is one. */
    source: text("source").notNull(),
    declineReason: text("decline_reason", { enum: DECLINE_REASONS }),
    processorCode: text("processor_code"),
    processorText: text("processor_text"),
    method: text("method"),
    instrument: text("instrument"),
    occurredAt: moment("occurred_at"),
    recordedAt: moment("recorded_at").notNull(),
  },
  (t) => [
    unique("tries_tenant").on(t.merchantId, t.id),
    index("tries_by_attempt").on(t.merchantId, t.attemptId),
    index("tries_recent").on(t.recordedAt),
    foreignKey({ columns: [t.merchantId, t.attemptId], foreignColumns: [attempts.merchantId, attempts.id] }),
  ],
);

export const refunds = pgTable(
  "refunds",
  {
    id: id(),
    merchantId: merchantId(),
    invoiceId: text("invoice_id").notNull(),
    attemptId: text("attempt_id").notNull(),
    state: text("state", { enum: REFUND_STATES }).notNull(),
    isTest: boolean("is_test").notNull(),
    currency: currency(),
    amountMinor: minor("amount_minor").notNull(),
    reason: text("reason"),
    /** How it came to us: asked for here, or found in a notification, by a query, entered by hand. */
    origin: text("origin", { enum: ["requested", "paid_twice", "notification", "query", "manual"] }).notNull(),
    requestedBy: text("requested_by").notNull(),
    processorReference: text("processor_reference"),
    processorCode: text("processor_code"),
    processorText: text("processor_text"),
    /** A number that the payer's bank can look for, and which kind it is. */
    bankReference: text("bank_reference"),
    bankReferenceKind: text("bank_reference_kind", { enum: BANK_REFERENCE_KINDS }),
    /** Who allowed or refused it where a second person is asked, when, and why not. */
    decidedBy: text("decided_by"),
    decidedAt: moment("decided_at"),
    decisionNote: text("decision_note"),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
    occurredAt: moment("occurred_at"),
    /** When to ask the processor again; null when it is final or nobody can be asked. */
    nextLookAt: moment("next_look_at"),
    /** How often it was asked about since it was last heard of. */
    looks: integer("looks").notNull().default(0),
    lastLookAt: moment("last_look_at"),
  },
  (t) => [
    unique("refunds_tenant").on(t.merchantId, t.id),
    index("refunds_by_invoice").on(t.merchantId, t.invoiceId),
    index("refunds_due").on(t.nextLookAt).where(sql`next_look_at is not null`),
    foreignKey({ columns: [t.merchantId, t.invoiceId], foreignColumns: [invoices.merchantId, invoices.id] }),
    foreignKey({ columns: [t.merchantId, t.attemptId], foreignColumns: [attempts.merchantId, attempts.id] }),
    check("refunds_state", oneOf("state", REFUND_STATES)),
    check("refunds_amount", sql`amount_minor > 0`),
  ],
);

/** Money that moved: always recorded. A refund is a negative one. */
export const payments = pgTable(
  "payments",
  {
    id: id(),
    merchantId: merchantId(),
    invoiceId: text("invoice_id"),
    attemptId: text("attempt_id"),
    refundId: text("refund_id"),
    source: text("source", { enum: ["attempt", "refund", "manual"] }).notNull(),
    processor: text("processor"),
    method: text("method"),
    currency: currency(),
    amountMinor: minor("amount_minor").notNull(),
    /** False for a second capture of an invoice that was paid already. */
    isKept: boolean("is_kept").notNull(),
    isTest: boolean("is_test").notNull(),
    reference: text("reference"),
    occurredAt: moment("occurred_at").notNull(),
    recordedAt: moment("recorded_at").notNull(),
  },
  (t) => [
    unique("payments_tenant").on(t.merchantId, t.id),
    index("payments_list").on(t.merchantId, t.isTest, t.id),
    index("payments_by_invoice").on(t.merchantId, t.invoiceId),
    // Two at most: what it gives back of a second payment, and of the money that counted.
    uniqueIndex("payments_once_per_refund").on(t.merchantId, t.refundId, t.isKept),
    foreignKey({ columns: [t.merchantId, t.invoiceId], foreignColumns: [invoices.merchantId, invoices.id] }),
    foreignKey({ columns: [t.merchantId, t.attemptId], foreignColumns: [attempts.merchantId, attempts.id] }),
    foreignKey({ columns: [t.merchantId, t.refundId], foreignColumns: [refunds.merchantId, refunds.id] }),
    check("payments_amount", sql`amount_minor <> 0`),
  ],
);

/** The bookkeeping entry for a payment. */
export const collections = pgTable(
  "collections",
  {
    id: id(),
    merchantId: merchantId(),
    paymentId: text("payment_id").notNull(),
    /** The document it pays: the fiscal invoice where one was made, else the paid invoice. */
    invoiceId: text("invoice_id").notNull(),
    currency: currency(),
    amountMinor: minor("amount_minor").notNull(),
    isTest: boolean("is_test").notNull(),
    /** `system`, or the member who booked it. */
    bookedBy: text("booked_by").notNull(),
    bookedAt: moment("booked_at").notNull(),
  },
  (t) => [
    unique("collections_tenant").on(t.merchantId, t.id),
    uniqueIndex("collections_once").on(t.merchantId, t.paymentId),
    index("collections_list").on(t.merchantId, t.isTest, t.id),
    index("collections_by_invoice").on(t.merchantId, t.invoiceId),
    foreignKey({ columns: [t.merchantId, t.paymentId], foreignColumns: [payments.merchantId, payments.id] }),
    foreignKey({ columns: [t.merchantId, t.invoiceId], foreignColumns: [invoices.merchantId, invoices.id] }),
  ],
);

export const disputes = pgTable(
  "disputes",
  {
    id: id(),
    merchantId: merchantId(),
    attemptId: text("attempt_id").notNull(),
    invoiceId: text("invoice_id").notNull(),
    state: text("state", { enum: DISPUTE_STATES }).notNull(),
    currency: currency(),
    amountMinor: minor("amount_minor").notNull(),
    isTest: boolean("is_test").notNull(),
    openedAt: moment("opened_at").notNull(),
    closedAt: moment("closed_at"),
  },
  (t) => [
    unique("disputes_tenant").on(t.merchantId, t.id),
    uniqueIndex("disputes_once").on(t.merchantId, t.attemptId),
    foreignKey({ columns: [t.merchantId, t.attemptId], foreignColumns: [attempts.merchantId, attempts.id] }),
    foreignKey({ columns: [t.merchantId, t.invoiceId], foreignColumns: [invoices.merchantId, invoices.id] }),
    check("disputes_state", oneOf("state", DISPUTE_STATES)),
  ],
);

export const settlements = pgTable(
  "settlements",
  {
    id: id(),
    merchantId: merchantId(),
    connectionId: text("connection_id").notNull(),
    reference: text("reference").notNull(),
    attemptReference: text("attempt_reference"),
    currency: currency(),
    amountMinor: minor("amount_minor").notNull(),
    feeMinor: minor("fee_minor"),
    isTest: boolean("is_test").notNull(),
    settledAt: moment("settled_at").notNull(),
    recordedAt: moment("recorded_at").notNull(),
  },
  (t) => [
    unique("settlements_tenant").on(t.merchantId, t.id),
    uniqueIndex("settlements_once").on(t.connectionId, t.reference),
    foreignKey({ columns: [t.merchantId, t.connectionId], foreignColumns: [connections.merchantId, connections.id] }),
  ],
);

/** Everything that happened, in order, with who said so. Append-only; the timeline and webhooks read it. */
export const events = pgTable(
  "events",
  {
    id: id(),
    merchantId: merchantId(),
    /** Transaction that wrote it: readers by cursor stay below the oldest running one. */
    transactionId: xid8("transaction_id").notNull().default(sql`pg_current_xact_id()`),
    position: bigserial("position", { mode: "number" }).notNull(),
    type: text("type").notNull(),
    invoiceId: text("invoice_id"),
    attemptId: text("attempt_id"),
    actor: text("actor").notNull(),
    isTest: boolean("is_test").notNull(),
    data: jsonb("data").$type<Record<string, unknown>>().notNull(),
    occurredAt: moment("occurred_at").notNull(),
    recordedAt: moment("recorded_at").notNull(),
  },
  (t) => [
    unique("events_tenant").on(t.merchantId, t.id),
    index("events_by_invoice").on(t.merchantId, t.invoiceId, t.position),
    index("events_feed").on(t.merchantId, t.transactionId, t.position),
    foreignKey({ columns: [t.merchantId, t.invoiceId], foreignColumns: [invoices.merchantId, invoices.id] }),
  ],
);

export const ATTENTION_KINDS = [
  "paid_twice",
  "paid_late",
  "paid_short",
  "paid_over",
  "currency_mismatch",
  "amount_unknown",
  "refund_over_captured",
  "refund_amount_unknown",
  "notifications_silent",
  "pending_long",
  "refund_failed",
  "refund_pending_long",
  "refund_awaits_approval",
  "refund_not_sent",
  "hold_ends_48h",
  "hold_ends_24h",
  "hold_policy_failed",
  "hold_command_unknown",
  "dispute",
  "reference_changed",
  "not_understood",
  "notification_parked",
  "access_lapsed",
  "connection_trouble",
  "receipt_failed",
  "receipt_unknown",
  "receipt_pending_long",
  "date_asked",
] as const;
export type AttentionKind = (typeof ATTENTION_KINDS)[number];

/** Something a person must look at. */
export const attentionItems = pgTable(
  "attention_items",
  {
    id: id(),
    merchantId: merchantId(),
    kind: text("kind", { enum: ATTENTION_KINDS }).notNull(),
    invoiceId: text("invoice_id"),
    attemptId: text("attempt_id"),
    ipnId: text("ipn_id"),
    connectionId: text("connection_id"),
    detail: jsonb("detail").$type<Record<string, unknown>>().notNull(),
    dueAt: moment("due_at").notNull(),
    createdAt: moment("created_at").notNull(),
    resolvedAt: moment("resolved_at"),
    resolvedBy: text("resolved_by"),
  },
  (t) => [
    unique("attention_items_tenant").on(t.merchantId, t.id),
    index("attention_items_open").on(t.merchantId, t.dueAt).where(sql`resolved_at is null`),
    foreignKey({ columns: [t.merchantId, t.invoiceId], foreignColumns: [invoices.merchantId, invoices.id] }),
    foreignKey({
      columns: [t.merchantId, t.connectionId],
      foreignColumns: [connections.merchantId, connections.id],
    }),
    check("attention_items_kind", oneOf("kind", ATTENTION_KINDS)),
  ],
);
