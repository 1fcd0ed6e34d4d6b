// A real Chromium that is shown documents made here, with their own policies; nothing else is reachable.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright";
import { logoPath } from "../../components/payer/brand.ts";
import { browserArguments, findBrowser } from "../support/browser.ts";
import { logoPng } from "../support/logo-png.ts";
import type { Screen } from "./screens.ts";

const ORIGIN = "http://payer.example";
const LOGO = logoPng(300, 100, [122, 46, 20]);

// One font for every machine, or lines break elsewhere and every picture differs. Next carries it for its own pictures.
const FONT = join(
  dirname(createRequire(import.meta.url).resolve("next/package.json")),
  "dist/compiled/@vercel/og/Geist-Regular.ttf",
);
const FONT_BYTES = readFileSync(FONT, "base64");

export async function openBrowser(): Promise<Browser> {
  const { path, env } = await findBrowser();
  return chromium.launch({
    executablePath: path,
    args: [...browserArguments, "--font-render-hinting=none"],
    env: { ...(process.env as Record<string, string>), ...env },
  });
}

export const PHONE = { width: 360, height: 740 };
export const DESKTOP = { width: 1280, height: 800 };

/**
 * A page that can be shown screens.
 * @returns show: opens a screen and gives what the browser complained of; shift: how far its parts moved (CLS)
 */
export async function openPage(browser: Browser, options: Parameters<Browser["newContext"]>[0] = {}) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Europe/Bucharest", ...options });
  const page = await context.newPage();
  let present: Screen | undefined;
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.route("**/*", (route) => {
    const request = route.request();
    if (present && request.isNavigationRequest() && request.url().startsWith(ORIGIN)) {
      return route.fulfill({
        body: present.html,
        headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": present.policy },
      });
    }
    if (request.url().startsWith(`${ORIGIN}${logoPath("")}`)) {
      return route.fulfill({ body: LOGO, headers: { "content-type": "image/png" } });
    }
    // An open page asks whether anything is new; nothing ever is.
    if (new URL(request.url()).pathname.endsWith("/status")) return route.fulfill({ status: 204 });
    return route.abort();
  });
  return {
    page,
    async show(screen: Screen): Promise<string[]> {
      present = screen;
      complaints.length = 0;
      await page.goto(`${ORIGIN}/i/abcdefghijklmnopqrstuvwx`, { waitUntil: "load" });
      return complaints;
    },
    close: () => context.close(),
  };
}

/** How far parts of the page have moved since it began to load: 0 is none. */
export function layoutShift(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value;
        }).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => resolve(sum), 50);
      }),
  );
}

/** Replaces the machine's font by the one that every machine has. */
export async function setTestFont(page: Page): Promise<void> {
  await page.evaluate(async (bytes) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`*{font-family:T!important;animation:none!important;caret-color:transparent!important}`);
    const font = new FontFace("T", Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0)).buffer);
    document.fonts.add(await font.load());
    document.adoptedStyleSheets = [sheet];
    await document.fonts.ready;
  }, FONT_BYTES);
}
