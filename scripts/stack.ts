// The whole product on one machine: database, Neon endpoint, simulated outside world, edge Worker, web Worker, cron.
//
// The two Workers run in two `wrangler dev` processes. They find each other through wrangler's dev registry, and the
// service binding with its named entrypoint (EDGE -> plata-edge#WebDoor) works through it. One process with both
// configurations would do too, but then the edge Worker has no port of its own and its cron cannot be called.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quietEnv } from "./build.ts";
import { applyMigrations } from "./migrate.ts";
import { startNeonEndpoint } from "./neon-endpoint.ts";
import { bin, freePort, freePorts, root } from "./paths.ts";
import { forgetData, startPostgres } from "./postgres.ts";
import { isAlive, type Running, removeWithUs, start, waitForHttp } from "./processes.ts";

export type Log = (source: string, line: string) => void;
export type Ports = { web: number; edge: number; sandbox: number; smtp: number; neon: number; postgres: number };
export type Origins = { web: string; edge: string; sandbox: string };
export type Secrets = { keyEncryptionKeys: string; authSecret: string };

export type StackOptions = {
  /** Those not named are free ones. */
  ports?: Partial<Ports>;
  /** Holds everything the stack keeps; a temporary folder if not named. */
  dataDir?: string;
  /** False removes the folder when the stack stops. */
  persistent?: boolean;
  fsync?: boolean;
  /** "built" runs the OpenNext build in workerd, "dev" runs `next dev`. */
  web?: "built" | "dev" | "none";
  /** Calls cron every few seconds. Tests leave it out and call `runCron` themselves. */
  ticker?: boolean;
  log?: Log;
};

export type Stack = {
  origins: Origins;
  ports: Ports;
  databaseUrl: string;
  neonHost: string;
  smtpUrl: string;
  secrets: Secrets;
  dataDir: string;
  /** Resolves with a reason when a part ended without being asked to. */
  broken: Promise<string>;
  runCron(): Promise<void>;
  stop(): Promise<void>;
};

export const cronPath = "/cdn-cgi/handler/scheduled?cron=*+*+*+*+*";

const origin = (port: number): string => `http://localhost:${port}`;

