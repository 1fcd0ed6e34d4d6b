// Whether help articles help: one vote per visitor and article, changeable.

import { boolean, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { id, moment } from "./columns.ts";

export const helpVotes = pgTable(
  "help_votes",
  {
    id: id(),
    article: text("article").notNull(),
    /** A random id from the visitor's own cookie; belongs to no account. */
    visitor: text("visitor").notNull(),
    isHelpful: boolean("is_helpful").notNull(),
    votedAt: moment("voted_at").notNull(),
  },
  (t) => [uniqueIndex("help_votes_once").on(t.article, t.visitor)],
);
