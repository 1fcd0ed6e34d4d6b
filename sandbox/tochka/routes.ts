// The addresses of the Tochka simulator: API, OAuth, key, the pages of payers and of the cabinet, control routes.
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { Hono } from "hono";
import type { Clock } from "../clock.ts";
import { KEEP_ALIVE_MS, serveRequest } from "../node-http.ts";
import type { Schedule } from "../schedule.ts";
import type { Store } from "../store.ts";
import { apiRoutes } from "./api.ts";
import { authorizePage } from "./authorize-page.ts";
import { bankApp } from "./bank-app.ts";
import { cabinetPage, cabinetPath } from "./cabinet-page.ts";
import { plantedAnswer, receiveCall } from "./call.ts";
import { cannedCall } from "./canned.ts";
import { makeChain } from "./certificates.ts";
import { addUser } from "./companies.ts";
import { connectCall } from "./connect.ts";
import { tochkaControl } from "./control.ts";
import { takeFaults } from "./faults.ts";
import { hostedPage } from "./hosted-page.ts";
import { makeSigningKey } from "./jws.ts";
import { handleNotifications } from "./notify.ts";
import { tochkaPanel } from "./panel.ts";
import { handleSbpSteps } from "./qr.ts";
import { defaultOptions, emptyState, type RequestRecord, type SigningKey } from "./state.ts";
import type { Tochka } from "./tochka.ts";

/** Log of requests, cut to the newest. */
class Recent extends Array<RequestRecord> {
  override push(...items: RequestRecord[]): number {
    super.push(...items);
    if (this.length > 1000) this.splice(0, this.length - 1000);
    return this.length;
  }
  // Derived arrays (filter, map) are plain ones.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/** Sets the simulator up: state, routes, scheduled work. */
export function setUpTochka(
  app: Hono,
  input: { clock: Clock; schedule: Schedule; store: Store; origin: string; tls: Tochka["tls"] },
): Tochka {
  const state = input.store.section("tochka", emptyState());
  state.options = { ...defaultOptions, ...state.options };
  const changed = (): void => input.store.changed();
  const keep = async (making: Promise<SigningKey>): Promise<SigningKey> => {
    state.key = await making;
    changed();
    return state.key;
  };
  // Made at the start, in the background: whoever needs it first waits.
  let key = state.key ? Promise.resolve(state.key) : keep(makeSigningKey());
  const tochka: Tochka = {
    clock: input.clock,
    schedule: input.schedule,
    state,
    origin: input.origin,
    requests: new Recent(),
    key: () => key,
    rotateKey: () => {
      key = keep(makeSigningKey());
      return key;
    },
    tls: input.tls,
    changed,
  };
  if (state.seed === "") state.seed = crypto.randomUUID();
  if (state.companies.length === 0) addUser(state, "main", input.clock.now());
  handleNotifications(tochka);
  handleSbpSteps(tochka);
  tochkaControl(app, tochka);
  tochkaPanel(app, tochka);

  app.on(["GET", "POST"], "/tochka/connect/authorize", (c) => authorizePage(tochka, c.req.raw));
  app.post("/tochka/connect/token", (c) => connectCall(tochka, c.req.raw, "token"));
  app.post("/tochka/connect/introspect", (c) => connectCall(tochka, c.req.raw, "introspect"));
  app.on(["GET", "POST"], cabinetPath, (c) => cabinetPage(tochka, c.req.raw));
  app.on(["GET", "POST"], ["/tochka/order/", "/tochka/order", "/tochka/order/:step{back|fail}"], (c) =>
    hostedPage(tochka, c.req.raw),
  );
  app.on(["GET", "POST"], "/tochka/qr/:id", (c) => bankApp(tochka, c.req.raw));
  app.get("/tochka/doc/openapi/static/keys/public", async (c) => {
    const planted = await plantedAnswer(takeFaults(state, { operation: "public_key", references: [] }, ["api"]));
    return planted?.response ?? c.json((await tochka.key()).publicJwk);
  });
  app.all("/tochka/uapi/*", (c) =>
    receiveCall(tochka, apiRoutes, c.req.raw, new URL(c.req.raw.url).protocol === "https:"),
  );
  app.all("/tochka/sandbox/v2/*", (c) => cannedCall(tochka, c.req.raw));
  return tochka;
}

/** What the bank's API host answers; pages of payers and control routes are not there. */
const ofApiHost = /^\/(uapi|connect|sandbox|doc)\//;

/**
 * The bank's API over HTTPS, under a root that nobody trusts. `close` ends it; `rootPath` gets the root's PEM.
 * Addresses are those of `https://enter.tochka.com`; a leading `/tochka` does no harm.
 */
export async function startApiHost(
  handle: (request: Request) => Response | Promise<Response>,
  settings: { port: number; rootPath?: string | undefined },
): Promise<{ tls: Tochka["tls"]; servers: Server[] }> {
  const { key, chain, rootPem } = await makeChain();
  let origin = "https://localhost";
  const answer = (request: Request): Response | Promise<Response> => {
    const url = new URL(request.url);
    const path = url.pathname.replace(/^\/tochka(?=\/)/, "");
    if (!ofApiHost.test(path)) return new Response("not found", { status: 404 });
    url.pathname = `/tochka${path}`;
    return handle(new Request(url, request));
  };
  const make = (): Server =>
    createServer(
      { key, cert: chain, keepAliveTimeout: KEEP_ALIVE_MS },
      (incoming, outgoing) => void serveRequest(answer, incoming, outgoing, origin),
    );
  const listen = (server: Server, port: number, host: string): Promise<number> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        const address = server.address();
        resolve(typeof address === "object" && address ? address.port : port);
      });
    });
  const [v4, v6] = [make(), make()];
  const port = await listen(v4, settings.port, "127.0.0.1");
  // "localhost" may mean either address; a machine without IPv6 does with one.
  await listen(v6, port, "::1").catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (settings.port !== 0 && code !== "EADDRNOTAVAIL" && code !== "EAFNOSUPPORT") throw error;
  });
  origin = `https://localhost:${port}`;
  if (settings.rootPath) writeFileSync(settings.rootPath, rootPem);
  return { tls: { origin, rootPem, rootPath: settings.rootPath ?? null }, servers: [v4, v6] };
}
