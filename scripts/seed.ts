// The demonstration data and the list of places to look at, for start and dev alike.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./paths.ts";
import type { Stack } from "./stack.ts";

export type SeedInput = {
  databaseUrl: string;
  sandboxOrigin: string;
  webOrigin: string;
  edgeOrigin: string;
  keyEncryptionKeys: string;
  neonHost: string;
};
export type SeedLink = { label: string; url: string; note?: string };
export type Seed = (input: SeedInput) => Promise<{ links: SeedLink[] }>;

/** The seed stories, if they are written: plants what is not there yet and says where to look. */
export async function plantSeed(running: Stack): Promise<SeedLink[]> {
  const path = join(root, "db/seed/seed.ts");
  if (!existsSync(path)) return [];
  const module = (await import(pathToFileURL(path).href)) as { default?: Seed; seed?: Seed };
  const plant = module.seed ?? module.default;
  if (!plant) throw new Error("db/seed/seed.ts exports no seed");
  const { links } = await plant({
    databaseUrl: running.databaseUrl,
    sandboxOrigin: running.origins.sandbox,
    webOrigin: running.origins.web,
    edgeOrigin: running.origins.edge,
    keyEncryptionKeys: running.secrets.keyEncryptionKeys,
    neonHost: running.neonHost,
  });
  return links;
}

export function printPlaces(running: Stack, links: SeedLink[]): void {
  const places: SeedLink[] = [
    { label: "Screens", url: running.origins.web },
    { label: "API", url: running.origins.edge },
    { label: "Sandbox", url: running.origins.sandbox, note: "the outside world: processors, mailbox, clock" },
    ...links,
  ];
  const width = Math.max(...places.map((place) => place.label.length));
  for (const place of places) {
    console.log(`  ${place.label.padEnd(width)}  ${place.url}`);
    if (place.note) console.log(`  ${" ".repeat(width)}  ${place.note}`);
  }
}
