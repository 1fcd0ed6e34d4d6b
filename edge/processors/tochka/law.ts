// What the law of receipts knows, as data: VAT rates with the days between which a receipt may carry them (tochka-sbp.md 6.2, 15).

/** A rate by the bank's code; days are those of Moscow, `until` inclusive. */
export type VatRate = { code: string; from?: string; until?: string };

/**
 * In the order to show. Rates of 5 and 7 per cent came with the simplified system's VAT, 22 took the place of 20; the
 * last ones are the calculated rates. A change of law is a line here.
 */
export const VAT_RATES: readonly VatRate[] = [
  { code: "none" },
  { code: "vat0" },
  { code: "vat5", from: "2025-01-01" },
  { code: "vat7", from: "2025-01-01" },
  { code: "vat10" },
  { code: "vat20", from: "2019-01-01", until: "2025-12-31" },
  { code: "vat22", from: "2026-01-01" },
  { code: "vat105", from: "2025-01-01" },
  { code: "vat107", from: "2025-01-01" },
  { code: "vat110" },
  { code: "vat120", from: "2019-01-01", until: "2025-12-31" },
  { code: "vat122", from: "2026-01-01" },
];

/** Systems of taxation that the bank's receipts know; `esn` is the agricultural tax. */
export const TAX_SYSTEMS = ["osn", "usn_income", "usn_income_outcome", "esn", "patent"] as const;
export const RECEIPT_METHODS = ["full_payment", "full_prepayment"] as const;
export const RECEIPT_OBJECTS = ["goods", "service", "work"] as const;

/** Codes that can be chosen: rates that have no end yet. */
export function choosableRates(rates: readonly VatRate[] = VAT_RATES): string[] {
  return rates.filter((rate) => rate.until === undefined).map((rate) => rate.code);
}

/** Whether a receipt of that moment may carry the rate. */
export function isInForce(code: string, at: Date, rates: readonly VatRate[] = VAT_RATES): boolean {
  const day = moscowDay(at);
  return rates.some(
    (rate) => rate.code === code && (rate.from ?? "") <= day && (rate.until === undefined || day <= rate.until),
  );
}

/** The calendar day in Moscow (UTC+3, without summer time), YYYY-MM-DD. */
export function moscowDay(at: Date): string {
  return new Date(at.getTime() + 3 * 3600 * 1000).toISOString().slice(0, 10);
}
