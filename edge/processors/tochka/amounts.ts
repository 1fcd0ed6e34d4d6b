// Sums in the three forms of this bank: roubles as a number, kopecks, roubles as text (tochka-sbp.md 1, 2.2, 8.4). Exact or refused.

import { fromDecimalText, type Money, toDecimalText } from "../../money.ts";

/** Roubles as a JSON number with at most two decimals, which is what a double of this size prints. */
export function roubles(money: Money): number {
  const text = toDecimalText(money);
  const value = Number(text);
  if (fromDecimalText(String(value), money.currency)?.minor !== money.minor) throw new RangeError("not exact");
  return value;
}

/** Kopecks as a JSON integer. */
export function kopecks(money: Money): number {
  if (money.minor > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError("not exact");
  return Number(money.minor);
}

/** Reads roubles, a number or text of one or two decimals; null when it is no exact sum. */
export function readRoubles(value: unknown): Money | null {
  if (typeof value !== "number" && typeof value !== "string") return null;
  return fromDecimalText(String(value), "RUB");
}

/** Reads kopecks, an integer or its text; null when it is none. */
export function readKopecks(value: unknown): Money | null {
  if ((typeof value !== "number" && typeof value !== "string") || !/^\d{1,15}$/.test(String(value))) return null;
  return { minor: BigInt(value), currency: "RUB" };
}
