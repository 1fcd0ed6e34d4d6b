// The sealed envelope of v1 in both directions: what OpenSSL calls EVP_Seal and EVP_Open (netopia.md A4).

import { Buffer } from "node:buffer";
import {
  constants,
  createCipheriv,
  createDecipheriv,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import { fromBase64, toBase64 } from "./base64.ts";
import { privateKeyOf, publicKeyOf } from "./keys.ts";
import { rc4 } from "./rc4.ts";

/** The form fields of an envelope, after form decoding. `cipher` absent means rc4 (A6). */
export type EnvelopeFields = { env_key: string; data: string; cipher?: string | undefined; iv?: string | undefined };

/** Chosen key material, for tests that need the same bytes each time. */
export type SealMaterial = { key: Uint8Array; iv: Uint8Array };

/** Seals an order for the owner of a certificate, always with AES. Throws when the certificate cannot be read. */
export function seal(
  xml: string,
  certificate: string,
  material?: SealMaterial,
): Required<EnvelopeFields> & { iv: string; cipher: string } {
  const key = material?.key ?? randomBytes(32);
  const iv = material?.iv ?? randomBytes(16);
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  const data = Buffer.concat([cipher.update(Buffer.from(xml, "utf8")), cipher.final()]);
  const envKey = publicEncrypt(
    { key: publicKeyOf(certificate), padding: constants.RSA_PKCS1_PADDING },
    Buffer.from(key),
  );
  return { env_key: toBase64(envKey), data: toBase64(data), cipher: "aes-256-cbc", iv: toBase64(iv) };
}

/**
 * Opens an envelope with the merchant's private key (PKCS#8 PEM). Every failure — base64, RSA, padding, cipher, UTF-8 —
 * gives the same null, so that whoever sees our answers learns nothing from them (A6, verification 1).
 */
export function open(fields: EnvelopeFields, privateKey: string): string | null {
  try {
    const cipher = (fields.cipher ?? "rc4").trim().toLowerCase() || "rc4";
    const envKey = fromBase64(spacesToPlus(fields.env_key));
    const data = fromBase64(spacesToPlus(fields.data));
    if (!envKey || !data) return null;
    const key = unsealKey(privateKeyOf(privateKey), envKey);
    const plain =
      cipher === "rc4" ? openRc4(key, data) : cipher === "aes-256-cbc" ? openAes(key, data, fields.iv) : null;
    if (!plain) return null;
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(plain);
    return isXmlText(text) ? text : null;
  } catch {
    return null;
  }
}

/**
 * Raw RSA and our own unpadding, because PKCS#1 decryption differs between runtimes (part C): one throws, one gives
 * random bytes, one refuses. Every byte is looked at whatever was found before; a wrong padding goes on with a random
 * key, so that it fails later and like any other wrong key.
 */
function unsealKey(privateKey: KeyObject, sealed: Uint8Array): Uint8Array {
  const block = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, Buffer.from(sealed));
  let bad = (block[0] ?? 1) | ((block[1] ?? 0) ^ 2);
  // A shorter text is the same number to some runtimes when it lost a leading zero.
  bad |= sealed.length ^ block.length;
  let end = 0;
  for (let index = 2; index < block.length; index += 1) {
    const isEnd = Number(block[index] === 0) & Number(end === 0);
    end += isEnd * index;
  }
  bad |= Number(end < 10);
  const key = block.subarray(end + 1);
  const fallback = randomBytes(32);
  return bad === 0 ? key : fallback;
}

function openAes(key: Uint8Array, data: Uint8Array, ivText: string | undefined): Uint8Array | null {
  const iv = ivText === undefined ? null : fromBase64(spacesToPlus(ivText));
  if (iv?.length !== 16 || key.length !== 32 || data.length % 16 !== 0) return null;
  const decipher = createDecipheriv("aes-256-cbc", key, iv).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(Buffer.from(data)), decipher.final()]);
  const count = padded[padded.length - 1] ?? 0;
  let bad = Number(count < 1) | Number(count > 16);
  for (let back = 1; back <= 16; back += 1) {
    bad |= Number(back <= count) * ((padded[padded.length - back] ?? 0) ^ count);
  }
  return bad === 0 ? padded.subarray(0, padded.length - count) : null;
}

function openRc4(key: Uint8Array, data: Uint8Array): Uint8Array | null {
  return key.length >= 5 && key.length <= 32 ? rc4(key, data) : null;
}

/** A sender that forgot to encode `+` arrives with spaces (A4, defensive rule). */
function spacesToPlus(text: string): string {
  return text.replaceAll(" ", "+");
}

/** Only characters that XML 1.0 allows: garbled bytes that happen to be UTF-8 still seldom are. */
function isXmlText(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly the characters that XML 1.0 excludes
  return !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/.test(text);
}
