// Borders of days, months, years and summer time, where the merchant lives by Europe/Bucharest and we count in UTC.

import { describe, expect, test } from "vitest";
import { dayIn } from "./payments/days.ts";
import { observe } from "./payments/observe.ts";
import { scheduleLook } from "./payments/schedule-look.ts";
import { refusalOf } from "./payments/start-steps.ts";
import { Step } from "./payments/step.ts";
import { makeV1World, v1Request } from "./processors/netopia/testing.ts";
import { processorOf } from "./processors/registry.ts";
import { AMOUNT, attempt, context, story } from "./testing/histories.ts";

const at = (text: string) => new Date(text);
const justBefore = (date: Date) => new Date(date.getTime() - 1);

// Midnight in Bucharest as UTC has it: two hours ahead in winter, three in summer.
const MIDNIGHTS: [string, string, string, string][] = [
  ["a day in winter", "2026-11-21T22:00:00Z", "2026-11-21", "2026-11-22"],
  ["a day in summer", "2026-07-14T21:00:00Z", "2026-07-14", "2026-07-15"],
  ["a month", "2026-08-31T21:00:00Z", "2026-08-31", "2026-09-01"],
  ["a year", "2026-12-31T22:00:00Z", "2026-12-31", "2027-01-01"],
  ["February in a common year", "2027-02-28T22:00:00Z", "2027-02-28", "2027-03-01"],
  ["February in a leap year", "2028-02-28T22:00:00Z", "2028-02-28", "2028-02-29"],
  ["the leap day", "2028-02-29T22:00:00Z", "2028-02-29", "2028-03-01"],
  ["into the day that summer time begins", "2027-03-27T22:00:00Z", "2027-03-27", "2027-03-28"],
  ["out of the day that summer time begins", "2027-03-28T21:00:00Z", "2027-03-28", "2027-03-29"],
  ["into the day that summer time ends", "2026-10-24T21:00:00Z", "2026-10-24", "2026-10-25"],
  ["out of the day that summer time ends", "2026-10-25T22:00:00Z", "2026-10-25", "2026-10-26"],
];

describe("the day of a document", () => {
  test.each(MIDNIGHTS)("border of %s", (_what, midnight, before, after) => {
    expect(dayIn("Europe/Bucharest", justBefore(at(midnight)))).toBe(before);
    expect(dayIn("Europe/Bucharest", at(midnight))).toBe(after);
  });

  test.each(MIDNIGHTS)("a fiscal invoice made by a payment: border of %s", (_what, midnight, before, after) => {
    const issuedAt = (now: Date) => {
      const step = new Step(story({ fiscalFromProforma: true }), { ...context(0), now });
      const [its = attempt("none")] = step.story.attempts;
      observe(step, its, { kind: "captured", money: { minor: AMOUNT, currency: "RON" } }, { way: "query", key: "1" });
      return step.changes.flatMap((c) => (c.kind === "fiscal_invoice" ? [c.issue.invoice.issuedOn] : []));
    };
    expect(issuedAt(justBefore(at(midnight)))).toEqual([before]);
    expect(issuedAt(at(midnight))).toEqual([after]);
  });

  test("other zones have other days, and one without summer time keeps its midnight", () => {
    const moment = at("2026-12-31T23:30:00Z");
    expect(dayIn("UTC", moment)).toBe("2026-12-31");
    expect(dayIn("Europe/Kyiv", moment)).toBe("2027-01-01");
    expect(dayIn("America/New_York", moment)).toBe("2026-12-31");
    expect(dayIn("Asia/Almaty", at("2026-06-30T19:00:00Z"))).toBe("2026-07-01");
    expect(dayIn("Asia/Almaty", at("2026-12-31T19:00:00Z"))).toBe("2027-01-01");
  });
});

