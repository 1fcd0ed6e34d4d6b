// A notification that knows only the processor's own number: an SBP payment by QR, at the simulated bank.

import { expect, test } from "vitest";
import type { BuiltIpn } from "../testing/edge-under-test.ts";
import { deliverIpn, invoice, json, readAttempts, sandbox, start } from "../testing/edge-under-test.ts";
import { connectedTochka, decide } from "../testing/tochka-under-test.ts";

test("finds its attempt by that number, and pays the invoice; another outlet's event does nothing", async () => {
  const shop = await connectedTochka();
  const decided = await decide(shop, { options: { fiscalisation: "register" } });
  expect(decided.status, await decided.clone().text()).toBe(200);
  const owed = await invoice(shop, { currency: "RUB" });
  const bankShop = { ...shop, account: { signature: "", apiKey: "", certificate: "", privateKey: "" } };
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
  for (const fault of ["other_merchant", "other_qrc", "other_amount", "sample"]) {
    expect((await deliverIpn(await build([fault]))).status, fault).toBe(200);
    expect((await readAttempts(shop, owed.id))[0]?.state, fault).toBe("awaiting_payer");
  }
  expect((await deliverIpn(await build(["wrong_key"]))).status).toBe(401);
  expect((await deliverIpn(await build([]))).status).toBe(200);
  expect(await readAttempts(shop, owed.id)).toMatchObject([
    { id: attempt_id, state: "captured", captured: { minor: 24_990 }, processor_reference: reference },
  ]);
  const paid = await json<{ state: string }>("public", "GET", `/v1/invoices/${owed.id}`, { key: shop.apiKey });
  expect(paid.state).toBe("paid");
});
