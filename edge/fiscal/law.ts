// What the law of receipts knows, as data (FFD tags 1055, 1199, 1214, 1212): a change of law is a line here.

/** Systems of taxation; `esn` is the agricultural tax. */
export const TAX_SYSTEMS = ["osn", "usn_income", "usn_income_outcome", "esn", "patent"] as const;
export type TaxSystem = (typeof TAX_SYSTEMS)[number];

/**
 * Rates of VAT, each with the calculated one that a prepayment carries. Days are those of Moscow, `until` inclusive: 20 per
 * cent stays for what gives back or sets off a sale of its time.
 */
export const VAT_RATES = [
  { code: "none", calculated: "none" },
  { code: "vat0", calculated: "vat0" },
  { code: "vat5", calculated: "vat105", from: "2025-01-01" },
  { code: "vat7", calculated: "vat107", from: "2025-01-01" },
  { code: "vat10", calculated: "vat110" },
  { code: "vat20", calculated: "vat120", from: "2019-01-01", until: "2025-12-31" },
  { code: "vat22", calculated: "vat122", from: "2026-01-01" },
] as const;
export type PlainVat = (typeof VAT_RATES)[number]["code"];
export type Vat = PlainVat | (typeof VAT_RATES)[number]["calculated"];
export const PLAIN_VATS = VAT_RATES.map(({ code }) => code);
export const VATS: readonly Vat[] = [...new Set<Vat>(VAT_RATES.flatMap(({ code, calculated }) => [code, calculated]))];

export const PAYMENT_METHODS = [
  "full_prepayment",
  "partial_prepayment",
  "advance",
  "full_payment",
  "partial_payment_credit",
  "credit",
  "credit_payment",
] as const;
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];

/** What can be chosen for money taken online: all of it at once, with what it is for handed over now or later. */
export const CHOOSABLE_METHODS = ["full_payment", "full_prepayment"] as const satisfies readonly PaymentMethod[];

export const PAYMENT_OBJECTS = [
  "goods",
  "work",
  "service",
  "intellectual",
  "payment",
  "agent_commission",
  "other",
] as const;
export type PaymentObject = (typeof PAYMENT_OBJECTS)[number];

/** Money before what it is for: such a line carries the calculated rate (letter ED-4-20/12717 of 3 July 2018). */
export function isPrepayment(method: PaymentMethod): boolean {
  return method === "full_prepayment" || method === "partial_prepayment" || method === "advance";
}

/** The rate that a line of this method carries. */
export function vatFor(method: PaymentMethod, vat: PlainVat): Vat {
  return isPrepayment(method) ? (VAT_RATES.find(({ code }) => code === vat)?.calculated ?? vat) : vat;
}

/** The plain rate of one that may be calculated. */
export function plainVat(vat: Vat): PlainVat {
  return VAT_RATES.find(({ code, calculated }) => code === vat || calculated === vat)?.code ?? "none";
}

/** Whether a sale of that moment may carry the rate. */
export function isInForce(vat: PlainVat, at: Date): boolean {
  const day = moscowDay(at);
  const rate: { code: PlainVat; from?: string; until?: string } | undefined = VAT_RATES.find(
    ({ code }) => code === vat,
  );
  return rate !== undefined && (rate.from ?? "") <= day && (rate.until === undefined || day <= rate.until);
}

/** Rates that a merchant can choose at a moment. */
export function choosableVats(at: Date): PlainVat[] {
  return PLAIN_VATS.filter((code) => isInForce(code, at));
}

/** The calendar day in Moscow (UTC+3, without summer time), YYYY-MM-DD. */
export function moscowDay(at: Date): string {
  return new Date(at.getTime() + 3 * 3600 * 1000).toISOString().slice(0, 10);
}
