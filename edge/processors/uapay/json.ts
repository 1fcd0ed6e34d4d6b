// Reading what UAPAY writes: numbers come as text now and then, and moments in two forms (uapay.md 3.2, 7, 8).

import type { Money } from "../../money.ts";
import { CURRENCY } from "./descriptor.ts";

export type Json = Record<string, unknown>;

/** An object from JSON bytes; null for anything else. */
export function parseObject(bytes: Uint8Array): Json | null {
  try {
    return asObject(JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes)));
  } catch {
    return null;
  }
}

/** The value as an object; null for anything else, arrays included. */
export function asObject(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

/** The objects of an array; none for anything else. */
export function objectsOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(asObject).filter((one) => one !== null) : [];
}

/** Text of a text or number field; undefined when it is absent, empty or something else. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

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
