// Every screen of the merchant area on a phone and on a desktop, light and dark: no fault that axe finds, no sideways scroll.
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { api, makeInvoice, sharedShop } from "../support/merchant.ts";
import { runCron, sandbox } from "../support/stack.ts";
import { CARDS, enterAs, payWith, startAttempt } from "./member.ts";

for (const colorScheme of ["light", "dark"] as const) {
  test(`every screen is accessible and fits: ${colorScheme}`, async ({ page }) => {
    test.setTimeout(120_000);
    await page.emulateMedia({ colorScheme });
    const shop = await sharedShop();
    const invoice = await makeInvoice(shop);
    await payWith(shop, invoice, await startAttempt(page, shop, invoice), CARDS.approved);
    const { data } = await api<{ data: { id: string }[] }>(shop, "/v1/ipns");
    const endpoint = await api<{ id: string }>(shop, "/v1/webhook-endpoints", {
      url: sandbox.url(`/partner/screens-${colorScheme}`),
    });
    await sandbox.post(`/control/partner/screens-${colorScheme}`, { status: 500, next: 1 });
    await makeInvoice(shop);
    await runCron();
    await page.goto("/sign-in");
    const paths = [
      "/sign-in",
      "/invoices",
      "/invoices/new",
      `/invoices/${invoice.id}`,
      "/payments",
      "/integrations",
    ].concat(
      ["/integrations/netopia", "/integrations/netopia/account", "/ipns", `/ipns/${data[0]?.id}`, "/attention"],
      [
        "/api-keys",
        "/webhooks",
        `/webhooks/${endpoint.id}`,
        "/points-of-sale",
        "/audit",
        `/invoices?card=${invoice.id}`,
      ],
    );
    for (const [index, path] of paths.entries()) {
      if (index === 0) await page.goto(path);
      else if (index === 1) await enterAs(page, shop, path);
      else await page.goto(path);
      await expect(page.getByRole("heading").first()).toBeVisible();
      const { violations } = await new AxeBuilder({ page })
        .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
        .analyze();
      expect(
        violations.map((one) => `${path}: ${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`),
      ).toEqual([]);
      const isWide = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      expect(`${path} ${isWide ? "scrolls sideways" : "fits"}`).toBe(`${path} fits`);
    }
  });
}
