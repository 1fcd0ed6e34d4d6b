// Columns that many tables share, so that each thing is written one way.

import { sql } from "drizzle-orm";
import { bigint, char, text, timestamp } from "drizzle-orm/pg-core";

/** Prefixed, time-sortable id made by edge/ids.ts, never by the database. */
export const id = () => text("id").primaryKey();

/** The tenant. Stands on every row of a merchant; foreign keys are (merchant_id, id) so that none can cross merchants. */
export const merchantId = () => text("merchant_id").notNull();

/** A moment by the product's clock; never the database's own `now()`. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

/** A sum in minor units of the currency that stands beside it. */
export const minor = (name: string) => bigint(name, { mode: "bigint" });

/** ISO 4217 code. */
export const currency = () => char("currency", { length: 3 }).notNull();

/** Text limited to the words of a list: `check (column in (...))`. */
export const oneOf = (column: string, words: readonly string[]) =>
  sql.raw(`${column} in (${words.map((word) => `'${word}'`).join(", ")})`);
