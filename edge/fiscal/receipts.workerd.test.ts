// Fiscal receipts by Komtet.Kassa, from the payment to the numbers: one receipt for one payment whatever breaks.

import { afterAll, beforeAll, expect, test } from "vitest";
import { makeContext } from "../context.ts";
import {
  bindings,
  buildIpn,
  type Connected,
  call,
  connect,
  deliverIpn,
  type InvoiceShape,
  invoice,
  json,
  readInvoice,
  runDue,
  sandbox,
  start,
} from "../testing/edge-under-test.ts";
import {
  advance,
  attentionOf,
  chooseRegister,
  credentialsOf,
  eventsOf,
  komtetShop,
  look,
  open,
  operationOf,
  owedTo,
  pay,
  payAt,
  plant,
  type ReceiptShape,
  receiptsOf,
  type Seller,
  seller,
  settle,
  tasksOf,
} from "../testing/receipts-under-test.ts";
import { connectedTochka, decide, outlet, RECEIPTS } from "../testing/tochka-under-test.ts";
import { stepReceipts } from "./receipt-step.ts";

let shop: Seller;

beforeAll(async () => {
  shop = await seller();
});

afterAll(async () => {
  await sandbox("POST", "/clock", { reset: true });
});

const only = (rows: ReceiptShape[]): ReceiptShape => {
  expect(rows).toHaveLength(1);
  return rows[0] as ReceiptShape;
};
const tasksFor = async (of: Seller, receipt: ReceiptShape) =>
  (await tasksOf(of)).filter(({ externalId }) => externalId.startsWith(receipt.id));

/** The register's own message about a receipt, built by the simulator and handed to our door. */
async function tell(receipt: ReceiptShape, bend: Record<string, unknown> = {}): Promise<number> {
  const message = await sandbox<{ url: string; method: string; headers: Record<string, string>; bodyBase64: string }>(
    "POST",
    `/control/komtet/tasks/${receipt.external_id}/message`,
    bend,
  );
  const raw = Uint8Array.from(atob(message.bodyBase64), (c) => c.charCodeAt(0));
  const { pathname } = new URL(message.url);
  return (await call("public", message.method, pathname, { raw: raw as unknown as BodyInit, headers: message.headers }))
    .status;
}

const retry = (receipt: ReceiptShape, body: Record<string, unknown> = {}, of: Seller = shop) =>
  call("public", "POST", `/v1/receipts/${receipt.id}/retry`, { key: of.apiKey, body });

test("[N04] a payment's receipt goes to the client's e-mail by the register: sent, registered, with its numbers", async () => {
  const owed = await owedTo(shop, { payer_email: "client@demo.example" });
  await pay(shop, owed);
  const queued = only((await receiptsOf(shop, owed.id)).data);
  expect(queued).toMatchObject({ kind: "sale", type: "income", state: "queued", service: "komtet" });
  await settle();
  const receipt = only((await receiptsOf(shop, owed.id)).data);
  const [task] = await tasksFor(shop, receipt);
  expect(receipt).toMatchObject({
    state: "registered",
    email: "client@demo.example",
    amount: { minor: 150_000 },
    next_look_at: null,
    fiscal: { qr: task?.qr },
  });
  expect(task?.check).toMatchObject({
    intent: "sell",
    client: { email: "client@demo.example" },
    company: { sno: 1 },
    payments: [{ type: "card", sum: 1500 }],
    positions: [
      { price: 333.3, quantity: 3, total: 999.9, vat: "no", payment_method: "full_payment", payment_object: "service" },
      { price: 500.1, quantity: 1, total: 500.1 },
    ],
  });
  expect(await eventsOf(shop, owed.id)).toEqual(["receipt.ordered", "receipt.registered"]);
});

test("without an e-mail a payment that needs a receipt is not begun", async () => {
  const owed = await owedTo(shop, { payer_email: null });
  const answer = await call("inside", "POST", `/payer/${owed.link?.split("/").at(-1)}/attempts`, {
    body: { connection_id: shop.connectionId, method: "card", locale: "ru" },
  });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain("needed_for_receipt");
});

