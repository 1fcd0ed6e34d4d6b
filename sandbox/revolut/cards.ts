// The test cards with their outcomes, and every documented decline reason.
import type { Outcome } from "./state.ts";

/** All values of `decline_reason`. */
export const declineReasons = [
  "3ds_challenge_abandoned",
  "3ds_challenge_failed_manually",
  "cardholder_name_missing",
  "customer_challenge_abandoned",
  "customer_challenge_failed",
  "customer_name_mismatch",
  "do_not_honour",
  "expired_card",
  "high_risk",
  "insufficient_funds",
  "invalid_address",
  "invalid_amount",
  "invalid_card",
  "invalid_country",
  "invalid_cvv",
  "invalid_email",
  "invalid_expiry",
  "invalid_merchant",
  "invalid_phone",
  "invalid_pin",
  "issuer_not_available",
  "pick_up_card",
  "rejected_by_customer",
  "restricted_card",
  "suspected_fraud",
  "technical_error",
  "transaction_not_allowed_for_cardholder",
  "unknown_card",
  "withdrawal_limit_exceeded",
] as const;
export type DeclineReason = (typeof declineReasons)[number];

export type TestCard = { pan: string; label: string; outcome: Outcome; threshold?: true };

const challengeFailed: Outcome = { result: "failed", reason: "customer_challenge_failed" };

/** Any future date, any three digits. */
export const testCards: readonly TestCard[] = [
  { pan: "4929420573595709", label: "Approved (Visa)", outcome: { result: "paid" } },
  { pan: "5281438801804148", label: "Approved (Mastercard)", outcome: { result: "paid" } },
  {
    pan: "4242424242424242",
    label: "3-D Secure fails, from 30 EUR or 25 GBP up",
    outcome: challengeFailed,
    threshold: true,
  },
  { pan: "2720998837779594", label: "Do not honour", outcome: { result: "declined", reason: "do_not_honour" } },
  {
    pan: "4929573638125985",
    label: "Insufficient funds",
    outcome: { result: "declined", reason: "insufficient_funds" },
  },
  { pan: "4532336743874205", label: "Card expired", outcome: { result: "declined", reason: "expired_card" } },
  { pan: "5215674115127070", label: "3-D Secure fails", outcome: challengeFailed },
  { pan: "2223000010479399", label: "Never finishes", outcome: { result: "stuck" } },
];

export const goodPan = "4929420573595709";

/** About 30 EUR in minor units; the real table of equivalents is unknown. */
const thresholds: Record<string, number> = {
  EUR: 3000,
  GBP: 2500,
  USD: 3300,
  CHF: 2900,
  RON: 15_000,
  PLN: 13_000,
  HUF: 1_200_000,
  JPY: 5000,
  ISK: 4300,
};

/** What a card number leads to for an amount; numbers that are no test cards are unknown to the issuer. */
export function outcomeOf(pan: string, amount: number, currency: string): Outcome {
  const card = testCards.find((candidate) => candidate.pan === pan);
  if (!card) return { result: "declined", reason: "unknown_card" };
  if (card.threshold && amount < (thresholds[currency] ?? 3000)) return { result: "paid" };
  return card.outcome;
}

/** The scheme by the first digits. */
export function brandOf(pan: string): "visa" | "mastercard" | "american_express" {
  if (pan.startsWith("4")) return "visa";
  return /^3[47]/.test(pan) ? "american_express" : "mastercard";
}

/** The check digit rule of card numbers. */
export function passesLuhn(pan: string): boolean {
  const sum = [...pan].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
