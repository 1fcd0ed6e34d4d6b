// Points of sale with their credentials, as a merchant finds them in the processor's console.
import { randomBytes, randomInt } from "node:crypto";
import type { Netopia } from "./notify.ts";
import { defaultOptions, type Options, type PointOfSale } from "./state.ts";
import { makeKeyWithCertificate } from "./x509.ts";

/** Five groups of four capital letters and digits. */
export const signatureShape = /^[A-Z0-9]{4}(-[A-Z0-9]{4}){4}$/;

function makeSignature(): string {
  const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join("");
  return Array.from({ length: 5 }, group).join("-");
}

/** Makes a point of sale with fresh keys, or answers the one that has the signature already. */
export async function createPointOfSale(
  netopia: Netopia,
  input: { signature?: string; keyBits?: 1024 | 2048; name?: string; approved?: boolean; options?: Partial<Options> },
): Promise<PointOfSale> {
  const signature = input.signature ?? makeSignature();
  const find = () => netopia.state.pointsOfSale.find((pos) => pos.signature === signature);
  const existing = find();
  if (existing) return existing;
  // Keys seen in the field are 1024-bit.
  const keyBits = input.keyBits ?? 1024;
  const [gateway, merchant] = await Promise.all([
    makeKeyWithCertificate(keyBits, signature),
    makeKeyWithCertificate(keyBits, signature),
  ]);
  // Two requests may have made keys at the same time: the first one stays.
  const meanwhile = find();
  if (meanwhile) return meanwhile;
  const pos: PointOfSale = {
    signature,
    name: input.name ?? signature,
    approved: input.approved ?? true,
    keyBits,
    apiKey: randomBytes(45).toString("base64url"),
    gateway,
    merchant,
    options: { ...defaultOptions, ...input.options },
    createdAt: netopia.clock.now(),
  };
  netopia.state.pointsOfSale.push(pos);
  netopia.changed();
  return pos;
}

/** What the merchant may know about a point of sale: never the gateway's private key. */
export function credentialsOf(pos: PointOfSale) {
  return {
    signature: pos.signature,
    name: pos.name,
    approved: pos.approved,
    keyBits: pos.keyBits,
    apiKey: pos.apiKey,
    certificate: pos.gateway.certificate,
    privateKey: pos.merchant.privateKey,
    fileNames: {
      certificate: `sandbox.${pos.signature}.public.cer`,
      privateKey: `sandbox.${pos.signature}private.key`,
    },
    options: pos.options,
  };
}
