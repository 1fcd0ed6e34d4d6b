// What the global setup started, for the tests: addresses, the sandbox's controls, cron.

/** Set by the global setup; the test processes inherit its environment. */
export type StackHandle = {
  web: string;
  edge: string;
  sandbox: string;
  databaseUrl: string;
  neonHost: string;
  /** For planting merchants: their data keys are sealed with it. */
  keyEncryptionKeys: string;
};

export const handleName = "PLATA_E2E_STACK";

export function stackHandle(): StackHandle {
  const text = process.env[handleName];
  if (!text) throw new Error("the stack was not started: run the tests by Playwright with e2e/playwright.config.ts");
  return JSON.parse(text) as StackHandle;
}

async function ask(url: string, body?: unknown): Promise<unknown> {
  const response = await fetch(
    url,
    body === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
  );
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return text ? (JSON.parse(text) as unknown) : undefined;
}

/** Runs what cron would run now, to its end. */
export async function runCron(): Promise<void> {
  const response = await fetch(`${stackHandle().edge}/cdn-cgi/handler/scheduled?cron=*+*+*+*+*`);
  if (!response.ok) throw new Error(`cron answered ${response.status}: ${await response.text()}`);
}

/** The outside world, as the sandbox plays it. */
export const sandbox = {
  url: (path: string): string => new URL(path, stackHandle().sandbox).href,
  get: (path: string): Promise<unknown> => ask(sandbox.url(path)),
  post: (path: string, body: unknown = {}): Promise<unknown> => ask(sandbox.url(path), body),
  /** Moves the one clock of sandbox and edge forward. */
  advanceClock: (advanceSeconds: number): Promise<unknown> => sandbox.post("/clock", { advanceSeconds }),
  /** Lets the sandbox do what is due by its clock: late notifications, expiries. */
  runDue: (): Promise<unknown> => sandbox.post("/control/run-due"),
  /** All mail that was sent so far. */
  mail: (): Promise<unknown> => sandbox.get("/control/mail"),
};

/** For a test that moves the one clock: it runs when nobody else's payment, token or consent could end by that. */
export const movesClock = { tag: "@clock" };
