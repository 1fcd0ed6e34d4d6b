// The payer's journeys wherever a payer may be: one table of conditions, each with the journeys it could break.
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  expect,
  type Page,
  test,
} from "@playwright/test";
import { attemptsOf, makeInvoice, sharedShop } from "../support/merchant.ts";
import { actOnCode, makeRoubleInvoice, openTochka, type TochkaShop } from "../support/tochka.ts";
import { atProcessor, CARDS, goBack, openLink, payByCard, stateOf } from "./steps.ts";

type Journey = (page: Page) => Promise<void>;

async function choose(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Plătește .*cardul/ }).click();
  await atProcessor(page);
}

async function giveUp(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Cancel and go back to the shop" }).click();
}

let tochka: Promise<TochkaShop> | undefined;

const JOURNEYS = {
  async pay(page) {
    await openLink(page, await makeInvoice(await sharedShop()));
    await choose(page);
    await payByCard(page, CARDS.approved);
    await goBack(page);
    await expect(stateOf(page)).toHaveText("Plata a reușit");
  },
  async "decline and retry"(page) {
    const shop = await sharedShop();
    const invoice = await makeInvoice(shop);
    await openLink(page, invoice);
    await choose(page);
    await payByCard(page, CARDS.noMoney);
    await giveUp(page);
    await expect(stateOf(page)).toHaveText("Plata nu a reușit");
    await expect(page.getByText("Pe card nu sunt destui bani.")).toBeVisible();
    await choose(page);
    await payByCard(page, CARDS.approved);
    await goBack(page);
    await expect(stateOf(page)).toHaveText("Plata a reușit");
    expect(await attemptsOf(shop, invoice)).toHaveLength(2);
  },
  async "3-D Secure"(page) {
    await openLink(page, await makeInvoice(await sharedShop()));
    await choose(page);
    await payByCard(page, CARDS.secure3d);
    await page.getByRole("button", { name: "Approve" }).click();
    await goBack(page);
    await expect(stateOf(page)).toHaveText("Plata a reușit");
  },
  async "SBP code"(page) {
    tochka ??= openTochka();
    const invoice = await makeRoubleInvoice(await tochka);
    await page.goto(`${invoice.link}?lang=ru`);
    await page.getByRole("button", { name: /СБП/ }).first().click();
    await expect(page.getByRole("img", { name: /QR/ })).toBeVisible();
    await actOnCode((await page.locator("a.app").getAttribute("href")) ?? "", "accept");
    const done = stateOf(page).filter({ hasText: "Оплата прошла успешно" });
    // With scripting the page follows by itself; without, the payer presses for it.
    const again = page.getByRole("link", { name: "Проверить ещё раз" });
    await expect(async () => {
      if (await again.isVisible()) await again.click();
      await expect(done).toBeVisible({ timeout: 2000 });
    }).toPass({ timeout: 30_000 });
  },
  async resume(page) {
    const shop = await sharedShop();
    const invoice = await makeInvoice(shop);
    await openLink(page, invoice);
    await choose(page);
    // The tab is closed at the processor; the link opens the very same payment.
    await openLink(page, invoice);
    await page.getByRole("button", { name: /Continuă plata/ }).click();
    await atProcessor(page);
    await payByCard(page, CARDS.approved);
    await goBack(page);
    await expect(stateOf(page)).toHaveText("Plata a reușit");
    expect(await attemptsOf(shop, invoice)).toHaveLength(1);
  },
} satisfies Record<string, Journey>;

type Condition = {
  name: string;
  options?: BrowserContextOptions;
  /** Before the page is opened. */
  set?(context: BrowserContext, page: Page): Promise<void>;
  /** On every page of ours that a journey comes by. */
  holds?(page: Page): Promise<void>;
  journeys: (keyof typeof JOURNEYS)[];
};

const fits = async (page: Page) => {
  const over = await page.evaluate(() => {
    const { documentElement: root } = document;
    return root.scrollWidth - root.clientWidth;
  });
  expect(over).toBeLessThanOrEqual(0);
};

/** What a browser shows of a button: its edge and its words, each against what lies behind. */
async function isSeen(page: Page): Promise<void> {
  // All at once: asked one by one, the page may have gone on meanwhile, and the question would wait for a button for ever.
  const buttons = await page.locator(".go:visible").evaluateAll((elements) =>
    elements.map((element) => {
      const style = getComputedStyle(element);
      return {
        edge: style.borderTopColor,
        words: style.color,
        behind: getComputedStyle(document.body).backgroundColor,
      };
    }),
  );
  for (const { edge, words, behind } of buttons) expect([edge, words]).not.toContain(behind);
}

