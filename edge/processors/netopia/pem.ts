// Key files as people paste them, brought to one shape: PEM in 64-character lines (netopia.md A2, traps).

import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { fromBase64 } from "./base64.ts";

/** What a pasted text turned out to be. */
export type PastedKey =
  | { is: "certificate"; publicKey: KeyObject; pem: string }
  | { is: "private_key"; key: KeyObject; pem: string }
  | { is: "public_key" }
  | { is: "encrypted_private_key" }
  | { is: "unreadable" };

/**
 * Reads a key or certificate from text with or without its BEGIN and END lines, with any line breaks or none, literal
 * "\n" from a settings file, a byte order mark, spaces, or other text around it. What the bytes are decides, not what
 * the line above them says.
 */
export function readPastedKey(pasted: string): PastedKey {
  const text = pasted
    .replaceAll("\ufeff", "")
    .replace(/\\r|\\n/g, "\n")
    .replace(/[\u2013\u2014]/g, "--");
  const block = /-----\s*BEGIN ([A-Z0-9 ]{1,40}?)\s*-----([\s\S]*?)(?:-----\s*END|$)/.exec(text);
  const label = block?.[1] ?? "";
  const body = block?.[2] ?? text;
  if (label === "ENCRYPTED PRIVATE KEY" || /Proc-Type:[^\n]*ENCRYPTED/.test(body))
    return { is: "encrypted_private_key" };
  const der = fromBase64(padded(body.replace(/[\s\u00a0\u200b"']/g, "")));
  if (!der) return { is: "unreadable" };
  return asPrivateKey(der) ?? asCertificate(der) ?? asPublicKey(der) ?? asEncrypted(der) ?? { is: "unreadable" };
}

function asPrivateKey(der: Uint8Array): PastedKey | null {
  for (const type of ["pkcs8", "pkcs1", "sec1"] as const) {
    try {
      const key = createPrivateKey({ key: Buffer.from(der), format: "der", type });
      return { is: "private_key", key, pem: pemOf("PRIVATE KEY", key.export({ format: "der", type: "pkcs8" })) };
    } catch {
      // not of this type: the next one is tried
    }
  }
  return null;
}

function asCertificate(der: Uint8Array): PastedKey | null {
  try {
    const pem = pemOf("CERTIFICATE", der);
    return { is: "certificate", publicKey: new X509Certificate(pem).publicKey, pem };
  } catch {
    return null;
  }
}

function asPublicKey(der: Uint8Array): PastedKey | null {
  for (const type of ["spki", "pkcs1"] as const) {
    try {
      createPublicKey({ key: Buffer.from(der), format: "der", type });
      return { is: "public_key" };
    } catch {
      // not of this type: the next one is tried
    }
  }
  return null;
}

/** EncryptedPrivateKeyInfo pasted without its lines: the object identifier of PBES2 or PBES1 near the start. */
function asEncrypted(der: Uint8Array): PastedKey | null {
  const start = Buffer.from(der.subarray(0, 40)).toString("hex");
  return /06092a864886f70d0105/.test(start) ? { is: "encrypted_private_key" } : null;
}

function pemOf(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** A body copied by hand often loses its trailing "=". */
function padded(base64: string): string {
  const bare = base64.replace(/=+$/, "");
  return bare + "=".repeat((4 - (bare.length % 4)) % 4);
}
