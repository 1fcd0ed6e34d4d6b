// Tochka on a phone: card and SBP, one method alone, the code that is scanned, receipts, the merchant's own words.
import { type Browser, expect, type Page, test } from "@playwright/test";
import { and, eq } from "drizzle-orm";
import { openDatabase } from "../../db/client.ts";
import { auditEntries } from "../../db/schema/index.ts";
import { enterAs } from "../merchant/member.ts";
import { api, attemptsOf, type Invoice } from "../support/merchant.ts";
import { movesClock, runCron, sandbox, stackHandle } from "../support/stack.ts";
import {
  actOnCode,
  decide,
  makeRoubleInvoice,
  openTochka,
  RECEIPTS,
  receiptsOf,
  type TochkaShop,
} from "../support/tochka.ts";
import { stateOf } from "./steps.ts";

const bySbp = (page: Page) => page.getByRole("button", { name: /СБП/ });
const byCard = (page: Page) => page.getByRole("button", { name: /картой/ });
const ways = (page: Page) => page.locator("button[name=way]");

async function open(page: Page, invoice: Invoice): Promise<void> {
  await page.goto(`${invoice.link}?lang=ru`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("249,90");
}

/** Opens the code and gives its payload. */
async function showCode(page: Page): Promise<string> {
  await bySbp(page).first().click();
  await expect(page.getByRole("img", { name: /QR/ })).toBeVisible();
  return (await page.locator("a.app").getAttribute("href")) ?? "";
}

async function stateOfAttempt(shop: { apiKey: string }, invoice: Invoice): Promise<string | undefined> {
  await sandbox.runDue();
  await runCron();
  return (await attemptsOf(shop, invoice))[0]?.state;
}

/** The merchant fills in the public offer among the legal details. */
async function saveOffer(browser: Browser, shop: TochkaShop, address: string, wrong?: string): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await enterAs(page, shop, "/legal-details");
  const field = page.getByLabel(/Oferta publică/);
  const save = page.getByRole("button", { name: "Salvează" });
  if (wrong) {
    await field.fill(wrong);
    await save.click();
    await expect(field).toHaveAttribute("aria-invalid", "true");
  }
  await field.fill(address);
  await save.click();
  await expect(page.getByText("Datele legale au fost salvate.")).toBeVisible();
  await context.close();
}

test("[P11] card and SBP are both offered when both are enabled at the bank", async ({ page }) => {
  await open(page, await makeRoubleInvoice(await openTochka()));
  await expect(byCard(page)).toBeVisible();
  await expect(bySbp(page)).toBeVisible();
});

test("[P12] [M19] with SBP alone the page shows one method, also an open one; a card is refused by the edge too; the change is on record", async ({
  page,
}) => {
  const shop = await openTochka();
  const invoice = await makeRoubleInvoice(shop);
  await open(page, invoice);
  await expect(ways(page).first()).toBeVisible();
  const card = await byCard(page).getAttribute("value");
  // An open page follows as soon as it asks again; a new load follows at once.
  await decide(shop, shop.connectionId, { only_method: "sbp" });
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await expect(ways(page)).toHaveCount(1);
  await page.reload();
  await expect(ways(page)).toHaveCount(1);
  await expect(bySbp(page)).toBeVisible();
  const direct = await page.request.post(invoice.link, { form: { way: card ?? "", lang: "ru" }, maxRedirects: 0 });
  expect(direct.status()).toBe(409);
  expect(await direct.text()).toContain('role="alert"');
  expect(await attemptsOf(shop, invoice)).toEqual([]);
  const { data } = await api<{ data: { id: string; only_method: string | null }[] }>(shop, "/v1/connections");
  const state = await api<{ only_method: string | null }>(shop, `/v1/connections/${data[0]?.id}/options`);
  expect(state.only_method).toBe("sbp");
  const written = await openDatabase(stackHandle().databaseUrl, stackHandle().neonHost)
    .select()
    .from(auditEntries)
    .where(and(eq(auditEntries.merchantId, shop.merchantId), eq(auditEntries.subject, shop.connectionId)));
  expect(JSON.stringify(written.map(({ after }) => after))).toContain('"sbp"');
});

test("[P14] a payment by SBP code is added by itself: the page says so without a reload, the invoice is paid", async ({
  page,
}) => {
  const shop = await openTochka();
  const invoice = await makeRoubleInvoice(shop);
  await open(page, invoice);
  const payload = await showCode(page);
  // On a phone the application comes first and the code second.
  const app = await page.locator("a.app").boundingBox();
  const code = await page.getByRole("img", { name: /QR/ }).boundingBox();
  expect(app && code && app.y < code.y).toBe(true);
  await expect(page.locator("[data-until]")).toHaveText(/осталось \d+:\d\d/);
  await actOnCode(payload, "accept");
  await expect(stateOf(page)).toHaveText("Оплата прошла успешно", { timeout: 30_000 });
  await expect.poll(() => stateOfAttempt(shop, invoice)).toBe("captured");
  expect((await api<Invoice>(shop, `/v1/invoices/${invoice.id}`)).state).toBe("paid");
});

test(
  "a code that ran out is renewed with one press, and the old one paid late is not lost",
  movesClock,
  async ({ page }) => {
    const shop = await openTochka();
    const invoice = await makeRoubleInvoice(shop);
    await open(page, invoice);
    const first = await showCode(page);
    await sandbox.advanceClock(61 * 60);
    await page.reload();
    await page.getByRole("button", { name: "Получить новый код" }).click();
    await expect(page.getByRole("img", { name: /QR/ })).toBeVisible();
    const second = await page.locator("a.app").getAttribute("href");
    expect(second).not.toBe(first);
    await actOnCode(second ?? "", "accept");
    await expect.poll(() => stateOfAttempt(shop, invoice)).toBe("captured");
    expect(await attemptsOf(shop, invoice)).toHaveLength(2);
  },
);

