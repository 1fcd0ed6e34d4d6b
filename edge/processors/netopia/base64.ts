// Strict base64: the whole text, standard alphabet, padded, and only the one spelling of each byte string.

import { Buffer } from "node:buffer";

/** Bytes of strict base64; null for anything that another spelling or a lenient reader would be needed for. */
export function fromBase64(text: string): Uint8Array | null {
  if (text === "" || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : null;
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
