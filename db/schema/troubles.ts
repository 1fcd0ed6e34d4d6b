// Ways to pay that fail for many people just now; read with every payment page, kept up by cron.

import { boolean, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";

/** Belongs to no merchant: what fails at a processor fails for all of them. Holds nothing of any payer. */
export const methodTroubles = pgTable(
  "method_troubles",
  {
    processor: text("processor").notNull(),
    method: text("method").notNull(),
    isTest: boolean("is_test").notNull(),
    /** The one connection that it fails at; empty when it fails at several. */
    connectionId: text("connection_id").notNull(),
    /** The first of the failures that were counted. */
    since: moment("since").notNull(),
    tries: integer("tries").notNull(),
    failures: integer("failures").notNull(),
    updatedAt: moment("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.processor, t.method, t.isTest, t.connectionId] })],
);
