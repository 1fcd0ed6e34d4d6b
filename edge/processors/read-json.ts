// Reading what processors write, whatever they write: JSON of which nothing is taken for granted.

import type { Fault } from "./contract.ts";

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

/** The fault of an answer 429, with the time that it names in Retry-After, if it names one that is still to come. */
export function rateLimited(headers: Headers, now: Date): Fault {
  const said = headers.get("retry-after") ?? "";
  const at = /^\s*\d{1,7}\s*$/.test(said) ? now.getTime() + Number(said) * 1000 : Date.parse(said);
  return { kind: "rate_limited", detail: "http_429", ...(at > now.getTime() ? { until: new Date(at) } : {}) };
}
