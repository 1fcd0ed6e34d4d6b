// A picture where the bank would draw its code. It looks like one and holds nothing: codes are drawn from the payload.
import { createHash } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";

type Wanted = { width: number; height: number; mediaType: "image/png" | "image/svg+xml" };
const side = 25;

function cells(text: string): boolean[] {
  const bits: boolean[] = [];
  for (let round = 0; bits.length < side * side; round++) {
    for (const byte of createHash("sha256").update(`${text} ${round}`).digest()) {
      for (let bit = 0; bit < 8; bit++) bits.push(((byte >> bit) & 1) === 1);
    }
  }
  return bits;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "ascii"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body) >>> 0);
  return Buffer.concat([length, body, check]);
}

/** The image object of an answer. */
export function qrImage(text: string, { width, height, mediaType }: Wanted): object {
  const dark = cells(text);
  const at = (x: number, y: number): boolean => dark[y * side + x] ?? false;
  if (mediaType === "image/svg+xml") {
    const squares = dark.flatMap((on, i) => (on ? [`M${i % side} ${Math.floor(i / side)}h1v1h-1z`] : [])).join("");
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${side} ${side}"><path d="${squares}"/></svg>`;
    return { width, height, mediaType, content: Buffer.from(svg, "utf8").toString("base64") };
  }
  const rows = Buffer.alloc((width + 1) * height, 255);
  for (let y = 0; y < height; y++) {
    rows[y * (width + 1)] = 0;
    for (let x = 0; x < width; x++) {
      if (at(Math.floor((x * side) / width), Math.floor((y * side) / height))) rows[y * (width + 1) + 1 + x] = 0;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const png = Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
  return { width, height, mediaType, content: png.toString("base64") };
}
