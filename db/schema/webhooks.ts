// Where partners want to be told, and every telling with its answer.

import { boolean, foreignKey, index, integer, jsonb, pgTable, text, unique } from "drizzle-orm/pg-core";
import { id, merchantId, moment } from "./columns.ts";
import { pointsOfSale } from "./merchants.ts";
import { outbox } from "./messages.ts";

export const webhookEndpoints = pgTable(
  "webhook_endpoints",
  {
    id: id(),
    merchantId: merchantId(),
    pointOfSaleId: text("point_of_sale_id").notNull(),
    url: text("url").notNull(),
    /** Names of events, or `*`. */
    eventTypes: jsonb("event_types").$type<string[]>().notNull(),
    /** Signing secrets, newest first, each with the moment it stops being used; sealed with the merchant's data key. */
    secrets: text("secrets").notNull(),
    dataKeyId: text("data_key_id").notNull(),
    isEnabled: boolean("is_enabled").notNull().default(true),
    /** Since when every delivery failed; null while it answers. Its queue is kept all the same. */
    failingSince: moment("failing_since"),
    createdAt: moment("created_at").notNull(),
    archivedAt: moment("archived_at"),
  },
  (t) => [
    unique("webhook_endpoints_tenant").on(t.merchantId, t.id),
    foreignKey({
      columns: [t.merchantId, t.pointOfSaleId],
      foreignColumns: [pointsOfSale.merchantId, pointsOfSale.id],
    }),
  ],
);

/** One delivery of one event to one endpoint. Kept 30 days. */
export const webhookDeliveries = pgTable(
  "webhook_deliveries",
  {
    id: id(),
    merchantId: merchantId(),
    endpointId: text("endpoint_id").notNull(),
    outboxId: text("outbox_id").notNull(),
    eventId: text("event_id").notNull(),
    /** Null when there was no answer. */
    status: integer("status"),
    /** First 500 characters of what it said, or why it did not. */
    answer: text("answer").notNull(),
    milliseconds: integer("milliseconds").notNull(),
    at: moment("at").notNull(),
  },
  (t) => [
    unique("webhook_deliveries_tenant").on(t.merchantId, t.id),
    index("webhook_deliveries_by_endpoint").on(t.merchantId, t.endpointId, t.id),
    index("webhook_deliveries_by_event").on(t.merchantId, t.eventId),
    foreignKey({
      columns: [t.merchantId, t.endpointId],
      foreignColumns: [webhookEndpoints.merchantId, webhookEndpoints.id],
    }),
    foreignKey({ columns: [t.merchantId, t.outboxId], foreignColumns: [outbox.merchantId, outbox.id] }),
  ],
);
