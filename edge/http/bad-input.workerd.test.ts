// Input that cannot be used, for every operation that takes a body or a query: always a problem that names the field,
// never a fault of ours, and nothing written.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bodyFor,
  fingerprint,
  nameOf,
  type Operation,
  operations,
  pathIn,
  resolved,
  type Schema,
  type World,
  world,
} from "../testing/api-world.ts";
import { call, invoice, json, merchant } from "../testing/edge-under-test.ts";

let mine: World;
let before: Record<string, string>;

beforeAll(async () => {
  mine = await world();
  before = await fingerprint(mine.merchantId);
});

afterAll(async () => {
  expect(await fingerprint(mine.merchantId)).toEqual(before);
});

type ProblemBody = {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  instance: string;
  errors?: { field: string; code: string; message: string }[];
};

async function problem(answer: Response): Promise<ProblemBody> {
  const text = await answer.text();
  expect(answer.headers.get("content-type"), text).toBe("application/problem+json");
  const body = JSON.parse(text) as ProblemBody;
  expect(body).toMatchObject({
    type: `https://plata.dev/problems/${body.code}`,
    title: expect.any(String),
    status: answer.status,
    detail: expect.any(String),
    instance: expect.stringMatching(/^req_[0-9A-Z]{26}$/),
  });
  expect(answer.headers.get("x-request-id")).toBe(body.instance);
  return body;
}

function ask(operation: Operation, options: Parameters<typeof call>[3]) {
  return call("public", operation.method, pathIn(operation, mine.ids), { key: mine.apiKey, ...options });
}

/** Asks with a body and expects a refusal that names the field. */
async function refused(operation: Operation, body: unknown, field: string, code?: string): Promise<void> {
  const said = await problem(await ask(operation, { body }));
  const what = `${nameOf(operation)} ${JSON.stringify(body)?.slice(0, 200)}`;
  expect(said, what).toMatchObject({ status: 400, code: "invalid_request" });
  const named = said.errors?.find((error) => error.field === field || error.field.startsWith(`${field}.`));
  expect(named, `${what} names ${JSON.stringify(said.errors)}`).toBeDefined();
  if (code) expect(named?.code, what).toBe(code);
}

const named = (name: string): Operation => {
  const found = operations.find((operation) => nameOf(operation) === name);
  if (!found) throw new Error(`no operation ${name}`);
  return found;
};

const typesOf = (schema: Schema): string[] => [
  ...[schema.type ?? []].flat(),
  ...(schema.anyOf ?? []).flatMap((part) => typesOf(resolved(part))),
];

/** A value of another type than the field's. */
function wrongValues(schema: Schema): unknown[] {
  const types = typesOf(schema);
  return [
    types.includes("string") || schema.enum ? 12_345 : "text",
    types.includes("boolean") ? "yes" : true,
    types.includes("array") ? {} : ["text"],
    types.includes("object") ? "text" : { inner: 1 },
    ...(types.includes("null") ? [] : [null]),
  ];
}

const withBody = operations.filter((operation) => operation.body);

test("the suite finds the operations that take a body", () => {
  expect(withBody.length).toBeGreaterThanOrEqual(12);
});

