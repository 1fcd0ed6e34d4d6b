// Secrets planted along a whole walk of both protocols, failures included: none stands in a log line, in an answer where
// it does not belong, or readable in any column of the database.

import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { log, scrubText } from "./log.ts";
import { SCOPES } from "./merchants/permissions.ts";
import { database, keyFor, signIn } from "./testing/api-world.ts";
import {
  bindings,
  buildIpn,
  type Connected,
  call,
  connected,
  deliverIpn,
  type InvoiceShape,
  invoice,
  json,
  runDue,
  type StartedShape,
  sandbox,
  start,
  tokenOf,
} from "./testing/edge-under-test.ts";

let lines: string[];

beforeEach(() => {
  lines = [];
  for (const method of ["debug", "log", "info", "warn", "error", "trace", "table", "dir"] as const) {
    vi.spyOn(console, method).mockImplementation((...said: unknown[]) => {
      lines.push(
        said
          .map((one) =>
            one instanceof Error ? `${one.message} ${one.stack}` : typeof one === "string" ? one : JSON.stringify(one),
          )
          .join(" "),
      );
    });
  }
});
afterEach(() => vi.restoreAllMocks());

const CARD = "4111 1111 1111 1111";
const EMAIL = "planted-payer@demo.example";

/** Bodies of every answer that the Worker gave, with where from. */
const answers: { to: string; text: string }[] = [];

async function ask(door: "public" | "inside", method: string, path: string, options: Parameters<typeof call>[3] = {}) {
  const answer = await call(door, method, path, options);
  const text = await answer.text();
  answers.push({ to: `${method} ${path}`, text: `${text} ${JSON.stringify([...answer.headers])}` });
  return { status: answer.status, text };
}

/** Whether a secret stands in a text, as it is or as JSON, a form or base64 would write it. */
function stands(secret: string, text: string): boolean {
  const bytes = String.fromCharCode(...new TextEncoder().encode(secret));
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    btoa(bytes).replace(/=+$/, "").slice(0, -2),
  ];
  return forms.some((form) => text.includes(form));
}

/** The heart of a key: a piece that no other key has. */
const core = (pem: string) =>
  pem
    .split("\n")
    .filter((line) => !line.startsWith("-----"))
    .join("")
    .slice(60, 120);

const wrongCredentials = {
  protocol: "v2",
  signature: "AAAA-BBBB-CCCC-DDDD-EEEE",
  apiKey: "planted-wrong-api-key-".padEnd(60, "z"),
};

test("no planted secret is told to anybody it is not for", async () => {
  const planted = new Map<string, string>();
  const cookies: string[] = [];
  for (const protocol of ["v1", "v2"] as const) {
    const shop = await connected(protocol, { ownerPassword: `planted-password-${protocol}` });
    planted.set(`${protocol} private key`, core(shop.account.privateKey));
    planted.set(`${protocol} processor's api key`, shop.account.apiKey);
    planted.set(`${protocol} our api key`, shop.apiKey);
    planted.set(`${protocol} password`, shop.ownerPassword);
    const cookie = await signIn(shop, `203.0.113.${protocol === "v1" ? 1 : 2}`);
    cookies.push(cookie);
    planted.set(`${protocol} session`, decodeURIComponent(cookie.split("=")[1] ?? ""));
    await walk(protocol, shop, cookie, planted);
    await failures(protocol, shop, planted);
  }
  expect(answers.length).toBeGreaterThan(60);
  expect(lines.length).toBeGreaterThan(3); // the failures were logged, or this test reads nothing

  const everything = lines.join("\n");
  for (const [name, secret] of planted) {
    expect(secret.length, name).toBeGreaterThan(10);
    expect(stands(secret, everything), `${name} in the logs`).toBe(false);
    for (const { to, text } of answers) {
      if (isMeantFor(name, secret, to)) continue;
      expect(stands(secret, text), `${name} in the answer to ${to}`).toBe(false);
    }
  }
  for (const text of [CARD, CARD.replaceAll(" ", ""), EMAIL]) expect(everything).not.toContain(text);
  expect(everything).not.toMatch(/postgres(ql)?:\/\/|BEGIN [A-Z ]*PRIVATE KEY/);
  for (const { to, text } of answers) {
    expect(text, to).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY|postgres(ql)?:\/\/|node_modules|at .*\.ts:\d+/);
  }
  await searchDatabase(planted);
});

