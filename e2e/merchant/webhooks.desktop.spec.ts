// Webhooks: a partner's address is added, told, seen failing, told again, given a new secret, switched off, removed.
import { expect, type Page } from "@playwright/test";
import { api, makeInvoice, plantShop } from "../support/merchant.ts";
import { test } from "../support/policy.ts";
import { runCron, sandbox } from "../support/stack.ts";
import { enterAs } from "./member.ts";

type Told = { headers: Record<string, string>; body: string; answered: number };

const newWebhook = (page: Page) => page.getByRole("button", { name: "Webhook nou" });
const fault = (page: Page) => page.locator("#webhook-url-fault");
const make = (page: Page) => page.getByRole("button", { name: "Creează webhook-ul" }).click();

/** Fills the form for an address and gives the secret that is shown once. */
async function addWebhook(page: Page, url: string, events: string[] = []): Promise<string> {
  await newWebhook(page).click();
  await page.getByLabel("Adresă").fill(url);
  if (events.length > 0) {
    await page.getByLabel("Toate evenimentele").uncheck();
    for (const event of events) await page.getByRole("checkbox", { name: event }).check();
  }
  await make(page);
  const secret = page.locator("[data-new-secret]");
  await expect(secret).toHaveText(/^whsec_/);
  return (await secret.textContent()) ?? "";
}

