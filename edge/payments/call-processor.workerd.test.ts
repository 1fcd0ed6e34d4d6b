// A connection whose credentials do not open: nothing is called, everybody is told so, nothing is guessed, and all of it goes
// on once it opens again.

import { eq } from "drizzle-orm";
import { afterAll, beforeEach, expect, test } from "vitest";
import { connections, merchants } from "../../db/schema/index.ts";
import { database, raisedFor } from "../testing/api-world.ts";
import {
  buildIpn,
  type Connected,
  call,
  connected,
  deliverIpn,
  invoice,
  json,
  readAttempts,
  readInvoice,
  runDue,
  sandbox,
  start,
  tokenOf,
} from "../testing/edge-under-test.ts";
import { connectedUapay, setCaptureMode } from "../testing/uapay-under-test.ts";

let shop: Connected;
let sealed = "";

beforeEach(async () => {
  shop = await connected("v2");
});

afterAll(async () => {
  await sandbox("POST", "/clock", { reset: true });
});

const advance = (advanceSeconds: number) => sandbox("POST", "/clock", { advanceSeconds });
const setCredentials = (credentials: string) =>
  database().update(connections).set({ credentials }).where(eq(connections.id, shop.connectionId));

async function spoil() {
  const [row] = await database()
    .select({ credentials: connections.credentials })
    .from(connections)
    .where(eq(connections.id, shop.connectionId));
  sealed = row?.credentials ?? "";
  await setCredentials("x");
}

const mend = () => setCredentials(sealed);

const refundsOf = async (invoiceId: string) =>
  (
    await json<{ refunds: { state: string; processor_text: string | null }[] }>(
      "public",
      "GET",
      `/v1/invoices/${invoiceId}/attempts`,
      { key: shop.apiKey },
    )
  ).refunds;

test("a payer who starts is told to try elsewhere, and the same link works afterwards", async () => {
  const owed = await invoice(shop);
  await spoil();
  const press = () =>
    call("inside", "POST", `/payer/${tokenOf(owed)}/attempts`, {
      body: { connection_id: shop.connectionId, method: "card", locale: "ro" },
    });
  const refused = await press();
  expect([refused.status, await refused.json()]).toEqual([
    502,
    expect.objectContaining({ code: "processor_unreachable" }),
  ]);
  expect((await readAttempts(shop, owed.id)).map(({ state }) => state)).toEqual(["declined"]);
  await mend();
  expect((await press()).status).toBe(200);
});

test("who asks now is told that it could not be asked; the attempt stays as it was", async () => {
  const owed = await invoice(shop);
  const { attempt_id } = await start(shop, owed);
  await spoil();
  const path = `/v1/attempts/${attempt_id}/look`;
  expect(await json("public", "POST", path, { key: shop.apiKey })).toMatchObject({
    outcome: "fault",
    attempt: { state: "awaiting_payer" },
  });
  await mend();
  expect(await json("public", "POST", path, { key: shop.apiKey })).toMatchObject({ outcome: "answered" });
});

test("a refund is not sent, is never taken for one whose outcome is unknown, and goes out once the connection opens", async () => {
  const owed = await invoice(shop);
  const { attempt_id } = await start(shop, owed);
  await sandbox("POST", `/control/netopia/payments/${attempt_id}/act`, { action: "status", status: 3 });
  await deliverIpn(await buildIpn(attempt_id, { status: 3 }));
  await runDue();
  await spoil();
  await json("public", "POST", "/v1/refunds", { key: shop.apiKey, body: { attempt_id } });
  await runDue();
  await advance(3700);
  await runDue();
  expect((await refundsOf(owed.id)).map(({ state }) => state)).toEqual(["not_sent"]);
  expect(await raisedFor(shop)).toContain("refund_not_sent");
  await mend();
  await advance(3 * 3600);
  await runDue();
  expect((await refundsOf(owed.id)).map(({ state }) => state)).toEqual(["succeeded"]);
  expect(await readInvoice(shop, owed.id)).toMatchObject({ paid: { minor: 0 } });
});

test("a hold is not asked for, its policy is tried to the last and then put before a person", async () => {
  shop = await connectedUapay();
  await setCaptureMode(shop, "manual");
  await database().update(merchants).set({ holdPolicy: "capture" }).where(eq(merchants.id, shop.merchantId));
  const hold = async () => {
    const owed = await invoice(shop, { currency: "UAH" });
    const { attempt_id } = await start(shop, owed, { locale: "en", email: "client@demo.example" });
    await sandbox("POST", `/control/uapay/invoices/${attempt_id}/act`, { action: "pay" });
    await json("public", "POST", `/v1/attempts/${attempt_id}/look`, { key: shop.apiKey });
    return attempt_id;
  };
  const [taken, left] = [await hold(), await hold()];
  const { hold: until } = await json<{ hold: { until: string } }>("public", "GET", `/v1/attempts/${left}`, {
    key: shop.apiKey,
  });
  const press = () => call("public", "POST", `/v1/attempts/${taken}/capture`, { key: shop.apiKey, body: {} });
  await spoil();
  const refused = await press();
  expect([refused.status, await refused.json()]).toEqual([
    502,
    expect.objectContaining({ code: "processor_unreachable" }),
  ]);
  expect(await json("public", "GET", `/v1/attempts/${taken}`, { key: shop.apiKey })).toMatchObject({
    state: "authorized",
    command: { state: "refused", code: "not_reached" },
  });
  await mend();
  expect(await (await press()).json()).toMatchObject({ state: "captured" });

  await spoil();
  const { now } = await sandbox<{ now: number }>("GET", "/clock");
  await advance((Date.parse(until.until) - now) / 1000 - 2 * 3600);
  await runDue();
  expect(await raisedFor(shop)).not.toContain("hold_policy_failed");
  await advance(2 * 3600 - 60);
  await runDue();
  expect(await raisedFor(shop)).toContain("hold_policy_failed");
});
