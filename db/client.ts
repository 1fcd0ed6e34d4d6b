// The way to the database: Neon over HTTP, one statement or one non-interactive transaction per round trip.

import {
  createTableRelationsHelpers,
  type ExtractTablesWithRelations,
  extractTablesRelationalConfig,
} from "drizzle-orm";
import type { BatchItem, BatchResponse } from "drizzle-orm/batch";
import { type NeonHttpQueryResultHKT, NeonHttpSession } from "drizzle-orm/neon-http/session";
import { PgDatabase, PgDialect } from "drizzle-orm/pg-core";
import { connectNeon } from "./neon-http.ts";
import * as schema from "./schema/index.ts";

type Tables = ExtractTablesWithRelations<typeof schema>;
const { tables, tableNamesMap } = extractTablesRelationalConfig<Tables>(schema, createTableRelationsHelpers);
const known = { fullSchema: schema, schema: tables, tableNamesMap };

/** Drizzle on our own client of Neon; its usual door would bring Neon's driver with it (neon-http.ts says why not). */
export class Database extends PgDatabase<NeonHttpQueryResultHKT, typeof schema, Tables> {
  readonly #session: NeonHttpSession<typeof schema, Tables>;

  /**
   * @param url postgresql://…
   * @param localEndpoint "host:port" of a stand-in for Neon; without it Neon itself is asked
   */
  constructor(url: string, localEndpoint?: string) {
    const dialect = new PgDialect();
    const session = new NeonHttpSession<typeof schema, Tables>(connectNeon(url, localEndpoint), dialect, known);
    super(dialect, session, known);
    this.#session = session;
  }

  /** All of them in one transaction and one round trip, or none. */
  batch<U extends BatchItem<"pg">, T extends Readonly<[U, ...U[]]>>(queries: T): Promise<BatchResponse<T>> {
    return this.#session.batch(queries);
  }
}

let opened: { key: string; db: Database } | undefined;

/** Opens nothing: each query is one HTTP request, so that the same client serves every request of an isolate. */
export function openDatabase(url: string, localEndpoint?: string): Database {
  const key = `${url} ${localEndpoint}`;
  if (opened?.key !== key) opened = { key, db: new Database(url, localEndpoint) };
  return opened.db;
}

/** SQLSTATE of a database error, wherever the query builder hid it. */
export function sqlState(error: unknown): string | undefined {
  for (let e = error; e && typeof e === "object"; e = (e as { cause?: unknown }).cause) {
    const code = (e as { code?: unknown }).code;
    if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) return code;
  }
  return undefined;
}

/** Name of the constraint that a statement broke, if the database named it. */
export function brokenConstraint(error: unknown): string | undefined {
  for (let e = error; e && typeof e === "object"; e = (e as { cause?: unknown }).cause) {
    const name = (e as { constraint?: unknown }).constraint;
    if (typeof name === "string" && name) return name;
  }
  return undefined;
}
