// Orders from creation to refund over the API and the payer's page, told by signed webhooks.
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../server.ts";
import { type Received, startMerchant } from "../test-merchant.ts";
import { declineReasons } from "./cards.ts";

type Account = { secretKey: string; publicKey: string; webhookSecret: string };
type Json = Record<string, unknown> & {
  id: string;
  token: string;
  state: string;
  code: string | number;
  checkout_url: string;
  payments: (Record<string, unknown> & { state: string; decline_reason?: string })[];
  orders: Json[];
};

let sandbox: Sandbox;
let merchant: Awaited<ReturnType<typeof startMerchant>>;
let account: Account;
let count = 0;

const version = "2026-04-20";
async function call(method: string, path: string, body?: unknown, headers: Record<string, string | null> = {}) {
  const all: Record<string, string | null> = {
    authorization: `Bearer ${account.secretKey}`,
    "revolut-api-version": version,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...headers,
  };
  const response = await fetch(`${sandbox.origin}/revolut${path}`, {
    method,
    headers: Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null)),
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: (text ? JSON.parse(text) : {}) as Json };
}
async function control<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${sandbox.origin}${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
  });
  const json = (await response.json()) as T;
  if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(json)}`);
  return json;
}
const runDue = () => control("POST", "/control/run-due", {});
const advance = async (advanceSeconds: number) => {
  await control("POST", "/clock", { advanceSeconds });
  await runDue();
};
async function create(changes: object = {}) {
  const reference = `inv-${++count}`;
  const made = await call("POST", "/api/orders", {
    amount: 7034,
    currency: "EUR",
    merchant_order_data: { reference },
    redirect_url: "https://pay.example.test/r/1?n=2",
    ...changes,
  });
  return { reference, ...made };
}
const retrieve = async (id: string) => (await call("GET", `/api/orders/${id}`)).json;
async function press(url: string, form: Record<string, string>, step = "") {
  const response = await fetch(`${url}${step}`, {
    method: "POST",
    body: new URLSearchParams(form),
    redirect: "manual",
  });
  return { status: response.status, location: response.headers.get("location"), text: await response.text() };
}
const events = () =>
  merchant.received.map(({ body }) => (JSON.parse(body.toString()) as { event: string }).event.replace("ORDER_", ""));

/** Checks a notification by the documented steps. */
function verdict(received: Received | undefined, secret: string, now: number): string {
  const stamp = received?.headers["revolut-request-timestamp"];
  const header = received?.headers["revolut-signature"];
  if (!received || typeof stamp !== "string" || typeof header !== "string") return "headers";
  if (!/^\d{13}$/.test(stamp) || Math.abs(now - Number(stamp)) > 300_000) return "timestamp";
  const signed = Buffer.concat([Buffer.from(`v1.${stamp}.`), received.body]);
  const right = `v1=${createHmac("sha256", secret).update(signed).digest("hex")}`;
  const entries = header.split(",").map((entry) => entry.trim());
  return entries.includes(right) ? "verified" : "signature";
}
const now = async () => (await control<{ now: number }>("GET", "/clock")).now;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, smtpPort: 0 });
  merchant = await startMerchant({ status: 204, body: "" });
});
afterAll(async () => {
  await merchant.stop();
  await sandbox.stop();
});
beforeEach(async () => {
  await control("DELETE", "/control/revolut/orders");
  await control("DELETE", "/control/revolut/faults");
  await control("POST", "/clock", { reset: true });
  merchant.reply = { status: 204, body: "" };
  merchant.received.length = 0;
  account = await control("POST", "/control/revolut/accounts", { webhookUrl: `${merchant.origin}/hook` });
});

describe("a payment on the hosted page", () => {
  it("is created, paid, told and read", async () => {
    const { status, json, reference, headers } = await create({ description: "Factura 77, Iași" });
    expect(status).toBe(201);
    expect(headers.get("request-id")).toMatch(/^[A-Z0-9]{12,13}$/);
    expect(json.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-a[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(json.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(json).toMatchObject({ state: "pending", type: "payment", amount: 7034, outstanding_amount: 7034 });
    expect(json).not.toHaveProperty("payments");
    expect(json.checkout_url).toBe(`${sandbox.origin}/revolut/payment-link/${json.token}`);

    const page = await (await fetch(json.checkout_url)).text();
    expect(page).toContain("Sandbox card page");
    expect(page).toContain("70.34 EUR");
    expect(page).not.toContain("<script");
    for (const reason of declineReasons) expect(page).toContain(`value="${reason}"`);

    const paid = await press(json.checkout_url, { card: "4929420573595709" });
    expect(paid).toMatchObject({ status: 303, location: "https://pay.example.test/r/1?n=2" });
    expect(events()).toEqual(["PAYMENT_AUTHORISATION_STARTED", "AUTHORISED", "COMPLETED"]);
    for (const received of merchant.received) {
      expect(verdict(received, account.webhookSecret, await now())).toBe("verified");
      const { event, ...rest } = JSON.parse(received.body.toString()) as Record<string, string>;
      expect(rest).toEqual({ order_id: json.id, merchant_order_ext_ref: reference });
    }
    const read = await retrieve(json.id);
    expect(read).toMatchObject({ state: "completed", outstanding_amount: 0, amount: 7034 });
    expect(read).not.toHaveProperty("checkout_url");
    expect(read.payments).toMatchObject([{ state: "captured", amount: 7034, settled_amount: 7034 }]);
    expect((await call("GET", `/api/orders/${json.id}/payments`)).json).toMatchObject([{ state: "captured" }]);
    await advance(86_400);
    expect((await retrieve(json.id)).payments[0]?.state).toBe("completed");
  });

  it("stays open after each decline and lists every attempt", async () => {
    const { json } = await create();
    const first = await press(json.checkout_url, { card: "4929573638125985" });
    expect(first.status).toBe(200);
    expect(first.text).toContain("insufficient funds");
    await press(json.checkout_url, { reason: "pick_up_card" });
    await press(json.checkout_url, { reason: "technical_error" });
    expect((await retrieve(json.id)).state).toBe("pending");
    expect((await press(json.checkout_url, { card: "5281438801804148" })).status).toBe(303);
    const read = await retrieve(json.id);
    expect(read.payments.map(({ state, decline_reason }) => [state, decline_reason])).toEqual([
      ["declined", "insufficient_funds"],
      ["declined", "pick_up_card"],
      ["failed", "technical_error"],
      ["captured", undefined],
    ]);
    expect(events()).toEqual([
      "PAYMENT_DECLINED",
      "PAYMENT_DECLINED",
      "PAYMENT_FAILED",
      "PAYMENT_AUTHORISATION_STARTED",
      "AUTHORISED",
      "COMPLETED",
    ]);
  });
});
