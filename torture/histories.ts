// Random histories on a real Postgres: the property of edge/payments/story.pg.test.ts, told more often.
import { bin } from "../scripts/paths.ts";
import { run } from "../scripts/processes.ts";
import { Checks, type Say } from "./support.ts";

export async function histories(options: { seed: number; histories: number; say: Say }): Promise<Checks> {
  const checks = new Checks();
  const lines: string[] = [];
  const code = await run(
    bin("vitest"),
    ["run", "--project", "postgres", "edge/payments/story.pg.test.ts"],
    { HISTORIES: String(options.histories), SEED: String(options.seed), FORCE_COLOR: "0" },
    (line) => lines.push(line),
  );
  if (code !== 0) for (const line of lines.filter((line) => line.trim()).slice(-60)) options.say(`  ${line}`);
  checks.that(`${options.histories} histories on Postgres`, code === 0, "see above");
  return checks;
}
