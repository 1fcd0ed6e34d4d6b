// Brings a database to the newest schema: applies db/migrations in order, each once.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { root } from "./paths.ts";

export async function applyMigrations(databaseUrl: string): Promise<void> {
  const migrationsFolder = join(root, "db/migrations");
  if (!existsSync(join(migrationsFolder, "meta/_journal.json"))) return; // no schema yet
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on("error", () => {});
  await client.connect();
  try {
    await refuseRewrittenHistory(client, migrationsFolder);
    await migrate(drizzle(client), { migrationsFolder });
  } finally {
    await client.end();
  }
}

/** A migration that was changed after it was applied cannot be applied again, and skipping it would hide the change. */
async function refuseRewrittenHistory(client: pg.Client, migrationsFolder: string): Promise<void> {
  const table = await client.query<{ name: string | null }>(
    `select to_regclass('drizzle.__drizzle_migrations') as name`,
  );
  if (!table.rows[0]?.name) return;
  const known = new Set(readMigrationFiles({ migrationsFolder }).map((file) => file.hash));
  const applied = await client.query<{ hash: string }>("select hash from drizzle.__drizzle_migrations");
  if (applied.rows.some((row) => !known.has(row.hash))) {
    throw new Error(
      "This database was made with migrations that have been rewritten since. Locally: `npm start -- --fresh` (or `npm run dev -- --fresh`) begins again with empty data.",
    );
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error("DATABASE_URL is not set");
  await applyMigrations(url);
  console.log("migrations applied");
}
