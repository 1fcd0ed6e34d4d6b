// Sums as people read them: minor units and a currency to the words of a language.

export type Money = { minor: number; currency: string };

/** Minor units as an exact decimal text: a sum never passes through a fraction of binary. */
function decimalText(minor: number, digits: number): Intl.StringNumericLiteral {
  const text = String(Math.abs(minor)).padStart(digits + 1, "0");
  const sign = minor < 0 ? "-" : "";
  const whole = text.slice(0, text.length - digits);
  const rest = digits > 0 ? `.${text.slice(-digits)}` : "";
  return `${sign}${whole}${rest}` as Intl.StringNumericLiteral;
}

/**
 * A sum with its currency, e.g. "249,90 lei" in Romanian and "RON 249.90" in English.
 * @param locale language tag
 */
export function formatMoney({ minor, currency }: Money, locale: string): string {
  const format = new Intl.NumberFormat(locale === "en" ? "en-GB" : locale, {
    style: "currency",
    currency,
    // Romanians write lei; to everybody else the code says more.
    currencyDisplay: locale === "ro" && currency === "RON" ? "narrowSymbol" : "symbol",
  });
  return format.format(decimalText(minor, format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** A count or a rate, e.g. "1,5" in Romanian. */
export function formatNumber(value: number, locale: string): string {
  return new Intl.NumberFormat(locale === "en" ? "en-GB" : locale, { maximumFractionDigits: 3 }).format(value);
}
