// Who is being paid: merchants, their people, points of sale, API keys, and the keys that lock their secrets.

import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { AuditAction } from "./audit-actions.ts";
import { user } from "./auth.ts";
import { id, merchantId, moment, oneOf } from "./columns.ts";

export const MEMBER_ROLES = ["owner", "admin", "operator", "accountant", "viewer"] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

export const HOLD_POLICIES = ["ask", "capture", "release"] as const;
export type HoldPolicy = (typeof HOLD_POLICIES)[number];

export const merchants = pgTable("merchants", {
  id: id(),
  name: text("name").notNull(),
  legalName: text("legal_name").notNull(),
  taxId: text("tax_id").notNull(),
  email: text("email").notNull(),
  phone: text("phone"),
  address: text("address").notNull(),
  /** The public offer (terms) that payers are shown; https. */
  offerUrl: text("offer_url"),
  /** IANA zone in which the merchant reads dates and closes days. */
  timeZone: text("time_zone").notNull(),
  locale: text("locale").notNull(),
  /** What happens with a second capture of one invoice: its refund is started, or a person is asked. */
  paidTwicePolicy: text("paid_twice_policy", { enum: ["refund", "ask"] })
    .notNull()
    .default("refund"),
  /** What happens with held money that nobody has decided on shortly before its hold ends. */
  holdPolicy: text("hold_policy", { enum: HOLD_POLICIES }).notNull().default("ask"),
  /** By currency, the sum in minor units above which a refund needs a second person. */
  refundApproval: jsonb("refund_approval").$type<Record<string, number>>().notNull().default({}),
  /** Extras of the plan, by name, and until when a trial lasts; null for good. What is not here is locked. */
  extras: jsonb("extras").$type<Record<string, { until: string | null }>>().notNull().default({}),
  /** When it was settled, or put off, which own status each outcome leads to; null until a first connection asked. */
  outcomesAskedAt: moment("outcomes_asked_at"),
  createdAt: moment("created_at").notNull(),
  archivedAt: moment("archived_at"),
});

/** A merchant's data key, wrapped by a key-encryption key from the environment (edge/merchants/vault.ts). */
export const dataKeys = pgTable(
  "data_keys",
  {
    id: id(),
    merchantId: merchantId().references(() => merchants.id),
    /** Name of the key-encryption key in the environment that wraps it. */
    keyEncryptionKey: text("key_encryption_key").notNull(),
    wrapped: text("wrapped").notNull(),
    createdAt: moment("created_at").notNull(),
    retiredAt: moment("retired_at"),
  },
  (t) => [unique("data_keys_tenant").on(t.merchantId, t.id)],
);

export const members = pgTable(
  "members",
  {
    id: id(),
    merchantId: merchantId().references(() => merchants.id),
    userId: text("user_id")
      .notNull()
      .references(() => user.id),
    role: text("role", { enum: MEMBER_ROLES }).notNull(),
    createdAt: moment("created_at").notNull(),
    archivedAt: moment("archived_at"),
  },
  (t) => [
    unique("members_tenant").on(t.merchantId, t.id),
    uniqueIndex("members_once").on(t.merchantId, t.userId),
    index("members_by_user").on(t.userId),
    check("members_role", oneOf("role", MEMBER_ROLES)),
  ],
);

/** A shop or site of a merchant, with its own connections and switches. */
export const pointsOfSale = pgTable(
  "points_of_sale",
  {
    id: id(),
    merchantId: merchantId().references(() => merchants.id),
    name: text("name").notNull(),
    site: text("site").notNull(),
    activity: text("activity"),
    isTest: boolean("is_test").notNull(),
    isOpen: boolean("is_open").notNull().default(true),
    /** New invoices accept card payment by themselves. */
    cardOnAllInvoices: boolean("card_on_all_invoices").notNull().default(false),
    /** A paid proforma becomes a fiscal invoice by itself. */
    fiscalFromProforma: boolean("fiscal_from_proforma").notNull().default(false),
    /** A confirmed payment is booked as a collection by itself. */
    recordCollection: boolean("record_collection").notNull().default(false),
    /** Order in which methods are offered, as "connection:method"; what is not named follows, oldest connection first. */
    methodOrder: jsonb("method_order").$type<string[]>().notNull().default([]),
    /** Origins whose pages may show the payment page in a frame; none when empty. */
    frameOrigins: jsonb("frame_origins").$type<string[]>().notNull().default([]),
    /** Colour of the payer's pages, #rrggbb in lower case; what is made of it stays readable (components/payer/brand.ts). */
    brandColor: text("brand_color"),
    /** The logo on the payer's pages: what an ordinary read needs of it. Its bytes stand in `logos`. */
    logo: jsonb("logo").$type<{ hash: string; width: number; height: number }>(),
    /** Who mails to payers are from; left out: the sender of the installation, in the merchant's name. */
    senderName: text("sender_name"),
    senderEmail: text("sender_email"),
    /** The online cash register that makes the receipts of payments begun from now on; null: none does, or the processor. */
    registerId: text("register_id"),
    createdAt: moment("created_at").notNull(),
    archivedAt: moment("archived_at"),
  },
  (t) => [
    unique("points_of_sale_tenant").on(t.merchantId, t.id),
    check("points_of_sale_brand_color", sql`brand_color ~ '^#[0-9a-f]{6}$'`),
  ],
);

