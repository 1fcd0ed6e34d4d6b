// The parts of `npm run check` and `npm test`: each runs one tool and gives its counts.
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ensureBuild, quietEnv } from "./build.ts";
import { bin, root } from "./paths.ts";
import { explain, removeWithUs, run } from "./processes.ts";

export type Status = "passed" | "failed" | "skipped";
export type Case = { part: string; title: string; status: Status };
export type Part = { name: string; cases: Case[]; seconds: number };

const projects = ["tsconfig.json", "edge/tsconfig.json", "tsconfig.node.json"];

/** What a tool prints is kept back until it ends, so that parallel tools do not mix their lines. */
async function tool(title: string, command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const lines: string[] = [];
  const code = await run(command, args, { ...quietEnv, ...env }, (line) => lines.push(line));
  if (code !== 0) console.log(`\n--- ${title}\n${lines.join("\n")}`);
  return code;
}

async function timed(name: string, work: () => Promise<Case[]>): Promise<Part> {
  const began = Date.now();
  let cases: Case[];
  try {
    cases = await work();
  } catch (error) {
    console.error(`\n--- ${name}\n${explain(error)}`);
    cases = [{ part: name, title: `${name} ran`, status: "failed" }];
  }
  return { name, cases, seconds: (Date.now() - began) / 1000 };
}

const single = (part: string, title: string, code: number): Case => ({
  part,
  title,
  status: code === 0 ? "passed" : "failed",
});

export function types(): Promise<Part> {
  return timed("types", async () => {
    // Next's own declarations, of which the page types stand for the routes that exist now.
    if (existsSync(join(root, "app"))) {
      rmSync(join(root, ".next/types"), { recursive: true, force: true });
      const code = await tool("next typegen", bin("next"), ["typegen"]);
      if (code !== 0) return [single("types", "next typegen", code)];
    }
    return Promise.all(
      projects
        .filter((project) => existsSync(join(root, project)))
        .map(async (project) =>
          single(
            "types",
            `tsc ${project}`,
            await tool(`tsc ${project}`, bin("tsc"), ["--noEmit", "--project", project]),
          ),
        ),
    );
  });
}

export function lint(): Promise<Part> {
  return timed("lint", async () => [single("lint", "biome check", await tool("biome check", bin("biome"), ["check"]))]);
}

export function build(): Promise<Part> {
  return timed("build", async () => {
    const made = await ensureBuild(() => {});
    return [single("build", made ? "OpenNext build" : "OpenNext build (unchanged)", 0)];
  });
}

type VitestReport = {
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
};

const skippedFolders = /(^|\/)(node_modules|\.next|\.open-next|\.plata)\//;

function testFiles(pattern: string): string[] {
  return globSync(pattern, { cwd: root, exclude: (name) => /^(node_modules|\.next|\.open-next|\.plata)$/.test(name) })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !skippedFolders.test(path));
}

