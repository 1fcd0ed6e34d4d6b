// A merchant for the tests of this simulator: signs requests, reads answers and callbacks by its own means.
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Sandbox, startSandbox } from "../server.ts";
import { type Received, startMerchant } from "../test-merchant.ts";

export type Json = Record<string, unknown>;
export type Shop = { clientId: string; secret: string };
export type Row = Json & { paymentId: string; status: string; paymentStatus: string; amount: number };
export type Shown = Json & {
  id: string;
  invoiceStatus: string;
  payments: (Row & { captured: number; refunded: number; confirmation: { code: string; left: number } | null })[];
  notifications: {
    state: string;
    claims: Json;
    deliveries: { at: number; why: string; body: string; faults: string[] }[];
  }[];
};
export type Reply = {
  status: number;
  contentType: string | null;
  text: string;
  /** The body, {} when it is no JSON. */
  json: Json & { status?: unknown; data?: Json; error?: { code: string; message?: string; fields?: Json } };
  /** Claims of the answer's token; undefined without a token or when the signature is wrong. */
  claims: Json | undefined;
};

const b64 = (value: string): string => Buffer.from(value).toString("base64url");

/** A compact token, written here so that the simulator's own code is not asked. */
export function sign(claims: unknown, secret: string, alg = "HS256"): string {
  const signed = `${b64(JSON.stringify({ alg, typ: "JWT" }))}.${b64(JSON.stringify(claims))}`;
  const hash = { HS256: "sha256", HS384: "sha384", HS512: "sha512" }[alg] ?? "sha256";
  return `${signed}.${createHmac(hash, secret).update(signed).digest("base64url")}`;
}

/** Claims of a token when it is HS256 and signed with this key as raw text; else what is wrong. */
export function verify(token: unknown, secret: string): Json | string {
  if (typeof token !== "string") return "no token";
  const [header, payload, signature, ...more] = token.split(".");
  if (!header || !payload || !signature || more.length > 0) return "parts";
  const { alg } = JSON.parse(Buffer.from(header, "base64url").toString()) as { alg: string };
  if (alg !== "HS256") return "alg";
  const right = createHmac("sha256", secret).update(`${header}.${payload}`).digest("base64url");
  if (right !== signature) return "signature";
  try {
    return JSON.parse(Buffer.from(payload, "base64url").toString()) as Json;
  } catch {
    return "claims";
  }
}

/** Claims of a received callback, or what is wrong with it. */
export function verifyCallback(body: Buffer | string, secret: string): Json | string {
  try {
    return verify((JSON.parse(body.toString()) as { token?: unknown }).token, secret);
  } catch {
    return "body";
  }
}

let count = 0;

