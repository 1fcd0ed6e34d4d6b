// Every screen of the payer in a real Chromium, each by itself: what a screen reader is told, faults of accessibility in
// every language, what the browser complains of, whether anything moves while it loads, and how it looks.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LANGUAGES } from "../../messages/languages.ts";
import { DESKTOP, layoutShift, openBrowser, openPage, PHONE, setTestFont } from "./browser.ts";
import { difference, type Picture, takePicture } from "./picture.ts";
import { fileOf, payerScreens } from "./screens.ts";

const KEPT = join(import.meta.dirname, "kept");
/** Up to here a picture is the same: a caret, a rounded corner. */
const SAME = 0.01;

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

describe("what a screen reader is told", async () => {
  for (const screen of await payerScreens("en")) {
    test(screen.name, async () => {
      const { page, show, close } = await openPage(browser, { viewport: PHONE });
      await show(screen);
      const tree = await page.locator("body").ariaSnapshot();
      await expect(`${tree}\n`).toMatchFileSnapshot(join(KEPT, "trees", `${fileOf(screen.name)}.yml`));
      await close();
    });
  }
});

describe("no fault of accessibility, no complaint of the browser, nothing that moves", () => {
  for (const language of LANGUAGES) {
    // Contrast depends on the colours alone: the dark ones are looked at in one language.
    for (const colorScheme of language === "en" ? (["light", "dark"] as const) : (["light"] as const)) {
      test(`${language}, ${colorScheme}`, async () => {
        const { page, show, close } = await openPage(browser, { viewport: PHONE, colorScheme });
        const found: string[] = [];
        for (const screen of await payerScreens(language)) {
          for (const complaint of await show(screen)) found.push(`${screen.name}: ${complaint}`);
          const shift = await layoutShift(page);
          if (shift > 0) found.push(`${screen.name}: moved by ${shift}`);
          const { violations } = await new AxeBuilder({ page })
            .setLegacyMode() // no frames here, and no second page for each look
            .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
            .analyze();
          found.push(...violations.map(({ id, nodes }) => `${screen.name}: ${id}: ${nodes[0]?.html}`));
        }
        await close();
        expect(found).toEqual([]);
      });
    }
  }
});

describe("looks as it did", async () => {
  const screens = await payerScreens("en");
  for (const [device, viewport] of [
    ["phone", PHONE],
    ["desktop", DESKTOP],
  ] as const) {
    for (const colorScheme of ["light", "dark"] as const) {
      test(`${device}, ${colorScheme}`, async () => {
        const isPhone = device === "phone";
        const { page, show, close } = await openPage(browser, {
          viewport,
          colorScheme,
          hasTouch: isPhone,
          isMobile: isPhone,
        });
        const pictures: Record<string, Picture> = {};
        for (const screen of screens) {
          await show(screen);
          await setTestFont(page);
          pictures[screen.name] = await takePicture(page);
        }
        await close();
        const path = join(KEPT, "pictures", `${device}-${colorScheme}.json`);
        // Kept anew on purpose only: KEEP_SCREENS=1 npx vitest run --project screens -u
        if (process.env.KEEP_SCREENS) {
          mkdirSync(join(KEPT, "pictures"), { recursive: true });
          writeFileSync(path, `${JSON.stringify(pictures, null, 1)}\n`);
        }
        expect(existsSync(path), path).toBe(true);
        const kept = JSON.parse(readFileSync(path, "utf8")) as Record<string, Picture>;
        const changed = Object.entries(pictures)
          .map(([name, picture]) => ({ name, differs: difference(kept[name] ?? [], picture) }))
          .filter(({ differs }) => differs > SAME);
        expect(changed).toEqual([]);
        expect(Object.keys(kept).sort()).toEqual(Object.keys(pictures).sort());
      });
    }
  }
});
