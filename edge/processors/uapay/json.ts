// Reading what UAPAY writes: numbers come as text now and then, and moments in two forms (uapay.md 3.2, 7, 8).

import type { Money } from "../../money.ts";
import { textOf } from "../read-json.ts";
import { CURRENCY } from "./descriptor.ts";

export { asObject, type Json, objectsOf, parseObject, textOf } from "../read-json.ts";

/** Kopecks, whole and not negative; null for anything else, and where another currency stands beside them. */
export function kopecks(value: unknown, currency?: unknown): Money | null {
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string" || !/^\d{1,15}$/.test(text) || !isHryvnia(currency)) return null;
  return { minor: BigInt(text), currency: CURRENCY };
}

/** Nothing said means hryvnia: there is no other (5). */
function isHryvnia(currency: unknown): boolean {
  return currency === undefined || currency === null || ["UAH", "980"].includes(textOf(currency) ?? "");
}

/** ISO 8601 with its offset, or milliseconds as older messages have them; undefined for anything else. */
export function dateOf(value: unknown): Date | undefined {
  const text = textOf(value) ?? "";
  const isIso = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/.test(text);
  const date = isIso ? new Date(text) : /^\d{12,14}$/.test(text) ? new Date(Number(text)) : null;
  return date && !Number.isNaN(date.getTime()) ? date : undefined;
}

/** A field only when it has a value: absent and undefined are not the same to us. */
export function optional<K extends string, V>(name: K, value: V | undefined | null): { [key in K]?: V } {
  return value === undefined || value === null ? {} : ({ [name]: value } as { [key in K]?: V });
}
