// A promise that a repeat is the same request: the same answer and one row, whoever comes first, whatever breaks.

import { and, eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { idempotencyKeys, invoices } from "../../db/schema/index.ts";
import type { Planted } from "../../db/seed/stories.ts";
import { makeContext } from "../context.ts";
import { purgeExpired } from "../outbox/deliver-due.ts";
import { anotherShop, database, signIn } from "../testing/api-world.ts";
import {
  bindings,
  buildIpn,
  call,
  connected,
  deliverIpn,
  type InvoiceShape,
  invoice,
  merchant,
  sandbox,
  start,
} from "../testing/edge-under-test.ts";

let mine: Planted;

beforeAll(async () => {
  mine = await merchant();
});

afterEach(() => vi.restoreAllMocks());

afterAll(async () => {
  await sandbox("POST", "/clock", { reset: true });
});

const BODY = {
  kind: "proforma",
  currency: "RON",
  payer_name: "Client",
  lines: [{ description: "x", unit_price_minor: 100 }],
};
let serial = 0;
const freshKey = () => `order-${mine.merchantId}-${++serial}`;

function create(key: string, body: Record<string, unknown> = BODY, apiKey = mine.apiKey): Promise<Response> {
  return call("public", "POST", "/v1/invoices", { key: apiKey, body, headers: { "idempotency-key": key } });
}

const count = (payerName: string) =>
  database().$count(invoices, and(eq(invoices.merchantId, mine.merchantId), eq(invoices.payerName, payerName)));
const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code;

test("the same key and body give the same answer, once made", async () => {
  const key = freshKey();
  const body = { ...BODY, payer_name: "Once" };
  const first = await create(key, body);
  expect(first.status).toBe(201);
  expect(first.headers.get("idempotent-replay")).toBeNull();
  const text = await first.text();
  for (let i = 0; i < 3; i++) {
    const again = await create(key, body);
    expect(again.status).toBe(201);
    expect(again.headers.get("idempotent-replay")).toBe("true");
    expect(again.headers.get("content-type")).toBe(first.headers.get("content-type"));
    expect(await again.text()).toBe(text);
  }
  expect(await count("Once")).toBe(1);
});

test("the same key with another body, or at another address, is refused", async () => {
  const key = freshKey();
  const made = (await (await create(key)).json()) as InvoiceShape;
  const other = await create(key, { ...BODY, payer_name: "Another" });
  expect(other.status).toBe(409);
  expect(await codeOf(other)).toBe("idempotency_conflict");
  const elsewhere = await call("public", "POST", `/v1/invoices/${made.id}/payments`, {
    key: mine.apiKey,
    body: BODY,
    headers: { "idempotency-key": key },
  });
  expect(await codeOf(elsewhere)).toBe("idempotency_conflict");
  expect(await count("Another")).toBe(0);
});

test("twenty at once make exactly one", async () => {
  const key = freshKey();
  const body = { ...BODY, payer_name: "Twenty" };
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(key, body)));
  const ids = new Set<string>();
  let fresh = 0;
  for (const answer of answers) {
    if (answer.status === 201) {
      ids.add(((await answer.json()) as InvoiceShape).id);
      if (!answer.headers.has("idempotent-replay")) fresh++;
    } else {
      expect(answer.status).toBe(409);
      expect(answer.headers.get("retry-after")).toBe("1");
      expect(await codeOf(answer)).toBe("idempotency_running");
    }
  }
  expect([fresh, ids.size, await count("Twenty")]).toEqual([1, 1, 1]);
  const after = await create(key, body);
  expect(ids).toContain(((await after.json()) as InvoiceShape).id);
});

test("money booked by hand twenty times at once is booked once", async () => {
  const owed = await invoice(mine, { payer_name: "Booked" });
  const key = freshKey();
  await Promise.all(
    Array.from({ length: 20 }, () =>
      call("public", "POST", `/v1/invoices/${owed.id}/payments`, {
        key: mine.apiKey,
        body: { amount_minor: 1000, method: "cash" },
        headers: { "idempotency-key": key },
      }),
    ),
  );
  const read = await call("public", "GET", `/v1/invoices/${owed.id}`, { key: mine.apiKey });
  expect(await read.json()).toMatchObject({ paid: { minor: 1000 } });
});

