// A merchant for the tests of this simulator: calls the API, presses buttons on pages, checks tokens by itself.
import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { request as httpsRequest } from "node:https";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Sandbox, startSandbox } from "../server.ts";
import { type Received, startMerchant } from "../test-merchant.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers of the API are read field by field, and each is asserted
export type Json = any;
export type Reply = { status: number; headers: Headers; text: string; json: Json; data: Json };
export type Page = { status: number; location: string | null; text: string };

/** Form fields, sent as a browser sends them. */
type Form = Record<string, string> | [string, string][];

export type Client = {
  origin: string;
  hook: string;
  received: Received[];
  clientId: string;
  clientSecret: string;
  redirectUrl: string;
  token: string;
  refreshToken: string;
  consentId: string;
  /** Company with many shops, company with one, person. */
  codes: [string, string, string];
  /** Shops of the first company by their names. */
  shops: Record<string, Json>;
  tsp: string;
  account: string;
  sandbox(): Sandbox;
  reply(status: number, body?: string): void;
  call(method: string, path: string, body?: unknown, token?: string | null): Promise<Reply>;
  tokenCall(form: Form): Promise<Reply>;
  control(method: string, path: string, body?: object): Promise<Json>;
  plant(fault: string, more?: object): Promise<Json>;
  options(changes: object): Promise<Json>;
  runDue(): Promise<Json>;
  advance(seconds: number): Promise<void>;
  act(id: string, body: object): Promise<Json>;
  actQr(id: string, body: object): Promise<Json>;
  link(changes?: object): Record<string, unknown>;
  create(changes?: object): Promise<Reply>;
  operation(id: string): Promise<Json>;
  register(changes?: object, tsp?: string, account?: string): Promise<Reply>;
  qrStatus(...ids: string[]): Promise<Json[]>;
  subscribe(events?: string[]): Promise<Reply>;
  page(url: string): Promise<Page>;
  press(url: string, form: Form): Promise<Page>;
  /** Opens a link's page at a method and presses one of its buttons with the hidden fields that stand there. */
  payOnPage(link: string, method: string, choice: Record<string, string>): Promise<Page>;
  /** What a delivery says, and whether it checks by the documented steps against the published key. */
  claims(index: number): Promise<{ verdict: string; header: string; claims: Json; text: string }>;
  now(): Promise<number>;
};

