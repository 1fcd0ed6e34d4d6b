// A member of a merchant at the browser: signed in, and with the helpers that several screens' tests need.
import { type BrowserContext, expect, type Page } from "@playwright/test";
import type { Planted } from "../../db/seed/stories.ts";
import { attemptsOf, type Invoice, type Shop } from "../support/merchant.ts";
import { sandbox } from "../support/stack.ts";

type Cookies = Awaited<ReturnType<BrowserContext["cookies"]>>;
const sessions = new Map<string, Cookies>();

/** Fills the sign-in form as a member does. */
export async function fillSignIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Parolă").fill(password);
  await page.getByRole("button", { name: "Intră în cont" }).click();
}

/** Opens a screen as the merchant's owner; signs in once per merchant, since sign-in is rate limited. */
export async function enterAs(page: Page, shop: Planted, path = "/invoices"): Promise<void> {
  const known = sessions.get(shop.ownerEmail);
  if (known) {
    await page.context().addCookies(known);
    await page.goto(path);
    return;
  }
  await page.goto(path);
  await fillSignIn(page, shop.ownerEmail, shop.ownerPassword);
  await expect(page).not.toHaveURL(/sign-in/);
  sessions.set(shop.ownerEmail, await page.context().cookies());
}

/** Starts an attempt as the payer's browser does, and gives its id. */
export async function startAttempt(page: Page, shop: Shop, invoice: Invoice): Promise<string> {
  const known = (await attemptsOf(shop, invoice)).length;
  const payer = await page.context().newPage();
  await payer.goto(invoice.link);
  await payer.getByRole("button", { name: /^Plătește/ }).click();
  await expect(payer.getByRole("textbox", { name: "Card number" })).toBeVisible();
  await payer.close();
  const attempts = await attemptsOf(shop, invoice);
  expect(attempts.length).toBe(known + 1);
  const [newest] = attempts;
  if (!newest) throw new Error("no attempt was started");
  return newest.id;
}

/** Pays (or fails to) with a card at the simulated processor, and waits until the try has arrived here. */
export async function payWith(shop: Shop, invoice: Invoice, attemptId: string, card: string): Promise<void> {
  const triesOf = async () => (await attemptsOf(shop, invoice)).find(({ id }) => id === attemptId)?.tries.length ?? 0;
  const before = await triesOf();
  await sandbox.post(`/control/netopia/payments/${attemptId}/act`, { action: "pay", card });
  await expect.poll(triesOf).toBe(before + 1);
}

export const CARDS = {
  approved: "9900004810225098",
  expired: "9900541631437790",
  noMoney: "9900518572831942",
  wrongCvv: "9900827979991500",
  notPermitted: "9900576270414197",
} as const;

/** Everything in reach of the keyboard: presses Tab until the element with this name has the focus. */
export async function tabTo(page: Page, name: string | RegExp, role: "link" | "button" = "link"): Promise<void> {
  const target = page.getByRole(role, { name }).first();
  await expect(target).toBeVisible();
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`the keyboard does not reach ${name}`);
}
