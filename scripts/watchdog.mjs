// Outlives the process that started it for a moment: when that one dies, kills every process group it had announced.
// Standard input is the lifeline. Lines: "+<pid> <first signal>" adds a group, "-<pid>" forgets it,
// "!<path>" names a temporary folder that has to go with them.
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";

const groups = new Map();
const folders = [];
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  if (line.startsWith("!")) return void folders.push(line.slice(1));
  const [pid, signal] = line.slice(1).split(" ");
  if (line.startsWith("+")) groups.set(Number(pid), signal || "SIGTERM");
  else groups.delete(Number(pid));
});
lines.on("close", async () => {
  for (const [pid, signal] of groups) send(pid, signal);
  for (let i = 0; i < 30 && [...groups.keys()].some((pid) => send(pid, 0)); i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  for (const pid of groups.keys()) send(pid, "SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(0);
});

function send(pid, signal) {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false; // already gone
  }
}
