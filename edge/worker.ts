// The edge Worker: the internet's door, the web Worker's door, the queue and the clock's tick.

import { WorkerEntrypoint } from "cloudflare:workers";
import { makeContext } from "./context.ts";
import type { Bindings, Wake } from "./env.ts";
import { insideApp, publicApp } from "./http/app.ts";
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
    await renewDueAccess(context);
    await orderNightlyExams(context);
    await deliverAllDue(context);
    await detectSilence(context);
    await watchMethods(context);
    await purgeExpired(context);
    // After a new key-encryption key was put first, data keys move over to it by themselves.
    for (const merchantId of await context.vault.merchantsToRewrap(50)) await context.vault.rewrap(merchantId);
  },
} satisfies ExportedHandler<Bindings, Wake>;
