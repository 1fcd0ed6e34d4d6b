// The lines of receipts: sums that never differ by a kopeck, the rates of prepayments, names that a register prints.

import { expect, test } from "vitest";
import type { Position } from "./contract.ts";
import {
  CHOOSABLE_METHODS,
  choosableVats,
  isInForce,
  isPrepayment,
  PAYMENT_OBJECTS,
  PLAIN_VATS,
  plainVat,
  VATS,
  vatFor,
} from "./law.ts";
import {
  deliveryPositions,
  type Remaining,
  receiptName,
  returnPositions,
  type SoldLine,
  salePositions,
  spread,
  sumOf,
} from "./positions.ts";

/** The same sequence of chances in every run. */
function chance(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

function exact(positions: readonly Position[]): void {
  for (const one of positions) {
    expect(one.priceMinor * one.quantityMilli).toBe(one.totalMinor * 1000);
    expect(one.totalMinor).toBeGreaterThan(0);
    expect(Number.isSafeInteger(one.priceMinor) && Number.isSafeInteger(one.quantityMilli)).toBe(true);
    expect([...one.name].length).toBeLessThanOrEqual(128);
    // As a JSON number it has at most two decimals.
    expect(JSON.stringify(one.totalMinor / 100)).toMatch(/^\d+(\.\d{1,2})?$/);
  }
}

const QUANTITIES = ["1", "2", "3", "7", "1.5", "0.333", "2.0001", "12", "0.1"];

function someLines(next: (most: number) => number): SoldLine[] {
  return Array.from({ length: 1 + next(6) }, (_, index) => {
    const quantity = QUANTITIES[next(QUANTITIES.length)] ?? "1";
    const unitMinor = BigInt(next(4) === 0 ? next(5) : 1 + next(200_000));
    const totalMinor = (BigInt(Math.round(Number(quantity) * 1000)) * unitMinor + 500n) / 1000n;
    return { name: `Line ${index}`, quantity, unitMinor, totalMinor };
  });
}

const left = (sales: readonly Position[], returned: readonly Position[], isDelivered: boolean): Remaining[] =>
  sales.map((position, index) => ({
    key: `rct:${index}`,
    position,
    leftMinor: position.totalMinor - sumOf(returned.filter(({ of }) => of === `rct:${index}`)),
    isDelivered,
  }));

test("[F11] over amounts, discounts, partial captures and refunds the difference between lines and money is zero", () => {
  const next = chance(54);
  let [sales, parts, returns] = [0, 0, 0];
  for (let round = 0; round < 4000; round++) {
    const lines = someLines(next);
    const owed = lines.reduce((sum, line) => sum + line.totalMinor, 0n);
    if (owed === 0n) continue;
    // The whole, a part of the hold, a discounted sum, a kopeck, or more than was owed.
    const amounts = [
      owed,
      1n + BigInt(next(Number(owed))),
      (owed * BigInt(50 + next(50))) / 100n,
      1n,
      owed + BigInt(1 + next(999)),
    ];
    const amount = amounts[next(amounts.length)] ?? owed;
    if (amount <= 0n) continue;
    const vat = PLAIN_VATS[next(PLAIN_VATS.length)] ?? "none";
    const method = CHOOSABLE_METHODS[next(2)] ?? "full_payment";
    const object = PAYMENT_OBJECTS[next(PAYMENT_OBJECTS.length)] ?? "service";
    const sale = salePositions(lines, amount, { vat, method, object }, "All of it");
    exact(sale);
    expect(sumOf(sale) - Number(amount)).toBe(0);
    sales++;
    if (amount < owed) parts++;
    for (const one of sale) expect(one.vat).toBe(vatFor(one.method, vat));
    // Given back in a few parts, some before and some after what it is for was handed over.
    const returned: Position[] = [];
    let isDelivered = false;
    while (sumOf(returned) < Number(amount)) {
      const rest = Number(amount) - sumOf(returned);
      const part = next(3) === 0 ? rest : 1 + next(rest);
      const back = returnPositions(left(sale, returned, isDelivered), BigInt(part));
      expect(back).not.toBeNull();
      exact(back ?? []);
      expect(sumOf(back ?? []) - part).toBe(0);
      returned.push(...(back ?? []));
      for (const one of left(sale, returned, isDelivered)) expect(one.leftMinor).toBeGreaterThanOrEqual(0);
      if (method === "full_prepayment" && !isDelivered && next(3) === 0) {
        const given = deliveryPositions(left(sale, returned, false));
        exact(given);
        const ahead = left(sale, returned, false).filter(({ position }) => position.method === "full_prepayment");
        expect(sumOf(given) - ahead.reduce((sum, one) => sum + one.leftMinor, 0)).toBe(0);
        isDelivered = given.length > 0;
      }
      returns++;
    }
    // Not a kopeck more than was sold goes back.
    expect(returnPositions(left(sale, returned, isDelivered), 1n)).toBeNull();
    sale.forEach((one, index) => {
      expect(sumOf(returned.filter(({ of }) => of === `rct:${index}`))).toBe(one.totalMinor);
    });
  }
  expect(Math.min(sales, parts, returns)).toBeGreaterThan(500);
});

test("sums that do not divide: 100.00 over three, a kopeck each, the largest, many lines", () => {
  const sign = { vat: "none", method: "full_payment", object: "service" } as const;
  const line = (quantity: string, unitMinor: bigint, totalMinor: bigint): SoldLine => ({
    name: "x",
    quantity,
    unitMinor,
    totalMinor,
  });
  const thirds = salePositions([line("3", 3333n, 10_000n)], 10_000n, sign, "x");
  expect(thirds.map(({ priceMinor, quantityMilli }) => [priceMinor, quantityMilli])).toEqual([
    [3333, 2000],
    [3334, 1000],
  ]);
  expect(salePositions([line("3", 1n, 3n)], 3n, sign, "x")).toMatchObject([{ priceMinor: 1, quantityMilli: 3000 }]);
  expect(salePositions([line("1", 9_999_999_999n, 9_999_999_999n)], 9_999_999_999n, sign, "x")).toMatchObject([
    { totalMinor: 9_999_999_999 },
  ]);
  const many = Array.from({ length: 250 }, () => line("1", 10n, 10n));
  expect(salePositions(many, 2_500n, sign, "All")).toMatchObject([{ name: "All", totalMinor: 2500 }]);
  expect(spread(10n, [0n, 0n])).toEqual([10n, 0n]);
});

test("a prepayment carries the calculated rate, what is handed over the plain one, and none and 0 % stay", () => {
  expect(PLAIN_VATS.map((vat) => vatFor("full_prepayment", vat))).toEqual([
    "none",
    "vat0",
    "vat105",
    "vat107",
    "vat110",
    "vat120",
    "vat122",
  ]);
  for (const vat of PLAIN_VATS) {
    expect(vatFor("full_payment", vat)).toBe(vat);
    expect(plainVat(vatFor("advance", vat))).toBe(vat);
  }
  expect(VATS).toHaveLength(12);
  expect([isPrepayment("advance"), isPrepayment("credit")]).toEqual([true, false]);
});

test("rates begin and end by Moscow's calendar", () => {
  const before = new Date("2025-12-31T20:59:59Z");
  const after = new Date("2025-12-31T21:00:00Z");
  expect([isInForce("vat20", before), isInForce("vat22", before)]).toEqual([true, false]);
  expect([isInForce("vat20", after), isInForce("vat22", after)]).toEqual([false, true]);
  expect(choosableVats(after)).toEqual(["none", "vat0", "vat5", "vat7", "vat10", "vat22"]);
});

test("a return after the new rate repeats the old one", () => {
  const sold: Position = {
    name: "x",
    priceMinor: 1000,
    quantityMilli: 1000,
    totalMinor: 1000,
    vat: "vat20",
    method: "full_payment",
    object: "goods",
  };
  expect(returnPositions([{ key: "r:0", position: sold, leftMinor: 1000, isDelivered: false }], 1000n)).toEqual([
    { ...sold, of: "r:0" },
  ]);
});

test("names are what every register prints", () => {
  const names: [string, string][] = [
    ["Курс «Основы» — 1…", 'Курс "Основы" - 1...'],
    ["Café ₽ 5 × 2", "Cafe руб. 5 x 2"],
    ["Ёлка № 5\nвторая   строка", "Ёлка № 5 вторая строка"],
    ["🎉🎉", "Оплата"],
    ["<script>alert(1)</script>", "<script>alert(1)</script>"],
    ["й и Ў", "й и Ў"],
  ];
  for (const [typed, printed] of names) expect(receiptName(typed)).toBe(printed);
  expect([...receiptName("я".repeat(129))]).toHaveLength(128);
});
