// The token: one algorithm, one issuer, our point of sale, these very bytes.

import { Buffer } from "node:buffer";
import { createHash, createHmac, createPublicKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { NETOPIA_PLATFORM_KEY } from "./keys.ts";
import { makePair, OTHER_SIGNATURE, SIGNATURE, type TokenParts, tokenFor } from "./testing.ts";
import { verifyToken } from "./token.ts";

const platform = makePair(2048);
const other = makePair(1024);
const body = new TextEncoder().encode('{"payment":{"status":3}}');
const jwkOf = (pem: string) => createPublicKey(pem).export({ format: "jwk" });
const verdict = (token: string | null, platformKeys = [platform.publicKey], bytes = body) =>
  verifyToken(token, bytes, { signature: SIGNATURE, platformKeys });
const reason = (parts: TokenParts, key = platform.privateKey) => {
  const answer = verdict(tokenFor(body, key, parts));
  return answer.ok ? "ok" : answer.reason;
};
const hashed = (algorithm: string, encoding: "hex" | "base64" | "base64url") =>
  createHash(algorithm).update(body).digest(encoding);

describe("verifyToken", () => {
  it("accepts a genuine token, its audience as text or list, its times whatever they are", () => {
    expect(reason({})).toBe("ok");
    expect(reason({ aud: SIGNATURE })).toBe("ok");
    expect(reason({ aud: [OTHER_SIGNATURE, SIGNATURE] })).toBe("ok");
    for (const iat of [0, 1_795_000_000_000, "soon"]) expect(reason({ claims: { iat, exp: 1, nbf: 9e15 } })).toBe("ok");
  });

  it("accepts keys as PUBLIC KEY, CERTIFICATE, JWK and JWK set, several, and of 1024 bits", () => {
    const token = tokenFor(body, platform.privateKey);
    const jwk = jwkOf(platform.publicKey);
    const texts = [platform.publicKey, platform.certificate, JSON.stringify(jwk), JSON.stringify({ keys: [jwk] })];
    for (const text of texts) {
      expect(verdict(token, [text]).ok).toBe(true);
      expect(verdict(token, ["not a key", other.publicKey, text]).ok).toBe(true);
    }
    expect(verdict(tokenFor(body, other.privateKey), [other.certificate]).ok).toBe(true);
  });

  it("trusts the platform's own key when none is given, and only then", () => {
    const token = tokenFor(body, platform.privateKey);
    expect(verdict(token, [])).toEqual({ ok: false, reason: "bad_signature" });
    expect(verdict(token, [" "])).toEqual({ ok: false, reason: "bad_signature" });
    expect(verdict(token, ["not a key"])).toEqual({ ok: false, reason: "no_platform_key" });
    const der = createPublicKey(NETOPIA_PLATFORM_KEY).export({ format: "der", type: "spki" });
    expect(createHash("sha256").update(der).digest("hex")).toBe(
      "eeba3b065067fb01c2389850c7a888456dfd31332d67ed9b630dae24753478d7",
    );
  });

  it.each<[string, TokenParts, string]>([
    ["RS256", { alg: "RS256", digest: "RSA-SHA256" }, "wrong_algorithm"],
    ["RS384", { alg: "RS384", digest: "RSA-SHA384" }, "wrong_algorithm"],
    ["PS512", { alg: "PS512" }, "wrong_algorithm"],
    ["none", { alg: "none" }, "wrong_algorithm"],
    ["rs512 in small letters", { alg: "rs512" }, "wrong_algorithm"],
    ["SHA-256 under the name RS512", { digest: "RSA-SHA256" }, "bad_signature"],
    ["another issuer", { iss: "NETOPIA payments" }, "wrong_issuer"],
    ["another point of sale", { aud: [OTHER_SIGNATURE] }, "wrong_audience"],
    ["no audience", { aud: [] }, "wrong_audience"],
    ["a prefix of the audience", { aud: `${SIGNATURE}-X` }, "wrong_audience"],
    ["a hex hash", { sub: hashed("sha512", "hex") }, "body_mismatch"],
    ["a base64url hash", { sub: hashed("sha512", "base64url") }, "body_mismatch"],
    ["a hash without padding", { sub: hashed("sha512", "base64").replace(/=+$/, "") }, "body_mismatch"],
    ["SHA-256 of the body", { sub: hashed("sha256", "base64") }, "body_mismatch"],
    ["no hash", { sub: "" }, "body_mismatch"],
  ])("refuses %s", (_, parts, expected) => {
    expect(reason(parts)).toBe(expected);
  });

  it("refuses an unsigned token for its algorithm", () => {
    const [head, claims] = tokenFor(body, platform.privateKey, { alg: "none" }).split(".");
    expect(verdict(`${head}.${claims}.`)).toEqual({ ok: false, reason: "wrong_algorithm" });
  });

  it("refuses another key, and a secret made of the public one", () => {
    expect(reason({}, other.privateKey)).toBe("bad_signature");
    const [head, claims] = tokenFor(body, platform.privateKey, { alg: "HS512" }).split(".");
    const mac = createHmac("sha512", platform.publicKey).update(`${head}.${claims}`).digest("base64url");
    expect(verdict(`${head}.${claims}.${mac}`)).toEqual({ ok: false, reason: "wrong_algorithm" });
    const oct = JSON.stringify({ kty: "oct", k: "AAAA" });
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "pem", type: "spki" });
    const token = tokenFor(body, platform.privateKey);
    expect(verdict(token, [oct, ec.toString()])).toEqual({ ok: false, reason: "no_platform_key" });
  });

  it("refuses the token of another body and every other change of the body", () => {
    const token = tokenFor(body, platform.privateKey);
    for (const text of ['{"payment":{"status":5}}', '{ "payment":{"status":3}}', ""]) {
      expect(verdict(token, undefined, new TextEncoder().encode(text))).toEqual({ ok: false, reason: "body_mismatch" });
    }
  });

  it("refuses what is no token", () => {
    const token = tokenFor(body, platform.privateKey);
    const [head, claims, signature] = token.split(".");
    expect(verdict(null)).toEqual({ ok: false, reason: "token_missing" });
    expect(verdict(" ")).toEqual({ ok: false, reason: "token_missing" });
    const bad = [
      `${head}.${claims}`,
      `${head}.${claims}.`,
      `${token}.x`,
      `${token}, ${token}`,
      "a.b.c",
      "..",
      `${token}=`,
    ];
    const list = Buffer.from("[]").toString("base64url");
    for (const one of [...bad, `${list}.${claims}.${signature}`, `${head}.${list}.${signature}`, "x".repeat(99_999)]) {
      expect(verdict(one), one.slice(0, 40)).toEqual({ ok: false, reason: "token_malformed" });
    }
  });

  it("refuses every change of one character of the token", () => {
    const token = tokenFor(body, platform.privateKey);
    for (let at = 0; at < token.length; at += 3) {
      const letter = token[at] === "A" ? "B" : "A";
      expect(verdict(token.slice(0, at) + letter + token.slice(at + 1)).ok, `at ${at}`).toBe(false);
    }
  });
});
