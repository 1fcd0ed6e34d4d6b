// Small values as this processor writes them: ids, tokens, timestamps, durations, amounts, addresses.
import { randomBytes, randomInt } from "node:crypto";

/** Looks like a UUID but has version digit `a` and begins with the time of creation in seconds. */
export function timedId(epochMs: number): string {
  const seconds = Math.floor(epochMs / 1000)
    .toString(16)
    .padStart(8, "0");
  const hex = randomBytes(11).toString("hex");
  const variant = "89ab"[randomInt(4)] ?? "8";
  return `${seconds}-${hex.slice(0, 4)}-a${hex.slice(4, 7)}-${variant}${hex.slice(7, 10)}-${hex.slice(10, 22)}`;
}

/** Value of the `request-id` header. */
export function requestId(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  return Array.from({ length: 12 + randomInt(2) }, () => letters[randomInt(letters.length)]).join("");
}

let lastMs = 0;
let inSameMs = 0;

/** ISO 8601 in UTC with microseconds; two in the same millisecond differ and keep their order. */
export function timestamp(epochMs: number): string {
  inSameMs = epochMs === lastMs ? (inSameMs + 1) % 1000 : 0;
  lastMs = epochMs;
  return new Date(epochMs).toISOString().replace("Z", `${String(inSameMs).padStart(3, "0")}Z`);
}

/** A date-time as microseconds since 1970; undefined when it is none. */
export function microseconds(text: string): number | undefined {
  const parts = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d{1,9}))?(?:Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!parts) return undefined;
  const whole = Date.parse(text.replace(/\.\d+/, ""));
  if (Number.isNaN(whole)) return undefined;
  return whole * 1000 + Number((parts[1] ?? "").padEnd(6, "0").slice(0, 6));
}

/** An ISO 8601 duration in seconds; undefined for anything else, months and years included. */
export function durationSeconds(text: string): number | undefined {
  const parts = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!parts) return undefined;
  const [weeks, days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return ((((weeks ?? 0) * 7 + (days ?? 0)) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
}

const currencies = new Set(Intl.supportedValuesOf("currency"));

/** Whether three capital letters name a currency. */
export const isCurrency = (text: string): boolean => /^[A-Z]{3}$/.test(text) && currencies.has(text);

const digitsOf = (currency: string): number =>
  new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** Minor units as people read them. */
export function textFromMinor(minor: number, currency: string): string {
  const digits = digitsOf(currency);
  const text = String(Math.abs(minor)).padStart(digits + 1, "0");
  const sign = minor < 0 ? "-" : "";
  return digits === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Major units, such as "249.90", into minor ones; undefined when it is no amount of the currency. */
export function minorFromText(text: string, currency: string): number | undefined {
  const parts = /^(\d{1,12})(?:\.(\d+))?$/.exec(text);
  const digits = digitsOf(currency);
  const fraction = (parts?.[2] ?? "").replace(/0+$/, "");
  if (!parts || fraction.length > digits) return undefined;
  return Number(`${parts[1]}${fraction.padEnd(digits, "0")}`);
}

/** What is wrong with a public address, if anything: this machine and bare IP addresses are refused. */
export function addressProblem(text: string, localToo: boolean): string | undefined {
  if (text.length > 2000) return "must be at most 2000 characters";
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return "must be a URL";
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return "must be an http or https URL";
  if (localToo) return undefined;
  const host = url.hostname;
  if (host === "localhost" || host.endsWith(".localhost")) return "must not be localhost";
  if (host.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(host)) return "must not be an IP address";
  return undefined;
}
