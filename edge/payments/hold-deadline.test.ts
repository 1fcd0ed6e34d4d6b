// When a hold ends and when a person is told: at borders of a day, a month, a year and of both clock changes, to the second.

import { describe, expect, test } from "vitest";
import { attempt, context, story } from "../testing/histories.ts";
import { raiseHoldAlarm } from "./hold-alarms.ts";
import { firstHoldAlarm, holdAlarmNow, holdDeadline, holdOf, nextHoldAlarm } from "./hold-deadline.ts";
import { observe } from "./observe.ts";
import { Step, type StepContext } from "./step.ts";

const at = (iso: string) => new Date(iso);
const WEEK = 7 * 24 * 3600;
const ends = (authorizedAt: string) => holdDeadline({ authorizedAt: at(authorizedAt), holdSeconds: WEEK });

describe("the end of a hold", () => {
  test.each([
    ["a day", "2026-11-21T23:59:59Z", "2026-11-28T23:59:59Z"],
    ["a month", "2026-11-27T22:00:00Z", "2026-12-04T22:00:00Z"],
    ["February", "2027-02-25T12:00:00Z", "2027-03-04T12:00:00Z"],
    ["a leap year's February", "2028-02-25T12:00:00Z", "2028-03-03T12:00:00Z"],
    ["a year", "2026-12-28T22:30:00Z", "2027-01-04T22:30:00Z"],
    // Bucharest: 12:00 EET, a week later 13:00 EEST on the wall; the hold is a week of real seconds all the same.
    ["spring's clock change", "2027-03-25T10:00:00Z", "2027-04-01T10:00:00Z"],
    ["autumn's clock change", "2026-10-22T09:00:00Z", "2026-10-29T09:00:00Z"],
  ])("over the border of %s is the processor's usual time later, estimated", (_, from, to) => {
    expect(ends(from)).toEqual({ until: at(to), isEstimated: true });
  });

  test("what the processor told counts before any reckoning; without either nobody can say", () => {
    const told = at("2026-12-01T00:00:00Z");
    expect(holdDeadline({ told, authorizedAt: at("2026-11-21T12:00:00Z"), holdSeconds: WEEK })).toEqual({
      until: told,
      isEstimated: false,
    });
    expect(holdDeadline({ authorizedAt: at("2026-11-21T12:00:00Z") })).toBeNull();
  });

  test("is shown only while money is held", () => {
    const holdUntil = at("2026-12-01T00:00:00Z");
    const shown = { until: holdUntil, isEstimated: true };
    expect(holdOf({ state: "authorized", holdUntil, isHoldEstimated: true })).toEqual(shown);
    for (const state of ["captured", "voided", "awaiting_payer"])
      expect(holdOf({ state, holdUntil, isHoldEstimated: true })).toBeNull();
    expect(holdOf({ state: "authorized", holdUntil: null, isHoldEstimated: null })).toBeNull();
  });
});

describe("alarms", () => {
  const until = at("2027-03-29T10:00:00Z"); // the clocks change in between
  test.each([
    ["2027-03-27T09:59:59Z", null, "2027-03-27T10:00:00Z"],
    ["2027-03-27T10:00:00Z", 48, "2027-03-28T10:00:00Z"],
    ["2027-03-28T09:59:59Z", 48, "2027-03-28T10:00:00Z"],
    ["2027-03-28T10:00:00Z", 24, null],
    ["2027-03-29T09:59:59Z", 24, null],
    ["2027-03-29T10:00:00Z", null, null],
  ])("at %s: now %s, next %s", (now, hours, next) => {
    expect(holdAlarmNow(until, at(now))).toBe(hours);
    expect(nextHoldAlarm(until, at(now))).toEqual(next === null ? null : at(next));
  });

  test("a hold shorter than the first border is told of at once", () => {
    expect(firstHoldAlarm(until, at("2027-03-28T20:00:00Z"))).toEqual(at("2027-03-28T20:00:00Z"));
    expect(firstHoldAlarm(until, at("2027-03-20T20:00:00Z"))).toEqual(at("2027-03-27T10:00:00Z"));
    expect(firstHoldAlarm(until, at("2027-03-29T10:00:00Z"))).toBeNull();
  });
});

describe("an attempt", () => {
  const HELD = at("2026-11-21T12:00:00Z");
  const by = (now: Date): StepContext => ({
    ...context(0, { canRefund: true }),
    now,
    abilitiesOf: () => ({ canQuery: true, shortestLookSeconds: 5, canRefund: true, holdSeconds: WEEK }),
  });
  const hours = (n: number) => new Date(HELD.getTime() + WEEK * 1000 - n * 3_600_000);
  function held() {
    const step = new Step({ ...story({}), attempts: [{ ...attempt("att_a"), captureMode: "manual" }] }, by(HELD));
    const [its] = step.story.attempts;
    if (!its) throw new Error("no attempt");
    observe(step, its, { kind: "authorized", money: { minor: 10_000n, currency: "RON" } }, { way: "query", key: "" });
    return step.story;
  }
  const raisedAt = (of: ReturnType<typeof held>, now: Date) => {
    const step = new Step(of, by(now));
    for (const its of of.attempts) raiseHoldAlarm(step, its);
    return step.changes.flatMap((change) => (change.kind === "attention" ? [change.row.kind] : []));
  };

  test("is told of two days and one day before its hold ends, once each", () => {
    const of = held();
    expect(of.attempts[0]).toMatchObject({ holdUntil: hours(0), isHoldEstimated: true, holdAlarmAt: hours(48) });
    expect(raisedAt(of, hours(49))).toEqual([]);
    expect(raisedAt(of, hours(48))).toEqual(["hold_ends_48h"]);
    expect(raisedAt(of, hours(47))).toEqual([]);
    expect(raisedAt(of, hours(24))).toEqual(["hold_ends_24h"]);
    expect(raisedAt(of, hours(1))).toEqual([]);
    expect(raisedAt(of, hours(-1))).toEqual([]);
  });

  test("is told of once when the first border was slept through", () => {
    const of = held();
    expect(raisedAt(of, hours(5))).toEqual(["hold_ends_24h"]);
    expect(raisedAt(of, hours(4))).toEqual([]);
  });

  test("whose money was taken is told of no more", () => {
    const of = held();
    const step = new Step(of, by(hours(50)));
    const [its] = of.attempts;
    if (!its) throw new Error("no attempt");
    observe(step, its, { kind: "captured", money: { minor: 10_000n, currency: "RON" } }, { way: "command", key: "" });
    expect(its.holdAlarmAt).toBeNull();
    expect(raisedAt(of, hours(24))).toEqual([]);
  });

  test("takes the end that the processor tells later for the one that was reckoned", () => {
    const of = held();
    const [its] = of.attempts;
    if (!its) throw new Error("no attempt");
    const told = at("2026-11-25T00:00:00Z");
    observe(new Step(of, by(HELD)), its, { kind: "authorized", holdUntil: told }, { way: "notification", key: "2" });
    expect(its).toMatchObject({ holdUntil: told, isHoldEstimated: false, holdAlarmAt: at("2026-11-23T00:00:00Z") });
  });
});
