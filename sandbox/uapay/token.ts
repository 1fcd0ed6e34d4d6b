// Tokens by HMAC, written and read by hand: the key is the raw text, and what was received is what is checked.
import { createHmac, timingSafeEqual } from "node:crypto";

const hashes = { HS256: "sha256", HS384: "sha384", HS512: "sha512" } as const;
export type Algorithm = keyof typeof hashes;

const part = (text: string): string => Buffer.from(text, "utf8").toString("base64url");

/** Signature of `header.payload`. */
export const mac = (signed: string, key: string | Buffer, algorithm: Algorithm = "HS256"): string =>
  createHmac(hashes[algorithm], key).update(signed).digest("base64url");

/** A compact token over claims text; `header` replaces the usual one. */
export function makeToken(
  claimsText: string,
  key: string | Buffer,
  algorithm: Algorithm = "HS256",
  header: object = { alg: algorithm, typ: "JWT" },
): string {
  const signed = `${part(JSON.stringify(header))}.${part(claimsText)}`;
  return `${signed}.${mac(signed, key, algorithm)}`;
}

/** The same token with other claims under the old signature. */
export function withClaims(token: string, claimsText: string): string {
  const [header, , signature] = token.split(".");
  return `${header}.${part(claimsText)}.${signature}`;
}

/** A token that claims an algorithm and has no signature. */
export const unsigned = (claimsText: string, alg: string): string =>
  `${part(JSON.stringify({ alg, typ: "JWT" }))}.${part(claimsText)}.`;

const base64url = /^[A-Za-z0-9_-]+$/;

export type Read =
  | { problem: string }
  | { problem: null; claims: Record<string, unknown>; signed: string; signature: string };

/** Takes a token apart; whether its signature is right is another question. */
export function readToken(token: string): Read {
  const parts = token.split(".");
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || !header || !payload || !signature) return { problem: "is not three parts" };
  if (!parts.every((one) => base64url.test(one))) return { problem: "is not base64url" };
  try {
    const head: unknown = JSON.parse(Buffer.from(header, "base64url").toString("utf8"));
    const alg = typeof head === "object" && head !== null && "alg" in head ? head.alg : undefined;
    if (alg !== "HS256") return { problem: "alg is not HS256" };
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    if (typeof claims !== "object" || claims === null || Array.isArray(claims)) return { problem: "holds no object" };
    return {
      problem: null,
      claims: claims as Record<string, unknown>,
      signed: `${header}.${payload}`,
      signature,
    };
  } catch {
    return { problem: "is not JSON inside" };
  }
}

/** Whether the signature is the key's own. */
export function isSignedBy(read: { signed: string; signature: string }, key: string): boolean {
  const right = createHmac("sha256", key).update(read.signed).digest();
  const given = Buffer.from(read.signature, "base64url");
  // Also the text: other last bits of base64url would decode to the same bytes.
  return (
    given.length === right.length && timingSafeEqual(given, right) && read.signature === right.toString("base64url")
  );
}