export const LOGO_TYPES = ["image/png", "image/jpeg", "image/webp"] as const;
export type LogoType = (typeof LOGO_TYPES)[number];

/** The bytes of a point of sale's logo: a table of their own, so that ordinary reads do not carry them. */
export const logos = pgTable(
  "logos",
  {
    id: id(),
    merchantId: merchantId(),
    pointOfSaleId: text("point_of_sale_id").notNull(),
    /** SHA-256 of the bytes, hex: the address under which browsers keep it. */
    hash: text("hash").notNull(),
    type: text("type", { enum: LOGO_TYPES }).notNull(),
    /** Base64. */
    data: text("data").notNull(),
    createdAt: moment("created_at").notNull(),
  },
  (t) => [
    unique("logos_tenant").on(t.merchantId, t.id),
    uniqueIndex("logos_once").on(t.merchantId, t.pointOfSaleId),
    index("logos_by_hash").on(t.hash),
    check("logos_type", oneOf("type", LOGO_TYPES)),
    foreignKey({
      columns: [t.merchantId, t.pointOfSaleId],
      foreignColumns: [pointsOfSale.merchantId, pointsOfSale.id],
    }),
  ],
);

export const apiKeys = pgTable(
  "api_keys",
  {
    id: id(),
    merchantId: merchantId(),
    pointOfSaleId: text("point_of_sale_id").notNull(),
    name: text("name").notNull(),
    /** First characters, to recognise it by. */
    prefix: text("prefix").notNull(),
    /** SHA-256 of the whole key, hex; the key itself is shown once and kept nowhere. */
    hash: text("hash").notNull(),
    scopes: jsonb("scopes").$type<string[]>().notNull(),
    /** `member:<id>`, `api_key:<id>`, or `system`: what is asked by the key is asked by its maker too. */
    createdBy: text("created_by").notNull().default("system"),
    createdAt: moment("created_at").notNull(),
    lastUsedAt: moment("last_used_at"),
    revokedAt: moment("revoked_at"),
  },
  (t) => [
    unique("api_keys_tenant").on(t.merchantId, t.id),
    uniqueIndex("api_keys_hash").on(t.hash),
    foreignKey({
      columns: [t.merchantId, t.pointOfSaleId],
      foreignColumns: [pointsOfSale.merchantId, pointsOfSale.id],
    }),
  ],
);

export const SERIES_KINDS = ["proforma", "fiscal"] as const;

/** A document series. Its next number is taken in the transaction that issues the document: no gaps, no doubles. */
export const series = pgTable(
  "series",
  {
    id: id(),
    merchantId: merchantId().references(() => merchants.id),
    kind: text("kind", { enum: SERIES_KINDS }).notNull(),
    prefix: text("prefix").notNull(),
    isTest: boolean("is_test").notNull(),
    nextNumber: bigint("next_number", { mode: "number" }).notNull().default(1),
    createdAt: moment("created_at").notNull(),
    archivedAt: moment("archived_at"),
  },
  (t) => [
    unique("series_tenant").on(t.merchantId, t.id),
    uniqueIndex("series_prefix").on(t.merchantId, t.prefix),
    check("series_kind", oneOf("kind", SERIES_KINDS)),
  ],
);

/** Every change that a person or key made: who, when, before, after; never a secret. Append-only. */
export const auditEntries = pgTable(
  "audit_entries",
  {
    id: id(),
    merchantId: merchantId().references(() => merchants.id),
    /** `member:<id>`, `api_key:<id>`, `payer`, `processor:<id>` or `system`. */
    actor: text("actor").notNull(),
    action: text("action").notNull().$type<AuditAction>(),
    subject: text("subject").notNull(),
    before: jsonb("before"),
    after: jsonb("after"),
    requestId: text("request_id"),
    at: moment("at").notNull(),
  },
  (t) => [
    unique("audit_entries_tenant").on(t.merchantId, t.id),
    index("audit_entries_by_subject").on(t.merchantId, t.subject, t.id),
  ],
);
