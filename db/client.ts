// The way to the database: Neon over HTTP, one statement or one non-interactive transaction per round trip.

import { neon, neonConfig } from "@neondatabase/serverless";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import * as schema from "./schema/index.ts";

export type Database = NeonHttpDatabase<typeof schema>;

/** Points the driver at the local Neon endpoint ("host:port"); without it nothing changes and it speaks to Neon. */
function pointAtLocalEndpoint(endpoint: string | undefined): void {
  if (!endpoint) return;
  neonConfig.fetchEndpoint = () => `http://${endpoint}/sql`;
}

let opened: { url: string; db: Database } | undefined;

/** Opens nothing: each query is one HTTP request, so that the same client serves every request of an isolate. */
export function openDatabase(url: string, localEndpoint?: string): Database {
  pointAtLocalEndpoint(localEndpoint);
  if (opened?.url !== url) opened = { url, db: drizzle(neon(url), { schema }) };
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