describe.each(withBody.map((operation) => [nameOf(operation), operation] as const))("%s", (_name, operation) => {
  const fine = () => bodyFor(operation, mine.ids) ?? {};
  const bytes = (text: string) => new TextEncoder().encode(text);

  test("what is no JSON object", async () => {
    for (const raw of ["", "{", "nonsense", '{"a":1}x', "\u0000"]) {
      const said = await problem(await ask(operation, { raw, headers: { "content-type": "application/json" } }));
      expect(said, raw).toMatchObject({ code: "invalid_request", errors: [{ field: "(body)", code: "not_json" }] });
    }
    for (const raw of ["null", "[]", "12", '"text"', "true"]) {
      const said = await problem(await ask(operation, { raw, headers: { "content-type": "application/json" } }));
      expect(said, raw).toMatchObject({ code: "invalid_request", errors: [{ field: "(body)" }] });
    }
  });

  test("another content type, or none: 415", async () => {
    const text = JSON.stringify(fine());
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/jsonp",
    ]) {
      const said = await problem(await ask(operation, { raw: text, headers: { "content-type": type } }));
      expect(said, type).toMatchObject({ status: 415, code: "unsupported_media_type" });
    }
    expect(await problem(await ask(operation, { raw: bytes(text) }))).toMatchObject({ status: 415 });
    expect(await problem(await ask(operation, {}))).toMatchObject({ status: 415 });
  });

  test("a field that nobody knows", async () => {
    await refused(operation, { ...fine(), no_such_field: 1 }, "no_such_field", "unknown_field");
  });

  test("each required field left out, each field of another type, each text too long", async () => {
    const properties = Object.entries(operation.body?.properties ?? {});
    expect(properties.length).toBeGreaterThan(0);
    for (const name of operation.body?.required ?? []) {
      const { [name]: _, ...rest } = fine();
      await refused(operation, rest, name);
    }
    for (const [name, schema] of properties) {
      for (const value of wrongValues(resolved(schema))) await refused(operation, { ...fine(), [name]: value }, name);
      if (typesOf(resolved(schema)).includes("string")) {
        await refused(operation, { ...fine(), [name]: "x".repeat(30_000) }, name);
        await refused(operation, { ...fine(), [name]: "a\u0000b" }, name, "bad_character");
        await refused(operation, { ...fine(), [name]: "a\ud800b" }, name, "bad_character");
      }
    }
  });

  // What carries a picture may be larger.
  const limit = operation.path.endsWith("/logo") ? 97 : 65;
  test(`${limit} kB, told or streamed: 413`, async () => {
    const raw = JSON.stringify({ ...fine(), note: "x".repeat(limit * 1024) });
    const headers = { "content-type": "application/json" };
    expect(await problem(await ask(operation, { raw, headers }))).toMatchObject({ status: 413, code: "too_large" });
    const stream = new Response(raw).body;
    if (!stream) throw new Error("no stream");
    expect(await problem(await ask(operation, { raw: stream, headers }))).toMatchObject({ status: 413 });
  });

  test("nested beyond reason", async () => {
    const headers = { "content-type": "application/json" };
    for (const raw of [
      `{"note":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
      `${'{"note":'.repeat(5000)}1${"}".repeat(5000)}`,
    ]) {
      expect(await problem(await ask(operation, { raw, headers }))).toMatchObject({
        code: "invalid_request",
        errors: [{ field: "note", code: "too_deep" }],
      });
    }
  });
});

const line = { description: "Servicii", unit_price_minor: 24_990 };
const newInvoice = named("POST /v1/invoices");
const fineInvoice = () => bodyFor(newInvoice, mine.ids) ?? {};

test.each([
  ["unit_price_minor", [-1, 249.905, 0.001, 1e20, "24990", null, 99_999_999_999 + 1]],
  ["quantity", [0, -1, 0.0001, 1.23456, 1e7, "1"]],
  ["vat_percent", [-1, 101, 0.001, "21"]],
  ["description", ["", "   ", "x".repeat(201), null, 1]],
  ["no_such_field", [1]],
])("a line's %s", async (name, values) => {
  for (const value of values) {
    await refused(newInvoice, { ...fineInvoice(), lines: [line, { ...line, [name]: value }] }, `lines.1.${name}`);
  }
});

test("sums that are nothing, or more than anybody can take", async () => {
  await refused(
    newInvoice,
    { ...fineInvoice(), lines: [{ ...line, unit_price_minor: 0 }] },
    "lines",
    "sum_not_positive",
  );
  const huge = Array.from({ length: 100 }, () => ({ ...line, unit_price_minor: 99_999_999_999, quantity: 1_000_000 }));
  await refused(newInvoice, { ...fineInvoice(), lines: huge }, "lines", "sum_too_large");
  await refused(newInvoice, { ...fineInvoice(), lines: [] }, "lines", "required");
  await refused(newInvoice, { ...fineInvoice(), lines: Array.from({ length: 101 }, () => line) }, "lines");
});

test.each([
  ["currency", ["XYZ", "ron", "RO", "", "RONN"]],
  ["kind", ["storno", "", "Proforma"]],
  ["locale", ["de", ""]],
  ["payer_name", ["", "   "]],
  ["payer_email", ["a@", "@b.ro", "a b@c.ro", "a@b", "<a@b.ro>", "a@b.ro\r\nBcc: x@y.ro", "a@b.ro,c@d.ro"]],
  ["payer_phone", ["abc", "12", "+", "07"]],
  [
    "due_on",
    ["2026-13-01", "2026-02-30", "tomorrow", "01.12.2026", "0000-01-01", "9999-12-31", "2026-12-01T00:00:00Z"],
  ],
  [
    "expires_at",
    ["2026-12-01", "2026-12-01T25:00:00Z", "2026-12-01T10:00:00", "0000-01-01T00:00:00Z", "+292278994-01-01T00:00:00Z"],
  ],
])("an invoice's %s", async (name, values) => {
  for (const value of values) await refused(newInvoice, { ...fineInvoice(), [name]: value }, name);
});

test.each([
  ["POST /v1/invoices/{id}/payments", "amount_minor"],
  ["POST /v1/refunds", "amount_minor"],
  ["POST /v1/attempts/{id}/capture", "amount_minor"],
])("the sum of %s", async (name, field) => {
  const operation = named(name);
  for (const value of [-1, 0, 1.5, 249.905, 1e20, "100"]) {
    await refused(operation, { ...bodyFor(operation, mine.ids), [field]: value }, field);
  }
});

test("credentials name their field", async () => {
  const operation = named("POST /v1/connections");
  const body = (credentials: Record<string, unknown>) => ({ ...bodyFor(operation, mine.ids), credentials });
  await refused(operation, body({ protocol: "v3" }), "credentials.protocol");
  await refused(operation, body({ protocol: "v2", signature: "x", apiKey: "y".repeat(40) }), "credentials.signature");
  await refused(operation, body({ protocol: "v2", signature: 12 }), "credentials.signature");
  await refused(operation, { ...bodyFor(operation, mine.ids), processor: "nobody" }, "processor", "unknown_processor");
});

test("queries name their field too", async () => {
  const lists = operations.filter(({ parameters }) => parameters.some(({ in: where }) => where === "query"));
  expect(lists.length).toBeGreaterThanOrEqual(4);
  for (const operation of lists) {
    const path = pathIn(operation, mine.ids);
    const { parameters } = operation;
    for (const { name, schema } of parameters.filter(({ in: where }) => where === "query")) {
      const bad =
        name === "limit" ? ["abc", "0", "1001", "1.5", "-1", ""] : schema?.enum ? ["nonsense"] : ["x".repeat(100)];
      for (const value of [...bad, "%00"]) {
        const answer = await call("public", "GET", `${path}?${name}=${value}`, { key: mine.apiKey });
        expect(await problem(answer), `${path}?${name}=${value}`).toMatchObject({
          status: 400,
          code: "invalid_request",
          errors: [{ field: name }],
        });
      }
    }
  }
});

test("ids and steps in a path", async () => {
  for (const id of ["%00", "%ED%A0%80", "..%2f..", "x".repeat(3000), "' or 1=1 --"]) {
    const answer = await call("public", "GET", `/v1/invoices/${id}`, { key: mine.apiKey });
    expect([400, 404], id).toContain((await problem(answer)).status);
  }
  const steps = `/v1/points-of-sale/${mine.ids.pointOfSale}/onboarding`;
  const wrongStep = await call("public", "PUT", `${steps}/netopia/dance`, {
    key: mine.apiKey,
    body: { state: "done" },
  });
  expect(await problem(wrongStep)).toMatchObject({ status: 400, errors: [{ field: "step" }] });
  const wrongProcessor = await call("public", "PUT", `${steps}/nobody/fill_data`, {
    key: mine.apiKey,
    body: { state: "done" },
  });
  expect(await problem(wrongProcessor)).toMatchObject({ status: 404 });
});

test("an embedding page that is no origin is named by its place in the list; what is one is kept as browsers write it", async () => {
  const shop = await merchant();
  const path = `/v1/points-of-sale/${shop.pointOfSaleId}`;
  const set = (frame_origins: unknown) => call("public", "PATCH", path, { key: shop.apiKey, body: { frame_origins } });
  expect(
    await problem(await set(["https://shop.example", "https://shop.example/a", "http://shop.example", "*"])),
  ).toMatchObject({
    status: 400,
    code: "invalid_request",
    errors: [
      { field: "frame_origins.1", code: "origin_with_path" },
      { field: "frame_origins.2", code: "origin_not_https" },
      { field: "frame_origins.3", code: "origin_unreadable" },
    ],
  });
  const kept = await set(["https://Shop.example/", "https://shop.example", "http://localhost:4000"]);
  expect(await kept.json()).toMatchObject({ frame_origins: ["https://shop.example", "http://localhost:4000"] });
  expect((await set([])).status).toBe(200);
});

test("a version of the API that does not exist", async () => {
  const answer = await call("public", "GET", "/v1/me", {
    key: mine.apiKey,
    headers: { "plata-version": "2020-01-01" },
  });
  expect(await problem(answer)).toMatchObject({
    status: 400,
    errors: [{ field: "Plata-Version", code: "unknown_version" }],
  });
  const known = await call("public", "GET", "/v1/me", { key: mine.apiKey, headers: { "plata-version": "2026-11-01" } });
  expect(known.status).toBe(200);
  expect(known.headers.get("plata-version")).toBe("2026-11-01");
});

test("an address that does not exist", async () => {
  expect(await problem(await call("public", "GET", "/v1/nothing", { key: mine.apiKey }))).toMatchObject({
    status: 404,
  });
  expect(await problem(await call("public", "GET", "/payer/0123456789abcdefghij", {}))).toMatchObject({ status: 404 });
});

test("whatever text and values come, the answer is ours and what is kept is what came", async () => {
  const other = await world();
  const anything = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.jsonValue({ maxDepth: 3 }),
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    fc.integer(),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  );
  const fields = Object.keys(newInvoice.body?.properties ?? {});
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...fields), anything, async (name, value) => {
      const answer = await call("public", "POST", "/v1/invoices", {
        key: other.apiKey,
        body: { ...bodyFor(newInvoice, other.ids), [name]: value },
      });
      if (answer.status === 201) {
        const made = (await answer.json()) as Record<string, unknown>;
        if (name === "note" || name === "payer_name") {
          expect(made[name]).toBe(value === null ? null : String(value).trim());
        }
        return;
      }
      const said = await problem(answer);
      expect([400, 404], JSON.stringify(said)).toContain(said.status);
      if (said.status === 400) expect(said.errors?.[0]?.field.split(".")[0]).toBe(name);
    }),
    { numRuns: 150 },
  );
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", maxLength: 80 }), async (q) => {
      const answer = await call("public", "GET", `/v1/invoices?q=${encodeURIComponent(q.toWellFormed())}`, {
        key: other.apiKey,
      });
      expect([200, 400]).toContain(answer.status);
    }),
    { numRuns: 40 },
  );
});

test("any sum that is taken is kept to the last unit", async () => {
  const other = await merchant();
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9_999_999 }),
      fc.integer({ min: 1, max: 9_999 }),
      async (unit_price_minor, milli) => {
        const made = await invoice(other, {
          lines: [{ description: "x", unit_price_minor, quantity: milli / 1000 }, line],
        });
        const expected = (BigInt(unit_price_minor) * BigInt(milli) + 500n) / 1000n + 24_990n;
        expect(BigInt(made.amount.minor)).toBe(expected);
        const read = await json<{ amount: { minor: number } }>("public", "GET", `/v1/invoices/${made.id}`, {
          key: other.apiKey,
        });
        expect(read.amount.minor).toBe(made.amount.minor);
      },
    ),
    { numRuns: 25 },
  );
});
