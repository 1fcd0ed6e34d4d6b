// Every word NETOPIA uses for an outcome, in ours: error codes, v1 actions, v2 statuses (netopia.md A8, A9, B10, B11).

import type { DeclineReason, ObservationKind } from "../contract.ts";

/**
 * Why a payment was refused, by error code. The page's own words ("card_declined", "3ds_failed") are translated to the
 * product's list; a closed card (18) is `card_blocked`, because checking its number again does not help.
 */
export const DECLINES: Record<number, DeclineReason> = {
  16: "fraud_suspected",
  17: "invalid_card",
  18: "card_blocked",
  19: "card_expired",
  20: "insufficient_funds",
  21: "invalid_cvv",
  22: "issuer_unavailable",
  26: "limit_exceeded",
  32: "processor_error",
  33: "currency_unsupported",
  34: "not_permitted",
  35: "declined",
  36: "fraud_suspected",
  37: "do_not_honor",
  38: "authentication_failed",
  39: "authentication_failed",
  48: "processor_error",
  49: "duplicate",
  50: "duplicate",
  56: "duplicate",
  99: "processor_error",
};

/** "Look at the existing payment": said of a repeat, not of the money (A8). */
const DUPLICATES = new Set([49, 50, 56]);

/** An operation of staff was refused and the payment stays as it is (A8). */
export const REFUSED_OPERATIONS: Record<number, string> = {
  51: "only cancelling of a pre-authorisation is possible",
  52: "only confirming of a pre-authorisation is possible",
  53: "only crediting of a confirmed order is possible",
  54: "credit above the authorised amount",
  55: "capture above the pre-authorised amount",
};

/** Codes of the v2 interface that are steps or answers and no declines (B11). */
const STEPS = new Set([100, 101, 102]);

/** v1: what was attempted, when the error code is 0 (A9). */
export const V1_ACTIONS: Record<string, ObservationKind> = {
  new: "awaiting_payer",
  paid: "authorized",
  paid_pending: "in_review",
  confirmed_pending: "in_review",
  confirmed: "captured",
  canceled: "voided",
  credit: "refund_succeeded",
};

/** v2: number, their name, and what it is to us (B10). */
export const V2_STATUSES: Record<number, { name: string; kind: ObservationKind }> = {
  1: { name: "NEW", kind: "awaiting_payer" },
  2: { name: "OPENED", kind: "authorized" },
  3: { name: "PAID", kind: "captured" },
  4: { name: "CANCELED", kind: "voided" },
  5: { name: "CONFIRMED", kind: "captured" },
  6: { name: "PENDING", kind: "processing" },
  7: { name: "SCHEDULED", kind: "not_understood" },
  8: { name: "CREDIT", kind: "refund_succeeded" },
  9: { name: "CHARGEBACK_INIT", kind: "dispute_opened" },
  10: { name: "CHARGEBACK_ACCEPT", kind: "dispute_lost" },
  11: { name: "ERROR", kind: "declined" },
  12: { name: "DECLINED", kind: "declined" },
  13: { name: "FRAUD", kind: "in_review" },
  14: { name: "PENDING_AUTH", kind: "processing" },
  15: { name: "3D_AUTH", kind: "awaiting_payer" },
  16: { name: "CHARGEBACK_REPRESENTMENT", kind: "dispute_opened" },
  17: { name: "REVERSED", kind: "not_understood" },
  18: { name: "PENDING_ANY", kind: "processing" },
  19: { name: "RECURRING_PROGRAMMED", kind: "not_understood" },
  20: { name: "RECURRING_CANCELED", kind: "not_understood" },
  21: { name: "SMS_TRIAL", kind: "not_understood" },
  22: { name: "SMS_TRIAL_ENDED", kind: "not_understood" },
  23: { name: "EXPIRED", kind: "expired" },
};

export type Meaning = {
  kind: ObservationKind;
  declineReason?: DeclineReason;
  /** Their word, kept where ours says less. */
  text: string;
  /** The message is about another payment: read it again. */
  lookNow: boolean;
};

