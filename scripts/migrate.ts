// Brings a database to the newest schema: applies db/migrations in order, each once.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
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
    await migrate(drizzle(client), { migrationsFolder });
  } finally {
    await client.end();
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error("DATABASE_URL is not set");
  await applyMigrations(url);
  console.log("migrations applied");
}
