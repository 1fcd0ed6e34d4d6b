// Fiscal receipts as the merchant meets them: the register chosen on its page, the receipt on the invoice, the second one at
// the press of "Delivered", and a failed one sent again.
import { expect, type Page, test } from "@playwright/test";
import { api, attemptsOf, type Invoice } from "../support/merchant.ts";
import { movesClock, runCron, sandbox } from "../support/stack.ts";
import { makeRoubleInvoice, openTochka, type TochkaShop } from "../support/tochka.ts";
import { enterAs } from "./member.ts";

type Komtet = { shopId: string; secret: string; queueId: string };

async function paid(page: Page, shop: TochkaShop): Promise<Invoice> {
  const invoice = await makeRoubleInvoice(shop, { payer_email: "client@demo.example" });
  const payer = await page.context().newPage();
  await payer.goto(`${invoice.link}?lang=ru`);
  await payer.getByRole("button", { name: /картой/ }).click();
  await expect.poll(() => payer.url()).toContain("/order/");
  const [attempt] = await attemptsOf(shop, invoice);
  await sandbox.post(`/control/tochka/operations/${attempt?.id}/act`, { action: "pay", method: "card" });
  await api(shop, `/v1/attempts/${attempt?.id}/look`, {});
  await payer.close();
  await runCron();
  await sandbox.advanceClock(70);
  await runCron();
  return invoice;
}

test(
  "the register is chosen, a payment gets its receipt, delivering the second, and a failed one is sent again",
  movesClock,
  async ({ page }) => {
    test.setTimeout(120_000);
    const shop = await openTochka({ options: { fiscalisation: "register" } });
    const komtet = (await sandbox.post("/control/komtet/shops", { delaySeconds: 0, callbacks: false })) as Komtet;
    await enterAs(page, shop, "/receipts");
    await expect(page.getByText("Numai ruble rusești")).toBeVisible();
    await page.getByLabel("Shop ID").or(page.locator("#register-shopId")).first().fill(komtet.shopId);
    await page.locator("#register-secretKey").fill(komtet.secret);
    await page.locator("#register-queueId").fill("x");
    await page.getByRole("button", { name: "Salvează" }).click();
    await expect(page.getByText("alegeți sistemul de impozitare")).toBeVisible();
    await page.getByLabel("Sistem de impozitare").or(page.locator("#register-tax_system")).first().selectOption("osn");
    await page.locator("#register-vat_rate").selectOption("vat22");
    await page.locator("#register-receipt_method").selectOption("full_prepayment");
    await page.getByRole("button", { name: "Salvează" }).click();
    await expect(page.getByText("ID-ul cozii este un număr")).toBeVisible();
    await page.locator("#register-queueId").fill(komtet.queueId);
    await page.getByRole("button", { name: "Salvează" }).click();
    await expect(page.getByText("Serviciul acceptă datele și casele sunt pornite.")).toBeVisible();
    await expect(page.locator("#register-secretKey")).toHaveValue("");
    await expect(page.locator("body")).not.toContainText(komtet.secret);

    const invoice = await paid(page, shop);
    await page.goto(`/invoices/${invoice.id}`);
    const receipts = page.getByRole("region", { name: "Bonuri fiscale" });
    await expect(receipts.getByText("Bon făcut")).toHaveCount(1);
    await expect(receipts).toContainText(/ФН 9999\d{12}/);
    await receipts.getByRole("button", { name: "Predat" }).click();
    await expect(receipts.getByText("Predare", { exact: false }).first()).toBeVisible();
    await expect(receipts.getByRole("button", { name: "Predat" })).toHaveCount(0);
    await runCron();
    await sandbox.advanceClock(70);
    await runCron();
    await page.reload();
    await expect(receipts.getByText("Bon făcut")).toHaveCount(2);

    await sandbox.post(`/control/komtet/shops/${komtet.shopId}/faults`, { fault: "refused" });
    const other = await paid(page, shop);
    await page.goto("/attention");
    await expect(page.getByText("Bonul fiscal nu a fost făcut").first()).toBeVisible();
    await page.goto(`/invoices/${other.id}`);
    await expect(receipts).toContainText("Чек отклонён настройками кассы");
    await receipts.getByRole("button", { name: "Trimite din nou" }).click();
    await expect(receipts.getByRole("button", { name: "Trimite din nou" })).toHaveCount(0);
    await runCron();
    await sandbox.advanceClock(70);
    await runCron();
    await page.reload();
    await expect(receipts.getByText("Bon făcut")).toHaveCount(1);

    // What the payer sees of it.
    await page.goto(`${invoice.link}?lang=ru`);
    await expect(page.getByText(/Чек сформирован и отправлен на e-mail \(ФН 9999/).first()).toBeVisible();
    if (process.env.PICTURES) {
      for (const colorScheme of ["light", "dark"] as const) {
        for (const width of [360, 1280]) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 900 });
          for (const [name, path] of [
            ["register", "/receipts"],
            ["invoice", `/invoices/${invoice.id}`],
            ["payer", `${invoice.link}?lang=ru`],
          ] as const) {
            await page.goto(path);
            await page.waitForTimeout(500);
            await page.screenshot({
              path: `${process.env.PICTURES}/${name}-${width}-${colorScheme}.png`,
              fullPage: true,
            });
          }
        }
      }
    }
  },
);
