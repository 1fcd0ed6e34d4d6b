// Short-lived links by which an invoice is shown on another device or to another person, without its payer's data.

import { sql } from "drizzle-orm";
import { foreignKey, index, pgTable, text, unique, uniqueIndex } from "drizzle-orm/pg-core";
import { id, merchantId, moment } from "./columns.ts";
import { invoices } from "./invoices.ts";

export const handOvers = pgTable(
  "hand_overs",
  {
    id: id(),
    merchantId: merchantId(),
    invoiceId: text("invoice_id").notNull(),
    /** SHA-256 of the link's token, hex; the token itself is shown once and kept nowhere. */
    tokenHash: text("token_hash").notNull(),
    createdAt: moment("created_at").notNull(),
    /** After it the link shows nothing. A payment begun through it moves it, so that its payer can come back. */
    expiresAt: moment("expires_at").notNull(),
    /** The attempt that was last opened through it: who opened it comes back here, whoever began it. */
    attemptId: text("attempt_id"),
  },
  (t) => [
    unique("hand_overs_tenant").on(t.merchantId, t.id),
    uniqueIndex("hand_overs_token").on(t.tokenHash),
    index("hand_overs_by_expiry").on(t.expiresAt),
    index("hand_overs_by_attempt").on(t.merchantId, t.attemptId).where(sql`attempt_id is not null`),
    foreignKey({ columns: [t.merchantId, t.invoiceId], foreignColumns: [invoices.merchantId, invoices.id] }),
  ],
);
