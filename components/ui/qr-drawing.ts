// A QR code as one path: crisp at any size, no request, no picture.

import QRCode from "qrcode";

/** Modules without the quiet zone, and the dark ones as a path in a square of that many units. */
export type QrDrawing = { size: number; path: string };

/** Draws a text as a QR code of medium error correction; runs of dark modules become one rectangle. */
export function drawQr(text: string): QrDrawing {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: "M" });
  const { size } = modules;
  let path = "";
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (!modules.get(row, column)) continue;
      const from = column;
      while (column + 1 < size && modules.get(row, column + 1)) column++;
      const width = column - from + 1;
      path += `M${from} ${row}h${width}v1h-${width}z`;
    }
  }
  return { size, path };
}
