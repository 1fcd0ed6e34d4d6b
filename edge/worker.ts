// The edge Worker: the internet's door, the web Worker's door, the queue and the clock's tick.

import { WorkerEntrypoint } from "cloudflare:workers";
import { type Context, makeContext } from "./context.ts";
import type { Bindings, Wake } from "./env.ts";
import { insideApp, publicApp } from "./http/app.ts";
import { log } from "./log.ts";
import { orderNightlyExams } from "./merchants/doctor.ts";
import { renewDueAccess } from "./merchants/renew-access.ts";
import { deliverAllDue, purgeExpired } from "./outbox/deliver-due.ts";
import { watchMethods } from "./payments/method-troubles.ts";
import { detectSilence } from "./reconciliation/detect-silence.ts";

/** What only the web Worker may call, by its service binding: not reachable from the internet. */
export class WebDoor extends WorkerEntrypoint<Bindings> {
  override fetch(request: Request): Response | Promise<Response> {
    return insideApp.fetch(request, this.env, this.ctx);
  }
}

export default {
  fetch: (request, env, ctx) => publicApp.fetch(request, env, ctx),
  async queue(_batch, env) {
    await deliverAllDue(await makeContext(env));
  },
  async scheduled(_controller, env) {
    const context = await makeContext(env);
    for (const [duty, carryOut] of Object.entries(duties)) {
      try {
        await carryOut(context);
      } catch (error) {
        log("error", "a duty of the clock failed", { duty, error });
      }
    }
  },
} satisfies ExportedHandler<Bindings, Wake>;

/** What the clock has done at every tick, in this order. One that fails keeps no other from its turn. */
const duties: Record<string, (context: Context) => Promise<unknown>> = {
  renewDueAccess,
  orderNightlyExams,
  deliverAllDue,
  detectSilence,
  watchMethods,
  purgeExpired,
  // After a new key-encryption key was put first, data keys move over to it by themselves.
  rewrapDataKeys: async ({ vault }) => {
    for (const merchantId of await vault.merchantsToRewrap(50)) {
      await vault
        .rewrap(merchantId)
        .catch((error) => log("error", "data keys were not rewrapped", { merchantId, error }));
    }
  },
};
