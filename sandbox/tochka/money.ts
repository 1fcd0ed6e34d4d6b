// Roubles as the bank writes them, kopecks as the simulator counts them.

/** Kopecks of a rouble amount: a number or "0.00" text with at most two decimals; undefined for anything else. */
export function kopecks(roubles: unknown): number | undefined {
  const text = typeof roubles === "number" ? String(roubles) : roubles;
  if (typeof text !== "string") return undefined;
  const parts = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(text);
  return parts ? Number(parts[1]) * 100 + Number((parts[2] ?? "").padEnd(2, "0")) : undefined;
}

/** A JSON number of roubles. */
export const roubles = (kopecks: number): number => kopecks / 100;

/** Rouble text of webhooks: one decimal, or two where they are needed. */
export function roubleText(kopecks: number): string {
  const fixed = (kopecks / 100).toFixed(2);
  return fixed.endsWith("0") ? fixed.slice(0, -1) : fixed;
}

/** Rouble text with two decimals for people. */
export const priceText = (kopecks: number): string => (kopecks / 100).toFixed(2);
