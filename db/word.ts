// A condition whose word stands in the statement's own text.

import { type Column, type SQL, sql } from "drizzle-orm";

/**
 * `column = 'word'`. As a parameter the word would hide from the planner that an index over a part of the rows will do, once
 * a plan is kept for all values.
 * @param word one of a closed list of ours, never what somebody typed
 */
export function isWord(column: Column, word: string): SQL {
  if (!/^[a-z_]+$/.test(word)) throw new Error("not a word of ours");
  return sql`${column} = ${sql.raw(`'${word}'`)}`;
}
