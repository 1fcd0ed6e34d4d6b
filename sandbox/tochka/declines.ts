// Why a bank says no, in the bank's own words; the API never tells, only this page does.

export const declineReasons = [
  "INSUFFICIENT_FUNDS",
  "EXPIRED_CARD",
  "INVALID_CARD",
  "INCORRECT_CVV",
  "BLOCKED_CARD",
  "ACCOUNT_BLOCKED",
  "ACCOUNT_CLOSED",
  "LIMIT_EXCEEDED",
  "NOT_PERMITTED",
  "OPERATION_NOT_SUPPORTED",
  "REATTEMPT_NOT_PERMITTED",
  "EXPIRED_3DS",
  "SUSPECTED_FRAUD",
  "ISSUER_NOT_AVAILABLE",
  "PAYER_BANK_TIMEOUT",
  "GATEWAY_TIMEOUT",
  "QR_CODE_NOT_FOUND",
  "PAYMENT_EXECUTION_REJECTED",
  "TECH_ERROR",
  "INTERNAL_ERROR",
  "UNKNOWN_ERROR",
] as const;
export type DeclineReason = (typeof declineReasons)[number];
