// The common access suite, made from the API's own description: for every operation no key, a bad key, a session at the
// public door, a missing scope, another merchant's row and another point of sale's row.

import { beforeAll, describe, expect, test } from "vitest";
import type { Planted } from "../../db/seed/stories.ts";
import { SCOPES } from "../merchants/permissions.ts";
import {
  anotherShop,
  bodyFor,
  fingerprint,
  keyFor,
  nameOf,
  type Operation,
  operations,
  pathIn,
  signIn,
  stranger,
  type World,
  world,
} from "../testing/api-world.ts";
import { bindings, call, connect, invoice, json } from "../testing/edge-under-test.ts";

let mine: World;
let foreign: Planted;
let second: Awaited<ReturnType<typeof anotherShop>>;
let before: Record<string, string>;
let revokedKey: string;
let cookie: string;

beforeAll(async () => {
  [mine, foreign] = await Promise.all([world(), stranger()]);
  second = await anotherShop(mine);
  const made = await json<{ id: string; key: string }>("public", "POST", "/v1/api-keys", {
    key: mine.apiKey,
    body: { name: "revoked", scopes: [...SCOPES] },
  });
  await json("public", "DELETE", `/v1/api-keys/${made.id}`, { key: mine.apiKey });
  revokedKey = made.key;
  cookie = await signIn(mine, "192.0.2.10");
  for (const scope of SCOPES) {
    keysWithout.set(
      scope,
      await keyFor(
        mine,
        SCOPES.filter((other) => other !== scope),
      ),
    );
  }
  before = await fingerprint(mine.merchantId);
});

const keysWithout = new Map<string, string>();

function ask(operation: Operation, options: { key?: string; headers?: Record<string, string> }) {
  return call("public", operation.method, pathIn(operation, mine.ids), {
    ...options,
    body: bodyFor(operation, mine.ids),
  });
}

async function refusal(answer: Response) {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  return { status: answer.status, code: ((await answer.json()) as { code: string }).code };
}

const UNAUTHENTICATED = { status: 401, code: "unauthenticated" };
const NOT_FOUND = { status: 404, code: "not_found" };
const hasId = (operation: Operation) =>
  operation.path.includes("{id}") || "attempt_id" in (operation.body?.properties ?? {});

test("every operation declares one known scope, and can be asked with a row and a body of the suite", () => {
  expect(operations.length).toBeGreaterThan(30);
  for (const operation of operations) {
    expect(SCOPES, nameOf(operation)).toContain(operation.scope);
    expect(pathIn(operation, mine.ids)).not.toMatch(/[{}]|undefined/);
    bodyFor(operation, mine.ids);
  }
});