describe("expiry and due dates are instants", () => {
  // The end of a month, of a year, and the hours that summer time takes and gives.
  const BORDERS = ["2026-11-30T22:00:00Z", "2026-12-31T22:00:00Z", "2027-03-28T01:00:00Z", "2026-10-25T01:00:00Z"];

  test.each(BORDERS)("an invoice that expires at %s takes a payment until then, and none from then on", (border) => {
    const owed = story({});
    owed.invoice.expiresAt = at(border);
    expect(refusalOf(owed, justBefore(at(border)))).toBeNull();
    expect(refusalOf(owed, at(border))).toBe("invoice_expired");
  });

  test.each(BORDERS)("an attempt that cannot be asked about is due at its end, %s, not before", (border) => {
    const step = new Step(story({}), {
      ...context(0),
      now: new Date(at(border).getTime() - 60_000),
      abilitiesOf: () => ({ canQuery: false, shortestLookSeconds: 0, canRefund: false }),
    });
    expect(scheduleLook(step, { ...attempt("att_a"), state: "awaiting_payer", expiresAt: at(border) })).toEqual(
      at(border),
    );
  });

  test.each(BORDERS)("what a person must look at is due whole days later in hours, also over %s", (border) => {
    const now = justBefore(at(border));
    const step = new Step(story({}), { ...context(0), now });
    step.attention("paid_late", {}, { days: 2 });
    const due = step.changes.flatMap((c) => (c.kind === "attention" ? [c.row.dueAt] : []));
    expect(due).toEqual([new Date(now.getTime() + 48 * 3_600_000)]);
  });

  test("money that came at the instant of expiry is late, a moment before it is not", () => {
    const border = at("2026-12-31T22:00:00Z");
    const attentionAt = (occurredAt: Date) => {
      const owed = story({});
      owed.invoice.expiresAt = border;
      const step = new Step(owed, { ...context(0), now: at("2026-12-31T22:05:00Z") });
      const [its = attempt("none")] = step.story.attempts;
      observe(
        step,
        its,
        { kind: "captured", money: { minor: AMOUNT, currency: "RON" }, occurredAt },
        { way: "notification", key: "1" },
      );
      return step.changes.flatMap((c) => (c.kind === "attention" ? [c.row.kind] : []));
    };
    expect(attentionAt(justBefore(border))).toEqual([]);
    expect(attentionAt(border)).toEqual(["paid_late"]);
  });
});

describe("NETOPIA v1 stamps Romanian local time without a zone", () => {
  const world = makeV1World();
  const occurredAt = async (timestamp: string) => {
    const read = await processorOf("netopia")?.readNotification(v1Request({ timestamp }, world.merchant), {
      credentials: world.credentials,
      environment: "test",
      now: at("2026-11-21T12:15:00Z"),
      platformKeys: [],
    });
    return read?.observations[0]?.occurredAt?.toISOString();
  };

  test.each([
    ["winter", "20261121141712", "2026-11-21T12:17:12.000Z"],
    ["summer", "20260721141640", "2026-07-21T11:16:40.000Z"],
    ["a year begins", "20270101000000", "2026-12-31T22:00:00.000Z"],
    ["a year ends", "20261231235959", "2026-12-31T21:59:59.000Z"],
    ["the leap day ends", "20280229235959", "2028-02-29T21:59:59.000Z"],
    // Spring 2027: 03:00 becomes 04:00 on 28 March.
    ["the last second of winter", "20270328025959", "2027-03-28T00:59:59.000Z"],
    ["the first second of summer", "20270328040000", "2027-03-28T01:00:00.000Z"],
    // Autumn 2026: 04:00 becomes 03:00 on 25 October, so 03:30 comes twice and counts as summer's.
    ["the last hour that is only summer's", "20261025025959", "2026-10-24T23:59:59.000Z"],
    ["the doubled hour", "20261025033000", "2026-10-25T00:30:00.000Z"],
    ["the first hour that is only winter's", "20261025040000", "2026-10-25T02:00:00.000Z"],
  ])("%s", async (_what, stamp, wanted) => {
    expect(await occurredAt(stamp)).toBe(wanted);
  });

  test("an hour that does not exist is read as some moment of that night; a day that does not exist as none", async () => {
    const skipped = await occurredAt("20270328033000");
    expect(["2027-03-28T00:30:00.000Z", "2027-03-28T01:30:00.000Z"]).toContain(skipped);
    expect(await occurredAt("20270230120000")).toBeUndefined();
    expect(await occurredAt("20261121246000")).toBeUndefined();
  });

  test("stamps that follow each other over either border stay in order", async () => {
    for (const stamps of [
      ["20270328025958", "20270328025959", "20270328040000", "20270328040001"],
      ["20261025025959", "20261025030000", "20261025040000"],
      ["20261231235959", "20270101000000"],
    ]) {
      const moments = await Promise.all(stamps.map(occurredAt));
      expect([...moments].sort()).toEqual(moments);
    }
  });
});