/** Starts a sandbox and a merchant with a fresh shop for every test. */
export function setUpClient() {
  let sandbox: Sandbox;
  let merchant: Awaited<ReturnType<typeof startMerchant>>;
  const client = {
    shop: { clientId: "", secret: "" } as Shop,
    sessionId: "",
    origin: "",
    hook: "",
    received: [] as Received[],
    reply(status: number): void {
      merchant.reply = { status, body: "" };
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
    now: async (): Promise<number> => (await client.control<{ now: number }>("GET", "/clock")).now,
    /** Any body to any method. */
    async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
      const response = await fetch(`${sandbox.origin}/uapay/api/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
        signal: AbortSignal.timeout(3000),
      });
      const text = await response.text();
      const contentType = response.headers.get("content-type");
      let json: Reply["json"] = {};
      try {
        json = JSON.parse(text) as Reply["json"];
      } catch {
        // Not every planted answer is JSON.
      }
      const read = verify(json.data?.token, client.shop.secret);
      return { status: response.status, contentType, text, json, claims: typeof read === "string" ? undefined : read };
    },
    /** A well-made call; params get the session. */
    async call(path: string, params: Json = {}, data?: Json, more: { age?: number; secret?: string } = {}) {
      const iat = Math.floor((await client.now()) / 1000) - (more.age ?? 0);
      const own = path === "sessions/create" ? {} : { sessionId: client.sessionId };
      const claims = { params: { ...own, ...params }, ...(data ? { data } : {}), iat };
      return client.post(path, { ...claims, token: sign(claims, more.secret ?? client.shop.secret) });
    },
    async openSession(shop: Shop): Promise<string> {
      client.shop = shop;
      const made = await client.call("sessions/create", { clientId: shop.clientId });
      client.sessionId = String(made.claims?.id);
      return client.sessionId;
    },
    async create(changes: Json = {}): Promise<Reply & { id: string; externalId: string; page: string }> {
      const externalId = String(changes.externalId ?? `inv-${++count}`);
      const made = await client.call(
        "invoicer/invoices/create",
        { systemType: "ECOM" },
        {
          externalId,
          type: "PAY",
          amount: 1999,
          description: "Рахунок 77",
          reusability: false,
          redirectUrl: "https://pay.example.test/r/1?n=2",
          callbackUrl: client.hook,
          ...changes,
        },
      );
      return { ...made, externalId, id: String(made.claims?.id), page: String(made.claims?.paymentPageUrl) };
    },
    async show(id: string): Promise<Json & { invoiceStatus: string; payments: Row[] }> {
      const { claims, text } = await client.call("invoicer/invoices/show", { id });
      if (!claims) throw new Error(text);
      return claims as Json & { invoiceStatus: string; payments: Row[] };
    },
    /** `status/paymentStatus` of every payment of an invoice. */
    words: async (id: string): Promise<string[]> =>
      (await client.show(id)).payments.map(({ status, paymentStatus }) => `${status}/${paymentStatus}`),
    /** complete, cancel or reverse of an invoice's last payment. */
    async move(kind: string, id: string, params: Json = {}, data?: Json): Promise<Reply> {
      const paymentId = (await client.shown(id)).payments.at(-1)?.paymentId;
      return client.call(`invoicer/payments/${kind}`, { paymentId, invoiceId: id, ...params }, data);
    },
    shown: (id: string): Promise<Shown> => client.control("GET", `/control/uapay/invoices/${id}`),
    act: (id: string, body: object): Promise<{ result: string; invoice: Shown }> =>
      client.control("POST", `/control/uapay/invoices/${id}/act`, body),
    plant: (body: object): Promise<{ id: string }> => client.control("POST", "/control/uapay/faults", body),
    options: (changes: object): Promise<unknown> =>
      client.control("PATCH", `/control/uapay/shops/${client.shop.clientId}`, { options: changes }),
    runDue: (): Promise<unknown> => client.control("POST", "/control/run-due", {}),
    async advance(advanceSeconds: number): Promise<void> {
      await client.control("POST", "/clock", { advanceSeconds });
      await client.runDue();
    },
    async press(url: string, form: Record<string, string>) {
      const response = await fetch(url, { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
      return { status: response.status, text: await response.text() };
    },
    /** `paymentStatus` of every callback that came in and is well signed, "?" of others. */
    told: (): string[] =>
      client.received.map(({ body }) => {
        const read = verifyCallback(body, client.shop.secret);
        return typeof read === "string" ? "?" : String(read.paymentStatus);
      }),
  };
  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0, smtpPort: 0 });
    merchant = await startMerchant({ status: 200, body: "" });
    client.origin = sandbox.origin;
    client.hook = `${merchant.origin}/hook`;
    client.received = merchant.received;
  });
  afterAll(async () => {
    await merchant.stop();
    await sandbox.stop();
  });
  beforeEach(async () => {
    await client.control("DELETE", "/control/uapay/invoices");
    await client.control("DELETE", "/control/uapay/faults");
    await client.control("POST", "/clock", { reset: true });
    await client.runDue();
    client.reply(200);
    merchant.received.length = 0;
    await client.openSession(await client.control("POST", "/control/uapay/shops", {}));
  });
  return client;
}