/** The link's token is in the link; the secret of an attempt goes to the payer's form only in sealed form. */
function isMeantFor(name: string, secret: string, to: string): boolean {
  if (!name.endsWith("link")) return false;
  // Staff see it with the invoice and in the address of a refund's page; the page under the link names its own address.
  return /^(GET|POST|PATCH) \/v1\/(invoices|refunds)/.test(to) || to.includes(` /payer/${secret}`);
}

async function walk(
  protocol: "v1" | "v2",
  shop: Connected,
  cookie: string,
  planted: Map<string, string>,
): Promise<void> {
  const key = shop.apiKey;
  const owed = await invoice(shop, { payer_email: EMAIL, note: `card ${CARD}` });
  const token = tokenOf(owed);
  planted.set(`${protocol} link`, token);
  await ask("inside", "GET", `/payer/${token}`);
  const started = await start(shop, owed);
  planted.set(`${protocol} attempt secret`, await attemptSecret(protocol, started));
  answers.push({ to: "POST /payer/…/attempts", text: JSON.stringify(started) });
  if (protocol === "v1") {
    await fetch(started.action.url, {
      method: "POST",
      body: new URLSearchParams(started.action.fields ?? {}),
      redirect: "manual",
    });
  } else {
    await sandbox("POST", `/control/netopia/payments/${started.attempt_id}/act`, { action: "status", status: 3 });
  }
  const paid = protocol === "v1" ? { action: "confirmed" } : { status: 3 };
  for (const faults of [[protocol === "v1" ? "tampered_data" : "tampered_signature"], ["wrong_key"], []]) {
    const answer = await deliverIpn(await buildIpn(started.attempt_id, { ...paid, faults }));
    answers.push({ to: "POST /ipn", text: await answer.text() });
  }
  await ask("inside", "POST", `/payer/${token}/returned`, { body: { attempt_id: started.attempt_id } });
  await ask("inside", "POST", `/payer/${token}/attempts`, {
    body: { connection_id: shop.connectionId, method: "card", locale: "ro" },
  });
  const reads = [
    "me",
    "processors",
    "connections",
    `connections/${shop.connectionId}`,
    "invoices",
    `invoices/${owed.id}`,
    `invoices/${owed.id}/attempts`,
    `invoices/${owed.id}/events`,
    "payments",
    "refunds",
    "ipns",
    "attention",
    "api-keys",
    "events",
    "webhook-endpoints",
  ];
  for (const path of reads) {
    expect((await ask("public", "GET", `/v1/${path}`, { key })).status, path).toBe(200);
    await ask("inside", "GET", `/v1/${path}`, { headers: { cookie } });
  }
  const { data } = await json<{ data: { id: string }[] }>("public", "GET", "/v1/ipns", { key });
  expect(data).toHaveLength(3);
  for (const { id } of data) {
    await ask("public", "GET", `/v1/ipns/${id}`, { key });
    await ask("public", "POST", `/v1/ipns/${id}/replay`, { key });
  }
  await ask("public", "PATCH", `/v1/connections/${shop.connectionId}`, {
    key,
    body: {
      credentials: protocol === "v1" ? { privateKey: shop.account.privateKey } : { apiKey: shop.account.apiKey },
    },
  });
  await ask("public", "POST", `/v1/connections/${shop.connectionId}/check`, { key });
  await ask("public", "POST", "/v1/refunds", { key, body: { attempt_id: started.attempt_id, amount_minor: 100 } });
  await ask("public", "POST", `/v1/invoices/${owed.id}/send`, { key, body: {} });
  const made = JSON.parse(
    (await ask("public", "POST", "/v1/api-keys", { key, body: { name: "made", scopes: ["invoices:read"] } })).text,
  ) as { key: string };
  const shownOnce = answers.pop();
  expect(shownOnce?.text).toContain(made.key);
  planted.set(`${protocol} new api key`, made.key);
  await runDue();
}

