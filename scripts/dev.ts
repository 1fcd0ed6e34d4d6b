// `npm run dev`: like `npm start`, but pages and the edge Worker follow every saved file.
import { join } from "node:path";
import { portFrom, stateDir } from "./paths.ts";
import { explain, stopAll, stopOnSignals } from "./processes.ts";
import { plantSeed, printPlaces } from "./seed.ts";
import { forgetStack, type Stack, startStack } from "./stack.ts";

let stack: Stack | undefined;
stopOnSignals(async () => {
  await stack?.stop();
  await stopAll(); // what was still starting
});
const dataDir = join(stateDir, "dev");
try {
  if (process.argv.includes("--fresh")) forgetStack(dataDir);
  const web = await portFrom(3000);
  const edge = await portFrom(3001, new Set([web]));
  const sandbox = await portFrom(3002, new Set([web, edge]));
  stack = await startStack({
    ports: { web, edge, sandbox },
    dataDir,
    persistent: true,
    ticker: true,
    web: "dev",
    log: (source, line) => line.includes("/cdn-cgi/handler/scheduled") || console.log(`${source.padEnd(8)}${line}`),
  });
  void stack.broken.then(async (reason) => {
    console.error(reason);
    await stack?.stop();
    process.exit(1);
  });
  printPlaces(stack, await plantSeed(stack));
} catch (error) {
  console.error(explain(error));
  await stack?.stop();
  process.exit(1);
}