const CONDITIONS: Condition[] = [
  {
    name: "scripting off",
    options: { javaScriptEnabled: false },
    journeys: ["decline and retry", "3-D Secure", "SBP code", "resume"],
  },
  {
    name: "every cookie and store blocked",
    async set(context) {
      await context.addInitScript(() => {
        const refuse = () => {
          throw new DOMException("denied", "SecurityError");
        };
        for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
          Object.defineProperty(window, name, { get: refuse });
        }
        Object.defineProperty(Document.prototype, "cookie", { get: () => "", set: () => {} });
        if (navigator.serviceWorker) {
          navigator.serviceWorker.register = () => Promise.reject(new DOMException("denied", "SecurityError"));
        }
      });
      // Nobody's cookie is taken, and none is sent.
      await context.route("**/*", async (route) => {
        const headers = { ...route.request().headers() };
        delete headers.cookie;
        await route.continue({ headers });
      });
    },
    journeys: ["3-D Secure", "resume"],
  },
  {
    name: "200 % text",
    async set(context) {
      // As a browser's own setting does it: the size from which all others are reckoned.
      await context.addInitScript(() => {
        new MutationObserver((_, watch) => {
          if (!document.documentElement) return;
          document.documentElement.style.fontSize = "200%";
          watch.disconnect();
        }).observe(document, { childList: true });
      });
    },
    holds: fits,
    journeys: ["decline and retry", "SBP code"],
  },
  { name: "320 px", options: { viewport: { width: 320, height: 568 } }, holds: fits, journeys: ["SBP code", "pay"] },
  {
    name: "slow 3G",
    async set(context, page) {
      const session = await context.newCDPSession(page);
      await session.send("Network.emulateNetworkConditions", {
        offline: false,
        latency: 400,
        downloadThroughput: (400 * 1024) / 8,
        uploadThroughput: (400 * 1024) / 8,
      });
    },
    async holds(page) {
      // Usable after its one request, although nothing is compressed on this machine.
      const usable = await page.evaluate(() => {
        const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
        return entry ? entry.domContentLoadedEventEnd - entry.requestStart : Number.POSITIVE_INFINITY;
      });
      expect(usable).toBeLessThan(2000);
    },
    journeys: ["pay"],
  },
  { name: "forced colours", options: { forcedColors: "active" }, holds: isSeen, journeys: ["decline and retry"] },
  {
    name: "reduced motion",
    options: { reducedMotion: "reduce" },
    async holds(page) {
      const moving = await page.evaluate(
        () => document.getAnimations().filter(({ playState }) => playState === "running").length,
      );
      expect(moving).toBe(0);
    },
    journeys: ["pay"],
  },
  { name: "dark", options: { colorScheme: "dark" }, holds: isSeen, journeys: ["3-D Secure"] },
];

/** Every page of ours that a journey comes by is looked at, however it was reached. */
function watch(page: Page, holds: Condition["holds"]): () => Promise<number> {
  const looks: Promise<void>[] = [];
  page.on("load", (shown) => {
    if (holds && /\/i\/[\w-]{16,}/.test(shown.url())) {
      const gone = (error: Error) => {
        // The journey had already gone on: nothing is left to look at.
        if (!/context was destroyed|has been closed|Target closed|frame was detached/i.test(error.message)) throw error;
      };
      looks.push(holds(shown).catch(gone));
    }
  });
  return async () => (await Promise.all(looks)).length;
}

async function openUnder(browser: Browser, condition: Condition) {
  const { viewport, hasTouch, isMobile } = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
  const context = await browser.newContext({ viewport, hasTouch, isMobile, ...condition.options });
  const page = await context.newPage();
  await condition.set?.(context, page);
  return { context, page };
}

for (const condition of CONDITIONS) {
  for (const journey of condition.journeys) {
    test(`${journey}: ${condition.name}`, async ({ browser }) => {
      const { context, page } = await openUnder(browser, condition);
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(error.message));
      const looked = watch(page, condition.holds);
      await JOURNEYS[journey](page);
      if (condition.holds) expect(await looked()).toBeGreaterThan(1);
      await condition.holds?.(page);
      expect(faults).toEqual([]);
      await context.close();
    });
  }
}
