// Amounts as integers of minor units, and the fixed rates of the sandbox's conversion to RON.

/** Currencies that the sandbox takes; all have two decimals. */
export const currencies = ["RON", "EUR", "USD", "GBP", "MDL"] as const;

// USD 10.00 became RON 41.07 in a recorded notification; the other rates are merely plausible.
const ronPer: Record<string, number> = { RON: 1, EUR: 4.9763, USD: 4.107, GBP: 5.8, MDL: 0.26 };

/** "249.90" to 24990; undefined unless digits with at most two decimals. */
export function minorFromText(text: string): number | undefined {
  const match = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(text);
  return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : undefined;
}

/** 249.9 to 24990; undefined when it has more than two decimals or is no amount. */
export function minorFromNumber(amount: number): number | undefined {
  // The shortest decimal text of a double is what the sender wrote; scaling it would add rounding noise.
  return minorFromText(String(amount));
}

/** 24990 to "249.90". */
export function textFromMinor(minor: number): string {
  return `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, "0")}`;
}

/** A sum in RON, rounded to the ban. */
export function toRon(minor: number, currency: string): number {
  return Math.round(minor * (ronPer[currency] ?? 1));
}
