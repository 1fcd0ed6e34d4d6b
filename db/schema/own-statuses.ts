// The merchant's own words for where an invoice stands, and which of them each outcome leads to.

import { sql } from "drizzle-orm";
import { check, foreignKey, pgTable, text, unique, uniqueIndex } from "drizzle-orm/pg-core";
import { OUTCOMES } from "../../edge/payments/states.ts";
import { id, merchantId, moment, oneOf } from "./columns.ts";
import { merchants } from "./merchants.ts";

export const STATUS_TONES = ["plain", "info", "good", "warn", "bad"] as const;
export type StatusTone = (typeof STATUS_TONES)[number];

export const ownStatuses = pgTable(
  "own_statuses",
  {
    id: id(),
    merchantId: merchantId().references(() => merchants.id),
    name: text("name").notNull(),
    /** The name as it is compared: without case, and with blanks as one. */
    nameKey: text("name_key").notNull(),
    tone: text("tone", { enum: STATUS_TONES }).notNull(),
    createdAt: moment("created_at").notNull(),
    /** No longer offered; invoices that have it keep it. */
    archivedAt: moment("archived_at"),
  },
  (t) => [
    unique("own_statuses_tenant").on(t.merchantId, t.id),
    uniqueIndex("own_statuses_name").on(t.merchantId, t.nameKey).where(sql`archived_at is null`),
    check("own_statuses_tone", oneOf("tone", STATUS_TONES)),
  ],
);

/** One outcome and the status that it leads to; an outcome without a row leaves an invoice's status as it is. */
export const outcomeStatuses = pgTable(
  "outcome_statuses",
  {
    id: id(),
    merchantId: merchantId(),
    outcome: text("outcome", { enum: OUTCOMES }).notNull(),
    ownStatusId: text("own_status_id").notNull(),
    updatedAt: moment("updated_at").notNull(),
  },
  (t) => [
    unique("outcome_statuses_tenant").on(t.merchantId, t.id),
    uniqueIndex("outcome_statuses_once").on(t.merchantId, t.outcome),
    foreignKey({ columns: [t.merchantId, t.ownStatusId], foreignColumns: [ownStatuses.merchantId, ownStatuses.id] }),
    check("outcome_statuses_outcome", oneOf("outcome", OUTCOMES)),
  ],
);