describe.each(operations.map((operation) => [nameOf(operation), operation] as const))("%s", (_name, operation) => {
  test("no key, a wrong key, a revoked key, and a session at the public door: 401", async () => {
    const none = await ask(operation, {});
    expect(none.headers.get("www-authenticate")).toBe("Bearer");
    expect(await refusal(none)).toEqual(UNAUTHENTICATED);
    expect(await refusal(await ask(operation, { key: "sk_test_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }))).toEqual(
      UNAUTHENTICATED,
    );
    expect(await refusal(await ask(operation, { key: revokedKey }))).toEqual(UNAUTHENTICATED);
    expect(
      await refusal(
        await ask(operation, { headers: { cookie, "x-merchant": mine.merchantId, origin: bindings.WEB_ORIGIN } }),
      ),
    ).toEqual(UNAUTHENTICATED);
  });

  test("a key with every scope but the declared one: 403", async () => {
    expect(await refusal(await ask(operation, { key: keysWithout.get(operation.scope) ?? "" }))).toEqual({
      status: 403,
      code: "forbidden",
    });
  });

  if (hasId(operation)) {
    test("another merchant's row, and another point of sale's row of the same merchant: 404", async () => {
      expect(await refusal(await ask(operation, { key: foreign.apiKey }))).toEqual(NOT_FOUND);
      expect(await refusal(await ask(operation, { key: second.apiKey }))).toEqual(NOT_FOUND);
    });
  }
});

test("all of that changed nothing", async () => {
  expect(await fingerprint(mine.merchantId)).toEqual(before);
});

const NO_LISTS = [
  ...["/v1/me", "/v1/merchant", "/v1/merchant/money-rules", "/v1/processors", "/v1/registers", "/v1/holds/stamp"],
  // The company's, whatever the shop.
  ...["/v1/own-statuses", "/v1/outcome-statuses"],
];

test("lists show a key the rows of its point of sale and no others", async () => {
  const lists = operations.filter(
    ({ method, path }) => method === "GET" && !path.includes("{") && !NO_LISTS.includes(path),
  );
  expect(lists.length).toBeGreaterThan(5);
  const hers = await invoice({ ...second, ownerEmail: "", ownerPassword: "" });
  await connect({ ...second, ownerEmail: "", ownerPassword: "" }, "v2");
  for (const { path } of lists) {
    const read = async (key: string) =>
      (await json<{ data: { id: string }[] }>("public", "GET", path, { key })).data.map(({ id }) => id);
    const [first, other, others] = [await read(mine.apiKey), await read(second.apiKey), await read(foreign.apiKey)];
    expect(
      first.filter((id) => other.includes(id) || others.includes(id)),
      path,
    ).toEqual([]);
    // Nothing is held here.
    if (!["/v1/refunds", "/v1/holds"].includes(path)) expect(first.length, path).toBeGreaterThan(0);
    if (path === "/v1/invoices") expect(other).toEqual([hers.id]);
  }
  const me = await json<{ points_of_sale: { id: string }[] }>("public", "GET", "/v1/me", { key: second.apiKey });
  expect(me.points_of_sale.map(({ id }) => id)).toEqual([second.pointOfSaleId]);
});

test("ids of others in a body or a filter reach nothing", async () => {
  for (const point_of_sale_id of [mine.pointOfSaleId, foreign.pointOfSaleId]) {
    for (const name of ["POST /v1/invoices", "POST /v1/connections"]) {
      const operation = operations.find((one) => nameOf(one) === name);
      if (!operation) throw new Error(name);
      const answer = await call("public", operation.method, operation.path, {
        key: second.apiKey,
        body: { ...bodyFor(operation, mine.ids), point_of_sale_id },
      });
      expect(await refusal(answer), name).toEqual(NOT_FOUND);
    }
  }
  for (const query of [`connection_id=${mine.ids.connection}`, `attempt_id=${mine.ids.attempt}`]) {
    expect(await json("public", "GET", `/v1/ipns?${query}`, { key: second.apiKey })).toMatchObject({ data: [] });
  }
  expect(
    await json("public", "GET", `/v1/payments?invoice_id=${mine.ids.invoice}`, { key: second.apiKey }),
  ).toMatchObject({ data: [] });
});

// Rules for money, and what takes a second pair of eyes.
const MEMBERS_ALONE = {
  "PATCH /v1/merchant/money-rules": 403,
  "POST /v1/refunds/{id}/approve": 403,
  "POST /v1/refunds/{id}/refuse": 403,
};

test("the merchant's own key reaches every operation", async () => {
  // Deleting comes last; what is asked before may be refused by the row's state, never by who asks.
  const inOrder = [...operations].sort((a, b) => Number(a.method === "DELETE") - Number(b.method === "DELETE"));
  for (const operation of inOrder) {
    const answer = await ask(operation, { key: mine.apiKey });
    const text = await answer.text();
    // What is the company's is a member's alone to change.
    const refused: Record<string, number> = {
      "PATCH /v1/merchant": 403,
      "POST /v1/merchant/trials": 403,
      "POST /v1/own-statuses": 403,
      "PUT /v1/outcome-statuses": 403,
      ...MEMBERS_ALONE,
    };
    const status = { ...refused, "PATCH /v1/own-statuses/{id}": 404 }[nameOf(operation)];
    if (status) {
      expect(answer.status, nameOf(operation)).toBe(status);
      continue;
    }
    expect([200, 201, 202, 204, 409, 422], `${nameOf(operation)} ${answer.status} ${text}`).toContain(answer.status);
  }
});
