// A look at every screen of the merchant area: no fault that axe finds, no sideways scroll.
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { LANGUAGE_NAMES, MERCHANT_LANGUAGES } from "../../messages/languages.ts";
import { api, makeInvoice, sharedShop } from "../support/merchant.ts";
import { runCron, sandbox } from "../support/stack.ts";
import { CARDS, enterAs, payWith, startAttempt } from "./member.ts";

/** The language of the browser that the tests run in. */
const [first] = MERCHANT_LANGUAGES;

export async function lookAtEveryScreen(
  page: Page,
  language: (typeof MERCHANT_LANGUAGES)[number],
  colorScheme: "light" | "dark",
): Promise<void> {
  await page.emulateMedia({ colorScheme });
  const shop = await sharedShop();
  const invoice = await makeInvoice(shop);
  await payWith(shop, invoice, await startAttempt(page, shop, invoice), CARDS.approved);
  const { data } = await api<{ data: { id: string }[] }>(shop, "/v1/ipns");
  const inbox = `/partner/screens-${language}-${colorScheme}`;
  const endpoint = await api<{ id: string }>(shop, "/v1/webhook-endpoints", { url: sandbox.url(inbox) });
  await sandbox.post(`/control${inbox}`, { status: 500, next: 1 });
  await makeInvoice(shop);
  await runCron();
  const paths = [
    ["/invoices", "/invoices/new", `/invoices/${invoice.id}`, `/invoices?card=${invoice.id}`, "/invoice-statuses"],
    ["/payments", "/holds", "/money-rules", "/receipts", "/payment-methods", "/attention"],
    ["/integrations", "/integrations/netopia", "/integrations/netopia/account", "/integrations/crm"],
    ["/integrations/tochka", "/integrations/revolut", "/integrations/uapay", "/points-of-sale", "/legal-details"],
    ["/ipns", `/ipns/${data[0]?.id}`, "/webhooks", `/webhooks/${endpoint.id}`, "/api-keys", "/audit"],
  ].flat();
  await page.goto("/sign-in");
  await look("/sign-in");
  await enterAs(page, shop, "/invoices");
  if (language !== first) {
    await page
      .getByRole("button", { name: LANGUAGE_NAMES[language], includeHidden: true })
      .first()
      .dispatchEvent("click");
  }
  await expect(page.locator("html")).toHaveAttribute("lang", language);
  for (const path of paths) {
    const answer = await page.goto(path);
    expect.soft(answer?.headers()["content-security-policy"], path).toMatch(/script-src [^;]*'nonce-/);
    await look(path);
  }

  async function look(path: string): Promise<void> {
    await expect(page.getByRole("heading").first()).toBeVisible();
    const { violations } = await new AxeBuilder({ page })
      .setLegacyMode() // no frames here, and no second page for each look
      .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
      .analyze();
    expect
      .soft(violations.map((one) => `${path}: ${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`))
      .toEqual([]);
    const isWide = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    expect.soft(`${path} ${isWide ? "scrolls sideways" : "fits"}`).toBe(`${path} fits`);
  }
}
