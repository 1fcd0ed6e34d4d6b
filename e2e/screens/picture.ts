// A picture of a screen, coarse enough to be the same on every machine: how bright each square of the page is. It shows
// what moved, vanished or changed its colour, and does not see how a font is smoothed.

import type { Page } from "playwright";

/** Side of a square in CSS pixels. */
const SQUARE = 12;
const SHADES = 16;

/** Rows of hexadecimal digits, one for each square: 0 is black, f is white. */
export type Picture = string[];

/** Takes the whole page as a picture. */
export async function takePicture(page: Page): Promise<Picture> {
  const png = (await page.screenshot({ fullPage: true, scale: "css" })).toString("base64");
  return page.evaluate(
    async ({ png, square, shades }) => {
      const bytes = Uint8Array.from(atob(png), (c) => c.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const [width, height] = [Math.ceil(image.width / square), Math.ceil(image.height / square)];
      const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d", { willReadFrequently: true });
      if (!canvas) throw new Error("no canvas");
      canvas.drawImage(image, 0, 0);
      const rows: string[] = [];
      for (let y = 0; y < height; y++) {
        let row = "";
        for (let x = 0; x < width; x++) {
          const { data } = canvas.getImageData(x * square, y * square, square, square);
          let sum = 0;
          let count = 0;
          for (let i = 0; i < data.length; i += 4) {
            const [red = 0, green = 0, blue = 0, alpha = 0] = data.slice(i, i + 4);
            if (alpha === 0) continue; // beyond the edge of the picture
            sum += 0.299 * red + 0.587 * green + 0.114 * blue;
            count++;
          }
          row += Math.round((sum / Math.max(count, 1) / 255) * (shades - 1)).toString(shades);
        }
        rows.push(row);
      }
      return rows;
    },
    { png, square: SQUARE, shades: SHADES },
  );
}

/** Squares that differ by more than a smoothed edge does, as a share of all; 1 when the sizes differ by more than a line. */
export function difference(before: Picture, now: Picture): number {
  if (Math.abs(before.length - now.length) > 2 || before[0]?.length !== now[0]?.length) return 1;
  let differing = 0;
  let all = 0;
  for (let y = 0; y < Math.max(before.length, now.length); y++) {
    const [old = "", fresh = ""] = [before[y], now[y]];
    for (let x = 0; x < (before[0]?.length ?? 0); x++) {
      all++;
      const [a, b] = [Number.parseInt(old[x] ?? "", SHADES), Number.parseInt(fresh[x] ?? "", SHADES)];
      if (!(Math.abs(a - b) <= 2)) differing++;
    }
  }
  return differing / all;
}
