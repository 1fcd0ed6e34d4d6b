// Runs a script of ours on the project's own Node: installs the packages first when they are missing or out of date.
// This file alone must run on the older Node that brought npm; everything else may count on the pinned one.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const stamp = join(modules, ".plata-lock");
const windows = process.platform === "win32";
const [script, ...rest] = process.argv.slice(2);
if (!script) {
  console.error("usage: node scripts/bootstrap.mjs <script> [arguments]");
  process.exit(2);
}

const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
const stamped = existsSync(stamp) ? readFileSync(stamp, "utf8") : "";
if (stamped !== lock) {
  console.log("Installing packages (npm ci) …");
  const installed = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: "inherit",
    shell: windows,
  });
  if (installed.status !== 0) process.exit(installed.status ?? 1);
  writeFileSync(stamp, lock);
}

const bin = join(modules, ".bin");
const ownNode = windows ? join(bin, "node.cmd") : join(bin, "node");
const node = existsSync(ownNode) ? ownNode : process.execPath;
if (node === process.execPath && Number(process.versions.node.split(".")[0]) < 24) {
  console.error("The project's own Node is missing (optional packages were left out?). Use Node 24 or newer.");
  process.exit(1);
}

// The channel to the child is its lifeline: it closes when this process dies, however it dies.
const child = spawn(node, [join(root, script), ...rest], {
  cwd: process.cwd(),
  stdio: ["inherit", "inherit", "inherit", "ipc"],
  shell: windows && node.endsWith(".cmd"),
  env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`, PLATA_BOOTSTRAP: "1" },
});
let asked = 0;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    asked += 1;
    // A terminal sends Ctrl-C to the whole group, so the child has it already; the second one comes from here anyway.
    if (signal !== "SIGINT" || !process.stdin.isTTY || asked > 1) child.kill(signal);
  });
}

// npm stands above us, perhaps with a shell between. When either is gone nobody can stop us any more: stop by ourselves.
const parent = process.ppid;
const above = parentOf(parent);
setInterval(() => {
  if (process.ppid !== parent || (above !== undefined && parentOf(parent) !== above)) child.kill("SIGTERM");
}, 1000).unref();

child.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
child.on("exit", (code, signal) => process.exit(code ?? 128 + (signal ? (constants.signals[signal] ?? 0) : 0)));

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined; // not Linux: the check of our own parent has to do
  }
}
