// The silence detector: a broken notification address is named within fifteen minutes, and no payment waits for it.

import { expect, test } from "vitest";
import { makeContext } from "../context.ts";
import {
  bindings,
  buildIpn,
  type Connected,
  connected,
  deliverIpn,
  invoice,
  json,
  readInvoice,
  runDue,
  sandbox,
  start,
} from "../testing/edge-under-test.ts";
import { detectSilence } from "./detect-silence.ts";

type Item = { kind: string; connection_id: string; detail: { found: number; expectedAddress: string } };

const detect = async () => detectSilence(await makeContext(bindings));
const alarms = async (shop: Connected) =>
  (await json<{ data: Item[] }>("public", "GET", "/v1/attention", { key: shop.apiKey })).data.filter(
    (item) => item.kind === "notifications_silent",
  );

async function payUnheard(shop: Connected): Promise<string> {
  const owed = await invoice(shop);
  const { attempt_id } = await start(shop, owed);
  await sandbox("POST", `/control/netopia/payments/${attempt_id}/act`, { action: "status", status: 3 });
  return owed.id;
}

test("three payments found by asking raise one alarm that names the connection and its address; a notification closes it", async () => {
  const shop = await connected("v2");
  const paid = [await payUnheard(shop), await payUnheard(shop), await payUnheard(shop)];
  await sandbox("POST", "/clock", { advanceSeconds: 240 });
  await runDue();
  for (const id of paid) expect((await readInvoice(shop, id)).state).toBe("paid");
  await detect();
  expect(await alarms(shop)).toEqual([]); // a notification may still be on its way
  await sandbox("POST", "/clock", { advanceSeconds: 11 * 60 });
  await detect();
  await detect();
  expect(await alarms(shop)).toMatchObject([
    {
      connection_id: shop.connectionId,
      detail: { found: 3, expectedAddress: expect.stringContaining(`/ipn/${shop.connectionId}`) },
    },
  ]);
  const owed = await invoice(shop);
  const { attempt_id } = await start(shop, owed);
  await deliverIpn(await buildIpn(attempt_id, { status: 3 }));
  await detect();
  expect(await alarms(shop)).toEqual([]);
});

test("a connection whose notifications arrive is never called silent", async () => {
  const shop = await connected("v2");
  const owed = await invoice(shop);
  const { attempt_id } = await start(shop, owed);
  await sandbox("POST", `/control/netopia/payments/${attempt_id}/act`, { action: "status", status: 3 });
  const ipn = await buildIpn(attempt_id, { status: 3 });
  await json("public", "POST", `/v1/attempts/${attempt_id}/look`, { key: shop.apiKey }); // asked before it came
  await deliverIpn(ipn);
  await sandbox("POST", "/clock", { advanceSeconds: 20 * 60 });
  await detect();
  expect(await alarms(shop)).toEqual([]);
});
