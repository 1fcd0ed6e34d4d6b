// `npm run screens`: the pictures of docs/screens.md. Every screen of the payer as one sheet: on a phone by day and by night,
// on a desktop by day and by night. Not run with the tests; what keeps the screens as they are is payer.test.ts.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../../scripts/paths.ts";
import { DESKTOP, openBrowser, openPage, PHONE } from "./browser.ts";
import { fileOf, payerScreens } from "./screens.ts";

const FOLDER = join(root, "docs/screens/payer");
const LARGEST = 40_000;
/** Phones stand in full length up to here. */
const PHONE_LIMIT = 760;
const GAP = 18;

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** Draws four pictures onto one sheet and gives it as WebP, in the finest quality that stays small. */
async function sheet(page: Page, shots: { png: string; scale: number }[]): Promise<Buffer> {
  const base64 = await page.evaluate(
    async ({ shots, gap, limit, largest }) => {
      const images = await Promise.all(
        shots.map(async ({ png }) =>
          createImageBitmap(new Blob([Uint8Array.from(atob(png), (c) => c.charCodeAt(0))], { type: "image/png" })),
        ),
      );
      const size = images.map((image, at) => {
        const scale = shots[at]?.scale ?? 1;
        return { w: Math.round(image.width * scale), h: Math.min(Math.round(image.height * scale), limit) };
      });
      const [a, b, c, d] = size as [(typeof size)[0], (typeof size)[0], (typeof size)[0], (typeof size)[0]];
      const width = a.w + b.w + c.w + 4 * gap;
      const height = Math.max(a.h, b.h, c.h + d.h + gap) + 2 * gap;
      const canvas = new OffscreenCanvas(width, height);
      const pen = canvas.getContext("2d");
      if (!pen) throw new Error("no canvas");
      pen.imageSmoothingQuality = "high";
      pen.fillStyle = "#c3ccc8";
      pen.fillRect(0, 0, width, height);
      const places = [
        { x: gap, y: gap, ...a },
        { x: a.w + 2 * gap, y: gap, ...b },
        { x: a.w + b.w + 3 * gap, y: gap, ...c },
        { x: a.w + b.w + 3 * gap, y: c.h + 2 * gap, ...d },
      ];
      places.forEach(({ x, y, w, h }, at) => {
        const [image, scale] = [images[at] as ImageBitmap, shots[at]?.scale ?? 1];
        pen.save();
        pen.beginPath();
        pen.roundRect(x, y, w, h, 12);
        pen.clip();
        pen.drawImage(image, 0, 0, image.width, h / scale, x, y, w, h);
        pen.restore();
      });
      for (let quality = 0.86; ; quality -= 0.06) {
        const blob = await canvas.convertToBlob({ type: "image/webp", quality });
        if (blob.size > largest && quality > 0.3) continue;
        const bytes = new Uint8Array(await blob.arrayBuffer());
        let text = "";
        for (const byte of bytes) text += String.fromCharCode(byte);
        return btoa(text);
      }
    },
    { shots, gap: GAP, limit: PHONE_LIMIT, largest: LARGEST },
  );
  return Buffer.from(base64, "base64");
}

/** The page that shows them. */
function bookOf(names: string[]): string {
  const title = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
  return [
    "# What a payer can meet",
    "",
    "Every screen under a payment link: on a phone (360 px) and on a desktop, by day and by night, in English. The same screens",
    "are kept by `e2e/screens/payer.test.ts`: what a screen reader is told, no fault of accessibility in any language, nothing",
    "that moves while it loads, and how it looks. This page and its pictures are made by `npm run screens`.",
    "",
    ...names.flatMap((name) => [
      `## ${title(name)}`,
      "",
      `![${title(name)}: on a phone light and dark, on a desktop light and dark](screens/payer/${fileOf(name)}.webp)`,
      "",
    ]),
  ].join("\n");
}

test("every screen of the payer, light and dark, phone and desktop", async () => {
  const screens = await payerScreens("en");
  const devices = [{ viewport: PHONE, hasTouch: true, isMobile: true }, { viewport: DESKTOP }];
  const looks = devices.flatMap((device) =>
    (["light", "dark"] as const).map((colorScheme) => ({ ...device, colorScheme })),
  );
  const pages = [];
  for (const look of looks) pages.push({ ...(await openPage(browser, look)), viewport: look.viewport });
  const table = await openPage(browser);
  mkdirSync(FOLDER, { recursive: true });
  for (const name of readdirSync(FOLDER)) rmSync(join(FOLDER, name));
  let sum = 0;
  for (const screen of screens) {
    const shots: { png: string; scale: number }[] = [];
    for (const [at, { page, show, viewport }] of pages.entries()) {
      await page.setViewportSize(viewport);
      await page.clock.setFixedTime(screen.name === "handing over" ? "2030-11-21T14:20:00Z" : "2026-11-21T14:25:00Z");
      await show(screen);
      // Not by `fullPage`: for a page longer than the phone the browser then forgets that it is one that is touched.
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.setViewportSize({ ...viewport, height });
      const png = await page.screenshot({ scale: "css", animations: "disabled" });
      shots.push({ png: png.toString("base64"), scale: at < 2 ? 0.62 : 0.36 });
    }
    const picture = await sheet(table.page, shots);
    expect.soft(picture.length, screen.name).toBeLessThanOrEqual(LARGEST);
    sum += picture.length;
    writeFileSync(join(FOLDER, `${fileOf(screen.name)}.webp`), picture);
  }
  for (const { close } of [...pages, table]) await close();
  writeFileSync(join(root, "docs/screens.md"), bookOf(screens.map(({ name }) => name)));
  console.log(`${screens.length} sheets, ${Math.round(sum / 1000)} kB`);
  expect(sum).toBeLessThan(2_500_000);
}, 900_000);
