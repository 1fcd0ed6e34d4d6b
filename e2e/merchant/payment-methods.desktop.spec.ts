// The order of payment methods: moved by keyboard, seen by payers, held back with a reason.
import { expect } from "@playwright/test";
import { test } from "../support/policy.ts";
import { makeRoubleInvoice, openTochka } from "../support/tochka.ts";
import { enterAs } from "./member.ts";

test("the merchant moves a method by keyboard, and the payer's page follows", async ({ page }) => {
  const shop = await openTochka();
  await enterAs(page, shop, "/integrations");
  await page.getByRole("link", { name: "Ordinea metodelor de plată" }).click();
  const rows = page.getByRole("list", { name: /Metodele de plată/ }).getByRole("listitem");
  await expect(rows.first()).toContainText("Card");
  const up = rows.nth(1).getByRole("button", { name: /Mutați mai sus/ });
  await expect(up).toBeEnabled();
  await up.press("Enter");
  await expect(page.getByText("SBP (QR) stă acum pe locul 1.")).toBeVisible();
  await expect(rows.first()).toContainText("SBP (QR)");
  await page.reload();
  await expect(rows.first()).toContainText("SBP (QR)");
  const invoice = await makeRoubleInvoice(shop);
  await page.goto(`${invoice.link}?lang=ru`);
  await expect(page.locator("button[name=way]").first()).toHaveText(/СБП/);
});

test("a method that the outlet does not take is held back from payers, and the merchant reads why", async ({
  page,
}) => {
  const shop = await openTochka({}, "Без Долями");
  await enterAs(page, shop, "/payment-methods");
  const parts = page.getByRole("listitem").filter({ hasText: "Dolyame" });
  await expect(parts).toContainText("Punctul ales nu primește această metodă");
  await expect(parts).toContainText("Reținută");
  const invoice = await makeRoubleInvoice(shop);
  await page.goto(`${invoice.link}?lang=ru`);
  await expect(page.locator("button[name=way]").filter({ hasText: "частями" })).toHaveCount(0);
});
