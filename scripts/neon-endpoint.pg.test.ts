// The local Neon endpoint answers the driver as Neon does: results, errors, transactions, prepared statements.
import { neon, neonConfig } from "@neondatabase/serverless";
import { beforeAll, expect, test } from "vitest";
import { freshDatabase, testStack } from "./test-support.ts";

let sql: ReturnType<typeof neon>;

beforeAll(async () => {
  neonConfig.fetchEndpoint = () => `http://${testStack().neonHost}/sql`;
  sql = neon(await freshDatabase());
  await sql`create table thing (id int primary key, facts jsonb, bytes bytea, words text[])`;
});

test("values keep their types both ways", async () => {
  const rows = await sql`insert into thing values (${1}, ${{ a: 1 }}, ${Buffer.from("hi")}, ${["x", "y"]}) returning *`;
  expect(rows).toEqual([{ id: 1, facts: { a: 1 }, bytes: Buffer.from("hi"), words: ["x", "y"] }]);
});

test("an error carries its SQLSTATE and constraint", async () => {
  await sql`insert into thing (id) values (10)`;
  await expect(sql`insert into thing (id) values (10)`).rejects.toMatchObject({
    name: "NeonDbError",
    code: "23505",
    constraint: "thing_pkey",
  });
});

test("a batch is one transaction: all of it or nothing", async () => {
  await expect(
    sql.transaction([sql`insert into thing (id) values (20)`, sql`insert into thing (id) values (20)`]),
  ).rejects.toMatchObject({ code: "23505" });
  expect(await sql`select id from thing where id = 20`).toEqual([]);
});

test("isolation and read-only reach the database", async () => {
  const level = sql`select current_setting('transaction_isolation') as level`;
  const [rows] = await sql.transaction([level], { isolationLevel: "Serializable", readOnly: true });
  expect(rows).toEqual([{ level: "serializable" }]);
  await expect(sql.transaction([sql`insert into thing (id) values (30)`], { readOnly: true })).rejects.toMatchObject({
    code: "25006",
  });
});

test("a prepared statement survives a change of its table", async () => {
  for (let i = 0; i < 3; i += 1) await sql`select * from thing where id = ${1}`;
  await sql`alter table thing add column later int`;
  const [row] = (await sql`select * from thing where id = ${1}`) as Record<string, unknown>[];
  expect(row).toHaveProperty("later");
});
