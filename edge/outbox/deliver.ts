// What the outbox hands to whoever delivers an effect, and what it wants to hear.

import type { outbox } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";

export type OutboxRow = typeof outbox.$inferSelect;
export type Deliver = (
  context: Context,
  row: OutboxRow,
) => Promise<{
  done: boolean;
  text: string;
  /** Not done, and trying again would end the same. */
  isFinal?: boolean;
}>;
