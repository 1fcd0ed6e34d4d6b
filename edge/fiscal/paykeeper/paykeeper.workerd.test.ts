// Receipts by PayKeeper against its simulator: the sale with its page, the prepayment's pair, the return, and what breaks.

import { afterAll, expect, test } from "vitest";
import { call, json, runDue, sandbox } from "../../testing/edge-under-test.ts";
import {
  chooseRegister,
  owedTo,
  pay,
  receiptsOf,
  type Seller,
  seller,
  settle,
} from "../../testing/receipts-under-test.ts";

type Cabinet = { login: string; password: string };
type Printed = { state: string; fields: Record<string, string>; cart: Record<string, unknown>[]; qr: string | null };

afterAll(async () => {
  await sandbox("POST", "/clock", { reset: true });
});

async function withPaykeeper(signs: Record<string, unknown> = {}): Promise<Seller & { cabinet: Cabinet }> {
  const shop = await seller();
  const cabinet = await sandbox<Cabinet>("POST", "/control/paykeeper/cabinets", { delaySeconds: 0 });
  const chosen = await chooseRegister(shop, {
    service: "paykeeper",
    credentials: { server: "demo.server.paykeeper.ru", login: cabinet.login, password: cabinet.password },
    ...signs,
  });
  expect(await chosen.json()).toMatchObject({ service: "paykeeper", last_check: { outcome: "works" } });
  return { ...shop, cabinet };
}
const printed = ({ cabinet }: { cabinet: Cabinet }) =>
  sandbox<Printed[]>("GET", `/control/paykeeper/cabinets/${cabinet.login}/receipts`);

test("a sale with its page and numbers, handed over later, then given back", async () => {
  const shop = await withPaykeeper({ tax_system: "osn", vat_rate: "vat22", receipt_method: "full_prepayment" });
  const owed = await owedTo(shop);
  const attemptId = await pay(shop, owed);
  await settle();
  const [sale] = (await receiptsOf(shop, owed.id)).data;
  expect(sale).toMatchObject({
    state: "registered",
    service: "paykeeper",
    url: expect.stringMatching(/\/receipt\/[0-9a-f]{16}\/\?rc_id=\d+$/),
  });
  expect(sale?.fiscal?.qr).toBe((await printed(shop))[0]?.qr);
  await json("public", "POST", `/v1/invoices/${owed.id}/deliver`, { key: shop.apiKey });
  await runDue();
  await settle();
  await json("public", "POST", "/v1/refunds/manual", {
    key: shop.apiKey,
    body: { attempt_id: attemptId, amount_minor: 150_000 },
  });
  await runDue();
  await settle();
  const all = await printed(shop);
  expect(all.map(({ state }) => state)).toEqual(["success", "success", "success"]);
  expect(all.map(({ fields }) => [fields.type, fields.sum_cashless, fields.sum_advance, fields.is_post_sale])).toEqual([
    ["sale", "1500.00", undefined, undefined],
    ["sale", undefined, "1500.00", "true"],
    ["refund", "1500.00", undefined, undefined],
  ]);
  expect(all.map(({ cart }) => [cart[0]?.tax, cart[0]?.payment_type])).toEqual([
    ["vat122", "prepay"],
    ["vat22", "full"],
    ["vat22", "full"],
  ]);
  expect(all[0]?.fields.contact).toBe("client@demo.example");
});

test("a lost answer is not repeated by itself; sent again after a look it is still one receipt", async () => {
  const shop = await withPaykeeper();
  const owed = await owedTo(shop);
  await sandbox("POST", `/control/paykeeper/cabinets/${shop.cabinet.login}/faults`, { fault: "lost_answer" });
  await pay(shop, owed);
  await settle();
  const [unknown] = (await receiptsOf(shop, owed.id)).data;
  expect(unknown?.state).toBe("unknown");
  expect(await printed(shop)).toHaveLength(1);
  await call("public", "POST", `/v1/receipts/${unknown?.id}/retry`, { key: shop.apiKey, body: { is_checked: true } });
  await runDue();
  await settle();
  expect((await receiptsOf(shop, owed.id)).data).toMatchObject([{ state: "registered" }]);
  expect(await printed(shop)).toHaveLength(1);
});

test("a refusal with status 200 is a failure; a wrong password is found when it is saved", async () => {
  const shop = await withPaykeeper();
  const owed = await owedTo(shop);
  await sandbox("POST", `/control/paykeeper/cabinets/${shop.cabinet.login}/faults`, { fault: "refused" });
  await pay(shop, owed);
  expect((await receiptsOf(shop, owed.id)).data).toMatchObject([
    { state: "failed", reason: "invalid_data", reason_text: "Чек отклонён настройками кассы" },
  ]);
  const wrong = await chooseRegister(shop, {
    service: "paykeeper",
    credentials: { server: "https://demo.server.paykeeper.ru", login: shop.cabinet.login, password: "another" },
  });
  expect(await wrong.json()).toMatchObject({ last_check: { outcome: "refused" } });
});

test("the address of a server is a public name and nothing else", async () => {
  const shop = await seller();
  for (const server of [
    "http://demo.server.paykeeper.ru",
    "https://127.0.0.1",
    "https://localhost",
    "https://a.b.ru/x",
    "https://u:p@a.ru",
    "nas.local",
  ]) {
    const answer = await chooseRegister(shop, {
      service: "paykeeper",
      credentials: { server, login: "a", password: "b" },
    });
    expect([server, answer.status]).toEqual([server, 400]);
    expect(await answer.json()).toMatchObject({ errors: [{ field: "credentials.server", code: "bad_server_format" }] });
  }
});
