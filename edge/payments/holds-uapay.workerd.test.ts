// A UAPAY shop in real workerd on real Postgres against the simulator: held, taken, let go, given back, and told by UAPAY.

import { beforeAll, expect, test } from "vitest";
import { raisedFor } from "../testing/api-world.ts";
import {
  call,
  type InvoiceShape,
  invoice,
  readAttempts,
  readInvoice,
  runDue,
  sandbox,
  start,
} from "../testing/edge-under-test.ts";
import { atUapay, connectedUapay, deliverTold, setCaptureMode } from "../testing/uapay-under-test.ts";

const WRONG_KEY = { id: "credentials_accepted", outcome: "failed" };

let shop: Awaited<ReturnType<typeof connectedUapay>>;

beforeAll(async () => {
  shop = await connectedUapay();
});

/** An invoice in hryvnia whose payer is at UAPAY's page and pays. */
async function payAtUapay(): Promise<{ owed: InvoiceShape; attemptId: string }> {
  const owed = await invoice(shop, { currency: "UAH" });
  const { attempt_id } = await start(shop, owed, { locale: "en" });
  await sandbox("POST", `/control/uapay/invoices/${attempt_id}/act`, { action: "pay" });
  return { owed, attemptId: attempt_id };
}

/** How often UAPAY was asked to do it to this attempt's payment. */
async function asked(attemptId: string, operation: string): Promise<number> {
  const { id } = await sandbox<{ id: string }>("GET", `/control/uapay/invoices/${attemptId}`);
  const requests = await sandbox<{ operation: string; body: string }[]>("GET", "/control/uapay/requests");
  return requests.filter((one) => one.operation === operation && one.body.includes(id)).length;
}

const press = (attemptId: string, verb: "capture" | "void", body: object = {}) =>
  call("public", "POST", `/v1/attempts/${attemptId}/${verb}`, { key: shop.apiKey, body });

test("a payment is told by UAPAY itself at one address for the shop, and is booked once", async () => {
  const { owed, attemptId } = await payAtUapay();
  const { callbackUrl } = await sandbox<{ callbackUrl: string }>("GET", `/control/uapay/invoices/${attemptId}`);
  expect(new URL(callbackUrl).pathname).toBe(`/ipn/${shop.connectionId}`);
  for (const _copy of [1, 2]) expect((await deliverTold(attemptId)).status).toBe(200);
  await runDue();
  expect(await readInvoice(shop, owed.id)).toMatchObject({ state: "paid", paid: { minor: 24_990 } });
  expect(await raisedFor(shop, owed.id)).toEqual([]);
});

test("a shop is its ID and its key: each missing one is an error, and a wrong key is found by the check", async () => {
  const good = { shopId: shop.clientId, secretKey: "d3Jvbmcga2V5LCBub3QgdGhlaXJz" };
  const connect = (credentials: object, name?: string) =>
    call("public", "POST", "/v1/connections", {
      key: shop.apiKey,
      body: { processor: "uapay", environment: "test", credentials, ...(name === undefined ? {} : { name }) },
    });
  for (const field of ["shopId", "secretKey"] as const) {
    const { [field]: _left, ...rest } = good;
    const answer = await connect(rest);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(field === "shopId" ? "shop_id_missing" : "secret_key_missing");
  }
  const made = await connect(good, "Second shop");
  expect(made.status).toBe(201);
  const { id, name } = (await made.json()) as { id: string; name: string };
  expect(name).toBe("Second shop");
  const checked = await call("public", "POST", `/v1/connections/${id}/check`, { key: shop.apiKey });
  expect(await checked.json()).toMatchObject({
    connection: { last_check: { steps: expect.arrayContaining([expect.objectContaining(WRONG_KEY)]) } },
  });
});

test("[R10] money is taken only after Confirm, by one call, and is not asked for before", async () => {
  await setCaptureMode(shop, "manual");
  const { owed, attemptId } = await payAtUapay();
  expect((await deliverTold(attemptId)).status).toBe(200);
  await runDue();
  expect(await readInvoice(shop, owed.id)).toMatchObject({ state: "authorized", paid: { minor: 0 } });
  expect(await atUapay(attemptId)).toMatchObject({ captured: 0, paymentStatus: "HOLDED" });
  expect(await asked(attemptId, "complete")).toBe(0);
  expect((await press(attemptId, "capture")).status).toBe(200);
  expect((await press(attemptId, "capture")).status).toBeGreaterThanOrEqual(400);
  await deliverTold(attemptId);
  await runDue();
  expect(await asked(attemptId, "complete")).toBe(1);
  expect(await readInvoice(shop, owed.id)).toMatchObject({ state: "paid", paid: { minor: 24_990 } });
  expect(await raisedFor(shop, owed.id)).toEqual([]);
});

test("a capture that UAPAY refuses leaves the hold, tells its words, and works at the second try", async () => {
  await setCaptureMode(shop, "manual");
  const { owed, attemptId } = await payAtUapay();
  await deliverTold(attemptId);
  await runDue();
  await sandbox("POST", "/control/uapay/faults", {
    fault: "operation_refused",
    reference: attemptId,
    operation: "complete",
  });
  const refused = await press(attemptId, "capture");
  expect(refused.status).toBeGreaterThanOrEqual(400);
  expect(await refused.text()).toContain("Операцію відхилено банком");
  expect((await readInvoice(shop, owed.id)).state).toBe("authorized");
  expect((await press(attemptId, "capture")).status).toBe(200);
  expect((await readInvoice(shop, owed.id)).state).toBe("paid");
});

test("a hold is taken in part or let go, and a refund goes back once", async () => {
  await setCaptureMode(shop, "manual");
  const part = await payAtUapay();
  await deliverTold(part.attemptId);
  await runDue();
  expect((await press(part.attemptId, "capture", { amount_minor: 10_000 })).status).toBe(200);
  await deliverTold(part.attemptId);
  await runDue();
  expect((await readInvoice(shop, part.owed.id)).paid.minor).toBe(10_000);
  expect(await atUapay(part.attemptId)).toMatchObject({ captured: 10_000 });
  const given = await call("public", "POST", "/v1/refunds", {
    key: shop.apiKey,
    body: { attempt_id: part.attemptId, amount_minor: 4_000 },
  });
  expect(given.status).toBeLessThan(300);
  await runDue();
  await deliverTold(part.attemptId);
  await runDue();
  expect(await atUapay(part.attemptId)).toMatchObject({ refunded: 4_000 });
  expect((await readInvoice(shop, part.owed.id)).paid.minor).toBe(6_000);

  const freed = await payAtUapay();
  await deliverTold(freed.attemptId);
  await runDue();
  expect((await press(freed.attemptId, "void")).status).toBe(200);
  expect(await atUapay(freed.attemptId)).toMatchObject({ captured: 0, paymentStatus: "CANCELED" });
  const [attempt] = await readAttempts(shop, freed.owed.id);
  expect(attempt?.state).toBe("voided");
});