test("a refused request does not burn its key", async () => {
  const key = freshKey();
  const owed = await invoice(mine, { payer_name: "Refused" });
  const book = (amount_minor: number) =>
    call("public", "POST", `/v1/invoices/${owed.id}/payments`, {
      key: mine.apiKey,
      body: { amount_minor, method: "cash" },
      headers: { "idempotency-key": key },
    });
  expect((await book(-1)).status).toBe(400);
  expect((await book(10_000_000)).status).toBe(409);
  const taken = await book(500);
  expect(taken.status).toBe(201);
  expect(taken.headers.has("idempotent-replay")).toBe(false);
});

test("what broke on our side after it was done is found by the repeat, not done again", async () => {
  const key = freshKey();
  const body = { ...BODY, payer_name: "Broken" };
  const real = globalThis.fetch;
  vi.spyOn(console, "error").mockImplementation(() => {});
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
    // The invoice is written; reading it back for the answer fails.
    const sent = typeof init?.body === "string" ? init.body : "";
    if (sent.includes("select") && sent.includes('from \\"invoice_lines\\"')) throw new Error("the database is away");
    return real(input, init);
  });
  const broken = await create(key, body);
  expect(broken.status).toBe(500);
  expect(await codeOf(broken)).toBe("internal");
  spy.mockRestore();
  const again = await create(key, body);
  expect(again.status).toBe(201);
  expect(await count("Broken")).toBe(1);
  const replayed = await create(key, body);
  expect(replayed.headers.get("idempotent-replay")).toBe("true");
  expect(await replayed.text()).toBe(await again.text());
});

/**
 * Dies as a process does: from here on the key's row can be neither finished nor forgotten, and whatever `table` names
 * cannot be written. Returns how it comes back to life.
 */
async function crashAt(key: string, table?: string): Promise<() => Promise<void>> {
  const db = database();
  const name = `crash_${++serial}`;
  await db.execute(
    sql.raw(`create function ${name}() returns trigger language plpgsql as $$ begin raise exception 'crashed'; end $$`),
  );
  await db.execute(
    sql.raw(
      `create trigger ${name} before update or delete on idempotency_keys for each row when (old.key = '${key}') execute function ${name}()`,
    ),
  );
  if (table) {
    await db.execute(
      sql.raw(
        `create trigger ${name} before insert on ${table} for each row when (new.merchant_id = '${mine.merchantId}') execute function ${name}()`,
      ),
    );
  }
  vi.spyOn(console, "error").mockImplementation(() => {});
  return async () => {
    await db.execute(sql.raw(`drop function ${name}() cascade`));
    vi.restoreAllMocks();
  };
}

const advance = (advanceSeconds: number) => sandbox("POST", "/clock", { advanceSeconds });

test.each([
  ["after the thing was made", undefined],
  ["before it was made", "invoices"],
])("a crash %s: a repeat waits a minute, then finds it or makes it, once", async (name, table) => {
  const key = freshKey();
  const body = { ...BODY, payer_name: `Crashed ${name}` };
  const revive = await crashAt(key, table);
  expect((await create(key, body)).status).toBe(500);
  await revive();
  expect(await count(body.payer_name)).toBe(table ? 0 : 1);
  const waits = await create(key, body);
  expect([waits.status, await codeOf(waits)]).toEqual([409, "idempotency_running"]);
  await advance(61);
  const answers = await Promise.all(Array.from({ length: 8 }, () => create(key, body)));
  const ids = new Set<string>();
  for (const answer of answers) {
    if (answer.status === 201) ids.add(((await answer.json()) as InvoiceShape).id);
    else expect(await codeOf(answer)).toBe("idempotency_running");
  }
  expect([ids.size, await count(body.payer_name)]).toEqual([1, 1]);
  const after = await create(key, body);
  expect(after.headers.get("idempotent-replay")).toBe("true");
  expect(ids).toContain(((await after.json()) as InvoiceShape).id);
});

