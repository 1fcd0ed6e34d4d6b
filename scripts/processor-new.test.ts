// The folder of a new processor: made by the command itself, right in its types, and red in every case.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { bin, root } from "./paths.ts";
import { suiteCases } from "./processor-new.ts";

const folder = mkdtempSync(join(tmpdir(), "plata-new-"));
const into = join(folder, "edge/processors");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, "scripts/processor-new.ts"), ...args], { encoding: "utf8" });

test("the command makes a folder whose every contract case fails until it is written", () => {
  mkdirSync(into, { recursive: true });
  const made = run("kassa24", into);
  expect(made.status, made.stderr).toBe(0);
  const own = join(into, "kassa24");
  for (const name of ["README.md", "descriptor.ts", "index.ts", "codes.ts", "contract.test.ts", "testing.ts"]) {
    expect(existsSync(join(own, name)), name).toBe(true);
  }
  expect(readFileSync(join(own, "README.md"), "utf8").match(/^## /gm)).toHaveLength(10);

  // Where an adapter stands: beside the contract.
  for (const name of ["money.ts", "result.ts", "processors/contract.ts"]) {
    cpSync(join(root, "edge", name), join(folder, "edge", name));
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  cpSync(join(root, "tsconfig.base.json"), join(folder, "tsconfig.base.json"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: "./tsconfig.base.json", compilerOptions: { types: ["node"] }, include: ["edge"] }),
  );
  const types = spawnSync(bin("tsc"), ["-p", folder, "--noEmit"], { encoding: "utf8" });
  expect(types.stdout + types.stderr).toBe("");

  // Without what this very runner has put into the environment for its workers.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS|TEST$)/.test(name)),
  );
  const results = join(folder, "results.json");
  const tests = spawnSync(bin("vitest"), ["run", "--root", folder, "--reporter", "json", "--outputFile", results], {
    encoding: "utf8",
    cwd: folder,
    env,
  });
  expect(tests.status, tests.stderr).toBe(1);
  const report = JSON.parse(readFileSync(results, "utf8")) as Record<string, number>;
  const cases = suiteCases();
  expect(cases.length).toBeGreaterThan(45);
  expect(new Set(cases).size).toBe(cases.length);
  expect(report).toMatchObject({ numTotalTests: cases.length, numFailedTests: cases.length, numPassedTests: 0 });
});

test("it lists every case that the suite has", () => {
  const suite = readFileSync(join(root, "edge/processors/contract-suite.ts"), "utf8");
  const body = suite.slice(suite.indexOf("export function describeContract"));
  expect(suiteCases()).toHaveLength(body.match(/^\s+(it|when\(.*\))\(["`]/gm)?.length ?? 0);
});

test("the command refuses a bad name and a folder that is there, and touches nothing", () => {
  for (const name of ["", "Kassa", "../x", "a", "kassa-24"]) {
    const refused = run(name, into);
    expect(refused.status, name).toBe(1);
    expect(refused.stderr).toContain("usage");
  }
  const before = readdirSync(into);
  if (!existsSync(join(into, "netopia"))) mkdirSync(join(into, "netopia"));
  expect(run("netopia", into).stderr).toContain("is there already");
  expect(readdirSync(into).filter((name) => !before.includes(name))).toEqual(["netopia"]);
  expect(readdirSync(join(into, "netopia"))).toEqual([]);
});
