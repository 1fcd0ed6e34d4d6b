// The addresses of the Revolut simulator: the API, the payer's page and the control routes.
import type { Hono } from "hono";
import type { Clock } from "../clock.ts";
import type { Schedule } from "../schedule.ts";
import type { Store } from "../store.ts";
import { receiveCall } from "./api.ts";
import { revolutControl } from "./control.ts";
import { hostedPage } from "./hosted-page.ts";
import { handleNotifications, type Revolut } from "./notify.ts";
import { handleTimers } from "./order.ts";
import { revolutPanel } from "./panel.ts";
import { emptyState, type RequestRecord } from "./state.ts";

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
export function setUpRevolut(
  app: Hono,
  input: { clock: Clock; schedule: Schedule; store: Store; origin: string },
): Revolut {
  const revolut: Revolut = {
    clock: input.clock,
    schedule: input.schedule,
    state: input.store.section("revolut", emptyState()),
    origin: input.origin,
    requests: new Recent(),
    changed: () => input.store.changed(),
  };
  handleNotifications(revolut);
  handleTimers(revolut);
  revolutControl(app, revolut);
  revolutPanel(app, revolut);
  app.on(
    ["GET", "POST"],
    ["/revolut/payment-link/:token", "/revolut/payment-link/:token/:step{3ds|leave|return}"],
    (c) => hostedPage(revolut, c.req.raw),
  );
  app.all("/revolut/api/*", (c) => receiveCall(revolut, c.req.raw));
  return revolut;
}