/** Development secrets are made once and stay: what they encrypted must stay readable. */
export function loadSecrets(dataDir: string): Secrets {
  const path = join(dataDir, "secrets.json");
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as Secrets;
  const secrets = {
    keyEncryptionKeys: `k1:${randomBytes(32).toString("base64")}`,
    authSecret: randomBytes(32).toString("base64url"),
  };
  writeFileSync(path, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}

/** The public halves of the keys that sign for all merchants of a processor, as the sandbox plays them. */
async function platformKeys(sandboxOrigin: string): Promise<Record<string, string[]>> {
  try {
    const [netopia, tochka] = await Promise.all([
      fetch(`${sandboxOrigin}/control/netopia/platform-key`),
      fetch(`${sandboxOrigin}/tochka/doc/openapi/static/keys/public`),
    ]);
    if (!netopia.ok || !tochka.ok) return {};
    const { publicKey } = (await netopia.json()) as { publicKey: string };
    return { netopia: [publicKey], tochka: [await tochka.text()] };
  } catch {
    return {}; // no sandbox yet
  }
}

/** The host of the sandbox that stands under a root which nobody trusts, as a bank's does. */
type ApiHost = { origin: string; rootPem: string };

async function apiHostOf(sandboxOrigin: string): Promise<ApiHost | undefined> {
  try {
    const response = await fetch(`${sandboxOrigin}/control/tochka/tls`);
    return response.ok ? ((await response.json()) as ApiHost) : undefined;
  } catch {
    return undefined; // no sandbox yet
  }
}

export type EdgeSettings = {
  databaseUrl: string;
  neonHost: string;
  origins: Origins;
  smtpUrl: string;
  secrets: Secrets;
  /** The way to hosts under a root of their own; without it calls to them are a fault. */
  relay?: Pick<RelayProcess, "url" | "key">;
};

/** All variables of the edge Worker but its bindings, as the stack and the tests set them. */
export async function edgeVariables(settings: EdgeSettings): Promise<Record<string, string>> {
  const { sandbox, web, edge } = settings.origins;
  const { relay } = settings;
  const apiHost = (await apiHostOf(sandbox))?.origin ?? `${sandbox}/tochka`;
  return {
    ENVIRONMENT: "development",
    DATABASE_URL: settings.databaseUrl,
    NEON_LOCAL: settings.neonHost,
    KEY_ENCRYPTION_KEYS: settings.secrets.keyEncryptionKeys,
    AUTH_SECRET: settings.secrets.authSecret,
    WEB_ORIGIN: web,
    EDGE_ORIGIN: edge,
    SMTP_URL: settings.smtpUrl,
    MAIL_FROM: "Plata <no-reply@plata.test>",
    SUPPORT_EMAIL: "support@plata.test",
    SUPPORT_TELEGRAM: "plata_support",
    SUPPORT_PHONE: "+40 21 000 0000",
    CLOCK_URL: `${sandbox}/clock`,
    PROCESSOR_HOSTS: JSON.stringify({
      "https://sandboxsecure.mobilpay.ro": `${sandbox}/netopia/v1`,
      "https://secure.sandbox.netopia-payments.com": `${sandbox}/netopia/v2`,
      "https://sandbox-merchant.revolut.com": `${sandbox}/revolut`,
      "https://enter.tochka.com": apiHost,
      // The bank's own sandbox knows neither consent nor payments: test connections meet the simulator of the real one.
      "https://enter.tochka.com/sandbox/v2": `${apiHost}/uapi`,
      "https://enter.tochka.com/sandbox/connect": `${apiHost}/connect`,
      // Pages that a browser opens: it does not trust the toy root either.
      "https://enter.tochka.com/sandbox/consent": `${sandbox}/tochka/connect`,
      "https://merch.example.com": `${sandbox}/tochka`,
      "https://merch.securepaytb.ru": `${sandbox}/tochka`,
      "https://qr.nspk.ru": `${sandbox}/tochka/qr`,
      "https://api.demo.uapay.ua": `${sandbox}/uapay`,
      "https://kassa.komtet.ru": `${sandbox}/komtet`,
      "https://demo.server.paykeeper.ru": `${sandbox}/paykeeper`,
    }),
    ...(relay && { RELAY_URL: relay.url, RELAY_KEY: relay.key }),
    PLATFORM_KEYS: JSON.stringify(await platformKeys(sandbox)),
    // What the sandbox's CRM marketplace signs with (sandbox/README.md, "RetailCRM").
    RETAILCRM_SECRET: "sandbox-marketplace-secret",
  };
}

/** In an env file, not on the command line: every user of the machine can read command lines. */
function writeEnvFile(path: string, variables: Record<string, string>): void {
  const lines = Object.entries(variables).map(([name, value]) => {
    // Single quotes keep all but these three: wrangler still replaces what looks like a variable.
    if (/['\n$]/.test(value)) throw new Error(`${name} cannot stand in an env file`);
    return `${name}='${value}'`;
  });
  writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o600 });
}

export type Sandbox = { origin: string; smtpUrl: string; running: Running | undefined; stop(): Promise<void> };

/** The other side of the wire. Until it is written the rest must be able to start without it. */
export async function startSandbox(port: number, smtpPort: number, dataDir: string, log: Log): Promise<Sandbox> {
  const entry = join(root, "sandbox/main.ts");
  const smtpUrl = `smtp://localhost:${smtpPort}`;
  if (!existsSync(entry)) {
    log("sandbox", "there is no sandbox/main.ts: starting without it");
    return { origin: origin(port), smtpUrl, running: undefined, stop: async () => {} };
  }
  mkdirSync(dataDir, { recursive: true });
  const running = start("sandbox", process.execPath, [entry], {
    env: {
      ...process.env,
      SANDBOX_PORT: String(port),
      SMTP_PORT: String(smtpPort),
      SANDBOX_DATA: dataDir,
      SANDBOX_ORIGIN: origin(port),
      SANDBOX_TOCHKA_ROOT: join(dataDir, "tochka-root.pem"),
    },
    onLine: (line) => log("sandbox", line),
  });
  try {
    await waitForHttp(`${origin(port)}/`, running);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return { origin: origin(port), smtpUrl, running, stop: () => running.stop() };
}

export type RelayProcess = { url: string; key: string; running: Running; stop(): Promise<void> };

/**
 * The relay, as in production, with the sandbox's toy root for the sandbox's host; undefined where the sandbox has none.
 * @param folder gets the root and the file of hosts
 */
export async function startRelay(sandboxOrigin: string, folder: string, log: Log): Promise<RelayProcess | undefined> {
  const apiHost = await apiHostOf(sandboxOrigin);
  if (!apiHost) return undefined;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "root.pem"), apiHost.rootPem);
  const hosts = { [new URL(apiHost.origin).host]: { paths: ["/uapi/", "/connect/token"], ca: "root.pem" } };
  writeFileSync(join(folder, "hosts.json"), JSON.stringify(hosts));
  const key = randomBytes(32).toString("base64url");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const running = start("relay", process.execPath, [join(root, "relay/main.ts")], {
    env: {
      ...process.env,
      RELAY_KEY: key,
      RELAY_HOSTS: join(folder, "hosts.json"),
      RELAY_PORT: String(port),
      RELAY_BIND: "127.0.0.1",
    },
    onLine: (line) => log("relay", line),
  });
  try {
    await waitForHttp(`${url}/health`, running);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return { url, key, running, stop: () => running.stop() };
}

/** Two stacks over the same data would spoil it for both. */
export function claim(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, "stack.pid");
  const owner = existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
  if (owner !== process.pid && isAlive(owner)) {
    throw new Error(`The project is already running here, as process ${owner}. Stop that one first.`);
  }
  writeFileSync(path, String(process.pid));
}