/** Runs vitest. Without a project: all of them. */
export function vitest(project?: "unit"): Promise<Part> {
  return timed("vitest", async () => {
    const folder = mkdtempSync(join(tmpdir(), "plata-vitest-"));
    removeWithUs(folder);
    const output = join(folder, "report.json");
    const code = await run(
      bin("vitest"),
      ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${output}`].concat(
        project ? ["--project", project] : [],
      ),
      { ...quietEnv, FORCE_COLOR: process.stdout.isTTY ? "1" : "0" },
    );
    const cases: Case[] = [];
    const ran = new Set<string>();
    if (existsSync(output)) {
      const report = JSON.parse(readFileSync(output, "utf8")) as VitestReport;
      for (const file of report.testResults) {
        const path = relative(root, file.name).replaceAll("\\", "/");
        if (file.assertionResults.length > 0) ran.add(path);
        else if (file.status === "failed") {
          ran.add(path);
          cases.push({ part: "vitest", title: `${path} could not be loaded`, status: "failed" });
        }
        for (const one of file.assertionResults) {
          const status = one.status === "passed" || one.status === "failed" ? one.status : "skipped";
          cases.push({ part: "vitest", title: `${path} > ${one.fullName}`, status });
        }
      }
    }
    rmSync(folder, { recursive: true, force: true });
    const expected = testFiles("**/*.test.{ts,tsx}").filter(
      (path) => !project || !/\.(pg|workerd)\.test\.ts$|^e2e\//.test(path),
    );
    for (const path of expected) {
      if (!ran.has(path)) cases.push({ part: "vitest", title: `${path} ran no test`, status: "failed" });
    }
    if (code !== 0 && !cases.some((one) => one.status === "failed")) {
      cases.push({ part: "vitest", title: "vitest ended without an error of its own", status: "failed" });
    }
    return cases;
  });
}

type PlaywrightSuite = {
  title: string;
  file?: string;
  specs?: { title: string; file: string; tests: { projectName: string; status: string }[] }[];
  suites?: PlaywrightSuite[];
};

/** Runs Playwright on the built Workers. */
export function playwright(): Promise<Part> {
  return timed("e2e", async () => {
    const files = globSync("e2e/**/*.spec.ts", { cwd: root }).map((path) => path.replaceAll("\\", "/"));
    if (files.length === 0) return [];
    const folder = mkdtempSync(join(tmpdir(), "plata-e2e-"));
    removeWithUs(folder);
    const output = join(folder, "report.json");
    const code = await run(
      bin("playwright"),
      ["test", "--config", "e2e/playwright.config.ts", "--reporter=list,json"],
      { ...quietEnv, PLAYWRIGHT_JSON_OUTPUT_NAME: output, PLAYWRIGHT_JSON_OUTPUT_FILE: output },
    );
    const cases: Case[] = [];
    const ran = new Set<string>();
    if (existsSync(output)) {
      const report = JSON.parse(readFileSync(output, "utf8")) as { suites: PlaywrightSuite[] };
      const walk = (suite: PlaywrightSuite, above: string[]) => {
        for (const spec of suite.specs ?? []) {
          ran.add(`e2e/${spec.file}`);
          for (const test of spec.tests) {
            // A test that passed only at the second try is a failed one.
            const status = test.status === "expected" ? "passed" : test.status === "skipped" ? "skipped" : "failed";
            cases.push({ part: "e2e", title: [`[${test.projectName}]`, ...above, spec.title].join(" > "), status });
          }
        }
        for (const inner of suite.suites ?? []) walk(inner, [...above, inner.title]);
      };
      for (const suite of report.suites) walk(suite, [suite.title]);
    }
    rmSync(folder, { recursive: true, force: true });
    for (const path of files) {
      if (!ran.has(path)) cases.push({ part: "e2e", title: `${path} ran no test`, status: "failed" });
    }
    if (code !== 0 && !cases.some((one) => one.status === "failed")) {
      cases.push({ part: "e2e", title: "playwright ended without an error of its own", status: "failed" });
    }
    return cases;
  });
}

const count = (cases: Case[], status: Status): number => cases.filter((one) => one.status === status).length;
const sums = (cases: Case[]): string =>
  `${count(cases, "passed")} passed, ${count(cases, "failed")} failed, ${count(cases, "skipped")} skipped`;

/** Prints the counts per part and, as the last line, their sum. True when nothing failed and something ran. */
export function summarize(parts: Part[]): boolean {
  const all = parts.flatMap((part) => part.cases);
  const failed = all.filter((one) => one.status === "failed");
  if (failed.length > 0) console.log(`\nFailed:\n${failed.map((one) => `  ${one.part}: ${one.title}`).join("\n")}`);
  console.log("");
  for (const part of parts) console.log(`${part.name.padEnd(8)} ${sums(part.cases)} (${part.seconds.toFixed(1)} s)`);
  console.log("");
  console.log(sums(all));
  return failed.length === 0 && all.length > 0;
}