test("money in another currency has no receipt, and needs no e-mail", async () => {
  const { connectionId, account } = await connect(shop, "v2");
  const owed = await invoice(shop, { payer_email: null });
  const { attempt_id } = await start({ ...shop, connectionId, account } as Connected, owed);
  await sandbox("POST", `/control/netopia/payments/${attempt_id}/act`, { action: "status", status: 3 });
  await deliverIpn(await buildIpn(attempt_id, { status: 3 }));
  await runDue();
  expect((await readInvoice(shop, owed.id)).state).toBe("paid");
  expect((await receiptsOf(shop, owed.id)).data).toEqual([]);
});

test("a call that was cut off by a crash is not made again by itself", async () => {
  const owed = await owedTo(shop);
  await plant(shop, "busy");
  await pay(shop, owed);
  const drafted = only((await receiptsOf(shop, owed.id)).data);
  expect(drafted.state).toBe("draft");
  // Died after it was noted that the call begins.
  const context = await makeContext(bindings);
  await stepReceipts(context, "system", { merchantId: shop.merchantId, invoiceId: owed.id }, (notes) => {
    const mine = notes.find(drafted.id);
    if (mine) notes.patch(mine, { state: "sending", sentAt: context.now, nextLookAt: context.now });
  });
  await runDue();
  expect(only((await receiptsOf(shop, owed.id)).data).state).toBe("sending");
  await advance(70);
  await runDue();
  expect(only((await receiptsOf(shop, owed.id)).data)).toMatchObject({ state: "unknown", reason_text: "cut_off" });
  expect(await tasksFor(shop, drafted)).toEqual([]);
});

test("the answer is lost after the register took it: unknown, never repeated, ended by the register's own message", async () => {
  const owed = await owedTo(shop);
  await plant(shop, "lost_answer");
  await pay(shop, owed);
  const unknown = only((await receiptsOf(shop, owed.id)).data);
  expect(unknown).toMatchObject({ state: "unknown", reason: "unknown_outcome" });
  await settle();
  expect((await tasksFor(shop, unknown)).length).toBe(1);
  expect(await tell(unknown, { secret: "a-stranger's-secret" })).toBe(401);
  expect(await tell(unknown, { change: { external_id: "rct_another" } })).toBe(404);
  expect(only((await receiptsOf(shop, owed.id)).data).state).toBe("unknown");
  expect(await tell(unknown)).toBe(200);
  expect(await tell(unknown)).toBe(200);
  expect(only((await receiptsOf(shop, owed.id)).data)).toMatchObject({ state: "registered" });
  expect((await tasksFor(shop, unknown)).length).toBe(1);
  expect(await eventsOf(shop, owed.id)).toEqual(["receipt.ordered", "receipt.unknown", "receipt.registered"]);
});

test("nobody tells: after a while a person is asked, and it is sent again only when they have looked", async () => {
  const owed = await owedTo(shop);
  await plant(shop, "error_500");
  await pay(shop, owed);
  const unknown = only((await receiptsOf(shop, owed.id)).data);
  expect(unknown.state).toBe("unknown");
  await advance(16 * 60);
  // Queue and clock may ask at the same moment.
  await Promise.all([runDue(), runDue(), runDue()]);
  expect(await attentionOf(shop, owed.id)).toEqual(["receipt_unknown"]);
  expect(await tasksFor(shop, unknown)).toEqual([]);
  const unseen = await retry(unknown);
  expect([unseen.status, await unseen.text()]).toEqual([409, expect.stringContaining("not_checked")]);
  expect((await retry(unknown, { is_checked: true })).status).toBe(200);
  await runDue();
  await settle();
  expect(only((await receiptsOf(shop, owed.id)).data)).toMatchObject({ state: "registered" });
  expect(await tasksFor(shop, unknown)).toHaveLength(1);
  expect(await attentionOf(shop, owed.id)).toEqual([]);
});

