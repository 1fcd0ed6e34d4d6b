// The Worker's doors that nobody calls by hand: the queue's and the clock's. Elsewhere in these tests nobody stands at them.

import { createMessageBatch, createScheduledController } from "cloudflare:test";
import { expect, test } from "vitest";
import type { Wake } from "./env.ts";
import { bindings, connected, invoice, json, sandbox } from "./testing/edge-under-test.ts";
import worker from "./worker.ts";

/** A partner who is told of new invoices, and one invoice to tell of. */
async function untold() {
  const shop = await connected("v2");
  const name = `door-${shop.merchantId.toLowerCase()}`;
  const { origin } = new URL(bindings.CLOCK_URL);
  const body = { url: `${origin}/partner/${name}`, event_types: ["invoice.created"] };
  await json("public", "POST", "/v1/webhook-endpoints", { key: shop.apiKey, body });
  await invoice(shop);
  return async () => (await sandbox<unknown[]>("GET", `/control/partner/${name}`)).length;
}

test("a wake in the queue has what is due done", async () => {
  const told = await untold();
  expect(await told()).toBe(0);
  const wake = { id: "1", timestamp: new Date(), attempts: 1, body: { kind: "due" } as Wake };
  await worker.queue(createMessageBatch("plata-outbox", [wake]), bindings);
  expect(await told()).toBe(1);
});

test("the clock's tick has it done where no wake arrived", async () => {
  const told = await untold();
  expect(await told()).toBe(0);
  await worker.scheduled(createScheduledController(), bindings);
  expect(await told()).toBe(1);
});
