// Ids: a prefix that says what it is, then a ULID (48 bits of time, 80 of chance), so that ids sort by time.

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

export const ID_PREFIXES = {
  merchant: "mer",
  member: "mem",
  pointOfSale: "pos",
  connection: "con",
  apiKey: "key",
  dataKey: "dek",
  series: "ser",
  invoice: "inv",
  invoiceLine: "lin",
  attempt: "att",
  try: "try",
  observation: "obs",
  payment: "pay",
  collection: "col",
  refund: "rfd",
  dispute: "dsp",
  settlement: "stl",
  event: "evt",
  attention: "atn",
  ipn: "ipn",
  outbox: "out",
  audit: "aud",
  idempotency: "idk",
  onboarding: "onb",
  request: "req",
  webhookEndpoint: "whe",
  delivery: "del",
  helpVote: "hlp",
  authorizationRequest: "aut",
  crmInstallation: "crm",
  crmInvoice: "cin",
  crmCall: "cal",
  ownStatus: "ost",
  outcomeStatus: "ous",
  handOver: "hnd",
  logo: "lgo",
  register: "reg",
  receipt: "rct",
} as const;
export type IdKind = keyof typeof ID_PREFIXES;

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's base 32

/** Makes an id of a kind for a moment, e.g. `att_01KAF2M1Q7X4…` (30 characters, URL-safe). */
export function newId(kind: IdKind, now: Date): string {
  let time = now.getTime();
  let text = "";
  for (let i = 0; i < 10; i++) {
    text = ALPHABET.charAt(time % 32) + text;
    time = Math.floor(time / 32);
  }
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) text += ALPHABET.charAt(byte % 32);
  return `${ID_PREFIXES[kind]}_${text}`;
}

/** An unguessable URL-safe token of 128 bits (22 characters). */
export function newToken(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(16)));
}

/** Standard base64, padded. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** The bytes of standard base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "base64"));
}

/** Base64 in the URL-safe alphabet, without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}

/** SHA-256 in lower-case hex. */
export async function sha256Hex(data: string | Uint8Array): Promise<string> {
  return createHash("sha256").update(data).digest("hex");
}
