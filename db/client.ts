// The way to the database: Neon over HTTP, one statement or one non-interactive transaction per round trip.

import { neon, neonConfig, Pool } from "@neondatabase/serverless";
import type { BatchItem } from "drizzle-orm/batch";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import { drizzle as drizzlePool } from "drizzle-orm/neon-serverless";
import * as schema from "./schema/index.ts";

export type Database = NeonHttpDatabase<typeof schema>;
export type Statement = BatchItem<"pg">;

/** Points the driver at the local Neon endpoint ("host:port"); without it nothing changes and it speaks to Neon. */
function pointAtLocalEndpoint(endpoint: string | undefined): void {
  if (!endpoint) return;
  neonConfig.fetchEndpoint = () => `http://${endpoint}/sql`;
  neonConfig.wsProxy = () => `${endpoint}/v2`;
  neonConfig.useSecureWebSocket = false;
  neonConfig.pipelineTLS = false;
  neonConfig.pipelineConnect = "password";
}

let opened: { url: string; db: Database } | undefined;

/** Opens nothing: each query is one HTTP request, so that the same client serves every request of an isolate. */
export function openDatabase(url: string, localEndpoint?: string): Database {
  pointAtLocalEndpoint(localEndpoint);
  if (opened?.url !== url) opened = { url, db: drizzle(neon(url), { schema }) };
  return opened.db;
}

/**
 * A short-lived pool for the sign-in library alone, which needs interactive transactions. Sockets may not outlive a
 * request: close it with `pool.end()` before the request ends.
 */
export function openPool(url: string, localEndpoint?: string) {
  pointAtLocalEndpoint(localEndpoint);
  const pool = new Pool({ connectionString: url, max: 1 });
  pool.on("error", () => {}); // an idle socket closing is no news
  return { pool, db: drizzlePool(pool, { schema }) };
}

/** Runs statements as one transaction in one round trip; none means nothing to do. */
export async function runTogether(db: Database, statements: Statement[]): Promise<unknown[]> {
  const [first, ...rest] = statements;
  if (!first) return [];
  return db.batch([first, ...rest]);
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
