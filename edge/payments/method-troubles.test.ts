// When a way to pay counts as failing for many people, when that is over, and what it does to the order.

import { expect, test } from "vitest";
import { adviseOrder, findTroubles, type RecentTry, type Trouble } from "./method-troubles.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 10, minute));
/** F failed, g good; a minute apart. */
const tries = (outcomes: string, change: Partial<RecentTry> = {}): RecentTry[] =>
  [...outcomes].map((outcome, minute) => ({
    processor: "netopia",
    method: "card",
    isTest: false,
    connectionId: "con_A",
    isFailure: outcome === "F",
    at: at(minute),
    ...change,
  }));
const at2 = (connectionId: string) => ({ connectionId });

test("few failures, or few tries, are no trouble", () => {
  expect(findTroubles([])).toEqual([]);
  expect(findTroubles(tries("FFFF"))).toEqual([]);
  expect(findTroubles(tries("FgFgg"))).toEqual([]);
});

test("failures at one connection are that connection's trouble", () => {
  expect(findTroubles([...tries("gFFFF"), ...tries("ggggg", at2("con_B"))])).toEqual([
    { processor: "netopia", method: "card", isTest: false, connectionId: "con_A", since: at(1), tries: 5, failures: 4 },
  ]);
});

test("failures at several connections are everybody's trouble; another method of the processor is none", () => {
  const all = ["con_A", "con_B", "con_C"].flatMap((id) => tries("FF", at2(id)));
  expect(findTroubles([...all, ...tries("ggggg", { method: "sbp" })])).toMatchObject([
    { method: "card", connectionId: "", tries: 6, failures: 6 },
  ]);
  expect(findTroubles(["con_A", "con_B"].flatMap((id) => tries("FFF", at2(id))))).toEqual([]);
});

test("three good ones in a row, and it is over", () => {
  expect(findTroubles(tries("FFFFFFgg"))).toHaveLength(1);
  expect(findTroubles(tries("FFFFFFggg"))).toEqual([]);
});

test("test payments do not speak of live ones", () => {
  expect(findTroubles([...tries("FFF"), ...tries("FFF", { isTest: true })])).toEqual([]);
});

const choice = (id: string, method: string, processor = "netopia") => ({ connection: { id, processor }, method });
const names = (choices: ReturnType<typeof choice>[]) => choices.map((c) => `${c.connection.id}:${c.method}`);
const offered = [choice("con_A", "card"), choice("con_T", "sbp", "tochka"), choice("con_T", "card", "tochka")];
const trouble = (change: Partial<Trouble> = {}): Trouble => ({
  processor: "netopia",
  method: "card",
  isTest: false,
  connectionId: "",
  since: at(0),
  tries: 5,
  failures: 5,
  ...change,
});

test("what is in trouble is offered last, and first again when it is over", () => {
  expect(names(adviseOrder(offered, [trouble()]))).toEqual(["con_T:sbp", "con_T:card", "con_A:card"]);
  expect(names(adviseOrder(offered, [trouble({ connectionId: "con_X" })]))).toEqual(names(offered));
  expect(names(adviseOrder(offered, []))).toEqual(names(offered));
});

test("after a decline that cannot be mended there, the next best way comes first", () => {
  const declined = (declineReason: "do_not_honor" | "insufficient_funds") => ({
    connectionId: "con_A",
    method: "card",
    declineReason,
  });
  expect(names(adviseOrder(offered, [], declined("do_not_honor")))[0]).toBe("con_T:sbp");
  expect(names(adviseOrder(offered, [], declined("insufficient_funds")))).toEqual(names(offered));
});
