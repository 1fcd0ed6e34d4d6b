// A house that can be knocked down: Postgres with durable commits, the Neon endpoint, the sandbox and the edge Worker in
// workerd, where database and Worker can be killed with SIGKILL at any moment and started again on the same ports and data.
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type Planted, plantMerchant } from "../db/seed/stories.ts";
import { startSandbox } from "../sandbox/main.ts";
import { quietEnv } from "../scripts/build.ts";
import { applyMigrations } from "../scripts/migrate.ts";
import { startNeonEndpoint } from "../scripts/neon-endpoint.ts";
import { bin, freePorts, root } from "../scripts/paths.ts";
import { forgetData, type Postgres, startPostgres } from "../scripts/postgres.ts";
import { type Running, removeWithUs, run, sleep, start, waitForHttp } from "../scripts/processes.ts";
import { edgeVariables, loadSecrets } from "../scripts/stack.ts";
import type { EdgeProcessConfig } from "./edge-process.ts";

export type RigOptions = {
  fsync: boolean;
  /** Overrides of the edge Worker's rate limits. */
  limits?: Record<string, number>;
  /** The machine's own clock instead of the sandbox's: one call less for each request. */
  realTime?: boolean;
};

export type Rig = {
  origins: { edge: string; door: string; bare: string; sandbox: string };
  databaseUrl: string;
  neonHost: string;
  /** A connection for looking at the end; it is opened anew when the server was killed. */
  query<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<R[]>;
  plant(switches?: Parameters<typeof plantMerchant>[0]["switches"]): Promise<Planted>;
  /** Calls the sandbox's control API. */
  sandbox<T>(method: string, path: string, body?: unknown): Promise<T>;
  runCron(): Promise<void>;
  killEdge(): Promise<void>;
  killPostgres(): Promise<void>;
  /** The process that runs workerd itself. */
  workerdPid(): number;
  /** Lines that the Worker logged as errors, by their message. */
  errors: Map<string, number>;
  stop(): Promise<void>;
};

/** The edge Worker as one file, as it would be deployed. */
async function bundleEdge(folder: string): Promise<string> {
  const lines: string[] = [];
  const code = await run(
    bin("wrangler"),
    ["deploy", "--dry-run", "--config", "wrangler.toml", "--outdir", folder],
    quietEnv,
    (line) => lines.push(line),
  );
  if (code !== 0) throw new Error(`the edge Worker could not be bundled:\n${lines.join("\n")}`);
  return join(folder, "worker.js");
}

