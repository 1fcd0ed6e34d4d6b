// `npm test`: everything that can be checked on one machine. The very last line is the sum of all counts.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Case, lint, playwright, summarize, types, vitest } from "./checks.ts";
import { stateDir } from "./paths.ts";
import { stopAll, stopOnSignals } from "./processes.ts";

stopOnSignals(stopAll);
// Types first: the build writes into the folder that the type check reads. Then two processors have two things to do.
const [typed, linted] = await Promise.all([types(), lint()]);
const [tested, built] = await Promise.all([vitest(), build()]);
const seen = await playwright();
const parts = [typed, linted, tested, built, seen];

/** Title -> status, for the list of features. The same title on several devices is one: the worst of them counts. */
const results: Record<string, Case["status"]> = {};
const rank = { skipped: 0, passed: 1, failed: 2 };
for (const { title, status } of parts.flatMap((part) => part.cases)) {
  const known = results[title];
  if (!known || rank[status] > rank[known]) results[title] = status;
}
mkdirSync(stateDir, { recursive: true });
writeFileSync(join(stateDir, "test-results.json"), `${JSON.stringify(results, null, 2)}\n`);

process.exitCode = summarize(parts) ? 0 : 1;
process.exit();
