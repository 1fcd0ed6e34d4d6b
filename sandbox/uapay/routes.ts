// The addresses of the UAPAY simulator: the API, the payer's page, receipts, control routes and panel.
import type { Hono } from "hono";
import type { Clock } from "../clock.ts";
import type { Schedule } from "../schedule.ts";
import type { Store } from "../store.ts";
import { receiveCall } from "./call.ts";
import { uapayControl } from "./control.ts";
import { hostedPage } from "./hosted-page.ts";
import { handleNotifications } from "./notify.ts";
import { uapayPanel } from "./panel.ts";
import { handleTicks } from "./payment.ts";
import { receiptPdf } from "./receipt.ts";
import { defaultOptions, emptyState, type RequestRecord } from "./state.ts";
import type { Uapay } from "./uapay.ts";

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
export function setUpUapay(
  app: Hono,
  input: { clock: Clock; schedule: Schedule; store: Store; origin: string },
): Uapay {
  const state = input.store.section("uapay", emptyState());
  // A shop that was saved by an older version may lack newer options.
  for (const shop of state.shops) shop.options = { ...defaultOptions, ...shop.options };
  const uapay: Uapay = {
    clock: input.clock,
    schedule: input.schedule,
    state,
    origin: input.origin,
    requests: new Recent(),
    changed: () => input.store.changed(),
  };
  handleNotifications(uapay);
  handleTicks(uapay);
  uapayControl(app, uapay);
  uapayPanel(app, uapay);
  app.on(["GET", "POST"], ["/uapay/pay/:id", "/uapay/pay/:id/:step{confirm|return|qr}"], (c) =>
    hostedPage(uapay, c.req.raw),
  );
  app.get("/uapay/receipts/:file{.+\\.pdf}", (c) => {
    const id = c.req.param("file").replace(/\.pdf$/, "");
    const payment = state.invoices.flatMap(({ payments }) => payments).find(({ paymentId }) => paymentId === id);
    if (!payment || payment.captured === 0) return c.notFound();
    return new Response(receiptPdf(payment), { headers: { "content-type": "application/pdf" } });
  });
  app.all("/uapay/api/*", (c) => receiveCall(uapay, c.req.raw));
  return uapay;
}
