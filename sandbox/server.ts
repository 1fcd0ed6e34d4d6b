// Puts the sandbox together: clock, schedule, store, simulators, mailbox and panel behind one HTTP port.
import { createServer, type Server } from "node:http";
import { Hono } from "hono";
import { z } from "zod";
import { Clock } from "./clock.ts";
import { answer, ControlError, readInput, refusal } from "./control-input.ts";
import { setUpKomtet } from "./komtet/routes.ts";
import { Mailbox, mailboxRoutes } from "./mailbox.ts";
import { setUpNetopia } from "./netopia/routes.ts";
import { KEEP_ALIVE_MS, serveRequest } from "./node-http.ts";
import { panelRoutes } from "./panel.ts";
import { partnerRoutes } from "./partner.ts";
import { setUpPaykeeper } from "./paykeeper/routes.ts";
import { setUpRetailcrm } from "./retailcrm/routes.ts";
import { setUpRevolut } from "./revolut/routes.ts";
import { type Job, Schedule } from "./schedule.ts";
import { Store } from "./store.ts";
import { setUpTochka, startApiHost } from "./tochka/routes.ts";
import { setUpUapay } from "./uapay/routes.ts";

export type Sandbox = {
  origin: string;
  smtpPort: number;
  /** The bank's API over HTTPS, and the root that only those trust who are told to. */
  tochka: { origin: string; rootPem: string };
  stop(): Promise<void>;
};

const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/, "is not a number")
    .transform(Number),
]);
const clockInput = z.union([
  z.strictObject({ advanceSeconds: number }),
  z.strictObject({ now: number }),
  z.strictObject({ dateSkewSeconds: number }),
  z.strictObject({ reset: z.literal(true) }),
]);

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

function close(server: Pick<Server, "close" | "closeAllConnections">): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Answers that a fault leaves hanging would keep the server open for ever.
    server.closeAllConnections();
  });
}

/**
 * Starts a sandbox on this machine only; port 0 takes a free one. Without `dataDir` nothing outlives the process.
 */
export async function startSandbox(settings: {
  port: number;
  smtpPort: number;
  dataDir?: string;
  origin?: string;
  /** Port of Tochka's HTTPS API; a free one when it is left out. */
  tochkaPort?: number;
  /** File that gets the PEM of the root of that HTTPS. */
  tochkaRoot?: string;
}): Promise<Sandbox> {
  const app = new Hono();
  let handle: (request: Request) => Response | Promise<Response> = () => new Response("starting", { status: 503 });
  let origin = settings.origin ?? "http://localhost";
  const servers = ["127.0.0.1", "::1"].map(() =>
    createServer(
      { keepAliveTimeout: KEEP_ALIVE_MS },
      (incoming, outgoing) => void serveRequest((request) => handle(request), incoming, outgoing, origin),
    ),
  );
  const [v4, v6] = servers;
  if (!v4 || !v6) throw new Error("no server");
  const port = await listen(v4, settings.port, "127.0.0.1");
  // "localhost" may mean either address; a machine without IPv6 does with one.
  await listen(v6, port, "::1").catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (settings.port !== 0 && code !== "EADDRNOTAVAIL" && code !== "EAFNOSUPPORT") throw error;
  });
  origin = settings.origin?.replace(/\/$/, "") ?? `http://localhost:${port}`;

  const clock = new Clock();
  const store = new Store(settings.dataDir);
  const schedule = new Schedule(clock, store.section<Job[]>("jobs", []), () => store.changed());
  const mailbox = new Mailbox(clock);

  // Pages of other sites may be open in the same browser: they must not drive the sandbox.
  app.use("*", async (c, next) => {
    const steering = c.req.path.startsWith("/control") || c.req.path === "/clock";
    if (steering && c.req.method !== "GET" && c.req.header("sec-fetch-site") === "cross-site") {
      return c.json({ error: { code: "cross_site", field: "", message: "not from another site" } }, 403);
    }
    return next();
  });
  app.onError((error, c) => {
    if (error instanceof ControlError) return refusal(c, error);
    console.error("sandbox:", error);
    return c.json({ error: { code: "sandbox_error", field: "", message: error.message } }, 500);
  });
  app.notFound((c) => c.json({ error: { code: "not_found", field: "", message: "no such address" } }, 404));

  app.get("/clock", (c) => c.json({ now: clock.now() }));
  app.post("/clock", async (c) => {
    const input = await readInput(c, clockInput);
    if ("advanceSeconds" in input) clock.advance(input.advanceSeconds);
    else if ("now" in input) clock.set(input.now);
    else if ("dateSkewSeconds" in input) clock.dateSkew = input.dateSkewSeconds * 1000;
    else clock.reset();
    return answer(c, { now: clock.now() });
  });
  app.post("/control/run-due", async (c) => {
    const ran = await schedule.runDue();
    return answer(c, { ran, waiting: schedule.list().length });
  });
  app.get("/control/schedule", (c) => c.json({ now: clock.now(), jobs: schedule.list() }));

  partnerRoutes(app, clock);
  const netopia = await setUpNetopia(app, { clock, schedule, store, origin });
  const revolut = setUpRevolut(app, { clock, schedule, store, origin });
  const apiHost = await startApiHost((request) => handle(request), {
    port: settings.tochkaPort ?? 0,
    rootPath: settings.tochkaRoot,
  });
  const tochka = setUpTochka(app, { clock, schedule, store, origin, tls: apiHost.tls });
  const uapay = setUpUapay(app, { clock, schedule, store, origin });
  setUpKomtet(app, { clock, schedule, store, origin });
  setUpPaykeeper(app, { clock, store });
  const retailcrm = setUpRetailcrm(app, { clock, store, mailbox, origin });
  mailboxRoutes(app, mailbox);
  panelRoutes(app, { netopia, revolut, tochka, uapay, retailcrm, mailbox });

  const smtpPort = await mailbox.listen(settings.smtpPort, "127.0.0.1");
  // Everybody out here tells the time by the sandbox's clock.
  handle = async (request) => {
    const answer = await app.fetch(request);
    // A cut connection has no headers to tell the time with.
    if (answer.type === "error") return answer;
    const headers = new Headers(answer.headers);
    headers.set("date", new Date(clock.now() + clock.dateSkew).toUTCString());
    return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
  };
  schedule.start();

  let stopping: Promise<void> | undefined;
  return {
    origin,
    smtpPort,
    tochka: { origin: apiHost.tls.origin, rootPem: apiHost.tls.rootPem },
    stop() {
      stopping ??= (async () => {
        await Promise.all([close(v4), close(v6), ...apiHost.servers.map(close), mailbox.close()]);
        await schedule.stop();
        // A key that is still being made would be saved after the end.
        await tochka.key();
        store.flush();
      })();
      return stopping;
    },
  };
}
