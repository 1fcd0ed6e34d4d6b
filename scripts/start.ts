// `npm start`: the product with its data kept between runs, and a list of places to look at.
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureBuild } from "./build.ts";
import { portFrom, stateDir } from "./paths.ts";
import { explain, stopAll, stopOnSignals } from "./processes.ts";
import { plantSeed, printPlaces } from "./seed.ts";
import { claim, forgetStack, type Log, type Stack, startStack } from "./stack.ts";

const began = Date.now();
const dataDir = join(stateDir, "start");
let stack: Stack | undefined;
stopOnSignals(async () => {
  console.log("\nStopping …");
  await stack?.stop();
  await stopAll(); // what was still starting
});

const log = logTo(join(stateDir, "logs"));
try {
  if (process.argv.includes("--fresh")) forgetStack(dataDir);
  claim(dataDir); // before the build, which a running stack would feel
  await ensureBuild(console.log);
  const ports = await choosePorts({ web: 3000, edge: 3001, sandbox: 3002 });
  stack = await startStack({ ports, dataDir, persistent: true, ticker: true, log });
  void stack.broken.then(async (reason) => {
    console.error(reason);
    await stack?.stop();
    process.exit(1);
  });
  const links = await plantSeed(stack);
  console.log(`\nReady after ${((Date.now() - began) / 1000).toFixed(1)} s.\n`);
  printPlaces(stack, links);
  console.log("\nLogs are in .plata/logs. Ctrl-C stops everything; the data stay.\n");
} catch (error) {
  console.error(explain(error));
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
