// Our words and Komtet's for the same things (fiscal.md 3). Everything is looked up, nothing substituted.

import type { PaidBy, ReceiptType } from "../contract.ts";
import type { PaymentMethod, PaymentObject, TaxSystem, Vat } from "../law.ts";

/** Ordinals, not the bit mask of the receipt itself; 0 is a value. */
export const TAX_SYSTEM: Record<TaxSystem, number> = {
  osn: 0,
  usn_income: 1,
  usn_income_outcome: 2,
  esn: 4,
  patent: 5,
};

/** Texts, also where they look like numbers. */
export const VAT: Record<Vat, string> = {
  none: "no",
  vat0: "0",
  vat5: "5",
  vat7: "7",
  vat10: "10",
  vat20: "20",
  vat22: "22",
  vat105: "105",
  vat107: "107",
  vat110: "110",
  vat120: "120",
  vat122: "122",
};

/** `credit` is what the law numbers 6, `credit_pay` 7 and `credit_part` 5. */
export const METHOD: Record<PaymentMethod, string> = {
  full_prepayment: "pre_payment_full",
  partial_prepayment: "pre_payment_part",
  advance: "advance",
  full_payment: "full_payment",
  partial_payment_credit: "credit_part",
  credit: "credit",
  credit_payment: "credit_pay",
};

export const OBJECT: Record<PaymentObject, string> = {
  goods: "product",
  work: "work",
  service: "service",
  intellectual: "rid",
  payment: "payment",
  agent_commission: "commission",
  other: "other",
};

export const INTENT: Record<ReceiptType, string> = { income: "sell", income_return: "sellReturn" };
/** Money that came without cash is "card" there, also by SBP. */
export const PAID_BY: Record<PaidBy, string> = { cashless: "card", prepayment: "prepayment" };
