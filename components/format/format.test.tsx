// Sums, days, moments and references as people read them.

import { describe, expect, it } from "vitest";
import { formatDay, formatMoment } from "./dates.ts";
import { formatMoney, formatNumber } from "./money.ts";
import { groupReference } from "./references.ts";

const plain = (text: string) => text.replace(/\u00a0|\u202f/g, " ");

describe("money", () => {
  it.each([
    [{ minor: 24990, currency: "RON" }, "ro", "249,90 lei"],
    [{ minor: 24990, currency: "RON" }, "en", "RON 249.90"],
    [{ minor: 5, currency: "EUR" }, "ro", "0,05 EUR"],
    [{ minor: -123456, currency: "EUR" }, "en", "-€1,234.56"],
    [{ minor: 1500, currency: "JPY" }, "en", "JP¥1,500"],
    [{ minor: 1234, currency: "KWD" }, "en", "KWD 1.234"],
    [{ minor: 123456780, currency: "RUB" }, "ru", "1 234 567,80 ₽"],
    [{ minor: 24990, currency: "UAH" }, "uk", "249,90 ₴"],
    [{ minor: 24990, currency: "RON" }, "uk", "249,90 RON"],
    [{ minor: 1234567, currency: "EUR" }, "it", "12.345,67 €"],
    // More than a binary fraction holds exactly.
    [{ minor: 9007199254740991, currency: "RON" }, "ro", "90.071.992.547.409,91 lei"],
  ])("%o in %s is %s", (money, locale, text) => {
    expect(plain(formatMoney(money, locale))).toBe(text);
  });

  it("counts in the language's own way", () => {
    expect(formatNumber(1.5, "ro")).toBe("1,5");
    expect(formatNumber(1234.125, "en")).toBe("1,234.125");
  });
});

describe("dates", () => {
  it("a day is the same everywhere", () => {
    expect(formatDay("2026-11-21", "ro")).toBe("21 noiembrie 2026");
    expect(formatDay("2026-11-21", "en")).toBe("21 November 2026");
    expect(plain(formatDay("2026-11-21", "ru"))).toBe("21 ноября 2026 г.");
    expect(plain(formatDay("2026-11-21", "uk"))).toBe("21 листопада 2026 р.");
    expect(formatDay("2026-11-21", "it")).toBe("21 novembre 2026");
  });

  it("a moment is in the zone asked for, which is named", () => {
    expect(formatMoment("2026-11-21T22:30:00Z", "ro", "Europe/Bucharest")).toBe("22 nov. 2026, 00:30 (EET)");
    expect(formatMoment("2026-07-01T12:00:00Z", "en", "Europe/Bucharest")).toBe("1 Jul 2026, 15:00 (EEST)");
    expect(plain(formatMoment("2026-11-21T13:15:00Z", "ru", "Europe/Moscow"))).toBe("21 нояб. 2026 г., 16:15 (GMT+3)");
    expect(plain(formatMoment("2026-11-21T13:15:00Z", "uk", "Europe/Kyiv"))).toBe("21 лист. 2026 р., 15:15 (GMT+2)");
    expect(formatMoment("2026-11-21T13:15:00Z", "it", "Europe/Rome")).toBe("21 nov 2026, 14:15 (CET)");
  });
});

describe("a reference", () => {
  it("is cut into groups that make the whole again", () => {
    const id = "att_01KAF2M1Q7X4Z9";
    expect(groupReference(id).join("")).toBe(id);
    expect(groupReference(id)).toEqual(["att_", "01KA", "F2M1", "Q7X4", "Z9"]);
    expect(groupReference("abcdef")).toEqual(["abcd", "ef"]);
  });
});
