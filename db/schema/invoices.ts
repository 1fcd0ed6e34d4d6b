// What is owed: invoices, their lines, and the collections that book their payments.

import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { INVOICE_STATES, OUTCOMES } from "../../edge/payments/states.ts";
import { currency, id, merchantId, minor, moment, oneOf } from "./columns.ts";
import { pointsOfSale, series } from "./merchants.ts";
import { ownStatuses } from "./own-statuses.ts";

export const INVOICE_KINDS = ["proforma", "fiscal"] as const;

/** What a search looks through, in one text with an index of its own (`invoices_search`). */
export const invoiceSearchText = sql.raw(
  `("invoices"."payer_name" || E'\\n' || coalesce("invoices"."payer_email", '') || E'\\n' || coalesce("invoices"."label", ''))`,
);

export const invoices = pgTable(
  "invoices",
  {
    id: id(),
    merchantId: merchantId(),
    pointOfSaleId: text("point_of_sale_id").notNull(),
    kind: text("kind", { enum: INVOICE_KINDS }).notNull(),
    /** Set together when the invoice is issued; a draft has neither. */
    seriesId: text("series_id"),
    number: bigint("number", { mode: "number" }),
    /** Series prefix and number as printed, e.g. "PF-000012". */
    label: text("label"),
    state: text("state", { enum: INVOICE_STATES }).notNull(),
    isTest: boolean("is_test").notNull(),
    currency: currency(),
    /** Sum of the lines. */
    amountMinor: minor("amount_minor").notNull(),
    /** Sum of all payments, refunds included as negative ones; equals the sum over payments at any time. */
    paidMinor: minor("paid_minor").notNull().default(sql`0`),
    acceptsCard: boolean("accepts_card").notNull(),
    /** Methods offered on this link, in this order; null means all that the point of sale offers. */
    methods: jsonb("methods").$type<string[]>(),
    /** The one connection that may take its money; null means any. */
    onlyConnectionId: text("only_connection_id"),
    /** The CRM installation that made it and is told of every change. */
    crmInstallationId: text("crm_installation_id"),
    payerName: text("payer_name").notNull(),
    payerEmail: text("payer_email"),
    payerPhone: text("payer_phone"),
    payerAddress: text("payer_address"),
    payerTaxId: text("payer_tax_id"),
    /** For whom it is, when not for the payer: the pupil, the patient. */
    beneficiaryName: text("beneficiary_name"),
    /** Language of the payer's page and mails. */
    locale: text("locale").notNull(),
    note: text("note"),
    issuedOn: date("issued_on", { mode: "string" }),
    dueOn: date("due_on", { mode: "string" }),
    /** After it the page takes no payment; extending it revives the same link. */
    expiresAt: moment("expires_at"),
    /** Unguessable part of the link; stable over edits. */
    linkToken: text("link_token").notNull(),
    /** A fiscal invoice made from a proforma points at it; at most one may. */
    proformaId: text("proforma_id"),
    paidAt: moment("paid_at"),
    cancelledAt: moment("cancelled_at"),
    /** What became of it, in the vocabulary that the merchant's own statuses are chosen for; null while nothing did. */
    outcome: text("outcome", { enum: OUTCOMES }),
    /** Why, where something went wrong: a decline reason or one of ours. */
    outcomeReason: text("outcome_reason"),
    /** Who caused it, as in events. */
    outcomeBy: text("outcome_by"),
    outcomeAt: moment("outcome_at"),
    /** The merchant's own status that the last chosen outcome led to. */
    ownStatusId: text("own_status_id"),
    /** Counts every transition; a step commits only on the version it was decided on. */
    version: integer("version").notNull().default(1),
    createdBy: text("created_by").notNull(),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
    archivedAt: moment("archived_at"),
  },
  (t) => [
    unique("invoices_tenant").on(t.merchantId, t.id),
    uniqueIndex("invoices_link").on(t.linkToken),
    uniqueIndex("invoices_number").on(t.merchantId, t.seriesId, t.number),
    uniqueIndex("invoices_one_fiscal").on(t.merchantId, t.proformaId),
    index("invoices_list").on(t.merchantId, t.isTest, t.id),
    // A state that few are in, or a kind that there is none of, is found without reading all of the merchant's.
    index("invoices_by_state").on(t.merchantId, t.state, t.id),
    index("invoices_fiscal").on(t.merchantId, t.id).where(sql`kind = 'fiscal'`),
    index("invoices_own_status").on(t.merchantId, t.ownStatusId, t.id).where(sql`own_status_id is not null`),
    // Whom else the same payer is known as: addresses to send a link to are looked for in earlier invoices.
    index("invoices_payer_tax_id").on(t.merchantId, t.payerTaxId, t.id).where(sql`payer_tax_id is not null`),
    index("invoices_payer_phone").on(t.merchantId, t.payerPhone, t.id).where(sql`payer_phone is not null`),
    index("invoices_payer_email").on(t.merchantId, sql`lower(payer_email)`, t.id).where(sql`payer_email is not null`),
    index("invoices_search").using(
      "gin",
      sql.raw(`(payer_name || E'\\n' || coalesce(payer_email, '') || E'\\n' || coalesce(label, '')) gin_trgm_ops`),
    ),
    foreignKey({
      columns: [t.merchantId, t.pointOfSaleId],
      foreignColumns: [pointsOfSale.merchantId, pointsOfSale.id],
    }),
    foreignKey({ columns: [t.merchantId, t.seriesId], foreignColumns: [series.merchantId, series.id] }),
    foreignKey({
      columns: [t.merchantId, t.proformaId],
      foreignColumns: [t.merchantId as AnyPgColumn, t.id as AnyPgColumn],
      name: "invoices_proforma",
    }),
    foreignKey({
      columns: [t.merchantId, t.ownStatusId],
      foreignColumns: [ownStatuses.merchantId, ownStatuses.id],
      name: "invoices_own_status_fk",
    }),
    check("invoices_state", oneOf("state", INVOICE_STATES)),
    check("invoices_outcome", oneOf("outcome", OUTCOMES)),
    check("invoices_amount", sql`amount_minor >= 0`),
  ],
);

export const invoiceLines = pgTable(
  "invoice_lines",
  {
    id: id(),
    merchantId: merchantId(),
    invoiceId: text("invoice_id").notNull(),
    position: integer("position").notNull(),
    description: text("description").notNull(),
    /** Thousandths of a unit: 1500 is 1.5. */
    quantityMilli: bigint("quantity_milli", { mode: "number" }).notNull(),
    unit: text("unit"),
    unitPriceMinor: minor("unit_price_minor").notNull(),
    /** Hundredths of a percent: 2100 is 21 %. Included in the price. */
    vatBasisPoints: integer("vat_basis_points").notNull().default(0),
    amountMinor: minor("amount_minor").notNull(),
  },
  (t) => [
    unique("invoice_lines_tenant").on(t.merchantId, t.id),
    uniqueIndex("invoice_lines_order").on(t.merchantId, t.invoiceId, t.position),
    foreignKey({ columns: [t.merchantId, t.invoiceId], foreignColumns: [invoices.merchantId, invoices.id] }),
  ],
);
