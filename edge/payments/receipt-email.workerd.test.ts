// Where a payment's receipt goes: the processor is told the payer's e-mail; without one there is a warning in the history,
// and where receipts need it the doctor counts the invoices that lack it.

import { beforeAll, expect, test } from "vitest";
import {
  type Connected,
  call,
  type InvoiceShape,
  invoice,
  json,
  sandbox,
  start,
  tokenOf,
} from "../testing/edge-under-test.ts";
import { connectedTochka } from "../testing/tochka-under-test.ts";
import { connectedUapay } from "../testing/uapay-under-test.ts";

let uapay: Connected;

beforeAll(async () => {
  uapay = await connectedUapay();
});

const warnings = async (of: { apiKey: string }, owed: InvoiceShape) =>
  (
    await json<{ data: { type: string; attempt_id: string }[] }>("public", "GET", `/v1/invoices/${owed.id}/events`, {
      key: of.apiKey,
    })
  ).data.filter(({ type }) => type === "attempt.without_email");

type Findings = {
  connection: { diagnosis: { findings: { code: string; severity: string; facts: { count?: string } }[] } };
};

test("[P15] with an e-mail the receipt request carries it; without one the history warns", async () => {
  const told = await invoice(uapay, { currency: "UAH", payer_email: "client@demo.example" });
  const with_ = await start(uapay, told, { locale: "en" });
  expect(await sandbox("GET", `/control/uapay/invoices/${with_.attempt_id}`)).toMatchObject({
    email: "client@demo.example",
  });
  expect(await warnings(uapay, told)).toEqual([]);
  const silent = await invoice(uapay, { currency: "UAH", payer_email: null });
  const without = await start(uapay, silent, { locale: "en" });
  expect(
    (await sandbox<{ email?: string | null }>("GET", `/control/uapay/invoices/${without.attempt_id}`)).email ?? null,
  ).toBeNull();
  expect(await warnings(uapay, silent)).toMatchObject([{ attempt_id: without.attempt_id }]);
});

test("[P15] where the bank makes the receipt an e-mail is demanded, and the settings check counts invoices without one", async () => {
  const tochka = await connectedTochka();
  const check = async () =>
    (
      await json<Findings>("public", "POST", `/v1/connections/${tochka.connectionId}/check`, { key: tochka.apiKey })
    ).connection.diagnosis.findings.find(({ code }) => code === "receipt_without_email");
  const named = await invoice(tochka as never, { currency: "RUB", payer_email: "client@demo.example" });
  expect(await check()).toBeUndefined();
  const silent = await invoice(tochka as never, { currency: "RUB", payer_email: null });
  expect(await check()).toMatchObject({ severity: "warns", facts: { count: "1" } });
  const pay = (owed: InvoiceShape, body: object = {}) =>
    call("inside", "POST", `/payer/${tokenOf(owed)}/attempts`, {
      body: { connection_id: tochka.connectionId, method: "card", locale: "ru", ...body },
    });
  expect(await (await pay(silent)).text()).toContain("email");
  const begun = (await (await pay(named)).json()) as { attempt_id: string };
  const { processor_reference } = await json<{ processor_reference: string }>(
    "public",
    "GET",
    `/v1/attempts/${begun.attempt_id}`,
    { key: tochka.apiKey },
  );
  const operation = await sandbox("GET", `/control/tochka/operations/${processor_reference.split("/")[1]}`);
  expect(JSON.stringify(operation)).toContain("client@demo.example");
});