test("nothing arrived at a busy register: sent again by itself, under the same number", async () => {
  const owed = await owedTo(shop);
  await plant(shop, "busy");
  await pay(shop, owed);
  expect(only((await receiptsOf(shop, owed.id)).data)).toMatchObject({ state: "draft", reason: "overloaded" });
  await settle();
  const receipt = only((await receiptsOf(shop, owed.id)).data);
  expect(receipt.state).toBe("registered");
  expect(await tasksFor(shop, receipt)).toMatchObject([{ externalId: receipt.id }]);
});

test("a refusal and a failed printing are visible, and sent again by the merchant under a new number", async () => {
  for (const [fault, words] of [
    ["refused", "настройками кассы"],
    ["printing_fails", "Ошибка ККТ"],
  ] as const) {
    const owed = await owedTo(shop);
    await plant(shop, fault);
    await pay(shop, owed);
    await settle();
    const failed = only((await receiptsOf(shop, owed.id)).data);
    expect(failed).toMatchObject({ state: "failed", reason: "invalid_data", next_look_at: null });
    expect(failed.reason_text).toContain(words);
    expect(await attentionOf(shop, owed.id)).toEqual(["receipt_failed"]);
    expect((await retry(failed)).status).toBe(200);
    await runDue();
    await settle();
    expect(only((await receiptsOf(shop, owed.id)).data)).toMatchObject({
      state: "registered",
      external_id: `${failed.id}-2`,
    });
    expect(await attentionOf(shop, owed.id)).toEqual([]);
    expect((await retry(failed)).status).toBe(409);
    const registered = (await tasksFor(shop, failed)).filter(({ state }) => state === "done");
    expect(registered).toHaveLength(1);
  }
});

test("wrong credentials stop the receipt, not the payment; once put right it is sent again", async () => {
  const own = await seller();
  await chooseRegister(own, {
    service: "komtet",
    credentials: { ...credentialsOf(own.komtet), secretKey: "another-secret-key" },
  });
  const owed = await owedTo(own);
  await pay(own, owed);
  const failed = only((await receiptsOf(own, owed.id)).data);
  expect(failed).toMatchObject({ state: "failed", reason: "credentials" });
  const paid = await json<InvoiceShape>("public", "GET", `/v1/invoices/${owed.id}`, { key: own.apiKey });
  expect(paid.state).toBe("paid");
  await chooseRegister(own, { service: "komtet", credentials: credentialsOf(own.komtet) });
  await retry(failed, {}, own);
  await runDue();
  await settle();
  expect(only((await receiptsOf(own, owed.id)).data).state).toBe("registered");
});

test("[F02] while the bank makes the receipts no register can be chosen, and the other way round; the error names the conflict", async () => {
  const both = await connectedTochka();
  const komtet = await komtetShop();
  const body = { service: "komtet", credentials: credentialsOf(komtet) };
  const refused = await chooseRegister(both, body);
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({
    errors: [{ field: "service", code: "bank_makes_receipts", message: expect.stringContaining("fiscalisation") }],
  });
  const account_id = outlet(both.bank, "С кассой");
  expect((await decide(both, { account_id, options: { fiscalisation: "register" } })).status).toBe(200);
  expect((await chooseRegister(both, body)).status).toBe(200);
  const conflict = await decide(both, { account_id, options: RECEIPTS });
  expect(conflict.status).toBe(400);
  expect(await conflict.json()).toMatchObject({
    errors: [
      { field: "options.fiscalisation", code: "register_chosen", message: expect.stringContaining("Комтет.Касса") },
    ],
  });
});

