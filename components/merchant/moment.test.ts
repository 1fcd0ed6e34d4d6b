// Days and their ends in the merchant's zone, over clock changes too.
import { describe, expect, it } from "vitest";
import { dayOf, endOfDay, formatMoment } from "./moment.ts";

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