test("a partner is told, fails, is seen failing, and is told again under the same id", async ({ page }) => {
  const shop = await plantShop();
  const name = `hook-${shop.merchantId}`;
  const told = () => sandbox.get(`/control/partner/${name}`) as Promise<Told[]>;
  await enterAs(page, shop, "/invoices");
  await page.getByRole("link", { name: "Webhook-uri" }).click();
  await expect(page.getByRole("heading", { name: "Niciun webhook" })).toBeVisible();
  const secret = await addWebhook(page, sandbox.url(`/partner/${name}`), ["invoice.issued"]);
  await page.getByRole("button", { name: "L-am păstrat" }).click();
  await expect(page.getByText(secret)).toHaveCount(0);
  const state = page.locator("[data-webhook-state]");
  await expect(state).toContainText("Încă neanunțat");

  await makeInvoice(shop);
  await runCron();
  await expect.poll(async () => (await told()).length).toBe(1);
  await page.getByRole("link", { name: new RegExp(`/partner/${name}$`) }).click();
  const deliveries = page.locator("[data-delivery]");
  await expect(deliveries).toHaveCount(1);
  await expect(deliveries.first()).toHaveAttribute("data-status", "200");
  await expect(deliveries.first()).toContainText("Factura a fost emisă");
  await expect(deliveries.first()).toContainText("Răspuns: noted");
  await expect(deliveries.first()).toContainText(/\d+ ms/);
  await expect(state).toContainText("Răspunde");
  expect(await page.content()).not.toContain(secret);

  await sandbox.post(`/control/partner/${name}`, { status: 500, next: 1 });
  await makeInvoice(shop);
  await runCron();
  await expect.poll(async () => (await told()).map((one) => one.answered)).toContain(500);
  await page.reload();
  const failed = page.locator('[data-status="500"]');
  await expect(failed).toHaveCount(1);
  await expect(state).toContainText(/Eșuează din \d+ \S+ \d{4}, \d\d:\d\d/);
  await expect(state).toContainText("1 eveniment în așteptare");

  await failed.getByRole("button", { name: /^Trimite din nou/ }).click();
  await expect(page.getByText("1 eveniment se trimite din nou.")).toBeVisible();
  await runCron();
  await expect.poll(async () => (await told()).map((one) => one.answered)).toEqual([200, 500, 200]);
  const ids = (await told()).map(({ headers }) => headers["webhook-id"]);
  expect(ids[2]).toBe(ids[1]);
  // The list is read again by itself.
  await expect(deliveries).toHaveCount(3);
  await expect(state).toContainText("Răspunde");
  await expect(state).not.toContainText("așteptare");

  // Everything since the day before, by the merchant's clock: both events once more.
  await page.getByRole("button", { name: "Trimite din nou tot ce a fost din…" }).click();
  await expect(page.getByLabel("Începând din")).toHaveValue(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
  await page.getByLabel("Începând din").fill("");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Trimite din nou" }).click();
  await expect(page.locator("#resend-since-fault")).toHaveText("scrieți data și ora");
  await page.getByLabel("Începând din").fill("2026-01-01T00:00");
  await dialog.getByRole("button", { name: "Trimite din nou" }).click();
  await expect(page.getByText("2 evenimente se trimit din nou.")).toBeVisible();
  await runCron();
  await expect.poll(async () => (await told()).length).toBe(5);
});

test("an address that may not be told is refused at its field, each with its own words", async ({ page }) => {
  await enterAs(page, await plantShop(), "/webhooks");
  await newWebhook(page).click();
  await make(page);
  await expect(fault(page)).toHaveText("completați acest câmp");
  for (const [url, words] of [
    ["magazin", "adresa nu este un URL complet"],
    ["http://partner.plata.dev/hook", "adresa trebuie să înceapă cu https://"],
    ["https://ana:parola@partner.plata.dev/hook", "adresa nu poate conține utilizator și parolă"],
    ["https://10.0.0.1/hook", "folosiți un nume de domeniu, nu o adresă IP"],
    ["https://intranet.local/hook", "numele nu este public"],
    ["https://partner.plata.dev:22/hook", "portul nu este permis"],
  ] as const) {
    await page.getByLabel("Adresă").fill(url);
    await make(page);
    await expect(fault(page)).toContainText(words);
    await expect(page.getByLabel("Adresă")).toHaveAttribute("aria-invalid", "true");
  }
  await page.getByLabel("Toate evenimentele").uncheck();
  await make(page);
  await expect(page.locator("#webhook-events-fault")).toHaveText("alegeți cel puțin un eveniment");
  await page.getByLabel("Toate evenimentele").check();
  await page.getByLabel("Adresă").fill("https://partner.plata.dev/hook");
  await make(page);
  await expect(page.locator("[data-new-secret]")).toBeVisible();
});

test("a webhook is switched off and on, changed, given a new secret, and removed after a question", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const shop = await plantShop();
  const name = `hook-${shop.merchantId}`;
  const url = sandbox.url(`/partner/${name}`);
  await enterAs(page, shop, "/webhooks");
  const first = await addWebhook(page, url);
  await page.getByRole("button", { name: "Copiază secretul" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(first);
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: `Oprește ${url}` }).click();
  const state = page.locator("[data-webhook-state]");
  await expect(state).toContainText("Oprit");
  await page.getByRole("button", { name: `Pornește ${url}` }).click();
  await expect(state).not.toContainText("Oprit");

  await page.getByRole("link", { name: url }).click();
  await page.getByRole("button", { name: "Modifică" }).click();
  await page.getByLabel("Toate evenimentele").uncheck();
  await page.getByRole("checkbox", { name: "invoice.paid" }).check();
  await page.getByRole("button", { name: "Salvează" }).click();
  await expect(page.getByRole("region", { name: "Adresă" })).toContainText("Factura este achitată");

  await page.getByRole("button", { name: "Secret nou" }).click();
  await expect(page.getByText("Cel vechi semnează alături de el încă 24 de ore")).toBeVisible();
  await page.getByRole("button", { name: "Creează secretul nou" }).click();
  const second = page.locator("[data-new-secret]");
  await expect(second).toHaveText(/^whsec_/);
  await expect(second).not.toHaveText(first);
  await page.getByRole("button", { name: "L-am păstrat" }).click();
  await expect(second).toHaveCount(0);

  await page.getByRole("button", { name: "Șterge webhook-ul" }).click();
  await page.getByRole("button", { name: "Nu, păstrează" }).click();
  await page.getByRole("button", { name: "Șterge webhook-ul" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Șterge webhook-ul" }).click();
  await expect(page).toHaveURL(/\/webhooks$/);
  await expect(page.getByRole("heading", { name: "Niciun webhook" })).toBeVisible();
  expect((await api<{ data: unknown[] }>(shop, "/v1/webhook-endpoints")).data).toEqual([]);
});