/** The secret in the notification address, as only the processor gets it. */
async function attemptSecret(protocol: string, started: StartedShape): Promise<string> {
  if (protocol === "v1") {
    await fetch(started.action.url, {
      method: "POST",
      body: new URLSearchParams(started.action.fields ?? {}),
      redirect: "manual",
    });
  }
  const { url } = await buildIpn(started.attempt_id, protocol === "v1" ? { action: "confirmed" } : { status: 3 });
  return new URL(url).pathname.split("/").at(-1) ?? "";
}

async function failures(protocol: "v1" | "v2", shop: Connected, planted: Map<string, string>): Promise<void> {
  const key = shop.apiKey;
  // What is typed wrongly is not repeated back.
  await ask("public", "POST", "/v1/connections", {
    key,
    body: {
      processor: "netopia",
      environment: "test",
      credentials: {
        protocol: "v1",
        signature: "x",
        certificate: "no",
        privateKey: shop.account.privateKey.replace("BEGIN", "BEGUN"),
      },
    },
  });
  await ask("public", "POST", "/v1/connections", {
    key,
    body: { processor: "netopia", environment: "test", credentials: wrongCredentials },
  });
  planted.set("a wrong api key", wrongCredentials.apiKey);
  await ask("public", "GET", "/v1/me", { key: `${key}x` });
  await ask("inside", "POST", "/api/auth/sign-in/email", {
    body: { email: shop.ownerEmail, password: `${shop.ownerPassword}-wrong` },
    headers: { origin: bindings.WEB_ORIGIN, "cf-connecting-ip": "203.0.113.9" },
  });
  if (protocol === "v2") {
    for (const fault of ["api_500", "api_403_html", "api_non_json", "api_foreign_payment_url", "api_no_payment_url"]) {
      await sandbox("POST", "/control/netopia/faults", { fault, signature: shop.account.signature });
      const owed: InvoiceShape = await invoice(shop, { payer_email: EMAIL });
      planted.set(`${protocol} ${fault} link`, tokenOf(owed));
      await ask("inside", "POST", `/payer/${tokenOf(owed)}/attempts`, {
        body: { connection_id: shop.connectionId, method: "card", locale: "ro" },
      });
      await sandbox("POST", "/control/netopia/faults", { fault, signature: shop.account.signature });
      await ask("public", "POST", `/v1/connections/${shop.connectionId}/check`, { key });
    }
  }
  await brokenDatabase(shop, planted);
}

/** Each statement kind breaks once, in the database and on the way to it, with secrets among its values. */
async function brokenDatabase(shop: Connected, planted: Map<string, string>): Promise<void> {
  const owed = await invoice(shop, { payer_email: EMAIL, note: `card ${CARD}` });
  planted.set(`${shop.merchantId} link`, tokenOf(owed));
  const real = globalThis.fetch;
  const mode = { now: "none" };
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
    const sent = typeof init?.body === "string" ? init.body : "";
    if (mode.now === "none" || !sent.includes('\\"')) return real(input, init);
    if (mode.now === "away") throw new Error(`connect ${bindings.DATABASE_URL} refused`);
    return real(input, {
      ...init,
      body: sent.replaceAll("select ", "select nonsense, ").replaceAll("insert into ", "insert into nonsense."),
    });
  });
  const before = lines.length;
  for (const now of ["away", "broken"]) {
    mode.now = now;
    await ask("inside", "GET", `/payer/${tokenOf(owed)}`);
    await ask("public", "GET", `/v1/invoices/${owed.id}`, { key: shop.apiKey });
    await ask("public", "POST", "/v1/invoices", {
      key: shop.apiKey,
      body: {
        kind: "proforma",
        currency: "RON",
        payer_name: "x",
        payer_email: EMAIL,
        note: `card ${CARD}`,
        lines: [{ description: "x", unit_price_minor: 1 }],
      },
    });
    await ask("inside", "POST", "/api/auth/sign-in/email", {
      body: { email: shop.ownerEmail, password: shop.ownerPassword },
      headers: { origin: bindings.WEB_ORIGIN, "cf-connecting-ip": "203.0.113.8" },
    });
    await ask("public", "POST", `/ipn/${shop.connectionId}/att_x/${"planted-secret-of-an-address"}`, {
      raw: "env_key=a&data=b",
    });
  }
  spy.mockRestore();
  planted.set("an address' secret", "planted-secret-of-an-address");
  expect(lines.length).toBeGreaterThan(before + 4);
}

