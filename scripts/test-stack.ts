// What the database and edge tests stand on: PostgreSQL without fsync, the Neon endpoint, the sandbox, fresh databases.
// Started only when a test file that needs it runs, once for all projects, inside the test runner's main process.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { applyMigrations } from "./migrate.ts";
import { startNeonEndpoint } from "./neon-endpoint.ts";
import { freePorts } from "./paths.ts";
import { startPostgres } from "./postgres.ts";
import { removeWithUs } from "./processes.ts";
import { edgeVariables, startRelay, startSandbox } from "./stack.ts";

export type TestStack = {
  /** A migrated database shared by all files. */
  databaseUrl: string;
  neonHost: string;
  sandboxOrigin: string;
  smtpUrl: string;
  /** POST makes an empty migrated database and answers `{url}`; see test-support.ts. */
  databasesUrl: string;
  /** Every variable of the edge Worker, as its bindings want them. */
  edgeVariables: Record<string, string>;
};

declare module "vitest" {
  interface ProvidedContext {
    testStack: TestStack;
  }
}

type Running = { stack: TestStack; stop(): Promise<void> };

async function startTestStack(): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), "plata-test-"));
  removeWithUs(folder);
  const [sandboxPort = 0, smtpPort = 0, webPort = 0, edgePort = 0] = await freePorts(4);
  const [postgres, sandbox] = await Promise.all([
    startPostgres({ fsync: false }),
    startSandbox(sandboxPort, smtpPort, folder, () => {}),
  ]);
  const endpoint = await startNeonEndpoint(postgres.port);
  const relay = await startRelay(sandbox.origin, join(folder, "relay"), () => {});

  // Nobody may be connected to a template while it is copied, so the shared database is itself a copy.
  const admin = new pg.Pool({ connectionString: postgres.urlOf("postgres"), max: 1 });
  admin.on("error", () => {});
  await admin.query("create database plata_template");
  await applyMigrations(postgres.urlOf("plata_template"));
  const copy = async (name: string) => {
    await admin.query(`create database ${name} template plata_template strategy file_copy`);
    return postgres.urlOf(name);
  };
  const databaseUrl = await copy("plata_shared");
  let copies = 0;
  const databases = createServer((_request, response) => {
    copies += 1;
    copy(`plata_${copies}`).then(
      (url) => response.end(JSON.stringify({ url })),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => databases.listen(0, "127.0.0.1", resolve));

  const stack: TestStack = {
    databaseUrl,
    neonHost: endpoint.host,
    sandboxOrigin: sandbox.origin,
    smtpUrl: sandbox.smtpUrl,
    databasesUrl: `http://localhost:${(databases.address() as AddressInfo).port}/`,
    edgeVariables: await edgeVariables({
      databaseUrl,
      neonHost: endpoint.host,
      smtpUrl: sandbox.smtpUrl,
      ...(relay && { relay }),
      // Nothing listens there: in these tests the Workers are called without a network.
      origins: { web: `http://localhost:${webPort}`, edge: `http://localhost:${edgePort}`, sandbox: sandbox.origin },
      secrets: {
        keyEncryptionKeys: `k1:${randomBytes(32).toString("base64")}`,
        authSecret: randomBytes(32).toString("base64url"),
      },
    }),
  };
  return {
    stack,
    async stop() {
      databases.closeAllConnections();
      databases.close();
      await relay?.stop();
      await sandbox.stop();
      await endpoint.stop();
      await admin.end().catch(() => {});
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const key = Symbol.for("plata.test-stack");
type Shared = { [key]?: { users: number; running: Promise<Running> } };

/** Global setup files are loaded once per project, in a module world of their own: only `globalThis` is common. */
export async function useTestStack(): Promise<{ stack: TestStack; release(): Promise<void> }> {
  const shared = globalThis as Shared;
  shared[key] ??= { users: 0, running: startTestStack() };
  const entry = shared[key];
  entry.users += 1;
  const { stack, stop } = await entry.running;
  return {
    stack,
    async release() {
      entry.users -= 1;
      if (entry.users > 0) return;
      shared[key] = undefined;
      await stop();
    },
  };
}

/** The door through which a global setup file, whatever it was compiled for, reaches the code above as Node runs it. */
export const doorName = "plata.use-test-stack";
(globalThis as Record<symbol, unknown>)[Symbol.for(doorName)] = useTestStack;
