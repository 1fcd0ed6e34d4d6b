// Fiscal receipts by an online cash register of the merchant's own: which register a shop has, and every receipt.

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
import {
  type Fiscal,
  PAID_BY,
  type Position,
  RECEIPT_KINDS,
  RECEIPT_STATES,
  RECEIPT_TYPES,
} from "../../edge/fiscal/contract.ts";
import { CHOOSABLE_METHODS, PAYMENT_OBJECTS, PLAIN_VATS, TAX_SYSTEMS } from "../../edge/fiscal/law.ts";
import { currency, id, merchantId, minor, moment, oneOf } from "./columns.ts";
import { invoices } from "./invoices.ts";
import { pointsOfSale } from "./merchants.ts";
import { attempts } from "./payments.ts";

/** What the last look at a register found: it works, or why not. */
export type RegisterCheck = { at: string; outcome: "works" | "register_off" | "refused" | "no_answer"; text?: string };

/** A shop's account at an online cash register. One that was replaced stays, archived: its receipts are still asked for. */
export const registers = pgTable(
  "registers",
  {
    id: id(),
    merchantId: merchantId(),
    pointOfSaleId: text("point_of_sale_id").notNull(),
    service: text("service").notNull(),
    /** Credentials as JSON, sealed with the merchant's data key; bound to merchant and register. */
    credentials: text("credentials").notNull(),
    dataKeyId: text("data_key_id").notNull(),
    /** What may be shown again. */
    publicFields: jsonb("public_fields").$type<Record<string, string>>().notNull(),
    taxSystem: text("tax_system", { enum: TAX_SYSTEMS }).notNull(),
    /** The plain rate; a prepayment carries the calculated one. */
    vatRate: text("vat_rate", { enum: PLAIN_VATS as [string, ...string[]] }).notNull(),
    receiptMethod: text("receipt_method", { enum: CHOOSABLE_METHODS }).notNull(),
    receiptObject: text("receipt_object", { enum: PAYMENT_OBJECTS }).notNull(),
    lastCheck: jsonb("last_check").$type<RegisterCheck>(),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
    archivedAt: moment("archived_at"),
  },
  (t) => [
    unique("registers_tenant").on(t.merchantId, t.id),
    uniqueIndex("registers_once").on(t.merchantId, t.pointOfSaleId).where(sql`archived_at is null`),
    foreignKey({
      columns: [t.merchantId, t.pointOfSaleId],
      foreignColumns: [pointsOfSale.merchantId, pointsOfSale.id],
    }),
    check("registers_tax_system", oneOf("tax_system", TAX_SYSTEMS)),
    check("registers_vat_rate", oneOf("vat_rate", PLAIN_VATS)),
    check("registers_receipt_method", oneOf("receipt_method", CHOOSABLE_METHODS)),
    check("registers_receipt_object", oneOf("receipt_object", PAYMENT_OBJECTS)),
  ],
);

/** One receipt: asked of the register under one number for ever, kept exactly as it was sent. */
export const receipts = pgTable(
  "receipts",
  {
    id: id(),
    merchantId: merchantId(),
    invoiceId: text("invoice_id").notNull(),
    attemptId: text("attempt_id").notNull(),
    /** The payment or refund that it is of; with the kind it stands for one receipt only. */
    subject: text("subject").notNull(),
    kind: text("kind", { enum: RECEIPT_KINDS }).notNull(),
    /** The sale that is handed over. */
    saleId: text("sale_id"),
    type: text("type", { enum: RECEIPT_TYPES }).notNull(),
    registerId: text("register_id"),
    service: text("service"),
    taxSystem: text("tax_system", { enum: TAX_SYSTEMS }),
    email: text("email"),
    paidBy: text("paid_by", { enum: PAID_BY }).notNull(),
    currency: currency(),
    amountMinor: minor("amount_minor").notNull(),
    isTest: boolean("is_test").notNull(),
    /** Lines as they are sent, with the rates of that day. */
    positions: jsonb("positions").$type<Position[]>().notNull(),
    /** What goes out, byte for byte; written before it is sent. Holds no credential. */
    request: text("request"),
    externalId: text("external_id").notNull(),
    /** SHA-256, hex, of the unguessable end of the address that the register tells us at. */
    callbackHash: text("callback_hash"),
    state: text("state", { enum: RECEIPT_STATES }).notNull(),
    /** The register's own number of it. */
    serviceReference: text("service_reference"),
    /** Why it failed or is not known: a code of ours, and the register's words. */
    fault: text("fault"),
    faultText: text("fault_text"),
    fiscal: jsonb("fiscal").$type<Fiscal>(),
    url: text("url"),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
    sentAt: moment("sent_at"),
    registeredAt: moment("registered_at"),
    /** When to send it, or to ask the register again; null when it is final or waits for a person. */
    nextLookAt: moment("next_look_at"),
    looks: integer("looks").notNull().default(0),
    lastLookAt: moment("last_look_at"),
  },
  (t) => [
    unique("receipts_tenant").on(t.merchantId, t.id),
    uniqueIndex("receipts_once").on(t.merchantId, t.subject, t.kind),
    uniqueIndex("receipts_callback").on(t.callbackHash),
    index("receipts_by_invoice").on(t.merchantId, t.invoiceId, t.id),
    index("receipts_due").on(t.nextLookAt).where(sql`next_look_at is not null`),
    foreignKey({ columns: [t.merchantId, t.invoiceId], foreignColumns: [invoices.merchantId, invoices.id] }),
    foreignKey({ columns: [t.merchantId, t.attemptId], foreignColumns: [attempts.merchantId, attempts.id] }),
    foreignKey({ columns: [t.merchantId, t.registerId], foreignColumns: [registers.merchantId, registers.id] }),
    check("receipts_kind", oneOf("kind", RECEIPT_KINDS)),
    check("receipts_type", oneOf("type", RECEIPT_TYPES)),
    check("receipts_state", oneOf("state", RECEIPT_STATES)),
    check("receipts_amount", sql`amount_minor > 0`),
  ],
);
