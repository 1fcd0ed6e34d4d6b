// A point of sale's accounts at processors, and how far their opening has come.

import { check, foreignKey, index, jsonb, pgTable, text, unique, uniqueIndex } from "drizzle-orm/pg-core";
import { id, merchantId, moment, oneOf } from "./columns.ts";
import { pointsOfSale } from "./merchants.ts";

export const CONNECTION_STATUSES = ["unverified", "waiting_for_approval", "verified", "failing"] as const;
export type ConnectionStatus = (typeof CONNECTION_STATUSES)[number];

/** What the last check of a connection found, step by step. */
export type CheckReport = {
  at: string;
  steps: { id: string; outcome: "passed" | "failed" | "needs_person" | "skipped"; detail?: string }[];
};

export const connections = pgTable(
  "connections",
  {
    id: id(),
    merchantId: merchantId(),
    pointOfSaleId: text("point_of_sale_id").notNull(),
    processor: text("processor").notNull(),
    variant: text("variant").notNull(),
    environment: text("environment", { enum: ["live", "test"] }).notNull(),
    name: text("name").notNull(),
    /** Credentials as JSON, sealed with the merchant's data key; bound to merchant and connection. */
    credentials: text("credentials").notNull(),
    dataKeyId: text("data_key_id").notNull(),
    /** What may be shown again: signature, protocol, fingerprints. */
    publicFields: jsonb("public_fields").$type<Record<string, string>>().notNull(),
    /** Their name for our account (a signature): the same one twice earns a warning. */
    accountReference: text("account_reference"),
    status: text("status", { enum: CONNECTION_STATUSES }).notNull(),
    lastCheck: jsonb("last_check").$type<CheckReport>(),
    verifiedAt: moment("verified_at"),
    lastNotificationAt: moment("last_notification_at"),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
    archivedAt: moment("archived_at"),
  },
  (t) => [
    unique("connections_tenant").on(t.merchantId, t.id),
    index("connections_by_point_of_sale").on(t.merchantId, t.pointOfSaleId),
    index("connections_by_account").on(t.processor, t.accountReference),
    foreignKey({
      columns: [t.merchantId, t.pointOfSaleId],
      foreignColumns: [pointsOfSale.merchantId, pointsOfSale.id],
    }),
    check("connections_status", oneOf("status", CONNECTION_STATUSES)),
  ],
);

/** One step of opening an account at a processor, as a person marked it; waits have a start and a nudge. */
export const onboardingSteps = pgTable(
  "onboarding_steps",
  {
    id: id(),
    merchantId: merchantId(),
    pointOfSaleId: text("point_of_sale_id").notNull(),
    processor: text("processor").notNull(),
    step: text("step").notNull(),
    startedAt: moment("started_at"),
    doneAt: moment("done_at"),
    doneBy: text("done_by"),
  },
  (t) => [
    unique("onboarding_steps_tenant").on(t.merchantId, t.id),
    uniqueIndex("onboarding_steps_once").on(t.merchantId, t.pointOfSaleId, t.processor, t.step),
    foreignKey({
      columns: [t.merchantId, t.pointOfSaleId],
      foreignColumns: [pointsOfSale.merchantId, pointsOfSale.id],
    }),
  ],
);