test("[F02] one payment never yields two receipts: what is chosen as it begins counts, whatever is chosen meanwhile", async () => {
  const both = await seller();
  const account_id = outlet(both.bank, "С кассой");
  const bankReceipts = async (attemptId: string) =>
    (await sandbox<unknown[]>("GET", `/control/tochka/receipts?paymentLinkId=${attemptId}`)).length;
  const remove = () =>
    call("public", "DELETE", `/v1/points-of-sale/${both.pointOfSaleId}/register`, { key: both.apiKey });
  // Begun while the register makes them, paid while the bank does.
  const first = await owedTo(both);
  const begun = await open(both, first);
  expect((await remove()).status).toBe(200);
  expect((await decide(both, { account_id, options: RECEIPTS })).status).toBe(200);
  await payAt(both, begun);
  await runDue();
  expect(await bankReceipts(begun)).toBe(0);
  const waiting = only((await receiptsOf(both, first.id)).data);
  expect(waiting).toMatchObject({ state: "failed", reason: "no_register" });
  // Begun while the bank makes them, paid while the register does.
  const second = await owedTo(both);
  const other = await open(both, second);
  expect((await decide(both, { account_id, options: { fiscalisation: "register" } })).status).toBe(200);
  const body = { service: "komtet", credentials: credentialsOf(both.komtet) };
  expect((await chooseRegister(both, body)).status).toBe(200);
  await payAt(both, other);
  await runDue();
  expect(await bankReceipts(other)).toBe(1);
  expect((await receiptsOf(both, second.id)).data).toEqual([]);
  await retry(waiting, {}, both);
  await runDue();
  await settle();
  expect(await bankReceipts(begun)).toBe(0);
  expect((await tasksOf(both)).map(({ state }) => state)).toEqual(["done"]);
});

