// temporary
import { test, expect } from "@playwright/test";
import { api, makeInvoice, openShop } from "../support/merchant.ts";
import { CARDS, enterAs, payWith, startAttempt } from "./member.ts";
test("shots", async ({ page }) => {
  test.setTimeout(180_000);
  const shop = await openShop("v2");
  for (const [n, price] of [["Client demonstrativ", 19900], ["Demo Distribuție SRL", 125000], ["Client demonstrativ B", 45050]] as const)
    await makeInvoice(shop, { payer_name: n, lines: [{ description: "Abonament", unit_price_minor: price, vat_percent: 21 }], due_on: "2026-12-05" });
  const invoice = await makeInvoice(shop, { payer_email: "client@demo.example", payer_phone: "+40700000000" });
  const attempt = await startAttempt(page, shop, invoice);
  for (const card of [CARDS.noMoney, CARDS.expired, CARDS.approved]) await payWith(shop, invoice, attempt, card);
  await expect.poll(async () => (await api<{data: unknown[]}>(shop, "/v1/payments")).data.length).toBe(1);
  await api(shop, "/v1/refunds", { attempt_id: attempt, amount_minor: 5000, reason: "Retur parțial" });
  const { data } = await api<{ data: { id: string }[] }>(shop, "/v1/ipns");
  await page.goto("/sign-in");
  await enterAs(page, shop, "/payments");
  for (const [name, width, height, scheme] of [["desktop-light",1280,860,"light"],["phone-dark",360,780,"dark"],["phone-light",360,780,"light"],["desktop-dark",1280,860,"dark"]] as const) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: scheme });
    for (const [n, path] of [["invoices","/invoices"],["invoice",`/invoices/${invoice.id}`],["dialog",`/invoices?card=${invoice.id}`],["payments","/payments"],["ipns","/ipns"],["ipn",`/ipns/${data[0]?.id}`],["new","/invoices/new"],["guide","/integrations/netopia"],["account-new","/integrations/netopia/account?connection=new"],["api-keys","/api-keys"],["shops","/points-of-sale"],["integrations","/integrations"],["attention","/attention"]] as const) {
      await page.goto(path);
      await page.waitForLoadState("networkidle");
      await page.screenshot({ path: `/tmp/shots/t-${name}-${n}.png`, fullPage: n !== "dialog" && n !== "invoices" && n!=="integrations" });
      if (name === "phone-light" && n === "invoices") { await page.getByRole("button", { name: "Meniu" }).click(); await page.screenshot({ path: `/tmp/shots/t-${name}-menu.png` }); }
    }
  }
});
