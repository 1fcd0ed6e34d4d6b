// The addresses of the NETOPIA simulator: both protocols under one roof.
import type { Hono } from "hono";
import type { Clock } from "../clock.ts";
import type { Schedule } from "../schedule.ts";
import type { Store } from "../store.ts";
import { netopiaControl } from "./control.ts";
import { errorPage, hostedPage } from "./hosted-page.ts";
import { handleScheduled, type Netopia } from "./notify.ts";
import { emptyState } from "./state.ts";
import { receiveOrder } from "./v1.ts";
import { apiPaths, receiveCall } from "./v2.ts";
import { makeKeyWithCertificate } from "./x509.ts";

/** Log of requests, cut to the newest. */
class Recent<T> extends Array<T> {
  override push(...items: T[]): number {
    super.push(...items);
    if (this.length > 1000) this.splice(0, this.length - 1000);
    return this.length;
  }
  // Derived arrays (filter, map) are plain ones.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/** Sets the simulator up: state, platform keys, routes, scheduled work. */
export async function setUpNetopia(
  app: Hono,
  input: { clock: Clock; schedule: Schedule; store: Store; origin: string },
): Promise<Netopia> {
  const state = input.store.section("netopia", emptyState());
  state.platformKey ??= await makeKeyWithCertificate(2048, "platform");
  state.strangerKey ??= await makeKeyWithCertificate(2048, "stranger");
  const netopia: Netopia = {
    clock: input.clock,
    schedule: input.schedule,
    state,
    origin: input.origin,
    platform: state.platformKey,
    stranger: state.strangerKey,
    requests: new Recent(),
    changed: () => input.store.changed(),
  };
  handleScheduled(netopia);
  netopiaControl(app, netopia);

  for (const protocol of ["v1", "v2"] as const) {
    for (const step of ["card", "3ds", "return", "cancel"]) {
      app.on(["GET", "POST"], `/netopia/${protocol}/ui/${step}`, (c) => hostedPage(netopia, protocol, c.req.raw));
    }
  }
  for (const path of apiPaths) {
    app.post(`/netopia/v2${path}`, (c) => receiveCall(netopia, c.req.raw, path));
  }
  app.post("/netopia/v1", (c) => receiveOrder(netopia, c.req.raw, "ro"));
  app.post("/netopia/v1/:language", (c) => {
    const language = c.req.param("language");
    if (language === "" || language === "card4") return receiveOrder(netopia, c.req.raw, "ro");
    if (!/^[a-z]{2}$/.test(language)) return errorPage("404", "There is no such page.", 404);
    return receiveOrder(netopia, c.req.raw, language);
  });
  app.post("/netopia/v1/", (c) => receiveOrder(netopia, c.req.raw, "ro"));
  app.get("/netopia/v1", () => errorPage("48", "An order has to be posted here.", 405));
  app.get("/netopia/v1/", () => errorPage("48", "An order has to be posted here.", 405));
  return netopia;
}