export async function startRig(options: RigOptions): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), "plata-torture-"));
  removeWithUs(folder);
  const dataDir = join(folder, "postgres");
  const stops: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const [edgePort = 0, doorPort = 0, barePort = 0, postgresPort = 0] = await freePorts(4);
    let postgres: Postgres;
    const up = () => startPostgres({ dataDir, port: postgresPort, fsync: options.fsync });
    const [bundle, sandbox] = await Promise.all([
      bundleEdge(join(folder, "bundle")),
      startSandbox({ port: 0, smtpPort: 0 }),
      up().then((server) => {
        postgres = server;
        stops.push(async () => {
          await postgres.stop();
          forgetData(dataDir);
        });
        return applyMigrations(server.url);
      }),
    ]);
    stops.push(() => sandbox.stop());
    const endpoint = await startNeonEndpoint(postgresPort);
    stops.push(() => endpoint.stop());

    const databaseUrl = `postgres://plata:plata@localhost:${postgresPort}/plata`;
    const secrets = loadSecrets(folder);
    const origins = {
      edge: `http://localhost:${edgePort}`,
      door: `http://localhost:${doorPort}`,
      bare: `http://localhost:${barePort}`,
      sandbox: sandbox.origin,
    };
    const variables = await edgeVariables({
      databaseUrl,
      neonHost: endpoint.host,
      origins: { web: "http://localhost:1", edge: origins.edge, sandbox: origins.sandbox },
      smtpUrl: `smtp://localhost:${sandbox.smtpPort}`,
      secrets,
    });
    if (options.realTime) delete variables.CLOCK_URL;
    const config: EdgeProcessConfig = {
      wranglerConfig: join(root, "wrangler.toml"),
      bundle,
      edgePort,
      doorPort,
      barePort,
      variables,
      limits: options.limits ?? {},
    };
    const configFile = join(folder, "edge.json");
    writeFileSync(configFile, JSON.stringify(config), { mode: 0o600 });

    const errors = new Map<string, number>();
    const note = (line: string) => {
      const told = /"level":"error","message":"([^"]*)"/.exec(line)?.[1];
      const code = /"code":"([^"]*)"/.exec(line)?.[1] ?? /"name":"([^"]*)"/.exec(line)?.[1] ?? "";
      if (told) errors.set(`${told} ${code}`.trim(), (errors.get(`${told} ${code}`.trim()) ?? 0) + 1);
    };
    let edge: Running;
    const startEdge = async () => {
      for (let turn = 1; ; turn++) {
        edge = start("edge", process.execPath, [join(root, "torture/edge-process.ts"), configFile], {
          env: { ...process.env, ...quietEnv },
          stopSignal: "SIGINT",
          onLine: note,
        });
        try {
          return await waitForHttp(`${origins.edge}/health`, edge, 40_000);
        } catch (error) {
          await edge.stop();
          if (turn === 3) throw error; // a killed one may hold the port for a moment
        }
      }
    };
    stops.push(() => edge.stop());
    await startEdge();

    let client: pg.Client | undefined;
    stops.push(async () => client?.end().catch(() => {}));
    const connect = async () => {
      const fresh = new pg.Client({ connectionString: databaseUrl });
      fresh.on("error", () => {
        client = undefined;
      });
      await fresh.connect();
      client = fresh;
      return fresh;
    };

    const rig: Rig = {
      origins,
      databaseUrl,
      neonHost: endpoint.host,
      errors,
      async query<R extends pg.QueryResultRow>(text: string, values: unknown[] = []) {
        return (await (client ?? (await connect())).query<R>(text, values)).rows;
      },
      plant: (switches) =>
        plantMerchant({
          databaseUrl,
          neonHost: endpoint.host,
          keyEncryptionKeys: secrets.keyEncryptionKeys,
          ...(switches ? { switches } : {}),
        }),
      async sandbox<T>(method: string, path: string, body?: unknown) {
        const answer = await fetch(origins.sandbox + path, {
          method,
          ...(body === undefined
            ? {}
            : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
        });
        const text = await answer.text();
        if (!answer.ok) throw new Error(`sandbox ${path}: ${answer.status} ${text}`);
        return JSON.parse(text) as T;
      },
      async runCron() {
        const answer = await fetch(`${origins.edge}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`, {
          signal: AbortSignal.timeout(60_000),
        });
        const text = await answer.text();
        if (!answer.ok) throw new Error(`cron answered ${answer.status}: ${text}`);
      },
      async killEdge() {
        killWithChildren(edge.pid);
        await edge.ended;
        await startEdge();
      },
      async killPostgres() {
        const [row] = await rig.query<{ file: string }>("select pg_read_file('postmaster.pid') as file");
        process.kill(Number(row?.file.split("\n")[0]), "SIGKILL");
        await sleep(50);
        for (let turn = 1; ; turn++) {
          try {
            postgres = await up();
            return;
          } catch (error) {
            if (turn === 50) throw error; // its children let go of the shared memory when they see that it died
            await sleep(100);
          }
        }
      },
      workerdPid: () => childrenOf(edge.pid).find((pid) => commandOf(pid).includes("workerd")) ?? 0,
      stop,
    };
    return rig;
  } catch (error) {
    await stop();
    throw error;
  }
}

function childrenOf(pid: number): number[] {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return [];
  return readdirSync(tasks).flatMap((task) => {
    try {
      return readFileSync(`${tasks}/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number);
    } catch {
      return [];
    }
  });
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** workerd first: what it was doing must end in the middle, not because its parent went. */
function killWithChildren(pid: number): void {
  for (const victim of [...childrenOf(pid), pid]) {
    try {
      process.kill(victim, "SIGKILL");
    } catch {
      // gone already
    }
  }
}

/** Resident memory of a process in bytes, where the system tells (Linux). */
export function residentBytes(pid: number): number | null {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes ? Number(kilobytes) * 1024 : null;
  } catch {
    return null;
  }
}

export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");
