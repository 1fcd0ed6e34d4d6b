// The platform key of NETOPIA's notifications, and reading of keys; imports are kept because an IPN repeats them.

import { Buffer } from "node:buffer";
import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";

/**
 * One RSA-2048 key for sandbox and live, as the official WooCommerce and OpenCart plugins carry it (netopia.md B6).
 * SHA-256 of the DER: eeba3b065067fb01c2389850c7a888456dfd31332d67ed9b630dae24753478d7.
 */
export const NETOPIA_PLATFORM_KEY = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAy6pUDAFLVul4y499gz1P
gGSvTSc82U3/ih3e5FDUs/F0Jvfzc4cew8TrBDrw7Y+AYZS37D2i+Xi5nYpzQpu7
ryS4W+qvgAA1SEjiU1Sk2a4+A1HeH+vfZo0gDrIYTh2NSAQnDSDxk5T475ukSSwX
L9tYwO6CpdAv3BtpMT5YhyS3ipgPEnGIQKXjh8GMgLSmRFbgoCTRWlCvu7XOg94N
fS8l4it2qrEldU8VEdfPDfFLlxl3lUoLEmCncCjmF1wRVtk4cNu+WtWQ4mBgxpt0
tX2aJkqp4PV3o5kI4bqHq/MS7HVJ7yxtj/p8kawlVYipGsQj3ypgltQ3bnYV/LRq
8QIDAQAB
-----END PUBLIC KEY-----
`;

const KEPT_AT_MOST = 64;
const kept = new Map<string, KeyObject>();

/** A public key from PEM (`PUBLIC KEY` or `CERTIFICATE`) or JWK text. Throws on anything else. */
export function publicKeyOf(text: string): KeyObject {
  return remember("public", text, () => {
    const trimmed = text.trim();
    if (trimmed.startsWith("{")) return createPublicKey({ key: JSON.parse(trimmed), format: "jwk" });
    if (trimmed.includes("BEGIN CERTIFICATE")) return new X509Certificate(trimmed).publicKey;
    return createPublicKey(trimmed);
  });
}

/** A private key from PKCS#8 PEM. Throws on anything else. */
export function privateKeyOf(pem: string): KeyObject {
  return remember("private", pem, () => createPrivateKey(pem));
}

/**
 * The modulus of an RSA key, public or private; null when the key is not RSA. Read from its DER, because workerd cannot
 * export a certificate's key as JWK.
 */
export function rsaModulus(key: KeyObject): Uint8Array | null {
  if (key.asymmetricKeyType !== "rsa") return null;
  const isPrivate = key.type === "private";
  const whole = isPrivate ? key.export({ format: "der", type: "pkcs8" }) : key.export({ format: "der", type: "spki" });
  // PKCS#8: version, algorithm, octets of (version, modulus, …). SPKI: algorithm, bits (a zero byte first) of (modulus, …).
  const wrapped = derParts(derParts(whole)[0])[isPrivate ? 2 : 1];
  const numbers = derParts(derParts(isPrivate ? wrapped : wrapped?.subarray(1))[0]);
  const modulus = numbers[isPrivate ? 1 : 0];
  return modulus ? modulus.subarray(modulus[0] === 0 ? 1 : 0) : null;
}

/** Bits of an RSA modulus, to whole bytes; null when the key is not RSA. */
export function rsaBits(key: KeyObject): number | null {
  const modulus = rsaModulus(key);
  return modulus ? modulus.byteLength * 8 : null;
}

/** Contents of the elements that stand one after another in DER. */
function derParts(bytes: Uint8Array | undefined): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; bytes && at + 1 < bytes.length; ) {
    const first = bytes[at + 1] ?? 0;
    const lengthBytes = first > 128 ? first - 128 : 0;
    const length =
      lengthBytes === 0
        ? first
        : bytes.subarray(at + 2, at + 2 + lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0);
    const start = at + 2 + lengthBytes;
    parts.push(bytes.subarray(start, start + length));
    at = start + length;
  }
  return parts;
}

// By the hash of the text, so that the memory holds no second copy of a secret; bounded, oldest out first.
function remember(use: string, text: string, read: () => KeyObject): KeyObject {
  const name = createHash("sha256")
    .update(Buffer.from(`${use}\n${text}`))
    .digest("hex");
  const known = kept.get(name);
  if (known) return known;
  const key = read();
  if (kept.size >= KEPT_AT_MOST) {
    const oldest = kept.keys().next().value;
    if (oldest !== undefined) kept.delete(oldest);
  }
  kept.set(name, key);
  return key;
}