test("a rejected code says so and can be tried again", async ({ page }) => {
  const shop = await openTochka();
  const invoice = await makeRoubleInvoice(shop);
  await open(page, invoice);
  await actOnCode(await showCode(page), "reject");
  await expect(stateOf(page)).toHaveText("Оплата не прошла", { timeout: 30_000 });
  await expect(bySbp(page)).toBeVisible();
});

test("[P13] the link is paid in another browser that keeps no cookies", async ({ browser }) => {
  const shop = await openTochka();
  const invoice = await makeRoubleInvoice(shop);
  const context = await browser.newContext({ javaScriptEnabled: true });
  await context.addInitScript(() => {
    Object.defineProperty(document, "cookie", { get: () => "", set: () => {} });
  });
  await context.route("**/*", async (route) => {
    const headers = { ...route.request().headers() };
    delete headers.cookie;
    await route.continue({ headers });
  });
  const page = await context.newPage();
  await open(page, invoice);
  await byCard(page).click();
  await page
    .getByRole("link", { name: /Перейти/ })
    .or(page.locator("form[action*=order]"))
    .first()
    .waitFor();
  await expect.poll(() => page.url()).toContain("/order/");
  const [attempt] = await attemptsOf(shop, invoice);
  await sandbox.post(`/control/tochka/operations/${attempt?.id}/act`, { action: "pay", method: "card" });
  await expect.poll(() => stateOfAttempt(shop, invoice)).toBe("captured");
  await page.goto(`${invoice.link}?lang=ru`);
  await expect(stateOf(page)).toHaveText("Оплата прошла успешно");
  expect(await context.cookies()).toEqual([]);
  await context.close();
});

test("[P09] the merchant's information stands beside the amount, as text, with its lines", async ({ page }) => {
  const shop = await openTochka({ payer_note: "Абонемент: 250 ₽\n<b>Моментальная</b> оплата" });
  await open(page, await makeRoubleInvoice(shop));
  const note = page.locator(".sum .note");
  await expect(note).toHaveText(/Абонемент: 250 ₽\s+<b>Моментальная<\/b> оплата/);
  const height = (await note.boundingBox())?.height ?? 0;
  const line = await note.evaluate((element) => Number.parseFloat(getComputedStyle(element).lineHeight));
  expect(height).toBeGreaterThan(2 * line);
});

test("[P10] [M18] the public offer is a link when it is filled, and nothing when it is not", async ({
  page,
  browser,
}) => {
  const shop = await openTochka();
  const invoice = await makeRoubleInvoice(shop);
  await open(page, invoice);
  await expect(page.getByRole("link", { name: /оферта/ })).toHaveCount(0);
  await saveOffer(browser, shop, "https://example.com/offer", "http://example.com/offer");
  await page.reload();
  await expect(page.getByRole("link", { name: /оферта/ })).toHaveAttribute("href", "https://example.com/offer");
  await saveOffer(browser, shop, "");
  await page.reload();
  await expect(page.getByRole("link", { name: /оферта/ })).toHaveCount(0);
});

test("[P19] a link offers only the methods it names, in its own order", async ({ page }) => {
  const shop = await openTochka();
  const invoice = await makeRoubleInvoice(shop, { methods: ["sbp", "card"] });
  await open(page, invoice);
  await expect(ways(page)).toHaveCount(2);
  await expect(ways(page).nth(0)).toHaveText(/СБП/);
  await expect(ways(page).nth(1)).toHaveText(/картой/);
  await open(page, await makeRoubleInvoice(shop, { methods: ["card"] }));
  await expect(ways(page)).toHaveCount(1);
  await expect(byCard(page)).toBeVisible();
});

test("[F10] [F09] [M08] the receipt goes to the payer's e-mail, which is asked for before the payment; its line is the text of Details", async ({
  page,
}) => {
  const shop = await openTochka({ options: RECEIPTS, details_template: "Обучение: {service}" }, "С кассой");
  const invoice = await makeRoubleInvoice(shop);
  await open(page, invoice);
  await byCard(page).click();
  await expect(page.getByRole("alert")).toContainText("Электронная почта");
  await expect(page.getByText(/на него придёт чек/)).toBeVisible();
  expect(await attemptsOf(shop, invoice)).toEqual([]);
  await page.getByLabel("Электронная почта").fill("maria@example.com");
  await byCard(page).click();
  await expect.poll(async () => (await attemptsOf(shop, invoice)).length).toBe(1);
  const [attempt] = await attemptsOf(shop, invoice);
  const [receipt] = await receiptsOf(attempt?.id ?? "");
  expect(receipt?.Client.email).toBe("maria@example.com");
  expect(receipt?.Items).toMatchObject([{ name: "Обучение: Курс английского", amount: 249.9, quantity: 1 }]);
  // Left empty, the text is made by itself.
  await decide(shop, shop.connectionId, { details_template: null });
  const other = await makeRoubleInvoice(shop, { payer_email: "maria@example.com" });
  await open(page, other);
  await byCard(page).click();
  await expect.poll(async () => (await attemptsOf(shop, other)).length).toBe(1);
  const [second] = await attemptsOf(shop, other);
  expect((await receiptsOf(second?.id ?? ""))[0]?.Items[0]?.name).toBe("Мария Петрова Курс английского");
});
