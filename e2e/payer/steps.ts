// What a payer does, as functions: opens the link, presses the button, fills the processor's form.
import { expect, type Page } from "@playwright/test";
import type { Invoice } from "../support/merchant.ts";
import { sandbox } from "../support/stack.ts";

export const CARDS = {
  approved: "9900004810225098",
  secure3d: "9900009184214768",
  noMoney: "9900518572831942",
  antifraud: "9900005786662552",
} as const;

/** Opens an invoice's link and waits until the amount is there. */
export async function openLink(page: Page, invoice: Invoice): Promise<void> {
  const answer = await page.goto(invoice.link);
  expect(answer?.status()).toBe(200);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("249,90");
}

/** Presses the first way to pay and waits for the processor's page. */
export async function goToProcessor(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Plătește .*cardul/ }).click();
  await atProcessor(page);
}

/** The processor's own page with its card form. Without scripting a sealed form is sent by hand. */
export async function atProcessor(page: Page): Promise<void> {
  await expect(page.getByRole("textbox", { name: "Card number" })).toBeVisible();
  expect(new URL(page.url()).origin).toBe(new URL(sandbox.url("/")).origin);
}

/** Fills the processor's card form as a payer does. */
export async function payByCard(page: Page, card: string): Promise<void> {
  await page.getByLabel("Card number").fill(card);
  await page.getByLabel("Month").fill("12");
  await page.getByLabel("Year").fill("2031");
  await page.getByLabel("CVV").fill("111");
  await page.getByLabel("Name on card").fill("Client demonstrativ");
  await page.getByRole("button", { name: /^Pay/ }).click();
}

/** From the processor's result page back to the shop. */
export async function goBack(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Back to the shop" }).click();
}

/** The heading that says how the payment stands. */
export function stateOf(page: Page) {
  return page.locator("#state");
}
