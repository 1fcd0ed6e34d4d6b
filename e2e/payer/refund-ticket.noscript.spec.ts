// The refund ticket on a phone with scripting off: found from the invoice, followed by hand, from asked for to given back.
import { expect, test } from "@playwright/test";
import { api, attemptsOf, makeInvoice, openShop } from "../support/merchant.ts";
import { runCron } from "../support/stack.ts";
import { CARDS, goBack, goToProcessor, openLink, payByCard, stateOf } from "./steps.ts";

test("a refund is followed from the invoice's page: how much, how far, when, and the number for the bank", async ({
  page,
}) => {
  const shop = await openShop("v2");
  const invoice = await makeInvoice(shop);
  await openLink(page, invoice);
  await goToProcessor(page);
  await payByCard(page, CARDS.approved);
  await goBack(page);
  await expect(stateOf(page)).toHaveText("Plata a reușit");
  const [attempt] = await attemptsOf(shop, invoice);
  const refund = await api<{ id: string }>(shop, "/v1/refunds", { attempt_id: attempt?.id, amount_minor: 5_000 });
  await page.goto(`${invoice.link}?lang=en`);
  await page.getByRole("link", { name: /Follow the refund of RON.50\.00/ }).click();
  expect(new URL(page.url()).pathname).toBe(`${new URL(invoice.link).pathname}/refunds/${refund.id}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/RON.50\.00/);
  await expect(page.getByRole("listitem").filter({ hasText: "Asked for by the merchant" })).toBeVisible();
  await expect(page.getByText("contact@demo.example")).toBeVisible();
  const isOver = page.getByRole("heading", { level: 1, name: /was given back/ });
  await expect(async () => {
    await runCron();
    const again = page.getByRole("link", { name: "Check again" });
    if (await again.isVisible()) await again.click();
    await expect(isOver).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByText("Money returned to your bank")).toBeVisible();
  await expect(page.getByText(/to come/)).toHaveCount(0);
  await expect(page.locator(".ref")).not.toBeEmpty();
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over).toBeLessThanOrEqual(0);
  await page.getByRole("link", { name: "Back to the invoice" }).click();
  await expect(page.getByRole("link", { name: /Follow the refund of/ })).toBeVisible();
});

test("a ticket that is not there is a page that says so", async ({ page }) => {
  const invoice = await makeInvoice(await openShop("v2"));
  const answer = await page.goto(`${invoice.link}/refunds/rfd_01KAF2M1Q7X4Z9B8C7D6E5F4G3`);
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Linkul nu există");
});
