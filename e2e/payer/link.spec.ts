// Opening a payment link and choosing to pay, on every device: a phone, a phone without scripting, a desktop.
import { expect, type Page, test } from "@playwright/test";
import { makeInvoice, sharedShop } from "../support/merchant.ts";
import { goToProcessor, openLink } from "./steps.ts";

/** Everything that could take a card on a page. */
async function cardFields(page: Page): Promise<number> {
  return page.locator('[autocomplete^="cc-"], [name*="card" i], [name="pan"], [name="cvv" i], iframe').count();
}

test("[P01] an invoice's link opens its payment page in a clean browser, with its amount and a way to pay", async ({
  page,
  context,
}) => {
  const invoice = await makeInvoice(await sharedShop());
  await context.clearCookies();
  await openLink(page, invoice);
  await expect(page.getByText(invoice.label)).toBeVisible();
  await expect(
    page.getByRole("button", { name: "Plătește 249,90 lei cu cardul, prin NETOPIA Payments" }),
  ).toBeVisible();
  expect(await context.cookies()).toEqual([]);
});

test("[P02] choosing the card leads to the processor's own page with its form; no card field stands on ours", async ({
  page,
}) => {
  const invoice = await makeInvoice(await sharedShop());
  await openLink(page, invoice);
  expect(await cardFields(page)).toBe(0);
  await goToProcessor(page);
  expect(await cardFields(page)).toBeGreaterThan(0);
});
