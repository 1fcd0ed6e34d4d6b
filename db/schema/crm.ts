// CRMs whose orders are paid by our links: the installations of our module there, the CRM's invoices that ours answer, and
// every call between us.

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
import { id, merchantId, minor, moment, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { invoices } from "./invoices.ts";
import { pointsOfSale } from "./merchants.ts";

export const CRMS = ["retailcrm"] as const;
export const CRM_CHECKS = ["passed", "refused"] as const;
export const CRM_DIRECTIONS = ["in", "out"] as const;

/** A shop as the CRM was last told of it; its code is a connection's id and never changes. */
export type CrmShop = { code: string; name: string; active: boolean };
/** What the CRM was last told of an invoice: the state as one text, and the end of each refund. */
export type CrmReported = { state: string; refunds: Record<string, "succeeded" | "canceled"> };
/** What the last look at the key found: methods that it lacks, and a fault of the way there. */
export type CrmCheck = { at: string; missing: string[]; fault: string | null };

/** Our module in one CRM account, for one point of sale. */
export const crmInstallations = pgTable(
  "crm_installations",
  {
    id: id(),
    merchantId: merchantId(),
    pointOfSaleId: text("point_of_sale_id").notNull(),
    crm: text("crm", { enum: CRMS }).notNull(),
    /** The module's code in the CRM; stays the same over a reinstall. */
    code: text("code").notNull(),
    /** The account's canonical address, without a slash at its end. */
    url: text("url").notNull(),
    /** The CRM's API key, and our id of this installation that the CRM shows with every call; sealed. */
    secrets: text("secrets").notNull(),
    dataKeyId: text("data_key_id").notNull(),
    /** SHA-256 of our id of this installation, hex: calls are found by it. */
    clientIdHash: text("client_id_hash").notNull(),
    /** The account's default currency; null when the key may not read it. */
    defaultCurrency: text("default_currency"),
    /** Language of what managers are told. */
    locale: text("locale").notNull(),
    /** In which the CRM reads times; null for the merchant's own. */
    timeZone: text("time_zone"),
    isActive: boolean("is_active").notNull().default(true),
    /** Set by the CRM: the account is not paid for. */
    isFrozen: boolean("is_frozen").notNull().default(false),
    shops: jsonb("shops").$type<CrmShop[]>().notNull().default([]),
    lastCheck: jsonb("last_check").$type<CrmCheck>(),
    registeredAt: moment("registered_at"),
    /** Since when every call failed; null while it answers. */
    failingSince: moment("failing_since"),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
    archivedAt: moment("archived_at"),
  },
  (t) => [
    unique("crm_installations_tenant").on(t.merchantId, t.id),
    uniqueIndex("crm_installations_client").on(t.clientIdHash),
    uniqueIndex("crm_installations_once").on(t.merchantId, t.pointOfSaleId, t.url).where(sql`archived_at is null`),
    foreignKey({
      columns: [t.merchantId, t.pointOfSaleId],
      foreignColumns: [pointsOfSale.merchantId, pointsOfSale.id],
    }),
    check("crm_installations_crm", oneOf("crm", CRMS)),
  ],
);

/** A CRM's invoice and ours that answers it. */
export const crmInvoices = pgTable(
  "crm_invoices",
  {
    id: id(),
    merchantId: merchantId(),
    installationId: text("installation_id").notNull(),
    /** Null for the moment in which ours is being made; it gets this row's own id. */
    invoiceId: text("invoice_id"),
    /** The CRM's name for it. */
    invoiceUuid: text("invoice_uuid").notNull(),
    /** The shop that the bill goes to. */
    connectionId: text("connection_id").notNull(),
    orderNumber: text("order_number").notNull(),
    /** What was asked for, to know the same request again. */
    amountMinor: minor("amount_minor").notNull(),
    returnUrl: text("return_url"),
    /** Whether the CRM still stands by the order, asked while money is held. */
    checkState: text("check_state", { enum: CRM_CHECKS }),
    checkText: text("check_text"),
    checkedAt: moment("checked_at"),
    /** Since when it shall not be paid: money that still comes is let go or given back. */
    cancelledAt: moment("cancelled_at"),
    cancelReason: text("cancel_reason"),
    reported: jsonb("reported").$type<CrmReported>(),
    /** There is news that the CRM could not be told while it was away. */
    isBehind: boolean("is_behind").notNull().default(false),
    /** One report at a time, so that older news never overtakes newer. */
    reportLeaseUntil: moment("report_lease_until"),
    createdAt: moment("created_at").notNull(),
  },
  (t) => [
    unique("crm_invoices_tenant").on(t.merchantId, t.id),
    uniqueIndex("crm_invoices_uuid").on(t.merchantId, t.installationId, t.invoiceUuid),
    uniqueIndex("crm_invoices_ours").on(t.merchantId, t.invoiceId),
    foreignKey({
      columns: [t.merchantId, t.installationId],
      foreignColumns: [crmInstallations.merchantId, crmInstallations.id],
    }),
    foreignKey({ columns: [t.merchantId, t.invoiceId], foreignColumns: [invoices.merchantId, invoices.id] }),
    foreignKey({ columns: [t.merchantId, t.connectionId], foreignColumns: [connections.merchantId, connections.id] }),
    check("crm_invoices_check", oneOf("check_state", CRM_CHECKS)),
  ],
);

/** One call between a CRM and us, with its answer. Never holds a key. */
export const crmCalls = pgTable(
  "crm_calls",
  {
    id: id(),
    merchantId: merchantId(),
    installationId: text("installation_id").notNull(),
    invoiceId: text("invoice_id"),
    direction: text("direction", { enum: CRM_DIRECTIONS }).notNull(),
    name: text("name").notNull(),
    /** What was said in a word: a state that was told, a sum. */
    about: text("about"),
    /** Null when there was no answer. */
    status: integer("status"),
    isDone: boolean("is_done").notNull(),
    answer: text("answer").notNull(),
    milliseconds: integer("milliseconds").notNull(),
    at: moment("at").notNull(),
  },
  (t) => [
    unique("crm_calls_tenant").on(t.merchantId, t.id),
    index("crm_calls_by_installation").on(t.merchantId, t.installationId, t.id),
    foreignKey({
      columns: [t.merchantId, t.installationId],
      foreignColumns: [crmInstallations.merchantId, crmInstallations.id],
    }),
    check("crm_calls_direction", oneOf("direction", CRM_DIRECTIONS)),
  ],
);
