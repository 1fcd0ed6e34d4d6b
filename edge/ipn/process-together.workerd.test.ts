// Notifications that came at once: read and written together, each as right as by itself, and none held up by another.

import { and, eq, inArray, sql } from "drizzle-orm";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { events, ipns, payments } from "../../db/schema/index.ts";
import { makeContext } from "../context.ts";
import { deliverDue } from "../outbox/deliver-due.ts";
import { database } from "../testing/api-world.ts";
import {
  type BuiltIpn,
  bindings,
  buildIpn,
  type Connected,
  connected,
  deliverIpn,
  invoice,
  readAttempts,
  readInvoice,
  sandbox,
  start,
} from "../testing/edge-under-test.ts";

type Paid = { invoiceId: string; attemptId: string; ipn: BuiltIpn };

let shop: Connected;
beforeAll(async () => {
  shop = await connected("v2", { switches: { recordCollection: true, fiscalFromProforma: true } });
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Orders that were paid at the processor, of which no notification was delivered yet. */
function paidOrders(count: number): Promise<Paid[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const owed = await invoice(shop);
      const { attempt_id } = await start(shop, owed);
      await sandbox("POST", `/control/netopia/payments/${attempt_id}/act`, { action: "status", status: 3 });
      return { invoiceId: owed.id, attemptId: attempt_id, ipn: await buildIpn(attempt_id, { status: 3 }) };
    }),
  );
}

/** Counts the statements that write the steps of notifications; `before` each a test may spoil it, hold it up or let it fail. */
function watchSteps(before: (sent: string) => string | Promise<string> = (sent) => sent): { count: number } {
  const real = globalThis.fetch;
  const seen = { count: 0 };
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const sent = typeof init?.body === "string" ? init.body : "";
    if (!sent.includes("plata_take_steps") || !sent.includes("ipns_done")) return real(input, init);
    seen.count += 1;
    return real(input, { ...init, body: await before(sent) });
  });
  return seen;
}

/** When what was left behind has come due. */
async function inAMinute() {
  const context = await makeContext(bindings);
  return { ...context, now: new Date(context.now.getTime() + 60_000) };
}

async function expectPaidOnce(orders: Paid[]): Promise<void> {
  for (const { invoiceId, attemptId } of orders) {
    expect(await readInvoice(shop, invoiceId)).toMatchObject({ state: "paid", paid: { minor: 24_990 } });
    expect(await readAttempts(shop, invoiceId)).toMatchObject([{ id: attemptId, state: "captured" }]);
  }
  const ids = orders.map(({ invoiceId }) => invoiceId);
  const money = await database().select().from(payments).where(inArray(payments.invoiceId, ids));
  expect(money.map((row) => row.invoiceId).sort()).toEqual([...ids].sort());
  const told = await database()
    .select()
    .from(events)
    .where(and(inArray(events.invoiceId, ids), eq(events.type, "invoice.paid")));
  expect(told).toHaveLength(ids.length);
}

const statesOf = async (orders: Paid[]) =>
  (
    await database()
      .select({ state: ipns.state })
      .from(ipns)
      .where(
        inArray(
          ipns.attemptId,
          orders.map(({ attemptId }) => attemptId),
        ),
      )
  ).map(({ state }) => state);

test("thirty at once are each paid once, by fewer statements than there are notifications", async () => {
  const orders = await paidOrders(30);
  const steps = watchSteps();
  const answers = await Promise.all(orders.map(({ ipn }) => deliverIpn(ipn)));
  expect(answers.map(({ status }) => status)).toEqual(orders.map(() => 200));
  await vi.waitFor(async () => expect(await statesOf(orders)).toEqual(orders.map(() => "processed")), 20_000);
  expect(steps.count).toBeLessThan(20);
  await expectPaidOnce(orders);
});

