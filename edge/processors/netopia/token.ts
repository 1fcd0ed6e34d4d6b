// v2: the Verification-token of an IPN, a JWT over the hash of the raw body (netopia.md B6).

import { Buffer } from "node:buffer";
import { createHash, type KeyObject, timingSafeEqual, verify } from "node:crypto";
import { NETOPIA_PLATFORM_KEY, publicKeyOf } from "./keys.ts";

export type TokenVerdict = { ok: true } | { ok: false; reason: TokenReason };
export type TokenReason =
  | "token_missing"
  | "token_malformed"
  | "wrong_algorithm"
  | "no_platform_key"
  | "bad_signature"
  | "wrong_issuer"
  | "wrong_audience"
  | "body_mismatch";

const ISSUER = "NETOPIA Payments";
const LONGEST_TOKEN = 16 * 1024;

/**
 * Verifies the token for one point of sale. The algorithm is RS512 whatever the token says of itself: official SDKs
 * take it from the token, which admits weaker ones. Time stamps are not looked at: their unit is unsettled, and the
 * body's hash with the state rules deals with repeats. No key given means the platform's own.
 */
export function verifyToken(
  token: string | null,
  body: Uint8Array,
  expected: { signature: string; platformKeys: string[] },
): TokenVerdict {
  if (token === null || token.trim() === "") return no("token_missing");
  const parts = token.trim().split(".");
  const [head, claims, signature] = parts;
  if (parts.length !== 3 || !head || !claims || token.length > LONGEST_TOKEN) return no("token_malformed");
  const header = jsonPart(head);
  const payload = jsonPart(claims);
  if (!header || !payload) return no("token_malformed");
  if (header.alg !== "RS512") return no("wrong_algorithm");
  const signed = base64url(signature ?? "");
  if (!signed) return no("token_malformed");
  const keys = trustedKeys(expected.platformKeys);
  if (keys.length === 0) return no("no_platform_key");
  const message = Buffer.from(`${head}.${claims}`, "ascii");
  if (!keys.some((key) => isSignedBy(key, message, signed))) return no("bad_signature");
  if (payload.iss !== ISSUER) return no("wrong_issuer");
  const audience = Array.isArray(payload.aud) ? payload.aud : [payload.aud];
  if (!audience.includes(expected.signature)) return no("wrong_audience");
  // Standard padded base64 of the hash of the bytes as they came: re-serialised JSON has another one.
  const hash = createHash("sha512").update(body).digest("base64");
  return typeof payload.sub === "string" && sameText(payload.sub, hash) ? { ok: true } : no("body_mismatch");
}

/** Reading a key costs more than verifying with it: what was read from the same texts stays read. */
let lastRead: { texts: string; keys: KeyObject[] } | undefined;

function trustedKeys(texts: string[]): KeyObject[] {
  const joined = texts.join("\n\n");
  if (lastRead?.texts !== joined) lastRead = { texts: joined, keys: readKeys(texts) };
  return lastRead.keys;
}

/** Key texts that can be read as RSA keys; one that cannot must not make the others useless. A JWK set counts as many. */
function readKeys(texts: string[]): KeyObject[] {
  const listed = texts.filter((text) => text.trim() !== "").flatMap(unfoldSet);
  const keys: KeyObject[] = [];
  for (const text of listed.length === 0 ? [NETOPIA_PLATFORM_KEY] : listed) {
    try {
      const key = publicKeyOf(text);
      if (key.asymmetricKeyType === "rsa") keys.push(key);
    } catch {
      // not a key
    }
  }
  return keys;
}

function unfoldSet(text: string): string[] {
  if (!text.trim().startsWith("{")) return [text];
  try {
    const set: unknown = JSON.parse(text);
    if (typeof set === "object" && set !== null && "keys" in set && Array.isArray(set.keys)) {
      return set.keys.map((key) => JSON.stringify(key));
    }
  } catch {
    // left to the reader of keys, which refuses it
  }
  return [text];
}

function isSignedBy(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify("RSA-SHA512", message, key, signature);
  } catch {
    return false;
  }
}

function jsonPart(part: string): Record<string, unknown> | null {
  const bytes = base64url(part);
  if (!bytes) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Only the one spelling: unpadded, and no stray bits in the last character. */
function base64url(part: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return null;
  const bytes = Buffer.from(part, "base64url");
  return bytes.toString("base64url") === part ? bytes : null;
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}

function no(reason: TokenReason): TokenVerdict {
  return { ok: false, reason };
}