/** Starts a sandbox and a merchant; every test gets fresh companies, an application and its tokens. */
export function setUpClient(): Client {
  let sandbox: Sandbox;
  let merchant: Awaited<ReturnType<typeof startMerchant>>;
  let count = 0;
  const client: Client = {
    origin: "",
    hook: "",
    sandbox: (): Sandbox => sandbox,
    received: [],
    clientId: "",
    clientSecret: "",
    redirectUrl: "https://shop.example.test/connect/return",
    token: "",
    refreshToken: "",
    consentId: "",
    codes: ["", "", ""],
    shops: {},
    tsp: "",
    account: "",
    reply: (status: number, body = ""): void => {
      merchant.reply = { status, body };
    },
    async call(method: string, path: string, body?: unknown, token: string | null = client.token): Promise<Reply> {
      const response = await fetch(`${sandbox.origin}/tochka/uapi${path}`, {
        method,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
        signal: AbortSignal.timeout(3000),
      });
      return readReply(response);
    },
    async tokenCall(form: Form): Promise<Reply> {
      const response = await fetch(`${sandbox.origin}/tochka/connect/token`, {
        method: "POST",
        body: new URLSearchParams(form),
      });
      return readReply(response);
    },
    async control(method: string, path: string, body?: object): Promise<Json> {
      const response = await fetch(`${sandbox.origin}${path}`, {
        method,
        ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
      });
      const json = (await response.json()) as Json;
      if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(json)}`);
      return json;
    },
    plant: (fault: string, more: object = {}): Promise<Json> =>
      client.control("POST", "/control/tochka/faults", { fault, ...more }),
    options: (changes: object): Promise<Json> => client.control("PATCH", "/control/tochka/options", changes),
    runDue: (): Promise<Json> => client.control("POST", "/control/run-due", {}),
    async advance(advanceSeconds: number): Promise<void> {
      await client.control("POST", "/clock", { advanceSeconds });
      await client.runDue();
    },
    act: (id: string, body: object): Promise<Json> =>
      client.control("POST", `/control/tochka/operations/${id}/act`, body),
    actQr: (id: string, body: object): Promise<Json> => client.control("POST", `/control/tochka/qrs/${id}/act`, body),
    link: (changes: object = {}): Record<string, unknown> => ({
      customerCode: client.codes[0],
      amount: 1234.5,
      purpose: "Курс английского",
      paymentMode: ["sbp", "card", "tinkoff", "dolyame"],
      redirectUrl: "https://pay.example.test/r/1?n=2",
      failRedirectUrl: "https://pay.example.test/f/1",
      merchantId: client.shops["С кассой"].merchantId,
      paymentLinkId: `inv-${++count}`,
      ...changes,
    }),
    create: (changes: object = {}): Promise<Reply> =>
      client.call("POST", "/acquiring/v1.0/payments", { Data: client.link(changes) }),
    async operation(id: string): Promise<Json> {
      const { data } = await client.call("GET", `/acquiring/v1.0/payments/${id}`);
      return data.Operation[0];
    },
    register: (changes: object = {}, tsp: string = client.tsp, account: string = client.account): Promise<Reply> =>
      client.call("POST", `/sbp/v1.0/qr-code/merchant/${tsp}/${account}`, {
        Data: {
          qrcType: "02",
          amount: 12_345,
          paymentPurpose: "Курс",
          redirectUrl: "https://pay.example.test/q",
          ...changes,
        },
      }),
    async qrStatus(...ids: string[]): Promise<Json[]> {
      const { data } = await client.call("GET", `/sbp/v1.0/qr-codes/${ids.join(",")}/payment-status`);
      return data.paymentList;
    },
    async subscribe(events = ["acquiringInternetPayment", "incomingSbpPayment"]): Promise<Reply> {
      const done = await client.call("PUT", `/webhook/v1.0/${client.clientId}`, {
        webhooksList: events,
        url: client.hook,
      });
      merchant.received.length = 0;
      return done;
    },
    async page(url: string): Promise<Page> {
      return readPage(await fetch(url, { redirect: "manual" }));
    },
    async press(url: string, form: Form): Promise<Page> {
      return readPage(await fetch(url, { method: "POST", body: new URLSearchParams(form), redirect: "manual" }));
    },
    async payOnPage(link: string, method: string, choice: Record<string, string>): Promise<Page> {
      const { text } = await client.page(`${link}&method=${method}`);
      const hidden = (name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? "";
      const form = { uuid: hidden("uuid"), opened: hidden("opened"), method, ...choice };
      return client.press(`${sandbox.origin}/tochka/order/`, form);
    },
    async claims(index: number): Promise<{ verdict: string; header: string; claims: Json; text: string }> {
      const body = merchant.received.at(index)?.body.toString("utf8") ?? "";
      const key = (await (await fetch(`${sandbox.origin}/tochka/doc/openapi/static/keys/public`)).json()) as JsonWebKey;
      return checkToken(body, key);
    },
    now: async (): Promise<number> => (await client.control("GET", "/clock")).now,
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
    await client.control("POST", "/clock", { reset: true });
    const user = await client.control("POST", "/control/tochka/reset", { seed: "test" });
    client.reply(200);
    client.codes = user.companies.map(({ customerCode }: Json) => customerCode);
    client.shops = Object.fromEntries(user.retailers.map((shop: Json) => [shop.name, shop]));
    client.tsp = user.tsps[0].merchantId;
    client.account = user.companies[0].accounts[0].accountId;
    const { redirectUrl } = client;
    const made = await client.control("POST", "/control/tochka/clients", {
      name: "Plata",
      redirectUrl,
      localUrls: true,
    });
    client.clientId = made.clientId;
    client.clientSecret = made.clientSecret;
    const connected = await client.control("POST", `/control/tochka/clients/${client.clientId}/connect`, {});
    client.token = connected.accessToken;
    client.refreshToken = connected.refreshToken;
    client.consentId = connected.consentId;
    merchant.received.length = 0;
  });
  return client;
}

async function readReply(response: Response): Promise<Reply> {
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").startsWith("application/json");
  const json = isJson ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, json, data: json?.Data };
}

async function readPage(response: Response): Promise<Page> {
  return { status: response.status, location: response.headers.get("location"), text: await response.text() };
}

/** Verifies a compact token as a merchant must; nothing of the simulator's own code. */
export function checkToken(
  body: string,
  key: JsonWebKey,
): { verdict: string; header: string; claims: Json; text: string } {
  const parts = body.trim().split(".");
  const decoded = (i: number): string => Buffer.from(parts[i] ?? "", "base64url").toString("utf8");
  const [header, text] = [decoded(0), decoded(1)];
  let claims: Json;
  let head: Json;
  try {
    head = JSON.parse(header);
    claims = JSON.parse(text);
  } catch {
    return { verdict: "unreadable", header, claims, text };
  }
  const done = (verdict: string) => ({ verdict, header, claims, text });
  if (parts.length !== 3) return done("parts");
  if (head.alg !== "RS256") return done("algorithm");
  if ("jwk" in head || "jku" in head || "crit" in head) return done("header");
  const signed = Buffer.from(`${parts[0]}.${parts[1]}`, "ascii");
  const publicKey = createPublicKey({ key, format: "jwk" });
  const good = verify("sha256", signed, publicKey, Buffer.from(parts[2] ?? "", "base64url"));
  return done(good ? "verified" : "signature");
}

/** GET over HTTPS that trusts one more root, and only it. */
export function getTrusting(url: string, ca: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, { ca, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") }),
      );
    });
    request.on("error", reject);
    request.end();
  });
}
