// A notification that knows only the processor's own number: an SBP payment by QR, at the simulated bank.

import { expect, test } from "vitest";
import type { BuiltIpn } from "../testing/edge-under-test.ts";
import { deliverIpn, invoice, json, readAttempts, sandbox, start } from "../testing/edge-under-test.ts";
import { as, connectedTochka, decide, type Saved } from "../testing/tochka-under-test.ts";

test("finds its attempt by that number, and pays the invoice; another outlet's event does nothing", async () => {
  const shop = await connectedTochka();
  const decided = await decide(shop, { options: { fiscalisation: "register" } });
  expect(decided.status, await decided.clone().text()).toBe(200);
  const owed = await invoice(shop, { currency: "RUB" });
  const bankShop = { ...shop, account: NO_ACCOUNT };
  const { attempt_id, action } = await start(bankShop, owed, { method: "sbp" });
  expect(action.kind).toBe("show_qr");
  const [before] = await readAttempts(shop, owed.id);
  const reference = before?.processor_reference ?? "";
  expect(reference).toMatch(/^qr\//);
  const qrcId = reference.slice(3);
  await sandbox("POST", `/control/tochka/qrs/${qrcId}/act`, { action: "accept" });
  const build = (faults: string[]) =>
    sandbox<BuiltIpn>("POST", "/control/tochka/ipn", {
      reference: qrcId,
      url: `http://localhost/ipn/${shop.connectionId}`,
      deliver: false,
      faults,
    });
  // Those of strangers are kept and answered, and wait for nobody.
  for (const fault of ["other_merchant", "other_customer", "sample"]) {
    expect((await deliverIpn(await build([fault]))).status, fault).toBe(200);
  }
  const waiting = async () =>
    (await json<{ data: { kind: string }[] }>("public", "GET", "/v1/attention", { key: shop.apiKey })).data.map(
      (one) => one.kind,
    );
  expect(await waiting()).not.toContain("notification_parked");
  for (const fault of ["other_qrc", "other_amount"]) {
    expect((await deliverIpn(await build([fault]))).status, fault).toBe(200);
    expect((await readAttempts(shop, owed.id))[0]?.state, fault).toBe("awaiting_payer");
  }
  expect(await waiting()).toContain("notification_parked");
  expect((await deliverIpn(await build(["wrong_key"]))).status).toBe(401);
  expect((await deliverIpn(await build([]))).status).toBe(200);
  expect(await readAttempts(shop, owed.id)).toMatchObject([
    { id: attempt_id, state: "captured", captured: { minor: 24_990 }, processor_reference: reference },
  ]);
  const paid = await json<{ state: string }>("public", "GET", `/v1/invoices/${owed.id}`, { key: shop.apiKey });
  expect(paid.state).toBe("paid");
});

test("an event of the merchant's other outlet, at the one address of both, makes that attempt be asked about", async () => {
  const shop = await connectedTochka();
  const owed = await invoice(shop, { currency: "RUB" });
  const { attempt_id } = await start({ ...shop, account: NO_ACCOUNT }, owed);
  await sandbox("POST", `/control/tochka/operations/${attempt_id}/act`, { action: "pay", method: "card" });
  const ipn = await sandbox<BuiltIpn>("POST", "/control/tochka/ipn", {
    reference: attempt_id,
    url: `http://localhost/ipn/${await secondConnection(shop)}`,
    deliver: false,
  });
  expect((await deliverIpn(ipn)).status).toBe(200);
  expect(await readAttempts(shop, owed.id)).toMatchObject([{ state: "captured", captured: { minor: 24_990 } }]);
});

const NO_ACCOUNT = { signature: "", apiKey: "", certificate: "", privateKey: "" };

/** Another connection of the same application; its outlet is not chosen yet. */
async function secondConnection(shop: Saved): Promise<string> {
  const { id } = await json<{ id: string }>("inside", "POST", "/v1/connections", {
    headers: as(shop.cookie),
    body: {
      point_of_sale_id: shop.pointOfSaleId,
      processor: "tochka",
      environment: "test",
      credentials: { clientId: shop.client.clientId, clientSecret: shop.client.clientSecret },
    },
  });
  return id;
}
