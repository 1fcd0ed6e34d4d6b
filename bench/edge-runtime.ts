// The edge Worker as it is deployed, in workerd without wrangler's development proxy in front of it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import { bin, freePorts, root } from "../scripts/paths.ts";

export type Runtime = {
  port: number;
  /** Of the edge Worker: the web Worker's own door (payer's page, sign-in). */
  doorPort: number;
  stop(): Promise<void>;
};

const flags = { compatibilityDate: "2026-10-01", compatibilityFlags: ["nodejs_compat"] };

export type Bundle = {
  script: string;
  gzipKib: number;
  /** Bytes in the bundle by package, or by room of ours; the heaviest first. */
  weights: [name: string, bytes: number][];
};

/**
 * Bundles edge/worker.ts as a deployment would.
 * @param aliases modules to replace, `name:path` from the project's root
 */
export function bundleEdge(aliases: string[] = []): Bundle {
  const folder = mkdtempSync(join(tmpdir(), "plata-bundle-"));
  try {
    const metafile = join(folder, "meta.json");
    const built = spawnSync(
      bin("wrangler"),
      ["deploy", "--dry-run", "--outdir", folder, "-c", "wrangler.toml", `--metafile=${metafile}`].concat(
        aliases.flatMap((alias) => ["--alias", alias]),
      ),
      { cwd: root, encoding: "utf8" },
    );
    const size = /gzip:\s*([\d.]+)\s*KiB/.exec(built.stdout)?.[1];
    const file = readdirSync(folder).find((name) => name.endsWith(".js"));
    if (built.status !== 0 || !file || !size) throw new Error(built.stderr || built.stdout);
    return { script: readFileSync(join(folder, file), "utf8"), gzipKib: Number(size), weights: weigh(metafile) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function weigh(metafile: string): Bundle["weights"] {
  const { outputs } = JSON.parse(readFileSync(metafile, "utf8")) as {
    outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
  };
  const sums = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const [, named] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
      const name = named ?? path.split("/").slice(0, 2).join("/");
      sums.set(name, (sums.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...sums].sort((a, b) => b[1] - a[1]);
}

/** Runs a Worker's script on a port of its own. */
export async function runWorker(
  name: string,
  script: string,
  bindings: Record<string, string>,
  isEdge: boolean,
  ports?: number[],
): Promise<Runtime> {
  const [port = 0, doorPort = 0] = ports ?? (await freePorts(2));
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
                  CRM_LIMIT: { type: "rate-limit" as const, namespace: "4", simple: limit },
                }
              : {}),
          },
        },
        dev: {
          unsafeDirectSockets: [
            { host: "127.0.0.1", port },
            ...(isEdge ? [{ host: "127.0.0.1", port: doorPort, entrypoint: "WebDoor" }] : []),
          ],
        },
      },
    ],
  } as ConstructorParameters<typeof Miniflare>[0]);
  await runtime.ready;
  return { port, doorPort, stop: () => runtime.dispose() };
}
