// The CRM and us, in real workerd on real Postgres, against the simulators of the CRM and of UAPAY.

import { and, eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { auditEntries, crmCalls, crmInstallations, crmInvoices } from "../../../db/schema/index.ts";
import { makeContext } from "../../context.ts";
import { database } from "../../testing/api-world.ts";
import {
  askedOfCrm,
  type CrmShopUnderTest,
  crmAccount,
  crmCall,
  crmInvoiceOf,
  crmOrder,
  crmShop,
  payFromCrm,
  press,
  readAccount,
  readOrder,
  setCrm,
  startFrom,
  tokenOfUrl,
} from "../../testing/crm-under-test.ts";
import {
  bindings,
  call,
  invoice,
  json,
  merchant,
  readInvoice,
  runDue,
  sandbox,
} from "../../testing/edge-under-test.ts";
import { atUapay, connectUapay, tellOf } from "../../testing/uapay-under-test.ts";
import { callCrm } from "./call.ts";
import { linkOf } from "./link.ts";
import { missingMethods, REQUIRED_METHODS } from "./methods.ts";

const connectCrm = (key: string, body: { url: string; api_key: string }) =>
  call("public", "POST", "/v1/crm-installations", { key, body });

type Fault = { code: string; errors: { field: string; code: string; message: string }[] };
const faultsOf = async (answer: Response) => ((await answer.json()) as Fault).errors;

const paymentOf = async (shop: CrmShopUnderTest, number: string) => {
  const payment = (await readOrder(shop, number)).payments[0];
  if (!payment) throw new Error("no payment");
  return payment;
};

const advance = (advanceSeconds: number) => sandbox("POST", "/clock", { advanceSeconds });

test("[K01] a key is tried and each method it lacks is named; the list stands in one place", async () => {
  const { apiKey } = await merchant();
  const poor = await crmAccount({}, ["/api/integration-modules/{code}", "/api/settings"]);
  const refused = await connectCrm(apiKey, { url: poor.url, api_key: poor.key });
  expect(refused.status).toBe(400);
  expect(await faultsOf(refused)).toEqual([
    { field: "api_key", code: "method_missing", message: "/api/integration-modules/{code}/edit" },
    { field: "api_key", code: "method_missing", message: "/api/payment/(updateInvoice|check)" },
  ]);
  expect((await readAccount(poor.account)).modules).toEqual([]);
  // No more than the listed ones are needed.
  const least = await crmAccount({}, [...REQUIRED_METHODS]);
  expect((await connectCrm(apiKey, { url: least.url, api_key: least.key })).status).toBe(201);
  const shown = await json<{ required_methods: string[] }>("public", "GET", "/v1/crm-installations", { key: apiKey });
  expect(shown.required_methods).toEqual(REQUIRED_METHODS);
  expect(missingMethods(["/api/v5/payment/update-invoice", "/api/payment/check"])).toEqual(
    REQUIRED_METHODS.slice(0, 2),
  );
});

test("each trouble of connecting has a message of its own", async () => {
  const { apiKey } = await merchant();
  const { url } = await crmAccount();
  const codeOf = async (body: { url: string; api_key: string }) => {
    const [fault] = await faultsOf(await connectCrm(apiKey, body));
    return `${fault?.field} ${fault?.code}`;
  };
  const api_key = "a".repeat(32);
  expect(await codeOf({ url, api_key })).toBe("api_key crm_wrong_key");
  expect(await codeOf({ url: "http://shop.retailcrm.pro", api_key })).toBe("url not_https");
  expect(await codeOf({ url: "https://evil.plata.dev", api_key })).toBe("url not_a_crm_account");
  expect(await codeOf({ url: "http://localhost:9", api_key })).toBe("url crm_unreachable");
  expect(await codeOf({ url: `${url}-gone`, api_key })).toBe("url crm_no_account");
  expect(await codeOf({ url: `${new URL(url).origin}/mailbox`, api_key })).toMatch(/^url crm_(not_json|refused)$/);
  const busy = await crmAccount({ options: { ratePerSecond: 1 } });
  await fetch(`${busy.url}/api/credentials`);
  expect(await codeOf({ url: busy.url, api_key: busy.key })).toBe("url crm_busy");
});

test("[K02] the marketplace's install is signed, lands on our page, and a reinstall is the same installation", async () => {
  const planted = await merchant();
  await connectUapay(planted, { captureMode: "manual" });
  const { connect_urls } = await json<{ connect_urls: { url: string }[] }>("public", "GET", "/v1/crm-installations", {
    key: planted.apiKey,
  });
  const offerPath = new URL(connect_urls[0]?.url ?? "").pathname;
  const offer = await json<{ scopes: string[]; registerUrl: string }>("public", "GET", offerPath);
  expect(offer.scopes).toContain("payments_write");
  expect((await call("public", "GET", `${offerPath}x`)).status).toBe(404);
  const { account, url, key } = await crmAccount();
  const sign = async (secret: string) => {
    const of = new TextEncoder();
    const hmac = await crypto.subtle.importKey("raw", of.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
    ]);
    const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, of.encode(key)));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const install = async (token: string) => {
    const register = JSON.stringify({ token, systemUrl: url, apiKey: key });
    return call("public", "POST", new URL(offer.registerUrl).pathname, {
      raw: new URLSearchParams({ register }).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
  };
  const forged = await install(await sign("another secret"));
  expect(forged.status).toBe(401);
  expect(await forged.json()).toMatchObject({ success: false, errorMsg: expect.any(String) });
  const token = await sign(String(bindings.RETAILCRM_SECRET));
  const [first, twin] = await Promise.all([install(token), install(token)]);
  const again = await install(token);
  expect([first.status, twin.status, again.status]).toEqual([201, 201, 201]);
  const { data } = await json<{ data: { id: string; url: string }[] }>("public", "GET", "/v1/crm-installations", {
    key: planted.apiKey,
  });
  expect(data).toHaveLength(1);
  const landing = `${bindings.WEB_ORIGIN}/integrations/crm/${data[0]?.id}`;
  for (const answer of [first, twin, again])
    expect(await answer.json()).toMatchObject({ success: true, accountUrl: landing });
  const { modules } = await readAccount(account);
  expect(new Set(modules.filter((one) => one.active).map((one) => one.accountUrl)).has(landing)).toBe(true);
});

test("what is secret of an installation is kept sealed and shown to nobody", async () => {
  const shop = await crmShop();
  const module = (await readAccount(shop.account)).modules[0];
  const clientId = module?.clientId ?? "";
  expect(clientId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const [row] = await database().select().from(crmInstallations).where(eq(crmInstallations.id, shop.installationId));
  const answers = await Promise.all(
    ["", `/${shop.installationId}`, `/${shop.installationId}/calls`].map(async (path) =>
      (await call("public", "GET", `/v1/crm-installations${path}`, { key: shop.apiKey })).text(),
    ),
  );
  const audit = await database().select().from(auditEntries).where(eq(auditEntries.merchantId, shop.merchantId));
  for (const secret of [clientId, shop.crmKey]) {
    expect(JSON.stringify([row, answers, audit])).not.toContain(secret);
  }
});

test("[K04] a bill goes to the shop of its payment type and to no other; shops are registered whole, retired, never dropped", async () => {
  const shop = await crmShop();
  const { connectionId: second } = await connectUapay(shop, { name: "Second", captureMode: "manual" });
  await runDue();
  const module = async () => (await readAccount(shop.account)).modules[0];
  expect((await module())?.shops).toEqual([
    { code: shop.connectionId, name: "UAPAY", active: true },
    { code: second, name: "Second", active: true },
  ]);
  expect((await module())?.currencies).toEqual(["UAH"]);
  const { code: type } = await sandbox<{ code: string }>(
    "POST",
    `/control/retailcrm/accounts/${shop.account}/payment-types`,
    { name: "Second", shop: second },
  );
  for (const [own, other, name] of [
    [shop.connectionId, second, shop.type],
    [second, shop.connectionId, type],
  ] as const) {
    const number = await crmOrder(shop, {}, name);
    await press(shop, number, "generate");
    const { url } = await crmInvoiceOf(shop, number);
    const view = await json<{ methods: { connection_id: string }[] }>("inside", "GET", `/payer/${tokenOfUrl(url)}`);
    expect(view.methods.map((one) => one.connection_id)).toEqual([own]);
    const foreign = await call("inside", "POST", `/payer/${tokenOfUrl(url)}/attempts`, {
      body: { connection_id: other, method: "card", locale: "uk" },
    });
    expect(foreign.status).toBe(409);
  }
  await call("public", "DELETE", `/v1/connections/${second}`, { key: shop.apiKey });
  await runDue();
  expect((await module())?.shops.map((one) => [one.code, one.active])).toEqual([
    [shop.connectionId, true],
    [second, false],
  ]);
  const stale = await crmOrder(shop);
  const refused = await crmCall(shop, "create", {
    body: { ...create(stale), shopId: second },
  });
  expect(refused).toMatchObject({
    status: 400,
    body: { success: false, errorMsg: expect.stringContaining("(shop_inactive)") },
  });
  expect((await press(shop, stale, "generate")).body.success).toBe(true);
});

const create = (orderNumber: string, change: Record<string, unknown> = {}) => ({
  invoiceUuid: crypto.randomUUID(),
  shopId: "con_x",
  invoiceType: "link",
  amount: 1499.5,
  currency: "UAH",
  orderNumber,
  siteUrl: "https://shop.example",
  ...change,
});

test("[K12] status and paid sum of the order follow create, hold, check, approve, refund in part, refund of the rest", async () => {
  const shop = await crmShop();
  const { number, attemptId, invoiceId } = await payFromCrm(shop);
  expect(await paymentOf(shop, number)).toMatchObject({ status: "wait-approved", paid: 0 });
  expect(await atUapay(attemptId)).toMatchObject({ captured: 0 });
  expect((await askedOfCrm(shop)).some((one) => one.path.endsWith("/payment/check"))).toBe(true);
  expect((await press(shop, number, "approve")).body).toEqual({ success: true });
  await runDue();
  expect(await paymentOf(shop, number)).toMatchObject({
    status: "paid",
    paid: 1499.5,
    invoice: { refundable: true, cancellable: false },
  });
  expect((await press(shop, number, "cancel")).body.errorMsg).toContain("(paid_refund_instead)");
  const part = await press(shop, number, "refund", { amount: 99.5 });
  expect(part.body).toMatchObject({ success: true, result: { status: "succeeded", amount: 99.5 } });
  await runDue();
  expect(await paymentOf(shop, number)).toMatchObject({ status: "paid", paid: 1400, invoice: { refundable: true } });
  await advance(60);
  expect((await press(shop, number, "refund")).body).toMatchObject({ result: { amount: 1400, status: "succeeded" } });
  await runDue();
  expect(await paymentOf(shop, number)).toMatchObject({ status: "returned", paid: 0, invoice: { refundable: false } });
  expect(await atUapay(attemptId)).toMatchObject({ captured: 149_950, refunded: 149_950 });
  // What was given back is not paid a second time by the same link.
  expect((await readInvoice(shop, invoiceId)).state).toBe("cancelled");
  const { told } = await crmInvoiceOf(shop, number);
  expect(told.map((one) => one.status).filter((word, at, all) => word !== all[at - 1])).toEqual([
    "waitingForCapture",
    "succeeded",
    "refundSucceeded",
  ]);
  const status = await press(shop, number, "status");
  expect(status.body.result).toMatchObject({ status: "refundSucceeded", refundable: false, paymentId: invoiceId });
});

test("[I21] the order's paid sum is what was captured, not what was held", async () => {
  const shop = await crmShop();
  const { number, attemptId, invoiceId } = await payFromCrm(shop);
  const approved = await crmCall(shop, "approve", { body: { paymentId: invoiceId, amount: 1000.1 } });
  expect(approved.body).toEqual({ success: true });
  await runDue();
  expect(await atUapay(attemptId)).toMatchObject({ held: 149_950, captured: 100_010 });
  expect(await paymentOf(shop, number)).toMatchObject({ status: "paid", paid: 1000.1 });
});

test("[K13] confirm and cancel answer at once, with words where they do not work, and each is done once", async () => {
  const shop = await crmShop();
  const held = await payFromCrm(shop);
  const answers = await Promise.all([1, 2, 3].map(() => press(shop, held.number, "approve")));
  expect(answers.some((one) => one.body.success)).toBe(true);
  expect((await press(shop, held.number, "approve")).body).toEqual({ success: true });
  await runDue();
  expect(await atUapay(held.attemptId)).toMatchObject({ captured: 149_950 });
  const completes = await sandbox<{ operation: string; body: string }[]>("GET", "/control/uapay/requests");
  const { id } = await sandbox<{ id: string }>("GET", `/control/uapay/invoices/${held.attemptId}`);
  expect(completes.filter((one) => one.operation === "complete" && one.body.includes(id))).toHaveLength(1);

  const freed = await payFromCrm(shop);
  expect((await press(shop, freed.number, "cancel")).body).toEqual({ success: true });
  expect(await atUapay(freed.attemptId)).toMatchObject({ captured: 0, paymentStatus: "CANCELED" });
  await runDue();
  expect(await paymentOf(shop, freed.number)).toMatchObject({
    status: "canceled",
    paid: 0,
    invoice: { cancellationDetails: "Відхилено менеджером", cancellable: false },
  });
  expect((await press(shop, freed.number, "approve")).body.errorMsg).toContain("(nothing_held)");
  expect((await press(shop, freed.number, "cancel")).body).toEqual({ success: true });
  const audit = await database()
    .select()
    .from(auditEntries)
    .where(and(eq(auditEntries.merchantId, shop.merchantId), eq(auditEntries.subject, freed.attemptId)));
  expect(audit.map((entry) => entry.actor)).toContain(`crm:${shop.installationId}`);
  // Asked of nobody: the shop confirms by itself.
  const automatic = await crmShop({ captureMode: "automatic" });
  const paid = await payFromCrm(automatic);
  expect(await paymentOf(automatic, paid.number)).toMatchObject({ status: "paid", paid: 1499.5 });
});

test("[K14] the processor's words and code reach the manager, nothing of ours does, the state stays and the press may be repeated", async () => {
  const shop = await crmShop();
  const { number, attemptId } = await payFromCrm(shop);
  await sandbox("POST", "/control/uapay/faults", {
    fault: "operation_refused",
    reference: attemptId,
    operation: "complete",
  });
  const refused = await press(shop, number, "approve");
  expect(refused.status).toBe(400);
  const said = refused.body.errorMsg ?? "";
  expect(said).toContain("Операцію відхилено банком");
  expect(said).toMatch(/\(processor_refused\)$/);
  expect(said).not.toMatch(/at .*\.ts|Error:|stack|undefined|\[object/);
  expect(await paymentOf(shop, number)).toMatchObject({ status: "wait-approved", error: said });
  await runDue();
  expect((await press(shop, number, "approve")).body).toEqual({ success: true });
});

test("[C40] a currency other than hryvnia: a warning at connecting, a refusal with a code at every door to UAPAY", async () => {
  const shop = await crmShop({ account: { currency: "RUB", language: "ru" } });
  const shown = await json<{ default_currency: string; warnings: { code: string; facts: Record<string, string> }[] }>(
    "public",
    "GET",
    `/v1/crm-installations/${shop.installationId}`,
    { key: shop.apiKey },
  );
  expect(shown.default_currency).toBe("RUB");
  expect(shown.warnings).toContainEqual({
    code: "shop_currency",
    facts: { shop: "UAPAY", currency: "RUB", takes: "UAH" },
  });
  const number = await crmOrder(shop);
  const refused = await press(shop, number, "generate");
  expect(refused.status).toBe(400);
  expect(refused.body.errorMsg).toBe("UAPAY принимает оплату только в UAH, а заказ в RUB. (currency_not_supported)");
  // The same rule in our own API.
  const owed = await invoice(shop, { currency: "RON" });
  const token = tokenOfUrl(owed.link);
  const view = await json<{ state: string; methods: unknown[] }>("inside", "GET", `/payer/${token}`);
  expect(view).toMatchObject({ state: "no_method", methods: [] });
  const start = await call("inside", "POST", `/payer/${token}/attempts`, {
    body: { connection_id: shop.connectionId, method: "card", locale: "ro" },
  });
  expect(start.status).toBe(409);
  expect(await start.json()).toMatchObject({ code: "method_not_offered" });
  // In hryvnia nothing is said against it.
  const fine = await crmShop();
  expect(
    await json("public", "GET", `/v1/crm-installations/${fine.installationId}`, { key: fine.apiKey }),
  ).toMatchObject({ default_currency: "UAH", warnings: [] });
});

test("[K11] the link is short enough for a text message", async () => {
  const shop = await crmShop();
  const number = await crmOrder(shop);
  await press(shop, number, "generate");
  const { url } = await crmInvoiceOf(shop, number);
  const link = linkOf({ env: { WEB_ORIGIN: "https://pay.merchant-shop.com" } } as never, {
    linkToken: tokenOfUrl(url),
  });
  expect(link.length).toBeLessThan(60);
});

test("the same invoice asked for again, at once or later, has one link; another sum changes it until there is money", async () => {
  const shop = await crmShop();
  const body = create("1", { shopId: shop.connectionId });
  const answers = await Promise.all([1, 2, 3, 4].map(() => crmCall(shop, "create", { body })));
  const urls = new Set(answers.map((one) => one.body.result?.invoiceUrl));
  expect(urls.size).toBe(1);
  expect(answers.every((one) => one.body.result?.cancellable === true)).toBe(true);
  const rows = await database().select().from(crmInvoices).where(eq(crmInvoices.invoiceUuid, body.invoiceUuid));
  expect(rows).toHaveLength(1);
  const dearer = await crmCall(shop, "create", { body: { ...body, amount: 1600 } });
  expect(dearer.body.result?.invoiceUrl).toBe([...urls][0]);
  expect((await readInvoice(shop, rows[0]?.invoiceId ?? "")).amount.minor).toBe(160_000);
  const paid = await payFromCrm(shop);
  const { uuid } = await crmInvoiceOf(shop, paid.number);
  const late = await crmCall(shop, "create", { body: { ...body, invoiceUuid: uuid, amount: 1 } });
  expect(late.body.errorMsg).toContain("(already_paid)");
});

test("a creation that was cut off: what was paid before the CRM asked again is told, and its order is asked about", async () => {
  const shop = await crmShop();
  const number = await crmOrder(shop);
  await press(shop, number, "generate");
  const { url, uuid } = await crmInvoiceOf(shop, number);
  const mine = eq(crmInvoices.invoiceUuid, uuid);
  await database().update(crmInvoices).set({ invoiceId: null, reported: null }).where(mine);
  const { attempt_id } = await startFrom(url, shop.connectionId);
  await sandbox("POST", `/control/uapay/invoices/${attempt_id}/act`, { action: "pay" });
  await tellOf(attempt_id);
  expect(await paymentOf(shop, number)).toMatchObject({ status: "not-paid" });
  await press(shop, number, "generate");
  await runDue();
  expect(await paymentOf(shop, number)).toMatchObject({ status: "wait-approved" });
  expect((await askedOfCrm(shop)).some((one) => one.path.endsWith("/payment/check"))).toBe(true);
  expect((await crmInvoiceOf(shop, number)).url).toBe(url);
  const [row] = await database().select().from(crmInvoices).where(mine);
  expect(row).toMatchObject({ isBehind: false, reported: { state: expect.stringContaining("waitingForCapture") } });
});

test("names, sums and lists as they come: Cyrillic, 0.1 + 0.2, a thousand items; what cannot be read is named", async () => {
  const shop = await crmShop();
  const ask = (change: Record<string, unknown>) =>
    crmCall(shop, "create", { body: create("№ 7", { shopId: shop.connectionId, ...change }) });
  const item = (name: string, price: number, quantity = 1) => ({ name, price, quantity, vat: "vat20" });
  const odd = await ask({ amount: 0.1 + 0.2, items: [item("Ґудзик «Їжак»", 0.1), item("Ще один", 0.2)] });
  const made = await readInvoice(shop, String(odd.body.result?.paymentId));
  expect(made.amount).toEqual({ minor: 30, currency: "UAH" });
  const huge = await ask({ amount: 500, items: Array.from({ length: 1000 }, (_, i) => item(`Товар ${i}`, 0.5)) });
  expect((await readInvoice(shop, String(huge.body.result?.paymentId))).amount.minor).toBe(50_000);
  const refusals: [Record<string, unknown>, string][] = [
    [{ amount: 0 }, "bad_amount"],
    [{ amount: -5 }, "bad_amount"],
    [{ amount: 10.005 }, "bad_amount"],
    [{ shopId: "con_foreign" }, "unknown_shop"],
    [{ currency: "USD" }, "currency_not_supported"],
    [{ invoiceUuid: "no uuid" }, "bad_request"],
    [{ orderNumber: undefined }, "bad_request"],
    [{ orderNumber: "a\u0000b" }, "bad_request"],
    [{ amount: 1, items: Array.from({ length: 1001 }, () => item("x", 1)) }, "too_many_items"],
  ];
  for (const [change, code] of refusals) {
    const answer = await ask(change);
    expect([answer.status, answer.body.success, answer.body.errorMsg], code).toEqual([
      400,
      false,
      expect.stringContaining(`(${code})`),
    ]);
  }
  for (const raw of ["", "{", "[]", "null", '"text"', "{}"]) {
    expect((await crmCall(shop, "create", { raw })).body.errorMsg, raw).toContain("(bad_request)");
  }
});

test("a call of nobody, or about a payment of another installation, finds nothing", async () => {
  const [mine, other] = [await crmShop(), await crmShop()];
  const { invoiceId, attemptId } = await payFromCrm(other);
  for (const action of ["approve", "cancel", "refund", "status"]) {
    const foreign = await crmCall(mine, action, { body: { paymentId: invoiceId } });
    expect(foreign).toMatchObject({
      status: 404,
      body: { success: false, errorMsg: expect.stringContaining("unknown_payment") },
    });
    const nobody = await crmCall(other, action, { body: { paymentId: invoiceId }, clientId: crypto.randomUUID() });
    expect(nobody).toMatchObject({ status: 404, body: { success: false } });
  }
  expect(await atUapay(attemptId)).toMatchObject({ paymentStatus: "HOLDED" });
});

test.each([
  ["changed", "The order was changed"],
  ["outer_error", "Validation error"],
])("the CRM says no (%s): the hold is let go and the invoice is cancelled with the reason", async (check, words) => {
  const shop = await crmShop();
  await setCrm(shop, { check });
  const { number, attemptId } = await payFromCrm(shop);
  expect(await atUapay(attemptId)).toMatchObject({ captured: 0, paymentStatus: "CANCELED" });
  const { status, cancellationDetails } = await crmInvoiceOf(shop, number);
  expect(status).toBe("canceled");
  expect(cancellationDetails).toBe(`Не пройшов перевірку: ${words}`);
});

test.each(["timeout", "503", "429", "no_result"])(
  "the CRM says nothing (%s): the hold stays, is not taken, and is after it speaks",
  async (check) => {
    const shop = await crmShop();
    await setCrm(shop, { check });
    const { number, attemptId } = await payFromCrm(shop);
    expect(await atUapay(attemptId)).toMatchObject({ captured: 0, paymentStatus: "HOLDED" });
    const early = await press(shop, number, "approve");
    expect(early).toMatchObject({ status: 502, body: { errorMsg: expect.stringContaining("(check_unknown)") } });
    await setCrm(shop, { check: "order" });
    expect((await press(shop, number, "approve")).body).toEqual({ success: true });
    await advance(20);
    await runDue();
    expect(await paymentOf(shop, number)).toMatchObject({ status: "paid", paid: 1499.5 });
  },
);

test("a shop that confirms by itself: the CRM is asked before the payer is sent on", async () => {
  const shop = await crmShop({ captureMode: "automatic" });
  const number = await crmOrder(shop);
  await press(shop, number, "generate");
  await sandbox("PATCH", `/control/retailcrm/accounts/${shop.account}/orders/${number}`, { discount: 100 });
  const { url } = await crmInvoiceOf(shop, number);
  await expect(startFrom(url, shop.connectionId)).rejects.toThrow(/invoice_cancelled/);
  await runDue();
  expect((await crmInvoiceOf(shop, number)).status).toBe("canceled");
});

test("cancelled while the payer pays: what comes is let go, or given back", async () => {
  const shop = await crmShop();
  const number = await crmOrder(shop);
  await press(shop, number, "generate");
  const { url } = await crmInvoiceOf(shop, number);
  const { attempt_id } = await startFrom(url, shop.connectionId);
  expect((await press(shop, number, "cancel")).body).toEqual({ success: true });
  await sandbox("POST", `/control/uapay/invoices/${attempt_id}/act`, { action: "pay" });
  await tellOf(attempt_id);
  await runDue();
  expect(await atUapay(attempt_id)).toMatchObject({ captured: 0, paymentStatus: "CANCELED" });
  expect((await crmInvoiceOf(shop, number)).status).toBe("canceled");

  const quick = await crmShop({ captureMode: "automatic" });
  const other = await crmOrder(quick);
  await press(quick, other, "generate");
  const started = await startFrom((await crmInvoiceOf(quick, other)).url, quick.connectionId);
  expect((await press(quick, other, "cancel")).body).toEqual({ success: true });
  await sandbox("POST", `/control/uapay/invoices/${started.attempt_id}/act`, { action: "pay" });
  await tellOf(started.attempt_id);
  await runDue();
  expect(await atUapay(started.attempt_id)).toMatchObject({ captured: 149_950, refunded: 149_950 });
  expect(await paymentOf(quick, other)).toMatchObject({ status: "canceled", paid: 0 });
});

test("a second press of Refund is the same refund, a later one is another", async () => {
  const shop = await crmShop();
  const { number, attemptId } = await payFromCrm(shop);
  await press(shop, number, "approve");
  await runDue();
  const twins = await Promise.all([1, 2].map(() => press(shop, number, "refund", { amount: 100 })));
  expect(new Set(twins.map((one) => one.body.result?.id)).size).toBe(1);
  await runDue();
  expect(await atUapay(attemptId)).toMatchObject({ refunded: 10_000 });
  await advance(60);
  expect((await press(shop, number, "refund", { amount: 100 })).body.success).toBe(true);
  await runDue();
  expect(await atUapay(attemptId)).toMatchObject({ refunded: 20_000 });
  expect((await press(shop, number, "refund", { amount: 9999 })).body.errorMsg).toContain("(amount_over_refundable)");
  expect((await press(shop, number, "refund", { amount: 0 })).body.errorMsg).toContain("(bad_amount)");
  expect((await crmInvoiceOf(shop, number)).refunds).toHaveLength(2);
});

test("a CRM that is away is told when it is back, of what has become, and never of what was before", async () => {
  const shop = await crmShop();
  const number = await crmOrder(shop);
  await press(shop, number, "generate");
  const { url } = await crmInvoiceOf(shop, number);
  const { attempt_id } = await startFrom(url, shop.connectionId);
  await sandbox("POST", `/control/uapay/invoices/${attempt_id}/act`, { action: "pay" });
  await setCrm(shop, { ratePerSecond: 1, check: "ok" });
  for (const _ of [1, 2, 3]) await fetch(`${shop.url}/api/credentials`);
  await tellOf(attempt_id);
  await setCrm(shop, { ratePerSecond: 50 });
  expect((await press(shop, number, "approve")).body).toEqual({ success: true });
  await advance(30);
  await runDue();
  const { told, status } = await crmInvoiceOf(shop, number);
  expect(status).toBe("succeeded");
  expect(told.at(-1)?.status).toBe("succeeded");
  expect(told.map((one) => one.status)).not.toContain("pending");
});

test("activity: a sleeping account makes no links but loses no money, an account that moved is followed, our key goes nowhere else", async () => {
  const shop = await crmShop();
  const number = await crmOrder(shop);
  await press(shop, number, "generate");
  const { url } = await crmInvoiceOf(shop, number);
  const { attempt_id } = await startFrom(url, shop.connectionId);
  const tellActivity = (body: Record<string, unknown>, systemUrl = shop.url) =>
    crmCall(shop, "activity", { body, systemUrl });
  expect((await tellActivity({ active: true, freeze: true })).body).toEqual({ success: true });
  const frozen = await crmOrder(shop);
  expect((await press(shop, frozen, "generate")).body.errorMsg).toContain("(frozen)");
  await sandbox("POST", `/control/uapay/invoices/${attempt_id}/act`, { action: "pay" });
  const before = (await askedOfCrm(shop)).length;
  await tellOf(attempt_id);
  expect((await askedOfCrm(shop)).length).toBe(before);
  expect(await atUapay(attempt_id)).toMatchObject({ paymentStatus: "HOLDED" });
  expect((await tellActivity({ active: true, freeze: false })).body).toEqual({ success: true });
  await runDue();
  expect((await crmInvoiceOf(shop, number)).status).toBe("waitingForCapture");
  expect((await tellActivity({ active: false, freeze: false })).body).toEqual({ success: true });
  expect((await press(shop, frozen, "generate")).body.errorMsg).toContain("(paused)");
  await tellActivity({ active: true, freeze: false });
  const evil = await tellActivity({ active: true, freeze: false }, "https://evil.plata.dev");
  expect(evil).toMatchObject({ status: 400, body: { success: false } });
  const to = `${shop.account}-new`;
  await sandbox("POST", `/control/retailcrm/accounts/${shop.account}/move`, { to });
  const moved = `${shop.url}-new`;
  expect(
    (await crmCall({ ...shop, account: to }, "activity", { body: { active: true, freeze: false }, systemUrl: moved }))
      .body,
  ).toEqual({ success: true });
  expect((await readAccount(to)).modules[0]?.edits).toBe(2);
  const nobody = await crmCall({ ...shop, account: to }, "activity", {
    body: { active: true, freeze: false },
    clientId: crypto.randomUUID(),
  });
  expect(nobody).toMatchObject({ status: 404, body: { success: false } });
});

test("an account is asked five times a second and no more, whoever asks; what was kept back is no trouble of the CRM", async () => {
  const eager = await crmAccount({ options: { ratePerSecond: 1000 } });
  const other = await crmAccount({ options: { ratePerSecond: 1000 } });
  const ask = async ({ url, key }: { url: string; key: string }) => {
    // A context of its own for each, as in isolates that know nothing of each other.
    const answered = await callCrm(
      await makeContext(bindings),
      { url, apiKey: key },
      { method: "GET", path: "/api/credentials" },
    );
    return answered.ok ? "ok" : `${answered.error.kind} ${answered.error.status}`;
  };
  const all = await Promise.all(Array.from({ length: 120 }, () => ask(eager)));
  // A window of ten seconds may have turned in between.
  expect(new Set(all)).toEqual(new Set(["ok", "busy null"]));
  expect(all.filter((one) => one === "ok").length).toBeLessThanOrEqual(100);
  expect(all.filter((one) => one === "ok").length).toBeGreaterThanOrEqual(50);
  expect(await ask(other)).toBe("ok");
});

test("a report that a busy CRM did not take is told later, and the connection is not called broken", async () => {
  const shop = await crmShop();
  const { number } = await payFromCrm(shop);
  expect((await press(shop, number, "approve")).body).toEqual({ success: true });
  await advance(20);
  await runDue();
  expect(await paymentOf(shop, number)).toMatchObject({ status: "paid" });
  const failing = async () =>
    (
      await database()
        .select({ since: crmInstallations.failingSince })
        .from(crmInstallations)
        .where(eq(crmInstallations.merchantId, shop.merchantId))
    )[0]?.since;
  // Others use up all of its seconds.
  await setCrm(shop, { ratePerSecond: 0 });
  await press(shop, number, "refund");
  await runDue();
  const answers = await database()
    .select({ status: crmCalls.status })
    .from(crmCalls)
    .where(eq(crmCalls.merchantId, shop.merchantId));
  expect(answers.map(({ status }) => status)).toContain(503);
  expect(await failing()).toBeNull();
  await setCrm(shop, { ratePerSecond: 1000 });
  await advance(60);
  await runDue();
  expect((await crmInvoiceOf(shop, number)).status).toBe("refundSucceeded");
  expect(await failing()).toBeNull();
});
