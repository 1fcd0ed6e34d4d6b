// `npm run torture`: the long proofs by trying. Bounded in count and time; a printed seed repeats a run.
//   npm run torture -- [--only histories,crash,hostile] [--seed N] [--payments N] [--kills N] [--histories N] [--messages N]
import { parseArgs } from "node:util";
import { explain, stopAll, stopOnSignals } from "../scripts/processes.ts";
import { crash } from "./crash.ts";
import { histories } from "./histories.ts";
import { hostile } from "./hostile.ts";
import type { Checks } from "./support.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "histories,crash,hostile" },
    seed: { type: "string" },
    payments: { type: "string", default: "2000" },
    kills: { type: "string", default: "30" },
    histories: { type: "string", default: "10000" },
    messages: { type: "string", default: "100000" },
  },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const wanted = new Set(values.only.split(","));
const say = (line: string) => console.log(line);

stopOnSignals(stopAll);
const tortures: Record<string, () => Promise<{ checks: Checks; told: Record<string, number> }>> = {
  histories: async () => ({
    checks: await histories({ seed, histories: Number(values.histories), say }),
    told: {},
  }),
  crash: () => crash({ seed, payments: Number(values.payments), kills: Number(values.kills), say }),
  hostile: () => hostile({ seed, messages: Number(values.messages), say }),
};

let passed = 0;
let failed = 0;
let skipped = 0;
for (const [name, torture] of Object.entries(tortures)) {
  if (!wanted.has(name)) {
    skipped += 1;
    continue;
  }
  say(`${name} (seed ${seed})`);
  const began = Date.now();
  try {
    const { checks, told } = await torture();
    for (const [what, count] of Object.entries(told).sort()) say(`  ${String(count).padStart(7)}  ${what}`);
    checks.tell(say);
    const { results } = checks;
    passed += results.filter(({ faults }) => faults.length === 0).length;
    failed += results.filter(({ faults }) => faults.length > 0).length;
  } catch (error) {
    say(`  FAIL ${explain(error)}`);
    failed += 1;
  }
  say(`  ${((Date.now() - began) / 1000).toFixed(1)} s; again with: npm run torture -- --only ${name} --seed ${seed}`);
}
say(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
process.exit();
