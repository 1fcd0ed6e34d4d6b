// What a file that should become a logo really is, told by its bytes alone: neither its name nor its declared type counts.

import type { LogoType } from "../../db/schema/index.ts";

/** Bytes that a logo may have, and pixels along each side. */
export const LOGO_MAX_BYTES = 64 * 1024;
export const LOGO_MAX_SIDE = 1024;

export type LogoFault =
  | "required"
  | "logo_too_large"
  | "logo_is_svg" // it may carry script
  | "not_an_image"
  | "logo_broken"
  | "logo_animated"
  | "logo_too_wide";

export type LogoFile = { type: LogoType; width: number; height: number };
type Read = LogoFile | { fault: LogoFault };

const startsWith = (bytes: Uint8Array, start: readonly number[], at = 0) =>
  start.every((byte, index) => bytes[at + index] === byte);
const ascii = (bytes: Uint8Array, at: number, length: number) =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/**
 * The kind and size of an image, from its headers; nothing is decompressed, so a small file that would unfold to a huge
 * picture is refused by what it says of itself.
 * @returns the image, or why it cannot be a logo
 */
export function readLogoFile(bytes: Uint8Array): Read {
  if (bytes.length === 0) return { fault: "required" };
  if (bytes.length > LOGO_MAX_BYTES) return { fault: "logo_too_large" };
  const read = readKind(bytes);
  if ("fault" in read) return read;
  const { width, height } = read;
  if (width < 1 || height < 1) return { fault: "logo_broken" };
  if (width > LOGO_MAX_SIDE || height > LOGO_MAX_SIDE) return { fault: "logo_too_wide" };
  return read;
}

function readKind(bytes: Uint8Array): Read {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return readPng(bytes, view);
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return readJpeg(view);
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 4) === "WEBP") return readWebp(bytes, view);
  // Also in UTF-16, whose letters have a zero between them.
  const start = ascii(bytes, 0, 1024).replaceAll("\0", "").toLowerCase();
  return { fault: start.includes("<svg") || start.includes("<!doctype svg") ? "logo_is_svg" : "not_an_image" };
}

/** PNG, third edition: chunks of length, type, data, CRC; IHDR first, IEND last and nothing after it. */
function readPng(bytes: Uint8Array, view: DataView): Read {
  let size: { width: number; height: number } | undefined;
  let hasData = false;
  for (let at = 8; at + 12 <= view.byteLength; ) {
    const length = view.getUint32(at);
    const type = ascii(bytes, at + 4, 4);
    const end = at + 12 + length;
    if (end > view.byteLength) break;
    if (type === "acTL") return { fault: "logo_animated" };
    if (!size) {
      if (type !== "IHDR" || length !== 13) break;
      size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    } else if (type === "IHDR") break;
    if (type === "IDAT") hasData = true;
    if (type === "IEND") {
      if (!hasData || end !== view.byteLength) break;
      return { type: "image/png", ...size };
    }
    at = end;
  }
  return { fault: "logo_broken" };
}

/** JPEG (ITU T.81, B.2): segments up to the scan; the frame header names the size. */
function readJpeg(view: DataView): Read {
  let size: { width: number; height: number } | undefined;
  for (let at = 2; at + 4 <= view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) break;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1; // a fill byte
      continue;
    }
    const length = view.getUint16(at + 2);
    if (length < 2 || at + 2 + length > view.byteLength) break;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      // A second frame could name another size than the one that was looked at.
      if (size || length < 8) break;
      size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
    if (marker === 0xda) {
      if (!size) break;
      return { type: "image/jpeg", ...size };
    }
    at += 2 + length;
  }
  return { fault: "logo_broken" };
}

/** WebP (RFC 9649): a RIFF of exactly the file's length; lossy and lossless each name their size, and so may the canvas. */
function readWebp(bytes: Uint8Array, view: DataView): Read {
  const broken = { fault: "logo_broken" } as const;
  if (view.byteLength < 20 || view.getUint32(4, true) + 8 !== view.byteLength) return broken;
  let [width, height] = [0, 0];
  let hasPicture = false;
  for (let at = 12; at < view.byteLength; ) {
    if (at + 8 > view.byteLength) return broken;
    const type = ascii(bytes, at, 4);
    const length = view.getUint32(at + 4, true);
    const data = at + 8;
    at = data + length + (length % 2);
    if (at > view.byteLength) return broken;
    let seen = { width: 0, height: 0 };
    if (type === "ANIM" || type === "ANMF") return { fault: "logo_animated" };
    if (type === "VP8X") {
      if (length < 10) return broken;
      if (view.getUint8(data) & 0x02) return { fault: "logo_animated" };
      const three = (from: number) => view.getUint16(from, true) + view.getUint8(from + 2) * 65_536 + 1;
      seen = { width: three(data + 4), height: three(data + 7) };
    } else if (type === "VP8 ") {
      if (length < 10 || !startsWith(bytes, [0x9d, 0x01, 0x2a], data + 3)) return broken;
      seen = { width: view.getUint16(data + 6, true) & 0x3fff, height: view.getUint16(data + 8, true) & 0x3fff };
      hasPicture = true;
    } else if (type === "VP8L") {
      if (length < 5 || view.getUint8(data) !== 0x2f) return broken;
      const bits = view.getUint32(data + 1, true);
      seen = { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
      hasPicture = true;
    }
    [width, height] = [Math.max(width, seen.width), Math.max(height, seen.height)];
  }
  return hasPicture ? { type: "image/webp", width, height } : broken;
}
