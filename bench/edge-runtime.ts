// The edge Worker as it is deployed, in workerd without wrangler's development proxy in front of it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import { bin, freePorts, root } from "../scripts/paths.ts";

export type Runtime = { port: number; stop(): Promise<void> };

const flags = { compatibilityDate: "2026-10-01", compatibilityFlags: ["nodejs_compat"] };

/** Bundles edge/worker.ts as a deployment would. Returns the script's text and its size compressed. */
export function bundleEdge(): { script: string; gzipKib: number } {
  const folder = mkdtempSync(join(tmpdir(), "plata-bundle-"));
  try {
    const built = spawnSync(bin("wrangler"), ["deploy", "--dry-run", "--outdir", folder, "-c", "wrangler.toml"], {
      cwd: root,
      encoding: "utf8",
    });
    const size = /gzip:\s*([\d.]+)\s*KiB/.exec(built.stdout)?.[1];
    const file = readdirSync(folder).find((name) => name.endsWith(".js"));
    if (built.status !== 0 || !file || !size) throw new Error(built.stderr || built.stdout);
    return { script: readFileSync(join(folder, file), "utf8"), gzipKib: Number(size) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a Worker's script on a port of its own. */
export async function runWorker(
  name: string,
  script: string,
  bindings: Record<string, string>,
  isEdge: boolean,
): Promise<Runtime> {
  const [port = 0] = await freePorts(1);
  const limit = { limit: 1_000_000, period: 60 as const };
  const env = Object.fromEntries(
    Object.entries(bindings).map(([key, value]) => [key, { type: "text" as const, value }]),
  );
  const runtime = new Miniflare({
    workers: [
      {
        config: {
          name,
          ...flags,
          manifest: {
            mainModule: "worker.mjs",
            modulesRoot: "/",
            modules: { "worker.mjs": { type: "esm", contents: script } },
          },
          env: {
            ...env,
            ...(isEdge
              ? {
                  OUTBOX: { type: "queue" as const, name: "plata-outbox" },
                  PAYER_LIMIT: { type: "rate-limit" as const, namespace: "1", simple: limit },
                  IPN_LIMIT: { type: "rate-limit" as const, namespace: "2", simple: limit },
                  SIGN_IN_LIMIT: { type: "rate-limit" as const, namespace: "3", simple: limit },
                }
              : {}),
          },
        },
        dev: { unsafeDirectSockets: [{ host: "127.0.0.1", port }] },
      },
    ],
  } as ConstructorParameters<typeof Miniflare>[0]);
  await runtime.ready;
  return { port, stop: () => runtime.dispose() };
}
