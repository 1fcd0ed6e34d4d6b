// The words and receipt lines of an attempt.

import { expect, test } from "vitest";
import { describePayment } from "./describe-payment.ts";
import type { Story } from "./story.ts";

const NOW = new Date("2026-12-31T22:30:00Z");
const names = { shop: "Şcoala", merchant: "Demo SRL" };
const line = (description: string, amountMinor: bigint, quantityMilli = 1000) =>
  ({ description, amountMinor, quantityMilli, unitPriceMinor: amountMinor }) as Story["lines"][number];
const story = (change: Partial<Story["invoice"]> = {}, lines = [line("курс", 100_000n)]) =>
  ({
    invoice: {
      payerName: "Мария Петрова",
      beneficiaryName: "Иван Петров",
      label: "PF-000012",
      currency: "RUB",
      locale: "ru",
      amountMinor: lines.reduce((sum, one) => sum + one.amountMinor, 0n),
      ...change,
    },
    lines,
    settings: { timeZone: "Europe/Bucharest" },
  }) as Story;

test("[M09] an empty template means payer, service and client; a missing part leaves no double space", () => {
  expect(describePayment(story(), null, 100_000n, names, NOW).description).toBe("Мария Петрова курс Иван Петров");
  const alone = story({ beneficiaryName: null });
  expect(describePayment(alone, "", 100_000n, names, NOW).description).toBe("Мария Петрова курс");
  expect(describePayment(story({ payerName: "" }), null, 100_000n, names, NOW).description).toBe("курс Иван Петров");
});

test("every line of the invoice is a line of the receipt, named by the template, and the totals add up", () => {
  const two = story({}, [line("курс", 100_000n, 2000), line("учебник", 25_050n)]);
  const { lines, description } = describePayment(two, "{service} для {beneficiary}, {invoice}", 125_050n, names, NOW);
  expect(description).toBe("курс, учебник для Иван Петров, PF-000012");
  expect(lines.map((one) => [one.name, one.quantity, one.total.minor])).toEqual([
    ["курс для Иван Петров, PF-000012", "2", 100_000n],
    ["учебник для Иван Петров, PF-000012", "1", 25_050n],
  ]);
});

test("a part of the invoice is one line, so that the receipt's sum is what is paid", () => {
  const { lines } = describePayment(story(), "{service}", 40_000n, names, NOW);
  expect(lines).toEqual([
    {
      name: "курс",
      quantity: "1",
      unit: { minor: 40_000n, currency: "RUB" },
      total: { minor: 40_000n, currency: "RUB" },
    },
  ]);
});

test("the date is the merchant's, the sum is written as the invoice's language does", () => {
  const { description } = describePayment(story(), "{date} {amount} {shop}", 100_000n, names, NOW);
  expect(description.replace(/\s/g, " ")).toBe("2027-01-01 1 000,00 ₽ Şcoala");
});
