// Money converts exactly or not at all.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exponentOf, fromDecimalText, isCurrency, type Money, sameMoney, toDecimalText } from "./money.ts";

const minor = fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n });
const currency = fc.constantFrom("RON", "EUR", "JPY", "KWD", "CLF", "MDL", "RUB", "UAH");

describe("money", () => {
  it.each([
    ["24990", "RON", "249.90"],
    ["5", "RON", "0.05"],
    ["-5", "RON", "-0.05"],
    ["0", "RON", "0.00"],
    ["500", "JPY", "500"],
    ["1", "KWD", "0.001"],
    ["12345", "CLF", "1.2345"],
  ])("writes %s minor %s as %s", (units, code, text) => {
    expect(toDecimalText({ minor: BigInt(units), currency: code })).toBe(text);
  });

  it.each([
    ["50", "RON", 5000n],
    ["41.07", "RON", 4107n],
    ["375.00", "RON", 37500n],
    ["375.0000", "RON", 37500n],
    [" 1.5 ", "RON", 150n],
    ["1.500", "KWD", 1500n],
    ["7.0", "JPY", 7n],
    ["-0.01", "EUR", -1n],
  ])("reads %s %s", (text, code, expected) => {
    expect(fromDecimalText(text, code)).toEqual({ minor: expected, currency: code });
  });

  it.each(["", ".", "1.", ".5", "1,5", "1 000", "1e3", "0x1", "+1", "--1", "1.005", "NaN", "1234567890123456", "١"])(
    "refuses %j instead of guessing or rounding",
    (text) => {
      expect(fromDecimalText(text, "RON")).toBeNull();
    },
  );

  it("refuses a fraction of a currency that has none, and what is no currency", () => {
    expect(fromDecimalText("1.5", "JPY")).toBeNull();
    for (const code of ["", "ron", "XXX", "RON ", "toString"]) {
      expect(isCurrency(code)).toBe(false);
      expect(fromDecimalText("1", code)).toBeNull();
      expect(() => exponentOf(code)).toThrow(RangeError);
    }
  });

  it("comes back from text as it went", () => {
    fc.assert(
      fc.property(minor, currency, (units, code) => {
        const money: Money = { minor: units, currency: code };
        const back = fromDecimalText(toDecimalText(money), code);
        return back !== null && sameMoney(back, money);
      }),
    );
  });

  it("is the same only in sum and currency", () => {
    expect(sameMoney({ minor: 1n, currency: "RON" }, { minor: 1n, currency: "EUR" })).toBe(false);
    expect(sameMoney({ minor: 1n, currency: "RON" }, { minor: 2n, currency: "RON" })).toBe(false);
  });
});