test("what is due is swept together: strangers, doubles and contradictions among them hold nobody up", async () => {
  const orders = await paidOrders(6);
  const wrongSum = await paidOrders(1);
  const [first, second] = orders;
  if (!first || !second || !wrongSum[0]) throw new Error("no orders");
  const declined = await buildIpn(first.attemptId, { status: 12, code: "51" });
  const contradiction = await buildIpn(wrongSum[0].attemptId, { status: 3, faults: ["other_amount"] });
  // As after a crash between the answer and the processing: the step of each is lost.
  vi.spyOn(console, "error").mockImplementation(() => {});
  watchSteps(() => {
    throw new Error("crashed");
  });
  for (const ipn of [declined, ...orders.map((one) => one.ipn), second.ipn, contradiction]) {
    expect((await deliverIpn(ipn)).status).toBe(200);
  }
  vi.restoreAllMocks();
  expect(new Set(await statesOf(orders))).toEqual(new Set(["stored"]));

  const steps = watchSteps();
  await deliverDue(await inAMinute());
  expect(new Set(await statesOf(orders))).toEqual(new Set(["processed"]));
  // All first ones together, then what spoke of the same invoice.
  expect(steps.count).toBeLessThan(4);
  await expectPaidOnce(orders);
  expect(await statesOf(wrongSum)).toEqual(["parked"]);
});

test("when one of them was decided on an old story all are decided again, and nothing is done twice", async () => {
  const orders = await paidOrders(5);
  const [busy] = orders;
  if (!busy) throw new Error("no orders");
  let isRaced = false;
  const steps = watchSteps(async (sent) => {
    if (!isRaced && sent.includes(busy.invoiceId)) {
      isRaced = true;
      await database().execute(sql`update invoices set version = version + 1 where id = ${busy.invoiceId}`);
    }
    return sent;
  });
  await Promise.all(orders.map(({ ipn }) => deliverIpn(ipn)));
  await vi.waitFor(async () => expect(await statesOf(orders)).toEqual(orders.map(() => "processed")), 20_000);
  expect(isRaced).toBe(true);
  expect(steps.count).toBeGreaterThan(1);
  await expectPaidOnce(orders);
});

test("one that the database refuses is left for later; those that came with it are processed", async () => {
  const orders = await paidOrders(4);
  const [poison, ...healthy] = orders;
  if (!poison) throw new Error("no orders");
  vi.spyOn(console, "error").mockImplementation(() => {});
  const wrong = `\\"attempt_id\\":\\"${poison.attemptId}\\",\\"outcome\\"`;
  watchSteps((sent) => sent.replace(wrong, `\\"attempt_id\\":null,\\"outcome\\"`));
  await Promise.all(orders.map(({ ipn }) => deliverIpn(ipn)));
  await vi.waitFor(async () => expect(await statesOf(healthy)).toEqual(healthy.map(() => "processed")), 20_000);
  expect(await statesOf([poison])).toEqual(["stored"]);
  vi.restoreAllMocks();
  await expectPaidOnce(healthy);
  await deliverDue(await inAMinute());
  await expectPaidOnce(orders);
});

test("who shows no more sign of life is replaced by the next to come; what it had taken comes due by itself", async () => {
  const orders = await paidOrders(3);
  const [lost, behind, next] = orders;
  if (!lost || !behind || !next) throw new Error("no orders");
  let end: (() => void) | null = null;
  vi.spyOn(console, "error").mockImplementation(() => {});
  watchSteps((sent) =>
    end
      ? sent
      : new Promise((_resolve, reject) => {
          end = () => reject(new Error("ended"));
        }),
  );
  const stuck = deliverIpn(lost.ipn);
  await vi.waitFor(() => expect(end).not.toBeNull(), 20_000);
  await deliverIpn(behind.ipn);
  expect(await statesOf([lost, behind])).toEqual(["stored", "stored"]);

  const { now } = Date;
  vi.spyOn(Date, "now").mockImplementation(() => now() + 16_000);
  await deliverIpn(next.ipn);
  await vi.waitFor(async () => expect(await statesOf([behind, next])).toEqual(["processed", "processed"]), 20_000);
  expect(await statesOf([lost])).toEqual(["stored"]);
  await deliverDue(await inAMinute());
  await expectPaidOnce(orders);
  // It was alive after all: what it does now is nothing new.
  (end as (() => void) | null)?.();
  await stuck;
  await expectPaidOnce(orders);
});
