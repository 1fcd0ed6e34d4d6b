// What people type as sums and numbers, in either country's way.
import { describe, expect, it } from "vitest";
import { readMinor, readNumber, toField } from "./amount.ts";

describe("a sum as typed", () => {
  it.each([
    ["249,90", 24990],
    ["249.90", 24990],
    ["1.249,90", 124990],
    ["1,249.90", 124990],
    ["1 249,9", 124990],
    ["300", 30000],
    ["0,01", 1],
    ["1.250.000", 125000000],
  ])("reads %s", (typed, minor) => expect(readMinor(typed, "RON")).toBe(minor));

  it.each(["", "1.250", "abc", "-5", "12,345", "1e3", "5 lei"])("refuses %j", (typed) =>
    expect(readMinor(typed, "RON")).toBeNull(),
  );

  it("knows currencies without decimals", () => {
    expect(readMinor("500", "JPY")).toBe(500);
    expect(readMinor("500,5", "JPY")).toBeNull();
  });

  it("is shown in a field as it would be typed", () => {
    expect(toField(124990, "RON", "ro")).toBe("1249,90");
    expect(readMinor(toField(124990, "RON", "ro"), "RON")).toBe(124990);
    expect(readMinor(toField(124990, "RON", "en"), "RON")).toBe(124990);
  });

  it("reads quantities in thousandths", () => expect(readNumber("1,5")).toBe(1.5));
});