test("a crash after each kind of thing was made: the repeat answers with that thing", async () => {
  const shop = await connected("v2");
  mine = shop;
  const owed = await invoice(shop, { payer_name: "Crash of each" });
  const { attempt_id } = await start(shop, owed);
  await sandbox("POST", `/control/netopia/payments/${attempt_id}/act`, { action: "status", status: 3 });
  await deliverIpn(await buildIpn(attempt_id, { status: 3 }));
  const unpaid = await invoice(shop);
  const credentials = { protocol: "v2", signature: "AAAA-BBBB-CCCC-DDDD-EEEE", apiKey: "k".repeat(44) };
  const made: [path: string, body: Record<string, unknown>, table: string][] = [
    [`/v1/invoices/${unpaid.id}/payments`, { amount_minor: 24_990, method: "cash" }, "payments"],
    [`/v1/invoices/${(await invoice(shop)).id}/send`, { email: "client@demo.example" }, "outbox"],
    ["/v1/refunds", { attempt_id, amount_minor: 24_990 }, "refunds"],
    ["/v1/api-keys", { name: "crashed", scopes: ["invoices:read"] }, "api_keys"],
    [
      "/v1/webhook-endpoints",
      { url: "https://partner.plata.dev/crashed", event_types: ["dispute.opened"] },
      "webhook_endpoints",
    ],
    ["/v1/connections", { processor: "netopia", environment: "test", credentials }, "connections"],
  ];
  const rowsOf = async (table: string) =>
    (await database().execute(sql.raw(`select id from ${table} where merchant_id = '${shop.merchantId}'`))).rows;
  for (const [path, body, table] of made) {
    const key = freshKey();
    const send = () => call("public", "POST", path, { key: shop.apiKey, body, headers: { "idempotency-key": key } });
    const revive = await crashAt(key);
    expect((await send()).status, path).toBe(500);
    await revive();
    const before = await rowsOf(table);
    await advance(61);
    const again = await send();
    expect([200, 201, 202], `${path}: ${await again.clone().text()}`).toContain(again.status);
    const ids = before.map((row) => row.id);
    if (path !== `/v1/invoices/${unpaid.id}/payments`) {
      const { id, outbox_id } = (await again.json()) as { id?: string; outbox_id?: string };
      expect(ids, path).toContain(id ?? outbox_id);
    }
    expect((await rowsOf(table)).length, path).toBe(before.length);
  }
});

test("the key of an API key whose maker crashed is the one that the repeat shows", async () => {
  const key = freshKey();
  const body = { name: "shown", scopes: ["invoices:read"] };
  const send = () =>
    call("public", "POST", "/v1/api-keys", { key: mine.apiKey, body, headers: { "idempotency-key": key } });
  const revive = await crashAt(key);
  expect((await send()).status).toBe(500);
  await revive();
  await advance(61);
  const { key: shown } = (await (await send()).json()) as { key: string };
  expect((await call("public", "GET", "/v1/invoices", { key: shown })).status).toBe(200);
});

test("keys of different points of sale, and of different reach, do not meet", async () => {
  const key = freshKey();
  const second = await anotherShop(mine);
  const [first, hers] = await Promise.all([create(key), create(key, BODY, second.apiKey)]);
  const [a, b] = (await Promise.all([first.json(), hers.json()])) as InvoiceShape[];
  expect([first.status, hers.status]).toEqual([201, 201]);
  expect(a?.id).not.toBe(b?.id);

  const memberKey = freshKey();
  const cookie = await signIn(mine, "192.0.2.20");
  const body = { ...BODY, point_of_sale_id: second.pointOfSaleId };
  const byMember = await call("inside", "POST", "/v1/invoices", {
    body,
    headers: { cookie, "idempotency-key": memberKey },
  });
  expect(byMember.status).toBe(201);
  expect(await codeOf(await create(memberKey, body))).toBe("idempotency_conflict");
});

test("a key that is too short or too long names its header", async () => {
  for (const key of ["short", "x".repeat(129), "x".repeat(8000), ""]) {
    const answer = await create(key);
    expect(answer.status, key.slice(0, 10)).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "invalid_request", errors: [{ field: "Idempotency-Key" }] });
  }
});

test("answers are kept sealed for 48 hours and then forgotten", async () => {
  const key = freshKey();
  const body = { ...BODY, payer_name: "Sealed name" };
  await create(key, body);
  const db = database();
  const read = () =>
    db
      .select()
      .from(idempotencyKeys)
      .where(and(eq(idempotencyKeys.merchantId, mine.merchantId), eq(idempotencyKeys.key, key)));
  const [row] = await read();
  expect(row).toMatchObject({ isDone: true, status: 201, answer: expect.stringMatching(/^v1\./) });
  expect(JSON.stringify(row)).not.toContain("Sealed name");
  const context = await makeContext(bindings);
  const at = (hours: number) => ({ ...context, now: new Date((row?.createdAt.getTime() ?? 0) + hours * 3_600_000) });
  await purgeExpired(at(47.9));
  expect(await read()).toHaveLength(1);
  await purgeExpired(at(48.1));
  expect(await read()).toHaveLength(0);
  const again = await create(key, body);
  expect([again.status, again.headers.has("idempotent-replay")]).toEqual([201, false]);
  expect(await count("Sealed name")).toBe(2);
});
