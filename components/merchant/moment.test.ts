// Days and their ends in the merchant's zone, over clock changes too.
import { describe, expect, it } from "vitest";
import { dayOf, endOfDay, formatMoment, fromLocalField, toLocalField } from "./moment.ts";

describe("the end of a day in a zone", () => {
  it.each([
    ["2026-11-21", "Europe/Bucharest", "2026-11-21T21:59:59.000Z"],
    ["2026-07-01", "Europe/Bucharest", "2026-07-01T20:59:59.000Z"],
    ["2026-10-25", "Europe/Bucharest", "2026-10-25T21:59:59.000Z"],
    ["2026-03-29", "Europe/Bucharest", "2026-03-29T20:59:59.000Z"],
    ["2026-11-21", "UTC", "2026-11-21T23:59:59.000Z"],
  ])("%s in %s", (day, zone, moment) => {
    expect(endOfDay(day, zone)).toBe(moment);
    expect(dayOf(moment, zone)).toBe(day);
  });
});

it("a moment names its zone", () => {
  expect(formatMoment("2026-11-21T14:15:08.000Z", "ro", "Europe/Bucharest")).toMatch(/16:15:08.*(EET|GMT\+2)/);
});

describe("a date and time typed in a zone", () => {
  it.each([
    ["2026-11-21T16:15", "Europe/Bucharest", "2026-11-21T14:15:00.000Z"],
    ["2026-07-01T00:30", "Europe/Bucharest", "2026-06-30T21:30:00.000Z"],
    ["2026-10-25T05:00", "Europe/Bucharest", "2026-10-25T03:00:00.000Z"],
    ["2026-11-21T16:15", "UTC", "2026-11-21T16:15:00.000Z"],
  ])("%s in %s", (local, zone, moment) => {
    expect(fromLocalField(local, zone)).toBe(moment);
    expect(toLocalField(moment, zone)).toBe(local);
  });

  it("is nothing where it is no time", () => {
    expect(fromLocalField("", "UTC")).toBeNull();
    expect(fromLocalField("yesterday", "UTC")).toBeNull();
  });

  it("keeps the minute of a moment with milliseconds", () => {
    expect(toLocalField("2026-11-21T14:15:59.999Z", "Europe/Bucharest")).toBe("2026-11-21T16:15");
  });
});
