// Compact JWT, HS256 and nothing else, with the shop's key as it is typed: both directions (uapay.md 2, 3, 7).

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { asObject, type Json, parseObject } from "./json.ts";

export type TokenReason = "token_malformed" | "wrong_algorithm" | "bad_signature";
export type Verdict = { ok: true; claims: Json; payload: string } | { ok: false; reason: TokenReason };

const HEADER = part(JSON.stringify({ alg: "HS256", typ: "JWT" }));

/** Signs claims. The key often looks like base64 and is not decoded (2). */
export function signToken(claims: Json, secretKey: string): string {
  const signed = `${HEADER}.${part(JSON.stringify(claims))}`;
  return `${signed}.${mac(signed, secretKey).toString("base64url")}`;
}

/**
 * Verifies the text as it came: nothing is serialised again, because senders escape differently (7). The algorithm is HS256
 * whatever the token says of itself; UAPAY's own plugins take longer hashes too, and that is not copied.
 */
export function readToken(text: string, secretKey: string): Verdict {
  const parts = text.split(".");
  const [head = "", payload = "", signature = ""] = parts;
  const header = parsedPart(head);
  const told = base64url(signature);
  if (parts.length !== 3 || !header) return no("token_malformed");
  if (header.alg !== "HS256" || Object.hasOwn(header, "crit") || Object.hasOwn(header, "b64"))
    return no("wrong_algorithm");
  if (!told || !base64url(payload)) return no("token_malformed");
  const expected = mac(`${head}.${payload}`, secretKey);
  if (told.byteLength !== expected.byteLength || !timingSafeEqual(told, expected)) return no("bad_signature");
  const claims = parsedPart(payload);
  return claims ? { ok: true, claims, payload } : no("token_malformed");
}

function mac(signed: string, secretKey: string): Buffer {
  return createHmac("sha256", Buffer.from(secretKey, "utf8")).update(signed, "ascii").digest();
}

function part(text: string): string {
  return Buffer.from(text, "utf8").toString("base64url");
}

function parsedPart(text: string): Json | null {
  const bytes = base64url(text);
  return bytes && asObject(parseObject(bytes));
}

/** Only the one spelling: unpadded, and no stray bits in the last character. */
function base64url(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return null;
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : null;
}

function no(reason: TokenReason): Verdict {
  return { ok: false, reason };
}
