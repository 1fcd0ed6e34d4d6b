// `npm run bench:start`: how long `npm start` takes on a checkout that has never been started and on one that has, how long
// the edge Worker takes from nothing to its first answer, and what its bundle weighs.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../scripts/paths.ts";
import { edgeVariables } from "../scripts/stack.ts";
import { readCpu } from "./cpu.ts";
import { bundleEdge, runWorker } from "./edge-runtime.ts";
import { quantile } from "./load.ts";

const TURNS = 7;
const EMPTY_WORKER = `export default { fetch: () => new Response("ok") }`;
const NO_SIGN_IN = ["better-auth/minimal:./bench/no-sign-in.ts", "better-auth/adapters/drizzle:./bench/no-sign-in.ts"];

const whole = bundleEdge();
const withoutSignIn = bundleEdge(NO_SIGN_IN);
const origins = { web: "http://localhost:1", edge: "http://localhost:1", sandbox: "http://localhost:1" };
const variables = await edgeVariables({
  databaseUrl: "postgres://nobody:nothing@localhost/none",
  neonHost: "localhost:1",
  origins,
  smtpUrl: "smtp://localhost:1",
  secrets: { keyEncryptionKeys: `k1:${Buffer.alloc(32, 1).toString("base64")}`, authSecret: "x".repeat(32) },
});
delete variables.CLOCK_URL;
const empty = await firstAnswers(EMPTY_WORKER, {}, false);
const edge = await firstAnswers(whole.script, variables, true);

const checkout = copyCheckout();
let cold = 0;
let warm = 0;
try {
  cold = await timeStart(checkout);
  warm = await timeStart(checkout);
} finally {
  rmSync(checkout, { recursive: true, force: true });
}

console.log("\n| start | seconds |\n|---|---|");
console.log(`| npm start, never built, no data | ${cold.toFixed(1)} |`);
console.log(`| npm start, built, data kept | ${warm.toFixed(1)} |`);
console.log(
  "\n| from nothing to the first answer, workerd included | median ms | slowest | CPU ms of workerd, median |\n|---|---|---|---|",
);
for (const [name, { times, cpu }] of [
  ["empty Worker", empty],
  ["edge Worker", edge],
] as const) {
  console.log(
    `| ${name} | ${quantile(times, 0.5).toFixed(0)} | ${quantile(times, 1).toFixed(0)} | ${quantile(cpu, 0.5).toFixed(0)} |`,
  );
}
console.log("\n| edge bundle | KiB gzip |\n|---|---|");
console.log(
  `| whole | ${whole.gzipKib.toFixed(0)} |\n| without sign-in's library | ${withoutSignIn.gzipKib.toFixed(0)} |`,
);
console.log("\n| what weighs, minified | KiB |\n|---|---|");
for (const [name, bytes] of whole.weights.slice(0, 20)) console.log(`| ${name} | ${(bytes / 1024).toFixed(0)} |`);
console.log(`\nload of the machine ${loadavg()[0]?.toFixed(1)}\n`);
console.log(`ratio start-warm-vs-cold ${(warm / cold).toFixed(3)}`);
console.log(`ratio start-edge-vs-empty ${(quantile(edge.times, 0.5) / quantile(empty.times, 0.5)).toFixed(2)}`);
console.log(`ratio start-bundle-without-sign-in-vs-350-kB ${((withoutSignIn.gzipKib * 1.024) / 350).toFixed(2)}`);

/** Milliseconds from making the runtime to the first answer, of the clock and of the processor; both sorted. */
async function firstAnswers(script: string, bindings: Record<string, string>, isEdge: boolean) {
  const times: number[] = [];
  const cpu: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const began = performance.now();
    const runtime = await runWorker("first", script, bindings, isEdge);
    const answer = await fetch(`http://127.0.0.1:${runtime.port}/health`);
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`/health: ${answer.status}`);
    times.push(performance.now() - began);
    cpu.push(readCpu().workerd); // of the one that runs now: those before have ended
    await runtime.stop();
  }
  const sorted = (values: number[]) => values.sort((a, b) => a - b);
  return { times: sorted(times), cpu: sorted(cpu) };
}

/** A copy of what is checked in (or about to be), with the packages, so that nothing here is disturbed. */
function copyCheckout(): string {
  const copy = mkdtempSync(join(tmpdir(), "plata-start-"));
  const listed = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  for (const path of listed.stdout.split("\n").filter(Boolean)) {
    mkdirSync(join(copy, dirname(path)), { recursive: true });
    try {
      copyFileSync(join(root, path), join(copy, path));
    } catch {
      // removed, but still listed
    }
  }
  const packages = join(root, "node_modules");
  // Hard links where the file system can: half a gigabyte else.
  const linked = spawnSync("cp", ["-al", packages, join(copy, "node_modules")]);
  if (linked.status !== 0) cpSync(packages, join(copy, "node_modules"), { recursive: true, verbatimSymlinks: true });
  return copy;
}

/** Seconds from `npm start` until the pages answer. Stops it again. */
async function timeStart(folder: string): Promise<number> {
  const began = performance.now();
  const child = spawn("npm", ["start"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let printed = "";
  const keep = (chunk: Buffer) => {
    printed += chunk;
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  try {
    while (!/Ready after/.test(printed) || !/https?:\/\/\S+\/i\/\S+/.test(printed)) {
      if (child.exitCode !== null || performance.now() - began > 15 * 60_000) throw new Error(`npm start:\n${printed}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const page = /https?:\/\/\S+\/i\/[A-Za-z0-9_-]+/.exec(printed)?.[0] ?? "";
    const answer = await fetch(page);
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${page}: ${answer.status}`);
    return (performance.now() - began) / 1000;
  } finally {
    stop(child);
    await ended;
  }
}

/** Ctrl-C, as a person would. */
function stop(child: ChildProcess): void {
  if (child.pid && child.exitCode === null) process.kill(-child.pid, "SIGINT");
}
