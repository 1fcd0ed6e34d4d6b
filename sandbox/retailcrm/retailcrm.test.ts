// The CRM simulator by itself: its API as a module meets it, the rules of its directories, its order card and its mails.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../server.ts";
import { startMerchant } from "../test-merchant.ts";

type Json = Record<string, unknown>;
type Invoice = { uuid: string; url: string | null; links: string[]; status: string; paid: number | null };
type Order = {
  number: string;
  payments: { id: number; status: string; paid: number; error: string; invoice: Invoice | null }[];
};

let sandbox: Sandbox;
let module: Awaited<ReturnType<typeof startMerchant>>;
let account: { name: string; url: string };
let key: string;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, smtpPort: 0 });
  module = await startMerchant({ body: "{}" });
});
afterAll(async () => {
  await sandbox.stop();
  await module.stop();
});
beforeEach(async () => {
  account = await control("POST", "/accounts", {});
  key = (await control<{ key: string }>("POST", `/accounts/${account.name}/keys`, {})).key;
  module.received.length = 0;
  answers({});
});

async function control<T>(method: string, path: string, body?: object, status?: number): Promise<T> {
  const answer = await fetch(`${sandbox.origin}/control/retailcrm${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
  });
  const json = (await answer.json()) as T;
  if (status ? answer.status !== status : !answer.ok) throw new Error(`${answer.status} ${JSON.stringify(json)}`);
  return json;
}
const of = (path: string) => `/accounts/${account.name}${path}`;

/** Lets the module answer. */
function answers(result: Json, errorMsg?: string): void {
  module.reply = errorMsg
    ? { status: 400, type: "application/json", body: JSON.stringify({ success: false, errorMsg }) }
    : { type: "application/json", body: JSON.stringify({ success: true, result }) };
}

async function api(
  path: string,
  form?: Record<string, string>,
  headers: Record<string, string> = { "x-api-key": key },
) {
  const answer = await fetch(`${account.url}${path}`, {
    headers,
    ...(form ? { method: "POST", body: new URLSearchParams(form) } : {}),
  });
  return { status: answer.status, json: (await answer.json()) as Json };
}
const registration = (change: Json = {}, shops: Json[] = [{ code: "one", name: "One", active: true }]) => ({
  code: "plata",
  integrationCode: "plata",
  active: true,
  name: "Plata",
  clientId: "0c8a4f1e-0000-4000-8000-000000000001",
  baseUrl: module.origin,
  accountUrl: `${module.origin}/account`,
  actions: { activity: "/activity" },
  integrations: {
    payment: {
      actions: { create: "/create", approve: "/approve", cancel: "/cancel", refund: "/refund", status: "/status" },
      currencies: ["UAH"],
      invoiceTypes: ["link"],
      shops,
    },
  },
  ...change,
});
const edit = (body: object) =>
  api("/api/v5/integration-modules/plata/edit", { integrationModule: JSON.stringify(body) });

/** An order with a saved payment of the module's shop and a link. */
async function linked(): Promise<{ number: string; uuid: string }> {
  await edit(registration());
  await control("POST", of("/payment-types"), { code: "card", name: "Card", shop: "one" });
  const { number } = await control<Order>("POST", of("/orders"), {});
  await control("POST", of(`/orders/${number}/save`), { type: "card" });
  answers({ paymentId: "ours-1", invoiceUrl: "https://pay.example/i/1", cancellable: true });
  const { order } = await control<{ order: Order }>("POST", of(`/orders/${number}/press`), { action: "generate" });
  return { number, uuid: order.payments[0]?.invoice?.uuid ?? "" };
}
const update = (body: object) => api("/api/v5/payment/update-invoice", { updateInvoice: JSON.stringify(body) });
const invoiceOf = async (number: string) =>
  (await control<Order>("GET", of(`/orders/${number}`))).payments[0]?.invoice as Invoice & Json;

describe("the API", () => {
  it("wants a key, by header or parameter, with the method ticked", async () => {
    expect(await api("/api/credentials", undefined, {})).toMatchObject({
      status: 403,
      json: { errorMsg: '"apiKey" is missing.' },
    });
    expect(await api("/api/credentials?apiKey=nope", undefined, {})).toMatchObject({
      status: 403,
      json: { errorMsg: 'Wrong "apiKey" value.' },
    });
    expect(await api(`/api/credentials?apiKey=${key}`, undefined, {})).toMatchObject({
      status: 200,
      json: { success: true },
    });
    ({ key } = await control<{ key: string }>("POST", of("/keys"), { methods: ["/api/settings"] }));
    expect(await api("/api/v5/settings")).toMatchObject({ json: { settings: { default_currency: { value: "UAH" } } } });
    expect(await edit(registration())).toMatchObject({
      status: 403,
      json: { success: false, errorMsg: "Access denied." },
    });
    expect(await update({})).toMatchObject({ status: 403 });
    const gone = await fetch(`${account.url}-gone/api/credentials`, { headers: { "x-api-key": key } });
    expect([gone.status, await gone.json()]).toEqual([404, { success: false, errorMsg: "Account does not exist." }]);
  });

  it("understands forms with JSON inside, and nothing else", async () => {
    const json = await fetch(`${account.url}/api/v5/payment/check`, {
      method: "POST",
      headers: { "x-api-key": key, "content-type": "application/json" },
      body: JSON.stringify({ check: {} }),
    });
    expect([json.status, await json.json()]).toEqual([
      400,
      { success: false, errorMsg: "Parameter 'check' is missing" },
    ]);
    expect(await api("/api/v5/payment/check", { check: "{" })).toMatchObject({
      json: { errorMsg: "Errors in the entity format" },
    });
  });

  it("answers 503 over the rate", async () => {
    await control("PATCH", of(""), { options: { ratePerSecond: 2 } });
    const many = await Promise.all([1, 2, 3, 4].map(() => api("/api/credentials")));
    expect(many.map(({ status }) => status).filter((status) => status === 503)).toHaveLength(2);
  });

  it("takes a whole registration, made or changed, and names what it lacks", async () => {
    expect(await edit(registration())).toEqual({ status: 201, json: { success: true, info: [] } });
    expect(await edit(registration())).toMatchObject({ status: 200 });
    const bad = await edit({ ...registration(), name: undefined, baseUrl: "http://elsewhere.example" });
    expect(bad).toMatchObject({
      status: 400,
      json: { errors: { name: expect.any(String), baseUrl: expect.any(String) } },
    });
    const read = await api("/api/v5/integration-modules/plata");
    expect(read.json).toMatchObject({ integrationModule: { code: "plata" } });
    await control("POST", of("/payment-types"), { name: "Card", shop: "one" });
    expect(await edit(registration({}, []))).toMatchObject({
      status: 400,
      json: { errors: { shops: expect.stringContaining("points at one") } },
    });
    expect(await edit(registration({}, [{ code: "one", name: "One", active: false }]))).toMatchObject({ status: 200 });
  });
});

describe("directories", () => {
  it("bind a shop once and for good, and each to one type", async () => {
    await edit(
      registration({}, [
        { code: "one", name: "One", active: true },
        { code: "two", name: "Two", active: true },
      ]),
    );
    await control("POST", of("/payment-types"), { code: "card", name: "Card", shop: "one" });
    await control("POST", of("/payment-types"), { code: "card", name: "Card renamed", shop: "one" });
    const refused = await control<{ error: Json }>("POST", of("/payment-types"), { code: "card", shop: "two" }, 409);
    expect(refused.error).toMatchObject({ field: "shop", message: expect.stringContaining("cannot be changed") });
    await control("POST", of("/payment-types"), { name: "Twin", shop: "one" }, 409);
    await control("POST", of("/payment-types"), { name: "Other", shop: "three" }, 409);
    await control("POST", of("/payment-types"), { name: "Second", shop: "two" });
  });

  it("map the module's words to statuses, new ones too", async () => {
    const { code } = await control<{ code: string }>("POST", of("/statuses"), { name: "Відхилено" });
    const mapping = { pending: "not-paid", waitingForCapture: "wait-approved", succeeded: "paid", canceled: code };
    await control("POST", of("/mapping"), mapping, 409);
    await control("POST", of("/mapping"), { ...mapping, refundSucceeded: "returned" });
    const { number, uuid } = await linked();
    await update({ invoiceUuid: uuid, status: "canceled", cancellationDetails: "no" });
    expect((await control<Order>("GET", of(`/orders/${number}`))).payments[0]?.status).toBe(code);
  });
});

describe("an order", () => {
  it("gets its link after saving, one for however many presses, and shows refusals word for word", async () => {
    await edit(registration());
    await control("POST", of("/payment-types"), { code: "card", name: "Card", shop: "one" });
    const { number } = await control<Order>("POST", of("/orders"), {});
    await control("POST", of(`/orders/${number}/press`), { action: "generate" }, 409);
    await control("POST", of(`/orders/${number}/save`), { type: "card" });
    answers({}, "Магазин зачинено (closed)");
    await control("POST", of(`/orders/${number}/press`), { action: "generate" });
    expect((await control<Order>("GET", of(`/orders/${number}`))).payments[0]?.error).toBe("Магазин зачинено (closed)");
    // Without a link the type may still be another.
    await control("POST", of(`/orders/${number}/save`), { type: "cash" });
    await control("POST", of(`/orders/${number}/save`), { type: "card" });
    answers({ paymentId: "p", invoiceUrl: "https://pay.example/i/1", cancellable: true });
    await control("POST", of(`/orders/${number}/press`), { action: "generate", times: 3 });
    await control("POST", of(`/orders/${number}/save`), { type: "cash" }, 409);
    expect(await invoiceOf(number)).toMatchObject({ links: ["https://pay.example/i/1"], status: "pending" });
    const forms = module.received.map(({ body }) => new URLSearchParams(body.toString()));
    expect(forms.map((form) => form.get("clientId"))).toEqual(Array(4).fill(registration().clientId));
    const asked = forms.map((form) => JSON.parse(form.get("create") ?? "") as Json);
    expect(new Set(asked.slice(1).map((one) => one.invoiceUuid)).size).toBe(1);
    expect(asked[0]).toMatchObject({ shopId: "one", amount: 1499.5, currency: "UAH", orderNumber: number });
  });

  it("follows update-invoice; strict, it refuses words, dates and moves that cannot be", async () => {
    const { number, uuid } = await linked();
    const held = {
      invoiceUuid: uuid,
      status: "waitingForCapture",
      expiredAt: "2026-11-29 10:00:00",
      cancellable: true,
    };
    expect(await update(held)).toMatchObject({ status: 200, json: { success: true } });
    for (const bad of [
      { status: "SUCCEEDED" },
      { paidAt: "2026-11-29T10:00:00Z" },
      { amount: "12" },
      { cancellationDetails: "x".repeat(256) },
      { refund: { id: "r", status: "done", amount: 1 } },
    ]) {
      expect(await update({ invoiceUuid: uuid, ...bad }), JSON.stringify(bad)).toMatchObject({
        status: 400,
        json: { errorMsg: "Validation error" },
      });
    }
    await update({ invoiceUuid: uuid, status: "succeeded", amount: 1499.5, refundable: true });
    expect(await update({ invoiceUuid: uuid, status: "pending" })).toMatchObject({ status: 400 });
    await update({ invoiceUuid: uuid, status: "succeeded", refund: { id: "r1", status: "succeeded", amount: 499.5 } });
    await update({ invoiceUuid: uuid, status: "succeeded", refund: { id: "r1", status: "succeeded", amount: 499.5 } });
    expect((await control<Order>("GET", of(`/orders/${number}`))).payments[0]?.paid).toBe(1000);
    expect(await update({ invoiceUuid: crypto.randomUUID(), status: "pending" })).toMatchObject({ status: 404 });
    await control("PATCH", of(""), { options: { strict: false } });
    expect(await update({ invoiceUuid: uuid, status: "teleported" })).toMatchObject({ status: 200 });
  });

  it("is stood by or not, as asked", async () => {
    const { number, uuid } = await linked();
    const check = (amount = 1499.5) =>
      api("/api/v5/payment/check", { check: JSON.stringify({ invoiceUuid: uuid, amount, currency: "UAH" }) });
    expect((await check()).json).toEqual({ success: true, result: { success: true } });
    expect((await check(1)).json).toMatchObject({ success: true, result: { success: false } });
    await control("PATCH", of(`/orders/${number}`), { deleted: true });
    expect((await check()).json).toMatchObject({ result: { success: false, errorMsg: "The order was deleted" } });
    const mood = (name: string) => control("PATCH", of(""), { options: { check: name } });
    await mood("outer_error");
    expect(await check()).toMatchObject({ status: 400, json: { success: false } });
    await mood("503");
    expect((await check()).status).toBe(503);
    await mood("timeout");
    await expect(check()).rejects.toThrow();
  });

  it("has a card whose buttons follow the state, and whose letter needs a sender", async () => {
    const { number, uuid } = await linked();
    const card = async () => (await fetch(`${account.url}/orders/${number}`)).text();
    expect(await card()).toContain(">Payment link</button>");
    expect(await card()).not.toContain(">Confirm</button>");
    await update({ invoiceUuid: uuid, status: "waitingForCapture", cancellable: true });
    expect(await card()).toContain(">Confirm</button>");
    await update({ invoiceUuid: uuid, status: "succeeded", amount: 1499.5, refundable: true, cancellable: false });
    const paid = await card();
    expect(paid).toContain("1499.50 UAH</dd>");
    expect(paid).toContain(">Make a refund</button>");
    expect(paid).not.toContain(">Confirm</button>");
    await control("PATCH", of(""), { options: { sender: "" } });
    await control("POST", of(`/orders/${number}/mail`), { to: "client@demo.example" });
    expect(await card()).toContain("no default e-mail is set for the store");
    await control("PATCH", of(""), { options: { sender: "shop@crm.example" } });
    await control("POST", of(`/orders/${number}/mail`), { to: "second@demo.example" });
    await control("POST", of(`/orders/${number}/mail`), { to: "stranger@demo.example" }, 409);
    const mails = (await (await fetch(`${sandbox.origin}/control/mail?to=second@demo.example`)).json()) as Json[];
    expect(mails.at(-1)).toMatchObject({
      from: "shop@crm.example",
      text: expect.stringContaining("https://pay.example/i/1"),
    });
  });
});

describe("an account", () => {
  it("tells its modules that it is paused, frozen, or has moved", async () => {
    await edit(registration());
    await control("POST", of("/activity"), { module: "plata", active: false });
    const to = `${account.name}-new`;
    await control("POST", of("/move"), { to });
    const told = module.received.map(({ body }) => new URLSearchParams(body.toString()));
    expect(told.map((form) => [JSON.parse(form.get("activity") ?? ""), form.get("systemUrl")])).toEqual([
      [{ active: false, freeze: false }, account.url],
      [{ active: false, freeze: false }, `${sandbox.origin}/retailcrm/${to}`],
    ]);
    expect((await api("/api/credentials")).json).toMatchObject({ errorMsg: "Account does not exist." });
  });
});
