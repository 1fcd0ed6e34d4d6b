// The OpenNext build of the web Worker, made only when something it is made from has changed.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bin, root, stateDir } from "./paths.ts";
import { isAlive, type Line, run, sleep } from "./processes.ts";

/** Folders and files whose text decides what the build gives. Of edge/ only types arrive there, but they are checked. */
const inputs = ["app", "components", "messages", "public", "edge"].concat(
  ["next.config.ts", "open-next.config.ts", "wrangler.web.toml", "package.json", "package-lock.json"],
  ["tsconfig.json", "tsconfig.base.json", "db/schema", "db/queries", "db/client.ts"],
);

function hashOfInputs(): string {
  const hash = createHash("sha256");
  const add = (path: string) => {
    const full = join(root, path);
    if (!existsSync(full)) return;
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).sort()) add(`${path}/${name}`);
    } else if (!/\.test\.tsx?$/.test(path)) {
      hash.update(`${path}\0`).update(readFileSync(full)).update("\0");
    }
  };
  for (const path of inputs) add(path);
  return hash.digest("hex");
}

export const quietEnv: NodeJS.ProcessEnv = {
  NEXT_TELEMETRY_DISABLED: "1",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  // Would ask a server of Cloudflare for the place of the request.
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

/** Builds unless the last build was of the very same inputs. Says whether it had to. */
export async function ensureBuild(log: Line): Promise<boolean> {
  mkdirSync(stateDir, { recursive: true });
  const stamp = join(stateDir, "build.stamp");
  return withLock(join(stateDir, "build.lock"), async () => {
    const wanted = hashOfInputs();
    const built =
      existsSync(stamp) && existsSync(join(root, ".open-next/worker.js")) ? readFileSync(stamp, "utf8") : "";
    if (built === wanted) return false;
    rmSync(stamp, { force: true });
    const started = Date.now();
    log("Building the web Worker …");
    const lines: string[] = [];
    const code = await run(
      bin("opennextjs-cloudflare"),
      ["build", "--config", "wrangler.web.toml"],
      { ...quietEnv, NODE_ENV: "production" },
      (line) => lines.push(line),
    );
    if (code !== 0) throw new Error(`the build of the web Worker failed:\n${lines.join("\n")}`);
    writeFileSync(stamp, wanted);
    log(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return true;
  });
}

/** Two builds at once would write into the same folders. */
async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const owner = Number(existsSync(path) ? readFileSync(path, "utf8") : 0);
      if (!owner || !isAlive(owner)) rmSync(path, { force: true });
      else await sleep(200);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}
