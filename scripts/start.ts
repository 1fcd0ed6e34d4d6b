// `npm start`: the product with its data kept between runs, and a list of places to look at.
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureBuild } from "./build.ts";
import { portFrom, root, stateDir } from "./paths.ts";
import { stopOnSignals } from "./processes.ts";
import { type Log, type Stack, startStack } from "./stack.ts";

type SeedInput = {
  databaseUrl: string;
  sandboxOrigin: string;
  webOrigin: string;
  edgeOrigin: string;
  keyEncryptionKeys: string;
  neonHost: string;
};
type SeedLink = { label: string; url: string; note?: string };
type Seed = (input: SeedInput) => Promise<{ links: SeedLink[] }>;

const began = Date.now();
let stack: Stack | undefined;
stopOnSignals(async () => {
  console.log("\nStopping …");
  await stack?.stop();
});

const log = logTo(join(stateDir, "logs"));
try {
  await ensureBuild(console.log);
  const ports = await choosePorts({ web: 3000, edge: 3001, sandbox: 3002 });
  stack = await startStack({ ports, dataDir: join(stateDir, "start"), persistent: true, ticker: true, log });
  void stack.broken.then(async (reason) => {
    console.error(reason);
    await stack?.stop();
    process.exit(1);
  });
  const links = await seed(stack);
  print(stack, links);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await stack?.stop();
  process.exit(1);
}

/** The ports people bookmark, or the next free ones with a word about it. */
async function choosePorts<T extends Record<string, number>>(wanted: T): Promise<T> {
  const taken = new Set<number>();
  const chosen: Record<string, number> = {};
  for (const [name, port] of Object.entries(wanted)) {
    const free = await portFrom(port, taken);
    if (free !== port) console.log(`Port ${port} is taken, so ${name} uses ${free}.`);
    taken.add(free);
    chosen[name] = free;
  }
  return chosen as T;
}

async function seed(running: Stack): Promise<SeedLink[]> {
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

function print(running: Stack, links: SeedLink[]): void {
  const places: SeedLink[] = [
    { label: "Screens", url: running.origins.web },
    { label: "API", url: running.origins.edge },
    { label: "Sandbox", url: running.origins.sandbox, note: "the outside world: processors, mailbox, clock" },
    ...links,
  ];
  const width = Math.max(...places.map((place) => place.label.length));
  console.log(`\nReady after ${((Date.now() - began) / 1000).toFixed(1)} s.\n`);
  for (const place of places) {
    console.log(`  ${place.label.padEnd(width)}  ${place.url}`);
    if (place.note) console.log(`  ${" ".repeat(width)}  ${place.note}`);
  }
  console.log("\nLogs are in .plata/logs. Ctrl-C stops everything; the data stay.\n");
}

/** One file per part, new at each start. */
function logTo(folder: string): Log {
  mkdirSync(folder, { recursive: true });
  const known = new Set<string>();
  return (source, line) => {
    const path = join(folder, `${source}.log`);
    if (!known.has(source)) writeFileSync(path, "");
    known.add(source);
    appendFileSync(path, `${line}\n`);
  };
}
