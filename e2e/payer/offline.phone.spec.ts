// A payer who loses the line: the last known truth and a way to try again, never a stale page that could be paid.
import { expect, type Page } from "@playwright/test";
import { test } from "../support/line.ts";
import { makeInvoice, openShop, processorPayments, sharedShop } from "../support/merchant.ts";
import { movesClock, sandbox } from "../support/stack.ts";
import { CARDS, goBack, goToProcessor, openLink, payByCard, stateOf } from "./steps.ts";

/** Until the browser would answer for us without a line, and knows how this payment stands. */
async function remembered(page: Page, title: string): Promise<void> {
  await expect
    .poll(() =>
      page.evaluate(async () => {
        if (!navigator.serviceWorker.controller) return null;
        const kept = await (await caches.open("plata-known-1")).match(location.pathname);
        return kept ? ((await kept.json()) as { title: string }).title : null;
      }),
    )
    .toBe(title);
}

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const offers = (page: Page) => page.locator("form, button, input");

test("without a line a payable page is not shown again: what was known, a retry, no button to pay; with the line the page itself", async ({
  page,
  line,
}) => {
  const invoice = await makeInvoice(await sharedShop());
  await openLink(page, invoice);
  await remembered(page, "Încă neplătită");
  line.cut();
  const answer = await page.reload();
  expect(answer?.status()).toBe(503);
  await expect(heading(page)).toHaveText("Nu există conexiune");
  await expect(page.getByText("249,90")).toBeVisible();
  await expect(page.getByText("Încă neplătită")).toBeVisible();
  await expect(offers(page)).toHaveCount(0);
  const tried = page.waitForEvent("domcontentloaded");
  await page.getByRole("link", { name: "Încearcă din nou" }).click();
  await tried;
  await expect(heading(page)).toHaveText("Nu există conexiune");
  // Nothing that could be paid lies in any store of the browser.
  const stored = await page.evaluate(async () => {
    const all = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).matchAll()));
    return (await Promise.all(all.flat().map((one) => one.text()))).join("\n");
  });
  expect(stored).not.toMatch(/<|@|Client demonstrativ/);
  expect(stored.length).toBeLessThan(1000);
  line.mend();
  await page.getByRole("link", { name: "Încearcă din nou" }).click();
  await expect(heading(page)).toContainText("249,90");
  await expect(page.getByRole("button", { name: /^Plătește/ })).toBeVisible();
});

test(
  "the line lost after the return: processing, then paid, are told as they were last known",
  movesClock,
  async ({ page, line }) => {
    const shop = await openShop("v1");
    await sandbox.post("/control/netopia/faults", { fault: "late", signature: shop.signature, delaySeconds: 30 });
    const invoice = await makeInvoice(shop);
    await openLink(page, invoice);
    await goToProcessor(page);
    await payByCard(page, CARDS.approved);
    await expect(stateOf(page)).toHaveText("Verificăm plata");
    await remembered(page, "Verificăm plata");
    line.cut();
    await page.reload();
    await expect(page.getByText("Verificăm plata")).toBeVisible();
    await expect(page.getByText(/Vă rugăm să nu plătiți din nou/)).toBeVisible();
    await expect(offers(page)).toHaveCount(0);
    line.mend();
    await page.getByRole("link", { name: "Încearcă din nou" }).click();
    await expect(stateOf(page)).toHaveText("Verificăm plata");
    await sandbox.advanceClock(31);
    await sandbox.runDue();
    await expect(stateOf(page)).toHaveText("Plata a reușit");
    await remembered(page, "Plata a reușit");
    line.cut();
    await page.reload();
    await expect(page.getByText("Plata a reușit")).toBeVisible();
    await expect(page.getByText(new RegExp(String(new Date().getFullYear())))).toBeVisible();
  },
);

test("the way back from the processor into a lost line is answered too, and tried again by itself", async ({
  page,
  line,
}) => {
  const shop = await sharedShop();
  const invoice = await makeInvoice(shop);
  await openLink(page, invoice);
  await remembered(page, "Încă neplătită");
  await goToProcessor(page);
  await payByCard(page, CARDS.approved);
  await expect(page.getByRole("link", { name: "Back to the shop" })).toBeVisible();
  const [payment] = await processorPayments(shop, invoice);
  const [back = ""] = /https?:[^"]*\?back=[^"]*/.exec(payment?.sent ?? "") ?? [];
  line.cut();
  await page.evaluate((address) => location.assign(address), back);
  await expect(heading(page)).toHaveText("Nu există conexiune");
  await expect(page.getByText(/Dacă tocmai ați plătit, plata nu este pierdută/)).toBeVisible();
  line.mend();
  // This browser knows nothing of the line; a payer's, whose device knows, says it so.
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await expect(stateOf(page)).toHaveText("Plata a reușit");
});

test("where the browser has no service worker, nothing is different", async ({ browser }) => {
  const context = await browser.newContext({ serviceWorkers: "block" });
  await context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, "serviceWorker", { get: () => undefined });
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  await openLink(page, await makeInvoice(await sharedShop()));
  await goToProcessor(page);
  await payByCard(page, CARDS.approved);
  await goBack(page);
  await expect(stateOf(page)).toHaveText("Plata a reușit");
  expect(faults).toEqual([]);
  await context.close();
});
