// Sums and numbers as people type them.

/** Digits after the decimal point of a currency. */
export function digitsOf(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** A sum for a field: "249.90", with the decimal sign of the language. */
export function toField(minor: number, currency: string, locale: string): string {
  const digits = digitsOf(currency);
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: false,
  }).format(minor / 10 ** digits);
}

/** Reads a number as typed: comma or point for decimals, spaces or the other sign between thousands. Null: no number. */
export function readNumber(typed: string): number | null {
  const clean = typed.replace(/[\s\u00a0']/g, "");
  if (!/^\d[\d.,]*$/.test(clean)) return null;
  const last = Math.max(clean.lastIndexOf(","), clean.lastIndexOf("."));
  if (last < 0) return Number(clean);
  const signs = clean.match(/[.,]/g) ?? [];
  // One sign repeated stands between thousands: "1.250.000".
  const isGrouping = signs.length > 1 && new Set(signs).size === 1;
  const text = isGrouping
    ? clean.replace(/[.,]/g, "")
    : `${clean.slice(0, last).replace(/[.,]/g, "")}.${clean.slice(last + 1)}`;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

/** Reads a sum into minor units; null when it is none or has more digits than the currency. */
export function readMinor(typed: string, currency: string): number | null {
  const number = readNumber(typed);
  if (number === null) return null;
  // "1.250" is a thousand to one reader and one and a quarter to another: asked again rather than guessed.
  if (/^\d+[.,]\d{3}$/.test(typed.replace(/\s/g, "")) && digitsOf(currency) < 3) return null;
  const minor = number * 10 ** digitsOf(currency);
  const rounded = Math.round(minor);
  return Math.abs(minor - rounded) < 1e-6 && Number.isSafeInteger(rounded) ? rounded : null;
}
