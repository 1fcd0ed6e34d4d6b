// The webhook's body: a compact JWS, RS256 and nothing else, whose claims are the event (tochka-sbp.md 8.2, 8.3).

import { Buffer } from "node:buffer";
import { verify } from "node:crypto";
import { trustedKeys } from "./keys.ts";
import { type Json, parseObject } from "./wire.ts";

export type TokenReason =
  | "token_malformed"
  | "wrong_algorithm"
  | "foreign_key_named"
  | "no_platform_key"
  | "bad_signature";
export type Verdict = { ok: true; claims: Json; payload: string } | { ok: false; reason: TokenReason };

/** Names of header fields that would let the sender choose the key, or the rules. */
const NOT_IN_HEADER = ["jwk", "jku", "x5u", "x5c", "crit", "b64"];

/**
 * Verifies the text as it came. The algorithm is RS256 whatever the token says of itself. There are no claims about time
 * and none are asked for: the same token is good for ever, so it authenticates the bank and not the event.
 */
export function readToken(text: string, platformKeys: string[]): Verdict {
  const parts = text.trim().split(".");
  const [head = "", payload = "", signature = ""] = parts;
  const header = jsonPart(head);
  const signed = base64url(signature);
  if (parts.length !== 3 || !header) return no("token_malformed");
  if (header.alg !== "RS256") return no("wrong_algorithm");
  if (NOT_IN_HEADER.some((name) => Object.hasOwn(header, name))) return no("foreign_key_named");
  if (!signed || !base64url(payload)) return no("token_malformed");
  const keys = trustedKeys(platformKeys);
  if (keys.length === 0) return no("no_platform_key");
  const message = Buffer.from(`${head}.${payload}`, "ascii");
  const isTheirs = keys.some((key) => {
    try {
      return verify("RSA-SHA256", message, key, signed);
    } catch {
      return false;
    }
  });
  if (!isTheirs) return no("bad_signature");
  const claims = jsonPart(payload);
  return claims ? { ok: true, claims, payload } : no("token_malformed");
}

function jsonPart(part: string): Json | null {
  const bytes = base64url(part);
  return bytes && parseObject(bytes);
}

/** Only the one spelling: unpadded, and no stray bits in the last character. */
function base64url(part: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return null;
  const bytes = Buffer.from(part, "base64url");
  return bytes.toString("base64url") === part ? bytes : null;
}

function no(reason: TokenReason): Verdict {
  return { ok: false, reason };
}
