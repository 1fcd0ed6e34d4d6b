import { expect, test } from "vitest";
import { fromJsonRow, jsonText, toJsonRow } from "./json-rows.ts";
import { payments } from "./schema/index.ts";

test("a row goes to the database's functions and comes back the same", () => {
  const at = new Date("2026-11-21T10:20:30.123Z");
  const row = { id: "pay_1", amountMinor: -9007199254740993n, isKept: true, occurredAt: at, reference: null };
  const json = JSON.parse(jsonText(toJsonRow(payments, row)));
  expect(json).toEqual({
    id: "pay_1",
    amount_minor: "-9007199254740993",
    is_kept: true,
    occurred_at: "2026-11-21T10:20:30.123Z",
    reference: null,
  });
  expect(fromJsonRow(payments, json)).toMatchObject(row);
});

test("characters that PostgreSQL refuses are replaced, all others stay", () => {
  expect(JSON.parse(jsonText({ a: "x\0y", b: ["\ud800", "ș😀", "\\u0000 as text"] }))).toEqual({
    a: "x\uFFFDy",
    b: ["\uFFFD", "ș😀", "\\u0000 as text"],
  });
});
