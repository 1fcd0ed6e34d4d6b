// Rows as JSON, the form in which the database's own functions (migration 0009) take and give them.

import { type Column, getTableColumns } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";

/** A row by the table's own column names. */
export type JsonRow = Record<string, unknown>;

const known = new WeakMap<PgTable, [key: string, column: Column][]>();

function columnsOf(table: PgTable): [key: string, column: Column][] {
  let columns = known.get(table);
  if (!columns) {
    columns = Object.entries(getTableColumns(table));
    known.set(table, columns);
  }
  return columns;
}

/** A whole row as PostgreSQL printed it, in the form that the query builder gives: dates, big integers, names in our style. */
export function fromJsonRow<T extends PgTable>(table: T, row: JsonRow): T["$inferSelect"] {
  const values: Record<string, unknown> = {};
  for (const [key, column] of columnsOf(table)) {
    const value = row[column.name];
    values[key] = value === null || value === undefined ? null : column.mapFromDriverValue(value);
  }
  return values as T["$inferSelect"];
}

/** The other way: names of the columns, big integers as text; what is undefined is left out. */
export function toJsonRow<T extends PgTable>(table: T, values: Partial<T["$inferInsert"]>): JsonRow {
  const row: JsonRow = {};
  for (const [key, column] of columnsOf(table)) {
    const value = (values as Record<string, unknown>)[key];
    if (value !== undefined) row[column.name] = typeof value === "bigint" ? value.toString() : value;
  }
  return row;
}

const REFUSED = /\\u(0000|d[89a-f])/i;

/**
 * JSON for a parameter of type jsonb, without the characters that PostgreSQL refuses (NUL, halves of surrogate pairs): a
 * processor's text may hold them, and must still be kept.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  // Most texts have no escape of this kind at all, and looking for one is much quicker than the pattern.
  if (!text.includes("\\u") || !REFUSED.test(text)) return text;
  return JSON.stringify(value, (_key, inner) => (typeof inner === "string" ? storableText(inner) : inner));
}

/** Text that every column can hold: what PostgreSQL refuses becomes a replacement character. */
export function storableText(text: string): string {
  return text.isWellFormed() && !text.includes("\0") ? text : text.toWellFormed().replaceAll("\0", "\uFFFD");
}