/** Forgets all data of a stack that does not run. */
export function forgetStack(dataDir: string): void {
  claim(dataDir);
  forgetData(join(dataDir, "postgres"));
  rmSync(dataDir, { recursive: true, force: true });
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const log: Log = options.log ?? (() => {});
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "plata-stack-"));
  const persistent = options.persistent ?? options.dataDir !== undefined;
  mkdirSync(dataDir, { recursive: true });
  if (!persistent) removeWithUs(dataDir);
  claim(dataDir);
  const [web = 0, edge = 0, sandbox = 0, smtp = 0, neon = 0, postgres = 0, edgeInspector = 0, webInspector = 0] =
    await freePorts(8);
  const ports: Ports = { web, edge, sandbox, smtp, neon, postgres, ...options.ports };
  const origins: Origins = { web: origin(ports.web), edge: origin(ports.edge), sandbox: origin(ports.sandbox) };
  const stops: (() => Promise<unknown>)[] = [];
  let stopping = false;

  async function stop(): Promise<void> {
    stopping = true;
    // Against the order of the start: nothing loses what it stands on.
    for (const end of stops.splice(0).reverse()) await end();
    rmSync(join(dataDir, "stack.pid"), { force: true });
    if (!persistent) rmSync(dataDir, { recursive: true, force: true });
  }

  let report: (reason: string) => void = () => {};
  const broken = new Promise<string>((resolve) => {
    report = resolve;
  });
  const watch = (running: Running) => {
    void running.ended.then((how) => {
      if (!stopping) report(`${running.name} ended by itself (${how}):\n${running.tail()}`);
    });
  };

  // A registry of its own keeps two stacks on one machine from finding each other's Workers.
  const registry = join(dataDir, "registry");
  rmSync(registry, { recursive: true, force: true });
  mkdirSync(registry, { recursive: true });

  function startWorker(
    name: "edge" | "web",
    config: string,
    port: number,
    inspector: number,
    envFile: string,
  ): Running {
    const running = start(
      name,
      bin("wrangler"),
      ["dev", "--config", config, "--port", String(port), "--inspector-port", String(inspector)].concat(
        ["--persist-to", join(dataDir, `${name}-state`), "--env-file", envFile],
        ["--show-interactive-dev-session=false", "--log-level", "log"],
      ),
      {
        env: { ...process.env, ...quietEnv, WRANGLER_REGISTRY_PATH: registry },
        stopSignal: "SIGINT",
        // What the Workers print, but not wrangler's request lines: addresses of payer pages are secrets.
        onLine: (line) => /\[wrangler:info\] [A-Z]+ \//.test(line) || log(name, line),
      },
    );
    stops.push(() => running.stop());
    watch(running);
    return running;
  }

  try {
    const secrets = loadSecrets(dataDir);
    const started = await Promise.allSettled([
      startPostgres({
        ...(persistent ? { dataDir: join(dataDir, "postgres") } : {}),
        port: ports.postgres,
        fsync: options.fsync ?? persistent,
      }).then((server) => {
        stops.push(() => server.stop());
        return server;
      }),
      startSandbox(ports.sandbox, ports.smtp, join(dataDir, "sandbox"), log).then((simulator) => {
        stops.push(() => simulator.stop());
        if (simulator.running) watch(simulator.running);
        return simulator;
      }),
    ]);
    const [database, simulator] = [outcome(started[0]), outcome(started[1])];
    const endpoint = await startNeonEndpoint(ports.postgres, ports.neon);
    stops.push(() => endpoint.stop());
    const relay = await startRelay(simulator.origin, join(dataDir, "relay"), log);
    if (relay) {
      stops.push(() => relay.stop());
      watch(relay.running);
    }
    const settings = {
      databaseUrl: database.url,
      neonHost: endpoint.host,
      origins,
      smtpUrl: simulator.smtpUrl,
      secrets,
      ...(relay && { relay }),
    };

    const edgeEnvFile = join(dataDir, "edge.env");
    const webEnvFile = join(dataDir, "web.env");
    const variables = await edgeVariables(settings);
    writeEnvFile(edgeEnvFile, variables);
    // The web Worker gets addresses only: no key, no database.
    writeEnvFile(webEnvFile, {
      ENVIRONMENT: "development",
      WEB_ORIGIN: origins.web,
      EDGE_ORIGIN: origins.edge,
      SANDBOX_ORIGIN: origins.sandbox,
    });

    const edgeWorker = startWorker("edge", "wrangler.toml", ports.edge, edgeInspector, edgeEnvFile);
    let webWorker: Running | undefined;
    if (options.web === "dev") {
      webWorker = start("web", bin("next"), ["dev", "--hostname", "localhost", "--port", String(ports.web)], {
        env: {
          ...process.env,
          ...quietEnv,
          NODE_ENV: "development",
          WRANGLER_REGISTRY_PATH: registry,
          PLATA_WEB_PERSIST: join(dataDir, "web-state/v3"),
          PLATA_WEB_ENV_FILE: webEnvFile,
        },
        stopSignal: "SIGINT",
        onLine: (line) => log("web", line),
      });
      const running = webWorker;
      stops.push(() => running.stop());
      watch(running);
    } else if (options.web !== "none") {
      webWorker = startWorker("web", "wrangler.web.toml", ports.web, webInspector, webEnvFile);
    }
    await Promise.all([
      applyMigrations(database.url),
      waitForHttp(`${origins.edge}/health`, edgeWorker),
      // A page that does not exist is answered without a call to the edge Worker.
      webWorker && waitForHttp(`${origins.web}/.ready`, webWorker, 120_000),
    ]);

    const runCron = async () => {
      const response = await fetch(origins.edge + cronPath);
      const text = await response.text();
      if (!response.ok) throw new Error(`cron answered ${response.status}: ${text}`);
    };
    if (options.ticker) {
      let busy = false;
      const timer = setInterval(async () => {
        if (busy || stopping) return;
        busy = true;
        await runCron().catch((error: unknown) => !stopping && log("cron", String(error)));
        busy = false;
      }, 5000);
      stops.push(async () => clearInterval(timer));
    }
    return {
      origins,
      ports,
      databaseUrl: database.url,
      neonHost: endpoint.host,
      smtpUrl: simulator.smtpUrl,
      secrets,
      dataDir,
      broken,
      runCron,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function outcome<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === "rejected") throw settled.reason;
  return settled.value;
}
