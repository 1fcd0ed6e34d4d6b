// Values as the CRM writes them: sums in major units as numbers, times without a zone in the account's own (retailcrm.md 1).

import { exponentOf, fromDecimalText, isCurrency, type Money, toDecimalText } from "../../money.ts";

/** A sum as a number in major units: 24990 of UAH is 249.9. */
export function crmNumber(minor: bigint, currency: string): number {
  return Number(toDecimalText({ minor, currency }));
}

/**
 * Reads a sum. Numbers of JSON are binary: 0.1 + 0.2 is meant as 0.30, so what lies within a millionth of the currency's
 * smallest unit counts as that unit; anything else that would have to be rounded is refused.
 */
export function readCrmNumber(value: unknown, currency: string): Money | null {
  if (!isCurrency(currency)) return null;
  if (typeof value === "string") return fromDecimalText(value, currency);
  if (typeof value !== "number" || !Number.isFinite(value) || Math.abs(value) > 1e12) return null;
  const scaled = value * 10 ** exponentOf(currency);
  const whole = Math.round(scaled);
  if (Math.abs(scaled - whole) > 1e-6 * Math.max(1, Math.abs(whole) * 1e-6)) return null;
  return { minor: BigInt(whole), currency };
}

/** `Y-m-d H:i:s` on the account's clocks. */
export function crmTime(at: Date, timeZone: string): string {
  // Swedish writes dates that way.
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" }).format(at);
}
