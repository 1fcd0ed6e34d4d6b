// Today's weather: when payments of one connection fail technically, others are offered first, and back again.

import { expect, test } from "vitest";
import { makeContext } from "../context.ts";
import {
  bindings,
  buildIpn,
  type Connected,
  connect,
  connected,
  deliverIpn,
  invoice,
  json,
  sandbox,
  start,
  tokenOf,
} from "../testing/edge-under-test.ts";
import { watchMethods } from "./method-troubles.ts";

type View = { state: string; methods: { connection_id: string; is_troubled: boolean }[] };

async function payOne(shop: Connected, outcome: { status: number; code: string }): Promise<void> {
  const { attempt_id } = await start(shop, await invoice(shop));
  await sandbox("POST", `/control/netopia/payments/${attempt_id}/act`, { action: "status", status: outcome.status });
  await deliverIpn(await buildIpn(attempt_id, outcome));
}

const FAILED = { status: 12, code: "99" };
const PAID = { status: 3, code: "00" };

test("what fails for many comes last, payers and the merchant are told, and it returns to its place", async () => {
  const shop = await connected("v2");
  const second = await connect(shop, "v2");
  const watch = async () => watchMethods(await makeContext(bindings));
  const owed = await invoice(shop);
  const offered = async () => (await json<View>("inside", "GET", `/payer/${tokenOf(owed)}`)).methods;
  const order = async () => (await offered()).map(({ connection_id }) => connection_id);
  const asWanted = [shop.connectionId, second.connectionId];
  expect(await order()).toEqual(asWanted);

  for (let n = 0; n < 5; n++) await payOne(shop, FAILED);
  await watch();
  expect(await offered()).toMatchObject([
    { connection_id: second.connectionId, is_troubled: false },
    { connection_id: shop.connectionId, is_troubled: true },
  ]);
  const { data } = await json<{ data: { connection_id: string; trouble: unknown }[] }>(
    "public",
    "GET",
    `/v1/points-of-sale/${shop.pointOfSaleId}/methods`,
    { key: shop.apiKey },
  );
  expect(data).toMatchObject([
    { connection_id: shop.connectionId, trouble: { tries: 5, failures: 5 } },
    { connection_id: second.connectionId, trouble: null },
  ]);

  for (let n = 0; n < 3; n++) await payOne(shop, PAID);
  await watch();
  expect(await order()).toEqual(asWanted);
});

test("after a decline that cannot be mended there the other way comes first, for that payer alone", async () => {
  const shop = await connected("v2");
  const second = await connect(shop, "v2");
  const owed = await invoice(shop);
  const { attempt_id } = await start(shop, owed);
  await deliverIpn(await buildIpn(attempt_id, FAILED));
  const seen = await json<View>("inside", "GET", `/payer/${tokenOf(owed)}`);
  expect(seen.state).toBe("declined");
  expect(seen.methods[0]?.connection_id).toBe(second.connectionId);
  const other = await json<View>("inside", "GET", `/payer/${tokenOf(await invoice(shop))}`);
  expect(other.methods[0]?.connection_id).toBe(shop.connectionId);
});
