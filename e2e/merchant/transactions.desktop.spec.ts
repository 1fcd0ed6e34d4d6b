// The card button of an invoice and the dialog with every attempt behind it.
import { expect, type Page } from "@playwright/test";
import { attemptsOf, type Invoice, makeInvoice, openShop, type Shop } from "../support/merchant.ts";
import { test } from "../support/policy.ts";
import { CARDS, enterAs, payWith, startAttempt } from "./member.ts";

type Story = { shop: Shop; invoice: Invoice };
let told: Promise<Story> | undefined;

/** An invoice that was refused four times for different reasons and then paid. */
function story(page: Page): Promise<Story> {
  const tell = async () => {
    const shop = await openShop("v2");
    const invoice = await makeInvoice(shop);
    const attempt = await startAttempt(page, shop, invoice);
    for (const card of [CARDS.noMoney, CARDS.expired, CARDS.wrongCvv, CARDS.notPermitted, CARDS.approved]) {
      await payWith(shop, invoice, attempt, card);
    }
    await expect.poll(async () => (await attemptsOf(shop, invoice))[0]?.state).toBe("captured");
    return { shop, invoice };
  };
  told ??= tell();
  return told;
}

const opener = (page: Page, invoice: Invoice) =>
  page.getByRole("link", { name: `Tranzacții cu cardul pentru ${invoice.label}` });
const dialog = (page: Page) => page.getByRole("dialog", { name: "Tranzacții cu cardul" });
async function open(page: Page) {
  const { shop, invoice } = await story(page);
  await enterAs(page, shop);
  await opener(page, invoice).click();
  await expect(dialog(page)).toBeVisible();
  return {
    shop,
    invoice,
    tries: dialog(page).getByRole("list", { name: "Încercări pe pagina procesatorului" }).getByRole("listitem"),
  };
}

test("[H01] the dialog opens by mouse and by keyboard, keeps the focus, closes by Esc and gives the focus back", async ({
  page,
}) => {
  const { invoice } = await open(page);
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toHaveCount(0);
  await opener(page, invoice).focus();
  await page.keyboard.press("Enter");
  await expect(dialog(page)).toBeVisible();
  for (let presses = 0; presses < 15; presses += 1) {
    await page.keyboard.press(presses < 10 ? "Tab" : "Shift+Tab");
    expect(await page.evaluate(() => document.activeElement?.closest("dialog") !== null)).toBe(true);
  }
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toHaveCount(0);
  await expect(opener(page, invoice)).toBeFocused();
});

test("the dialog that came with its address gives the focus to what would have opened it", async ({ page }) => {
  const { invoice } = await open(page);
  await page.reload();
  await expect(dialog(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toHaveCount(0);
  await expect(opener(page, invoice)).toBeFocused();
});

test("[H02] every try is listed with its label, newest first", async ({ page }) => {
  const { tries } = await open(page);
  await expect(tries).toHaveCount(5);
  const labels = ["Acceptată", "Tranzacție nepermisă", "Cod CVV greșit", "Card expirat", "Fonduri insuficiente"];
  for (const [index, label] of labels.entries()) await expect(tries.nth(index)).toContainText(label);
});

test("[H03] each status is a word with a sign, and the colours differ", async ({ page }) => {
  const { tries } = await open(page);
  const badge = (index: number, word: string) => tries.nth(index).getByText(word, { exact: true });
  await expect(badge(0, "Acceptată").locator("svg")).toHaveCount(1);
  await expect(badge(1, "Respinsă").locator("svg")).toHaveCount(1);
  const colour = (index: number, word: string) =>
    badge(index, word).evaluate((element) => getComputedStyle(element).color);
  expect(await colour(0, "Acceptată")).not.toBe(await colour(1, "Respinsă"));
  await expect(dialog(page).getByText("Plată acceptată", { exact: true })).toBeVisible();
});

test("[H04] each try has its time in the merchant's zone, which is named, and can be sorted", async ({ page }) => {
  const { shop, invoice, tries } = await open(page);
  await expect(dialog(page).getByText("Europe/Bucharest")).toBeVisible();
  const [attempt] = (await attemptsOf(shop, invoice)) as unknown as { tries: { at: string }[] }[];
  const expected = (iso: string) =>
    new Date(iso).toLocaleTimeString("ro", { timeZone: "Europe/Bucharest", hour12: false });
  const shown = await tries.locator("time").allTextContents();
  const times = (attempt?.tries ?? [])
    .map((one) => one.at)
    .sort()
    .reverse();
  for (const [index, text] of shown.entries()) {
    expect(text).toContain(expected(times[index] ?? ""));
    expect(text).toMatch(/EET|EEST|GMT\+[23]/);
  }
  await dialog(page).getByRole("button", { name: "Cele mai noi întâi" }).click();
  await expect(tries.first()).toContainText("Fonduri insuficiente");
  await expect(tries.last()).toContainText("Acceptată");
});

test("[H05] each refusal has its reason in words and the processor's code for staff", async ({ page }) => {
  const { tries } = await open(page);
  for (const [index, reason, code] of [
    [1, "Tranzacție nepermisă", 34],
    [2, "Cod CVV greșit", 21],
    [3, "Card expirat", 19],
    [4, "Fonduri insuficiente", 20],
  ] as const) {
    await expect(tries.nth(index)).toContainText(reason);
    await expect(tries.nth(index)).toContainText(`cod procesator ${code}`);
  }
});