test("[F07] held money that is captured and handed over later: a full prepayment at the calculated rate, then a full payment set off by it", async () => {
  const ahead = await seller({
    tax_system: "osn",
    vat_rate: "vat22",
    receipt_method: "full_prepayment",
    receipt_object: "goods",
  });
  await decide(ahead, { capture_mode: "manual" });
  const owed = await owedTo(ahead);
  const attemptId = await open(ahead, owed);
  await payAt(ahead, attemptId);
  await runDue();
  // Held only: nothing is settled, so there is no receipt.
  expect(await receiptsOf(ahead, owed.id)).toEqual({ data: [], can_deliver: false });
  await json("public", "POST", `/v1/attempts/${attemptId}/capture`, {
    key: ahead.apiKey,
    body: {},
  });
  await runDue();
  await settle();
  expect(await receiptsOf(ahead, owed.id)).toMatchObject({
    data: [{ kind: "sale", state: "registered" }],
    can_deliver: true,
  });
  const deliver = () => call("public", "POST", `/v1/invoices/${owed.id}/deliver`, { key: ahead.apiKey });
  const answers = await Promise.all([deliver(), deliver(), deliver()]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  await runDue();
  await settle();
  const { data, can_deliver } = await receiptsOf(ahead, owed.id);
  expect(data.map(({ kind, state }) => `${kind} ${state}`)).toEqual(["sale registered", "delivery registered"]);
  expect(can_deliver).toBe(false);
  const [sale, delivery, ...others] = (await tasksOf(ahead)).map(({ check }) => check);
  expect(others).toEqual([]);
  expect(sale).toMatchObject({ intent: "sell", company: { sno: 0 }, payments: [{ type: "card", sum: 1500 }] });
  expect(sale?.positions.map((one) => [one.vat, one.payment_method, one.payment_object])).toEqual([
    ["122", "pre_payment_full", "product"],
    ["122", "pre_payment_full", "product"],
  ]);
  expect(delivery).toMatchObject({ intent: "sell", payments: [{ type: "prepayment", sum: 1500 }] });
  expect(delivery?.positions.map((one) => [one.vat, one.payment_method, one.total])).toEqual([
    ["22", "full_payment", 999.9],
    ["22", "full_payment", 500.1],
  ]);
});

test("what was paid in full at once has nothing to hand over", async () => {
  const owed = await owedTo(shop);
  await pay(shop, owed);
  await settle();
  expect((await receiptsOf(shop, owed.id)).can_deliver).toBe(false);
  const refused = await call("public", "POST", `/v1/invoices/${owed.id}/deliver`, { key: shop.apiKey });
  expect([refused.status, await refused.text()]).toEqual([409, expect.stringContaining("nothing_to_deliver")]);
});

test("[F12] a refund makes a return with the lines and rates of the sale, whatever is chosen since; a failed one is visible and sent again", async () => {
  const own = await seller({ tax_system: "osn", vat_rate: "vat22" });
  const owed = await owedTo(own);
  const attemptId = await pay(own, owed);
  await settle();
  const other = await chooseRegister(own, {
    service: "komtet",
    credentials: credentialsOf(own.komtet),
    tax_system: "osn",
    vat_rate: "vat10",
  });
  expect(other.status).toBe(200);
  await plant(own, "printing_fails");
  const give = (amount_minor: number) =>
    json("public", "POST", "/v1/refunds", { key: own.apiKey, body: { attempt_id: attemptId, amount_minor } });
  await give(150_000 - 1);
  await runDue();
  await look(own, attemptId);
  await settle();
  await settle();
  const [, failed] = (await receiptsOf(own, owed.id)).data;
  expect(failed).toMatchObject({ kind: "return", type: "income_return", state: "failed", amount: { minor: 149_999 } });
  expect(await attentionOf(own, owed.id)).toContain("receipt_failed");
  await retry(failed as ReceiptShape, {}, own);
  await runDue();
  await settle();
  const back = (await tasksOf(own)).filter(({ check, state }) => check.intent === "sellReturn" && state === "done");
  expect(back).toHaveLength(1);
  expect(back[0]?.check).toMatchObject({
    payments: [{ type: "card", sum: 1499.99 }],
    client: { email: "client@demo.example" },
  });
  expect(new Set(back[0]?.check.positions.map(({ vat }) => vat))).toEqual(new Set(["22"]));
  expect(await attentionOf(own, owed.id)).not.toContain("receipt_failed");
});

test("[F12] a refund found at the bank, and one entered by hand, make their returns too; together they are the sale", async () => {
  const own = await seller();
  const owed = await owedTo(own);
  const attemptId = await pay(own, owed);
  await sandbox("POST", `/control/tochka/operations/${await operationOf(own, attemptId)}/act`, {
    action: "refund",
    amount: "500.00",
  });
  await settle();
  await look(own, attemptId);
  await look(own, attemptId);
  await runDue();
  await json("public", "POST", "/v1/refunds/manual", {
    key: own.apiKey,
    body: { attempt_id: attemptId, amount_minor: 100_000 },
  });
  await runDue();
  await settle();
  const { data } = await receiptsOf(own, owed.id);
  expect(data.map(({ kind, state, amount }) => [kind, state, amount.minor])).toEqual([
    ["sale", "registered", 150_000],
    ["return", "registered", 50_000],
    ["return", "registered", 100_000],
  ]);
  const totals = new Map<string, number>();
  for (const { check } of await tasksOf(own)) {
    for (const { name, total } of check.positions) {
      const kopecks = Math.round(total * 100) * (check.intent === "sell" ? 1 : -1);
      totals.set(name, (totals.get(name) ?? 0) + kopecks);
    }
  }
  expect([...totals.values()]).toEqual([0, 0]);
});

test("a return waits for the receipt of its sale", async () => {
  const slow = await seller({}, { delaySeconds: 600 });
  const owed = await owedTo(slow);
  const attemptId = await pay(slow, owed);
  await json("public", "POST", "/v1/refunds/manual", {
    key: slow.apiKey,
    body: { attempt_id: attemptId, amount_minor: 150_000 },
  });
  await runDue();
  await settle();
  expect((await receiptsOf(slow, owed.id)).data.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
    "sale queued",
    "return draft",
  ]);
  await advance(700);
  await runDue();
  await advance(700);
  await runDue();
  expect((await tasksOf(slow)).map(({ check, state }) => `${check.intent} ${state}`)).toEqual([
    "sell done",
    "sellReturn done",
  ]);
});

test("several workers at once make one receipt", async () => {
  const owed = await owedTo(shop);
  const attemptId = await open(shop, owed);
  await payAt(shop, attemptId);
  await Promise.all([runDue(), runDue(), runDue()]);
  await settle();
  const receipt = only((await receiptsOf(shop, owed.id)).data);
  expect(receipt.state).toBe("registered");
  expect(await tasksFor(shop, receipt)).toHaveLength(1);
});
