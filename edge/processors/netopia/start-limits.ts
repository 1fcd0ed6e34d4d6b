// What NETOPIA would refuse at the start of a payment, refused here with its name before anything is sent.

import { toDecimalText } from "../../money.ts";
import type { Fault, StartAttempt, Variant } from "../contract.ts";

const LONGEST_ORDER_ID = 64; // A10

/** The fault of a start that is outside a protocol's limits; null when it may be sent. */
export function faultOfStart(input: StartAttempt, variant: Variant): Fault | null {
  const { amount } = input;
  if (!variant.methods.some((method) => method.id === input.method)) {
    return { kind: "unsupported", detail: `method_unsupported: ${input.method}` };
  }
  if (!variant.currencies.includes(amount.currency)) {
    return { kind: "rejected", detail: `currency_unsupported: ${amount.currency}` };
  }
  if (amount.minor < variant.limits.smallestMinor) {
    return { kind: "rejected", detail: `amount_too_small: ${toDecimalText(amount)} ${amount.currency}` };
  }
  if (amount.minor > variant.limits.largestMinor) {
    const largest = toDecimalText({ minor: variant.limits.largestMinor, currency: amount.currency });
    return { kind: "rejected", detail: `amount_too_large: ${toDecimalText(amount)}, at most ${largest}` };
  }
  if (!/^[A-Za-z0-9._~-]+$/.test(input.attemptId)) return { kind: "rejected", detail: "order_id_not_url_safe" };
  if (input.attemptId.length > LONGEST_ORDER_ID) {
    return { kind: "rejected", detail: `order_id_too_long: ${input.attemptId.length}, at most ${LONGEST_ORDER_ID}` };
  }
  return null;
}

/** Text cut to a number of characters, never in the middle of one. */
export function shortened(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}

/** Given name(s) and family name of one line; a single word has no family name. */
export function splitName(name: string): { first: string; last: string } {
  const words = name.trim().split(/\s+/);
  const last = words.length > 1 ? (words.pop() ?? "") : "";
  return { first: words.join(" "), last };
}
