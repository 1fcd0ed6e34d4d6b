// What a merchant pastes from "Setări tehnice", checked without a network and brought to one shape (netopia.md A2, B2).

import { Buffer } from "node:buffer";
import { z } from "@hono/zod-openapi";
import { rsaBits, rsaModulus } from "./keys.ts";
import { readPastedKey } from "./pem.ts";

export type V1Credentials = { protocol: "v1"; signature: string; certificate: string; privateKey: string };
export type V2Credentials = { protocol: "v2"; signature: string; apiKey: string };
export type NetopiaCredentials = V1Credentials | V2Credentials;

const SIGNATURE = /^[A-Z0-9]{4}(-[A-Z0-9]{4}){4}$/;
const SMALLEST_KEY_BITS = 1024; // keys of this size are still handed out (A2)

const signature = z.string({ error: "signature_missing" }).transform((pasted, context) => {
  const value = pasted.replace(/[\s\u00a0\u200b\ufeff]/g, "").toUpperCase();
  if (value === "") return refuse(context, "signature_missing");
  return SIGNATURE.test(value) ? value : refuse(context, "bad_signature_format");
});

const certificate = z.string({ error: "certificate_missing" }).transform((pasted, context) => {
  if (pasted.trim() === "") return refuse(context, "certificate_missing");
  const found = readPastedKey(pasted);
  if (found.is === "private_key" || found.is === "encrypted_private_key") {
    return refuse(context, "certificate_is_a_private_key");
  }
  if (found.is === "public_key") return refuse(context, "certificate_is_a_public_key");
  if (found.is === "unreadable") return refuse(context, "not_a_certificate");
  const bits = rsaBits(found.publicKey);
  if (bits === null) return refuse(context, "certificate_not_rsa");
  return bits < SMALLEST_KEY_BITS ? refuse(context, "key_too_short") : found.pem;
});

const privateKey = z.string({ error: "private_key_missing" }).transform((pasted, context) => {
  if (pasted.trim() === "") return refuse(context, "private_key_missing");
  const found = readPastedKey(pasted);
  if (found.is === "certificate") return refuse(context, "private_key_is_a_certificate");
  if (found.is === "public_key") return refuse(context, "private_key_is_a_public_key");
  if (found.is === "encrypted_private_key") return refuse(context, "private_key_encrypted");
  if (found.is === "unreadable") return refuse(context, "not_a_private_key");
  const bits = rsaBits(found.key);
  if (bits === null) return refuse(context, "private_key_not_rsa");
  return bits < SMALLEST_KEY_BITS ? refuse(context, "key_too_short") : found.pem;
});

const apiKey = z.string({ error: "api_key_missing" }).transform((pasted, context) => {
  const value = pasted.replace(/[\u200b\ufeff]/g, "").trim();
  if (value === "") return refuse(context, "api_key_missing");
  if (SIGNATURE.test(value.toUpperCase())) return refuse(context, "api_key_is_a_signature");
  if (value.includes("-----BEGIN")) return refuse(context, "api_key_is_a_key_file");
  // It travels as a header value of its own: no scheme word, no space, nothing beyond ASCII (B2).
  return /^[\x21-\x7e]{8,4096}$/.test(value) ? value : refuse(context, "bad_api_key_format");
});

const v1 = z
  .object({ protocol: z.literal("v1"), signature, certificate, privateKey })
  // That key and certificate match is never asked for: they are two key pairs, and a match is the mistake (A2).
  .superRefine((value, context) => {
    if (samePublicHalf(value.certificate, value.privateKey)) {
      context.addIssue({ code: "custom", path: ["certificate"], message: "certificate_is_your_own" });
    }
  });

const v2 = z.object({ protocol: z.literal("v2"), signature, apiKey });

/** Validates and normalises; the message of every issue is a stable code, on the path of its field. */
export const netopiaCredentials: z.ZodType<NetopiaCredentials> = z.discriminatedUnion("protocol", [v1, v2], {
  error: "protocol_unknown",
});

function samePublicHalf(certificatePem: string, privateKeyPem: string): boolean {
  const theirs = readPastedKey(certificatePem);
  const ours = readPastedKey(privateKeyPem);
  if (theirs.is !== "certificate" || ours.is !== "private_key") return false;
  const modulus = rsaModulus(theirs.publicKey);
  const own = rsaModulus(ours.key);
  return modulus !== null && own !== null && Buffer.compare(modulus, own) === 0;
}

function refuse(context: z.RefinementCtx, code: string): never {
  context.addIssue({ code: "custom", message: code });
  return z.NEVER;
}