/** What a v1 message means by its error code first and its action second (A6: a decline says "paid" too). */
export function meaningOfV1(action: string, code: number, text: string): Meaning {
  const known = Object.hasOwn(V1_ACTIONS, action) ? V1_ACTIONS[action] : undefined;
  const said = text.trim();
  if (known === undefined) return unknown(`unknown action ${action}: ${said}`);
  if (code === 0) return { kind: known, text: said, lookNow: false };
  if (action === "credit") return withReason("refund_failed", DECLINES[code], said);
  // The release of a reservation was refused: the payment stands as it stood (A9), and staff must see it.
  if (action === "canceled") return unknown(`cancelling refused (${code}): ${said}`);
  const refused = REFUSED_OPERATIONS[code];
  if (refused !== undefined) return unknown(`operation refused (${code}, ${refused}): ${said}`);
  const reason = DECLINES[code];
  if (reason === undefined) return unknown(`unknown code ${code} of ${action}: ${said}`);
  return { ...withReason("declined", reason, said), lookNow: DUPLICATES.has(code) };
}

/**
 * What a v2 payment means by its status, with the code as the reason. The status alone says that a payment was
 * declined, so a new code leaves the reason open instead of making the decline unknown.
 */
export function meaningOfV2(status: number, code: number | null, message: string): Meaning {
  const known = Object.hasOwn(V2_STATUSES, status) ? V2_STATUSES[status] : undefined;
  if (known === undefined) return unknown(`unknown status ${status}: ${message}`.trim());
  const said = message.trim() || known.name;
  if (known.kind === "not_understood") return unknown(`${known.name}: ${message}`);
  if (status === 13 && (code === 16 || code === 36)) return withReason("declined", "fraud_suspected", said);
  if (known.kind !== "declined") return { kind: known.kind, text: said, lookNow: false };
  const otherwise: DeclineReason = status === 11 ? "processor_error" : "declined";
  const reason = code === null || STEPS.has(code) ? otherwise : (declineReasonOfV2(code, message) ?? otherwise);
  return { ...withReason("declined", reason, said), lookNow: code !== null && DUPLICATES.has(code) };
}

/** v2 uses 22 for the card's CVV on one page and for an unreachable issuer on another; the message tells (B11). */
export function declineReasonOfV2(code: number, message: string): DeclineReason | undefined {
  return code === 22 && /cvv|cvc/i.test(message) ? "invalid_cvv" : DECLINES[code];
}

/** A code as NETOPIA writes it: "00", "0", 21 or "21"; null for anything else. */
export function codeNumber(code: unknown): number | null {
  if (typeof code === "number") return Number.isSafeInteger(code) ? code : null;
  return typeof code === "string" && /^\s*-?\d{1,9}\s*$/.test(code) ? Number(code) : null;
}

function unknown(text: string): Meaning {
  return { kind: "not_understood", text, lookNow: false };
}

function withReason(kind: ObservationKind, reason: DeclineReason | undefined, text: string): Meaning {
  return { kind, text, lookNow: false, ...(reason === undefined ? {} : { declineReason: reason }) };
}

/** Every word of the tables above with its meaning, for the test that none is left out. */
export function wireWords(): (Pick<Meaning, "kind" | "declineReason"> & { word: string })[] {
  const codes = [0, ...Object.keys(DECLINES).map(Number), ...Object.keys(REFUSED_OPERATIONS).map(Number), ...STEPS];
  const ofV1 = Object.keys(V1_ACTIONS).flatMap((action) =>
    codes.map((code) => ({ word: `v1 ${action} ${code}`, ...meaningOfV1(action, code, "") })),
  );
  const ofV2 = Object.keys(V2_STATUSES).flatMap((status) =>
    codes.map((code) => ({ word: `v2 ${status} ${code}`, ...meaningOfV2(Number(status), code, "") })),
  );
  return [...ofV1, ...ofV2];
}
