// Our client of Neon beside Neon's own driver: the same bytes out for the same statement, the same values back.
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { type FullQueryResults, neon, neonConfig } from "@neondatabase/serverless";
import type { NeonHttpClient } from "drizzle-orm/neon-http/session";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freshDatabase, testStack } from "../scripts/test-support.ts";
import { connectNeon, NeonError } from "./neon-http.ts";

type Sent = { path: string | undefined; headers: IncomingHttpHeaders; body: unknown };
const sent: Sent[] = [];
let answer = { status: 200, body: "{}" };
/** Writes down what it is sent and answers as it was told. */
const recorder = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  sent.push({ path: request.url, headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
  response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
});

let url: string;
const plain = { arrayMode: false, fullResults: false };
const ours = (endpoint = testStack().neonHost) => connectNeon(url, endpoint);
const theirs = (endpoint = testStack().neonHost) => {
  neonConfig.fetchEndpoint = () => `http://${endpoint}/sql`;
  return neon(url) as NeonHttpClient;
};
const recording = () => `127.0.0.1:${(recorder.address() as AddressInfo).port}`;

beforeAll(async () => {
  url = await freshDatabase();
  await new Promise<void>((resolve) => recorder.listen(0, "127.0.0.1", resolve));
  await ours().query("create table thing (id int primary key, words text[], facts jsonb)");
});
afterAll(() => recorder.close());

/** What both send: the driver's name in the address apart, and that it calls the body text. */
async function bothSend(send: (client: NeonHttpClient) => Promise<unknown>): Promise<[Sent, Sent]> {
  const seen = async (client: NeonHttpClient) => {
    sent.length = 0;
    await send(client);
    const [{ headers, ...rest }] = sent as [Sent];
    const told = Object.entries(headers).filter(([name]) => name.startsWith("neon-"));
    return { ...rest, headers: Object.fromEntries(told.map(([name, value]) => [name, withoutName(String(value))])) };
  };
  return [await seen(theirs(recording())), await seen(ours(recording()))];
}
const withoutName = (value: string) => value.replace(/\?application_name=[^&]*$/, "");

test("a statement goes out as Neon's driver sends it", async () => {
  answer = { status: 200, body: JSON.stringify({ fields: [], rows: [], command: "SELECT", rowCount: 0 }) };
  const values = ["ș\"'\\", null, undefined, 7, true, 12345678901234567890n, ["a", 'b"\\', null, ["c"]], { a: [1] }];
  const [theirSent, ourSent] = await bothSend((client) => client.query("select $1", values, plain));
  expect(ourSent).toEqual(theirSent);
  expect(ourSent.path).toBe("/sql");
});

test("so does a transaction", async () => {
  const empty = { fields: [], rows: [], command: "SELECT", rowCount: 0 };
  answer = { status: 200, body: JSON.stringify({ results: [empty, empty] }) };
  const [theirSent, ourSent] = await bothSend((client) =>
    client.transaction([client.query("select $1", ["a"]), client.query("select 2")]),
  );
  expect(ourSent).toEqual(theirSent);
});

test("an unfinished statement is not sent, and a transaction sends it once", async () => {
  sent.length = 0;
  ours(recording()).query("select 1");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(sent).toEqual([]);
});

describe("what comes back", () => {
  const COLUMNS = `true as yes, 7::int2 as small, 7::int4 as whole, 9007199254740993::int8 as big, 0.25::float8 as part,
    1.50::numeric as exact, 'ș'::text as words, 'x'::char(3) as padded, '{"a":[1,null]}'::jsonb as facts, '[1]'::json as list,
    null::int4 as nothing`;
  for (const options of [plain, { arrayMode: true, fullResults: true }, { arrayMode: false, fullResults: true }]) {
    test(`is read as Neon's driver reads it: ${JSON.stringify(options)}`, async () => {
      const statement = `select ${COLUMNS} from generate_series(1, 2)`;
      const [a, b] = (await Promise.all([
        theirs().query(statement, [], options),
        ours().query(statement, [], options),
      ])) as unknown as FullQueryResults<boolean>[];
      const rowsOf = (result: unknown) => (options.fullResults ? (result as { rows: unknown }).rows : result);
      expect(rowsOf(b)).toEqual(rowsOf(a));
      expect(b?.rowCount).toBe(a?.rowCount);
    });
  }

  test("a moment stays text, and what is not read here is refused by name", async () => {
    const moment = "select '2026-11-22T10:00:00.5Z'::timestamptz at time zone 'UTC' as at";
    expect(await ours().query(moment)).toEqual([{ at: "2026-11-22 10:00:00.5" }]);
    await expect(ours().query("select array['a'] as words")).rejects.toThrow("column words is of a type");
    expect(() => ours().query("select $1", [new Uint8Array(1)])).toThrow(NeonError);
  });

  test("values written are the values read", async () => {
    const written = [1, ["x", 'y"\\', null], { a: "ș" }];
    await ours().query("insert into thing values ($1, $2, $3)", written);
    expect(await ours().query("select id, to_jsonb(words) as words, facts from thing")).toEqual([
      { id: 1, words: written[1], facts: written[2] },
    ]);
  });
});

test("an error carries its SQLSTATE and constraint; a transaction is all or nothing", async () => {
  const sql = ours();
  const twice = [sql.query("insert into thing (id) values (9)"), sql.query("insert into thing (id) values (9)")];
  await expect(sql.transaction(twice)).rejects.toMatchObject({
    name: "NeonError",
    code: "23505",
    constraint: "thing_pkey",
  });
  expect(await sql.query("select id from thing where id = 9")).toEqual([]);
});

test("an answer that is none, or nobody there, is an error without the address", async () => {
  answer = { status: 503, body: "{}" };
  await expect(ours(recording()).query("select 1")).rejects.toThrow("the database answered HTTP 503");
  await expect(ours("127.0.0.1:1").query("select 1")).rejects.toThrow("the database could not be asked");
  for (const wrong of ["", "mysql://a:b@c/d", "postgresql://host/db", "postgresql://secret:secret@host"]) {
    expect(() => connectNeon(wrong)).toThrow(/^DATABASE_URL must be/);
  }
});

test("without a stand-in Neon's own address for the host is asked", async () => {
  const asked: string[] = [];
  const real = globalThis.fetch;
  globalThis.fetch = async (input) => {
    asked.push(String(input));
    return Response.json({ fields: [], rows: [], command: "SELECT", rowCount: 0 });
  };
  try {
    await connectNeon("postgresql://u:p@ep-x-123-pooler.eu-central-1.aws.neon.tech/db?sslmode=require").query(
      "select 1",
    );
  } finally {
    globalThis.fetch = real;
  }
  expect(asked).toEqual(["https://api.eu-central-1.aws.neon.tech/sql"]);
});
