// The Worker's doors that nobody calls by hand: the queue's and the clock's. Elsewhere in these tests nobody stands at them.

import { createMessageBatch, createScheduledController } from "cloudflare:test";
import { eq, sql } from "drizzle-orm";
import { afterEach, expect, test } from "vitest";
import { connections } from "../db/schema/index.ts";
import type { Wake } from "./env.ts";
import { database } from "./testing/api-world.ts";
import { bindings, connected, invoice, json, sandbox } from "./testing/edge-under-test.ts";
import worker from "./worker.ts";

afterEach(async () => {
  await database().execute(sql`drop function if exists refuse_exam() cascade`);
});

/** A partner who is to be told of new invoices, and one invoice to tell of. */
async function untold() {
  const shop = await connected("v2");
  const name = `door-${shop.merchantId.toLowerCase()}`;
  const { origin } = new URL(bindings.CLOCK_URL);
  const body = { url: `${origin}/partner/${name}`, event_types: ["invoice.created"] };
  await json("public", "POST", "/v1/webhook-endpoints", { key: shop.apiKey, body });
  await invoice(shop);
  return { shop, told: async () => (await sandbox<unknown[]>("GET", `/control/partner/${name}`)).length };
}

/** Lets the night's examination of a connection fail before it is ordered. */
async function refuseExam(connectionId: string) {
  const db = database();
  await db
    .update(connections)
    .set({ nextExamAt: new Date("2020-01-01") })
    .where(eq(connections.id, connectionId));
  await db.execute(
    sql.raw(`create function refuse_exam() returns trigger language plpgsql as
      $$ begin if new.id = '${connectionId}' then raise exception 'refused'; end if; return new; end $$`),
  );
  await db.execute(
    sql`create trigger refuse_exam before update on connections for each row execute function refuse_exam()`,
  );
}

test("a wake in the queue has what is due done", async () => {
  const { told } = await untold();
  expect(await told()).toBe(0);
  const wake = { id: "1", timestamp: new Date(), attempts: 1, body: { kind: "due" } as Wake };
  await worker.queue(createMessageBatch("plata-outbox", [wake]), bindings);
  expect(await told()).toBe(1);
});

test("the clock's tick has it done where no wake arrived, also when another of its duties fails", async () => {
  const { shop, told } = await untold();
  await refuseExam(shop.connectionId);
  expect(await told()).toBe(0);
  await worker.scheduled(createScheduledController(), bindings);
  expect(await told()).toBe(1);
});
