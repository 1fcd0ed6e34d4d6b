// What the payer's page promises: no cookie, one request, a tight policy, and that everybody can use it.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { api, makeInvoice, sharedShop } from "../support/merchant.ts";
import { CARDS, goBack, goToProcessor, openLink, payByCard, stateOf } from "./steps.ts";

test("pays with every cookie blocked, and sets none", async ({ page, context }) => {
  const set: string[] = [];
  const web = new URL((await makeInvoice(await sharedShop())).link).origin;
  page.on("response", async (response) => {
    if (response.url().startsWith(web) && (await response.headerValue("set-cookie"))) set.push(response.url());
  });
  await context.route(`${web}/**`, async (route) => {
    const { cookie, ...headers } = route.request().headers();
    await route.continue({ headers });
  });
  const invoice = await makeInvoice(await sharedShop());
  await openLink(page, invoice);
  await goToProcessor(page);
  await payByCard(page, CARDS.approved);
  await goBack(page);
  await expect(stateOf(page)).toHaveText("Plata a reușit");
  expect(set).toEqual([]);
});

test("one request, no cache, no referrer, a policy without openings, and no breach of it", async ({ page }) => {
  const invoice = await makeInvoice(await sharedShop());
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  const answer = await page.goto(invoice.link);
  await page.waitForLoadState("load");
  expect(asked.filter((url) => !url.startsWith("data:") && !url.endsWith("/status"))).toEqual([invoice.link]);
  expect(complaints).toEqual([]);
  const headers = (await answer?.allHeaders()) ?? {};
  expect(headers).toMatchObject({
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  expect(headers["x-robots-tag"]).toContain("noindex");
  expect(headers["content-security-policy"]).toContain("default-src 'none'");
  expect(headers["content-security-policy"]).not.toContain("unsafe");
});

test("no fault of accessibility, light and dark, payable, refused and without a link", async ({ page }) => {
  const shop = await sharedShop();
  const payable = await makeInvoice(shop, {
    note: "Vă mulțumim.",
    lines: [1, 2, 3, 4].map((n) => ({ description: `Serviciul ${n}`, unit_price_minor: 1000 * n, vat_percent: 21 })),
  });
  const cancelled = await makeInvoice(shop);
  await api(shop, `/v1/invoices/${cancelled.id}/cancel`, {});
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const link of [payable.link, cancelled.link, "/i/abcdefghijklmnopqrstuvwx"]) {
      await page.goto(link);
      const { violations } = await new AxeBuilder({ page })
        .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
        .analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
    }
  }
});

test("nothing is cut off on the narrowest screen, at double text size too", async ({ page }) => {
  const invoice = await makeInvoice(await sharedShop());
  await page.setViewportSize({ width: 320, height: 640 });
  await openLink(page, invoice);
  const overflow = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(await overflow()).toBeLessThanOrEqual(0);
  await page.evaluate(() => {
    document.documentElement.style.fontSize = "200%";
  });
  expect(await overflow()).toBeLessThanOrEqual(0);
  for (const target of await page.locator("a, button, input:not([type=hidden]), summary").all()) {
    const box = await target.boundingBox();
    if (box) expect(box.height, await target.innerText()).toBeGreaterThanOrEqual(44);
  }
});
