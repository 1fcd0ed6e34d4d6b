// Carrying on elsewhere: another device, another person, another browser than the one inside an application.
import { type Browser, expect, test } from "@playwright/test";
import { attemptsOf, makeInvoice, openShop, sharedShop } from "../support/merchant.ts";
import { movesClock, sandbox } from "../support/stack.ts";
import { atProcessor, CARDS, goBack, goToProcessor, openLink, payByCard, stateOf } from "./steps.ts";

const PAYER = { payer_email: "client@demo.example", payer_phone: "+40722000000" };
const press = { name: "Plătiți de pe alt dispozitiv sau rugați pe altcineva" };

test("started on a desktop, finished on a phone: the short link tells nothing of the payer, and both screens show that it is paid", async ({
  browser,
  page: phone,
}) => {
  const shop = await openShop("v2", { firstIpn: "before_return" });
  const invoice = await makeInvoice(shop, PAYER);
  const room = await browser.newContext({ viewport: { width: 1280, height: 800 }, isMobile: false, hasTouch: false });
  const desktop = await room.newPage();
  await openLink(desktop, invoice);
  await expect(desktop.getByLabel("E-mail")).toHaveValue("client@demo.example");
  await desktop.getByRole("button", press).click();
  await expect(desktop.getByRole("img", { name: /Cod QR/ })).toBeVisible();
  await expect(desktop.locator("[data-until]")).toHaveText(/1[45]:\d\d/);
  const link = (await desktop.locator("a.tap[href*='/i/']").last().getAttribute("href")) ?? "";
  expect(link).not.toContain(invoice.link);
  await desktop.evaluate(() => document.body.setAttribute("data-same", "yes"));

  await phone.goto(link);
  await expect(phone.getByRole("heading", { level: 1 })).toContainText("249,90");
  await expect(phone.getByText(/Acesta este un link scurt/)).toBeVisible();
  await expect(phone.locator("body")).not.toContainText("Client demonstrativ");
  await expect(phone.getByLabel("E-mail")).toHaveValue("");
  await expect(phone.getByLabel("Telefon")).toHaveValue("");
  await expect(phone.getByRole("button", press)).toHaveCount(0);
  await goToProcessor(phone);
  // The desktop moves along: somebody is paying now.
  await expect(stateOf(desktop)).toHaveText("Continuați plata începută", { timeout: 30_000 });
  // The desktop notes the moment at which it shows the news, by the same machine's clock.
  await desktop.evaluate(() => {
    const shown = () => document.getElementById("state")?.textContent === "Plata a reușit";
    new MutationObserver((_, watch) => {
      if (!shown()) return;
      document.body.setAttribute("data-shown", String(Date.now()));
      watch.disconnect();
    }).observe(document.body, { childList: true, subtree: true });
  });
  await payByCard(phone, CARDS.approved);
  await expect(phone.getByText("Paid.")).toBeVisible();
  const paidAt = Date.now();
  await expect(stateOf(desktop)).toHaveText("Plata a reușit", { timeout: 30_000 });
  expect(Number(await desktop.locator("body").getAttribute("data-shown")) - paidAt).toBeLessThan(2000);
  await expect(desktop.locator("body")).toHaveAttribute("data-same", "yes");
  expect(new URL(desktop.url()).pathname).toBe(new URL(invoice.link).pathname);
  await goBack(phone);
  await expect(stateOf(phone)).toHaveText("Plata a reușit");
  expect(new URL(phone.url()).pathname).toBe(new URL(link).pathname);
  await expect(phone.locator("body")).not.toContainText("Client demonstrativ");
  expect(await attemptsOf(shop, invoice)).toMatchObject([{ state: "captured" }]);
  await room.close();
});

test("a short link whose time is over says so and what to do", movesClock, async ({ page }) => {
  const invoice = await makeInvoice(await sharedShop());
  await openLink(page, invoice);
  await page.getByRole("button", press).click();
  const link = (await page.locator("a.tap[href*='/i/']").last().getAttribute("href")) ?? "";
  await sandbox.advanceClock(16 * 60);
  const answer = await page.goto(link);
  expect(answer?.status()).toBe(410);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Linkul scurt a expirat");
  await expect(page.getByText(/Cereți unul nou/)).toBeVisible();
  await openLink(page, invoice);
});

test("works with scripting off: the code and the link are there, and a press shows how it stands", async ({
  browser,
}) => {
  const shop = await openShop("v2", { firstIpn: "before_return" });
  const invoice = await makeInvoice(shop);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await openLink(page, invoice);
  await page.getByRole("button", press).click();
  await expect(page.getByRole("img", { name: /Cod QR/ })).toBeVisible();
  const link = (await page.locator("a.tap[href*='/i/']").last().getAttribute("href")) ?? "";
  const helper = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await helper.goto(link);
  await helper.getByRole("button", { name: /^Plătește/ }).click();
  await atProcessor(helper);
  await payByCard(helper, CARDS.approved);
  await goBack(helper);
  await expect(stateOf(helper)).toHaveText("Plata a reușit");
  await page.getByRole("link", { name: "Înapoi la plată" }).click();
  await expect(stateOf(page)).toHaveText("Plata a reușit");
  await helper.context().close();
  await context.close();
});

const INSIDE = {
  Instagram:
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 320.0.0.42.91",
  Facebook:
    "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/450.0.0.0;]",
  Telegram:
    "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36 Telegram-Android/11.11.0 (Samsung SM-A155F; Android 14; SDK 34; AVERAGE)",
  "altă aplicație":
    "Mozilla/5.0 (Linux; Android 12; SM-G991B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36",
};

/** A browser as applications have it: no cookies, no storage, no service worker, no second window. */
async function openInside(browser: Browser, userAgent: string) {
  const context = await browser.newContext({ userAgent, serviceWorkers: "block" });
  await context.addInitScript(() => {
    const refuse = () => {
      throw new DOMException("denied", "SecurityError");
    };
    for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
      Object.defineProperty(window, name, { get: refuse });
    }
    Object.defineProperty(Document.prototype, "cookie", { get: () => "", set: () => {} });
    window.open = refuse;
  });
  return context;
}

for (const [app, userAgent] of Object.entries(INSIDE)) {
  test(`inside ${app}: the way out is shown, nothing opens a window, and a session that is lost loses nothing`, async ({
    browser,
  }) => {
    const shop = await sharedShop();
    const invoice = await makeInvoice(shop);
    const context = await openInside(browser, userAgent);
    const page = await context.newPage();
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    await openLink(page, invoice);
    await expect(page.getByText(`Sunteți în ${app}`)).toBeVisible();
    await expect(page.locator(".box a")).toHaveAttribute("href", invoice.link);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copiază linkul" }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(invoice.link);
    await expect(page.locator("[target=_blank]")).toHaveCount(0);
    await expect(page.getByRole("button", press)).toBeVisible();
    await goToProcessor(page);
    expect(faults).toEqual([]);
    expect(context.pages()).toHaveLength(1);
    expect(await context.cookies(invoice.link)).toEqual([]);
    // The application throws its browser away in the middle of the payment.
    await context.close();
    const outside = await browser.newContext();
    const own = await outside.newPage();
    await openLink(own, invoice);
    await expect(own.getByText("Sunteți în")).toHaveCount(0);
    await own.getByRole("button", { name: /Continuă plata/ }).click();
    await atProcessor(own);
    await payByCard(own, CARDS.approved);
    await goBack(own);
    await expect(stateOf(own)).toHaveText("Plata a reușit");
    expect(await attemptsOf(shop, invoice)).toHaveLength(1);
    await outside.close();
  });
}