/** Where a secret may stand readable: what must be shown again, and what a stolen row alone cannot use. */
const MAY_STAND: Record<string, RegExp> = {
  "invoices.link_token": / link$/, // staff see the link again at any time
  "session.token": / session$/, // the cookie carries a signature beside it, made with a key that is not in the database
};

async function searchDatabase(planted: Map<string, string>): Promise<void> {
  const db = database();
  const columns = await db.execute<{ t: string; c: string }>(
    sql`select table_name as t, column_name as c from information_schema.columns where table_schema = 'public' and data_type in ('text', 'jsonb', 'character varying', 'json', 'ARRAY', 'bytea') order by 1, 2`,
  );
  expect(columns.rows.length).toBeGreaterThan(100);
  const found: string[] = [];
  for (const { t, c } of columns.rows) {
    const { rows } = await db.execute<{ v: string }>(
      sql`select distinct ${sql.identifier(c)}::text as v from ${sql.identifier(t)} where ${sql.identifier(c)} is not null and length(${sql.identifier(c)}::text) > 10`,
    );
    const text = rows.map(({ v }) => v).join("\n");
    for (const [name, whole] of planted) {
      // The cookie is token and signature; either half alone is looked for in the tables.
      for (const secret of name.endsWith(" session") ? whole.split(".") : [whole]) {
        if (secret && stands(secret, text) && !MAY_STAND[`${t}.${c}`]?.test(name)) found.push(`${name} in ${t}.${c}`);
      }
    }
  }
  expect(found).toEqual([]);
}

test("the scrubber knows what a secret looks like", () => {
  for (const [text, clean] of [
    ["GET /i/BGDLw__L85cWUSavlWmn-g?back=att_1", "GET /i/[token]?back=att_1"],
    ["/ipn/con_1/att_1/AbC-d_9", "/ipn/con_1/att_1/[secret]"],
    ["key sk_live_abcDEF-123_x.", "key [api key]."],
    [`pan ${CARD} and 4111-1111-1111-1111 and 4111111111111111`, "pan [number] and [number] and [number]"],
    ["mail a.b+c@demo.example, ok", "mail [e-mail] ok"],
    ["at postgresql://u:p@host/db now", "at [database] now"],
    ["-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\nrest", "[pem]\nrest"],
    [`x ${"aB3".repeat(40)} y`, "x [long] y"],
  ] as const) {
    expect(scrubText(text)).toBe(clean);
  }
});

test("fields with telling names, errors of statements and deep objects are not written out", () => {
  const failed = Object.assign(new Error("Failed query: insert … params: hunter2-hunter2,4111111111111111"), {
    query: 'insert into "account" ("password") values ($1)',
    params: ["hunter2-hunter2"],
    cause: Object.assign(new Error('duplicate key (email)=(a@demo.example) "hunter2-hunter2"'), {
      code: "23505",
      constraint: "user_email_unique",
    }),
  });
  log("error", "request failed", {
    password: "hunter2-hunter2",
    inner: { apiKey: "hunter2-hunter2", cookie: ["hunter2-hunter2"] },
    error: failed,
    sum: 12n,
  });
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain("hunter2");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "error",
    message: "request failed",
    password: "[hidden]",
    inner: { apiKey: "[hidden]", cookie: "[hidden]" },
    error: {
      name: "QueryFailed",
      code: "23505",
      constraint: "user_email_unique",
      query: 'insert into "account" ("password") values ($1)',
    },
    sum: "12",
  });
});

test("a key that is used is not written down", async () => {
  const shop = await connected("v2");
  const key = await keyFor(shop, SCOPES);
  await call("public", "GET", "/v1/me", { key });
  const { rows } = await database().execute<{ prefix: string; hash: string }>(
    sql`select prefix, hash from api_keys where merchant_id = ${shop.merchantId}`,
  );
  for (const { prefix, hash } of rows) {
    expect(prefix).toHaveLength(12);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  }
});
