// A merchant for the tests of this simulator: calls the API, presses buttons on the page, checks signatures by itself.
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Sandbox, startSandbox } from "../server.ts";
import { type Received, startMerchant } from "../test-merchant.ts";
import type { Order } from "./state.ts";

export type Account = { secretKey: string; publicKey: string; webhookSecret: string; webhooks: { id: string }[] };
export type Json = Record<string, unknown> & {
  id: string;
  token: string;
  state: string;
  code: string | number;
  checkout_url: string;
  created_at: string;
  payments: (Record<string, unknown> & { id: string; state: string; decline_reason?: string })[];
  orders: Json[];
  signing_secret: string;
};

type Reply = { status: number; headers: Headers; text: string; json: Json };

export type Client = {
  account: Account;
  origin: string;
  hook: string;
  received: Received[];
  reply(status: number): void;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string | null>): Promise<Reply>;
  control<T>(method: string, path: string, body?: object): Promise<T>;
  act(id: string, body: object): Promise<{ result: string; order: Order }>;
  plant(body: object): Promise<{ id: string }>;
  runDue(): Promise<unknown>;
  advance(seconds: number): Promise<void>;
  options(changes: object): Promise<unknown>;
  create(changes?: object): Promise<Reply & { reference: string }>;
  retrieve(id: string): Promise<Json>;
  press(url: string, form: Record<string, string>): Promise<{ status: number; location: string | null; text: string }>;
  events(): string[];
  now(): Promise<number>;
  verdict(index: number, secret?: string): Promise<string>;
};

/** Starts a sandbox and a merchant with a fresh account for every test. */
export function setUpClient(): Client {
  let sandbox: Sandbox;
  let merchant: Awaited<ReturnType<typeof startMerchant>>;
  let count = 0;
  const client: Client = {
    account: { secretKey: "", publicKey: "", webhookSecret: "", webhooks: [] },
    origin: "",
    hook: "",
    received: [],
    reply: (status: number): void => {
      merchant.reply = { status, body: "" };
    },
    async call(
      method: string,
      path: string,
      body?: unknown,
      headers: Record<string, string | null> = {},
    ): Promise<Reply> {
      const all: Record<string, string | null> = {
        authorization: `Bearer ${client.account.secretKey}`,
        "revolut-api-version": "2026-04-20",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      };
      const response = await fetch(`${sandbox.origin}/revolut${path}`, {
        method,
        headers: Object.fromEntries(
          Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null),
        ),
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
        signal: AbortSignal.timeout(2000),
      });
      const text = await response.text();
      const isJson = response.headers.get("content-type") === "application/json";
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: (isJson ? JSON.parse(text) : {}) as Json,
      };
    },
    async control<T>(method: string, path: string, body?: object): Promise<T> {
      const response = await fetch(`${sandbox.origin}${path}`, {
        method,
        ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
      });
      const json = (await response.json()) as T;
      if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(json)}`);
      return json;
    },
    act: (id: string, body: object): Promise<{ result: string; order: Order }> =>
      client.control("POST", `/control/revolut/orders/${id}/act`, body),
    plant: (body: object): Promise<{ id: string }> => client.control("POST", "/control/revolut/faults", body),
    runDue: (): Promise<unknown> => client.control("POST", "/control/run-due", {}),
    async advance(advanceSeconds: number): Promise<void> {
      await client.control("POST", "/clock", { advanceSeconds });
      await client.runDue();
    },
    options: (changes: object): Promise<unknown> =>
      client.control("PATCH", `/control/revolut/accounts/${client.account.publicKey}`, { options: changes }),
    async create(changes: object = {}): Promise<Reply & { reference: string }> {
      const reference = `inv-${++count}`;
      const made = await client.call("POST", "/api/orders", {
        amount: 7034,
        currency: "EUR",
        merchant_order_data: { reference },
        redirect_url: "https://pay.example.test/r/1?n=2",
        ...changes,
      });
      return { reference, ...made };
    },
    retrieve: async (id: string): Promise<Json> => (await client.call("GET", `/api/orders/${id}`)).json,
    async press(url: string, form: Record<string, string>) {
      const response = await fetch(url, { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
      return { status: response.status, location: response.headers.get("location"), text: await response.text() };
    },
    /** Names of the events received, without the prefix that all have. */
    events: (): string[] =>
      client.received.map(({ body }) =>
        (JSON.parse(body.toString()) as { event: string }).event.replace(/^ORDER_(PAYMENT_)?/, ""),
      ),
    now: async (): Promise<number> => (await client.control<{ now: number }>("GET", "/clock")).now,
    async verdict(index: number, secret: string = client.account.webhookSecret): Promise<string> {
      const received = client.received.at(index);
      return received ? verdict(received, secret, await client.now()) : "nothing received";
    },
  };
  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0, smtpPort: 0 });
    merchant = await startMerchant({ status: 204, body: "" });
    client.origin = sandbox.origin;
    client.hook = `${merchant.origin}/hook`;
    client.received = merchant.received;
  });
  afterAll(async () => {
    await merchant.stop();
    await sandbox.stop();
  });
  beforeEach(async () => {
    await client.control("DELETE", "/control/revolut/orders");
    await client.control("DELETE", "/control/revolut/faults");
    await client.control("POST", "/clock", { reset: true });
    client.reply(204);
    merchant.received.length = 0;
    client.account = await client.control("POST", "/control/revolut/accounts", { webhookUrl: client.hook });
  });
  return client;
}

/** Checks a notification by the documented steps, on the bytes as they came. */
export function verdict(
  received: { headers: Record<string, string | string[] | undefined>; body: Buffer },
  secret: string,
  now: number,
): string {
  const stamp = received.headers["revolut-request-timestamp"];
  const header = received.headers["revolut-signature"];
  if (typeof stamp !== "string" || typeof header !== "string" || header === "") return "headers";
  if (!/^\d{13}$/.test(stamp) || Math.abs(now - Number(stamp)) > 300_000) return "timestamp";
  const signed = Buffer.concat([Buffer.from(`v1.${stamp}.`), received.body]);
  const right = `v1=${createHmac("sha256", secret).update(signed).digest("hex")}`;
  const entries = header.split(",").map((entry) => entry.trim());
  return entries.includes(right) ? "verified" : "signature";
}
