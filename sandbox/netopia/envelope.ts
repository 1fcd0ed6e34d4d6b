// The sealed envelope of protocol v1: a random key under RSA, the XML under AES-256-CBC or RC4. Same both ways.
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import { rc4 } from "./rc4.ts";

export type CipherName = "rc4" | "aes-256-cbc";
export type Sealed = { env_key: string; data: string; cipher: CipherName; iv?: string };

/** Seals bytes for whoever holds the private half of a certificate or public key (PEM). */
export function seal(input: {
  recipient: string;
  cipher: CipherName;
  plain: Uint8Array;
  /** Senders in the field use RC4 keys of 16 and of 32 bytes. */
  rc4KeyBytes?: number;
}): Sealed {
  const aes = input.cipher === "aes-256-cbc";
  const key = randomBytes(aes ? 32 : (input.rc4KeyBytes ?? 16));
  const env_key = publicEncrypt(
    { key: createPublicKey(input.recipient), padding: constants.RSA_PKCS1_PADDING },
    key,
  ).toString("base64");
  if (!aes) return { env_key, data: rc4(key, input.plain).toString("base64"), cipher: "rc4" };
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  const data = Buffer.concat([cipher.update(input.plain), cipher.final()]).toString("base64");
  return { env_key, data, cipher: "aes-256-cbc", iv: iv.toString("base64") };
}

/** Decodes standard padded base64, or answers undefined; Node's own decoder accepts nearly anything. */
export function strictBase64(text: string): Buffer | undefined {
  if (text.length === 0 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

/**
 * Opens PKCS#1 v1.5 by raw RSA and own unpadding. Node's own unpadding answers random bytes for a corrupted input
 * (implicit rejection), which would look like a key.
 */
function openKey(privateKey: string, sealedKey: Buffer): Buffer | undefined {
  let block: Buffer;
  try {
    block = privateDecrypt({ key: createPrivateKey(privateKey), padding: constants.RSA_NO_PADDING }, sealedKey);
  } catch {
    return undefined;
  }
  if (block[0] !== 0 || block[1] !== 2) return undefined;
  const end = block.indexOf(0, 2);
  return end >= 10 ? block.subarray(end + 1) : undefined;
}

export type EnvelopeFields = { env_key?: string; data?: string; cipher?: string; iv?: string };
export type Opened = { ok: true; text: string; cipher: CipherName } | { ok: false; reason: string };

/** Opens an envelope with one private key; the reason of a failure is for the sandbox's log. */
export function openEnvelope(fields: EnvelopeFields, privateKey: string): Opened {
  const fail = (reason: string): Opened => ({ ok: false, reason });
  // A missing cipher means rc4: legacy senders do not name it.
  const cipher = (fields.cipher || "rc4").toLowerCase();
  if (cipher !== "rc4" && cipher !== "aes-256-cbc") return fail(`cipher ${cipher} is not known`);
  const sealedKey = strictBase64(fields.env_key ?? "");
  if (!sealedKey) return fail("env_key is not base64");
  const data = strictBase64(fields.data ?? "");
  if (!data) return fail("data is not base64");
  const key = openKey(privateKey, sealedKey);
  if (!key) return fail("env_key does not open with the gateway's key: sealed with another certificate?");
  let plain: Buffer;
  if (cipher === "aes-256-cbc") {
    const iv = strictBase64(fields.iv ?? "");
    if (iv?.length !== 16) return fail("iv is not base64 of 16 bytes");
    if (key.length !== 32) return fail(`the AES key has ${key.length} bytes instead of 32`);
    const decipher = createDecipheriv("aes-256-cbc", key, iv);
    try {
      plain = Buffer.concat([decipher.update(data), decipher.final()]);
    } catch {
      return fail("data does not decrypt: bad padding");
    }
  } else {
    if (key.length < 5 || key.length > 32) return fail(`the RC4 key has ${key.length} bytes`);
    plain = rc4(key, data);
  }
  try {
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true }).decode(plain), cipher };
  } catch {
    return fail("the decrypted text is not UTF-8");
  }
}
