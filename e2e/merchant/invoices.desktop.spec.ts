// Invoices as a member makes them: the editor, the link, the switches of the point of sale, conversion and collections.
import { expect, type Page } from "@playwright/test";
import { type Planted, plantMerchant } from "../../db/seed/stories.ts";
import { api, type Invoice, makeInvoice, openShop, plantShop, type Shop } from "../support/merchant.ts";
import { test } from "../support/policy.ts";
import { stackHandle } from "../support/stack.ts";
import { CARDS, enterAs, fillSignIn, payWith, startAttempt } from "./member.ts";

const OPTIONS = "/integrations/netopia/account";
const link = (page: Page) => page.getByRole("link", { name: /\/i\/[A-Za-z0-9_-]{16,}$/ });
const card = (page: Page) => page.getByLabel("Acceptare plată cu cardul");

let shared: Promise<Shop> | undefined;
const connected = () => {
  shared ??= openShop("v2");
  return shared;
};

async function fillInvoice(page: Page, change: { price?: string; email?: string; phone?: string } = {}) {
  await page.getByLabel("Nume client").fill("Client demonstrativ");
  await page.getByLabel("E-mail").fill(change.email ?? "");
  await page.getByLabel("Telefon").fill(change.phone ?? "");
  await page.getByLabel("Descriere").fill("Servicii");
  await page.getByLabel("Preț unitar").fill(change.price ?? "249,90");
}
async function issue(page: Page) {
  await page.getByRole("button", { name: "Emite factura" }).click();
}
async function saved(page: Page): Promise<string> {
  await expect(page).toHaveURL(/\/invoices\/inv_\w+$/);
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

test("sign-in says the same for a wrong password and an unknown address, and leads back to where one was", async ({
  page,
}) => {
  const shop = await connected();
  await page.goto("/payments");
  await fillSignIn(page, shop.ownerEmail, "not the password");
  const wrong = "E-mailul sau parola nu sunt corecte.";
  await expect(page.getByText(wrong)).toBeVisible();
  await expect(page.getByLabel("E-mail")).toHaveValue(shop.ownerEmail);
  await fillSignIn(page, "nobody@demo.example", "not the password");
  await expect(page.getByText(wrong)).toBeVisible();
  await fillSignIn(page, shop.ownerEmail, shop.ownerPassword);
  await expect(page).toHaveURL(/\/payments$/);
});

test("[I01] card payment is switched on a new and on an existing invoice, and the link is there only while it is on", async ({
  page,
}) => {
  await enterAs(page, await connected(), "/invoices/new");
  await fillInvoice(page);
  await card(page).uncheck();
  await issue(page);
  const id = await saved(page);
  await expect(page.getByText("deci nu are link de plată")).toBeVisible();
  await expect(link(page)).toHaveCount(0);
  for (const isOn of [true, false]) {
    await page.goto(`/invoices/${id}/edit`);
    await card(page).setChecked(isOn);
    await page.getByRole("button", { name: "Salvează" }).click();
    await saved(page);
    await expect(link(page)).toHaveCount(isOn ? 1 : 0);
  }
  await page.goto("/invoices/new");
  await fillInvoice(page);
  await card(page).check();
  await issue(page);
  await saved(page);
  await expect(link(page)).toBeVisible();
});

test("[I02] the link cannot be guessed, stays over edits, and is copied with one click", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const shop = await connected();
  const [invoice, other] = [await makeInvoice(shop), await makeInvoice(shop)];
  const token = (one: Invoice) => one.link.split("/i/")[1] ?? "";
  expect(token(invoice)).toMatch(/^[A-Za-z0-9_-]{22,}$/);
  expect(token(other)).not.toBe(token(invoice));
  await enterAs(page, shop, `/invoices/${invoice.id}/edit`);
  await page.getByLabel("Nume client").fill("Alt client demonstrativ");
  await page.getByLabel("Preț unitar").fill("300");
  await page.getByRole("button", { name: "Salvează" }).click();
  await saved(page);
  await expect(page.getByRole("link", { name: invoice.link })).toBeVisible();
  await page.getByRole("button", { name: "Copiază linkul" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Linkul de plată a fost copiat." })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(invoice.link);
});

test("[I03] missing contact only gives a hint; a bad one stops with a fault at its field and nothing typed is lost", async ({
  page,
}) => {
  await enterAs(page, await connected(), "/invoices/new");
  await fillInvoice(page, { email: "nu este adresă", phone: "12" });
  await issue(page);
  await expect(page.locator("#payer_email-fault")).toContainText("adresa de e-mail nu este corectă");
  await expect(page.locator("#payer_phone-fault")).toContainText("numărul de telefon nu este corect");
  await expect(page.getByLabel("Descriere")).toHaveValue("Servicii");
  await expect(page).toHaveURL(/\/invoices\/new$/);
  await page.getByLabel("E-mail").fill("");
  await page.getByLabel("Telefon").fill("");
  await expect(page.getByText(/Se recomandă completarea câmpurilor E-mail și Telefon/)).toBeVisible();
  await issue(page);
  await saved(page);
});

test("[I04] a test invoice is marked, has a series of its own, and stays out of the list of real money", async ({
  page,
}) => {
  const shop: Planted = await plantMerchant({ ...stackHandle(), isTest: false });
  await enterAs(page, shop, "/invoices/new");
  const labels: string[] = [];
  for (const isTest of [true, false, true]) {
    await page.goto("/invoices/new");
    await fillInvoice(page);
    await page.getByLabel("Factură de test").setChecked(isTest);
    await issue(page);
    const id = await saved(page);
    labels.push((await page.getByRole("heading", { level: 1 }).textContent()) ?? "");
    await expect(page.getByText("Test", { exact: true })).toHaveCount(isTest ? 1 : 0);
    await api(shop, `/v1/invoices/${id}/payments`, { amount_minor: 24990, method: "cash" });
  }
  // The real series counts by itself: two test invoices have taken none of its numbers.
  expect(labels).toEqual(["TPF-000001", "PF-000001", "TPF-000002"]);
  const real = await api<{ data: { invoice_label: string }[] }>(shop, "/v1/payments?is_test=false");
  expect(real.data.map((payment) => payment.invoice_label)).toEqual(["PF-000001"]);
});

test("[I06] with automatic generation off a paid proforma is marked paid, and converting it is offered", async ({
  page,
}) => {
  const shop = await plantShop();
  await enterAs(page, shop, OPTIONS);
  await page.getByLabel("Generare automată factură fiscală bazat pe factură proformă").uncheck();
  await expect(page.getByRole("status").filter({ hasText: "Dezactivat: Generare automată" })).toBeVisible();
  const invoice = await makeInvoice(shop);
  await api(shop, `/v1/invoices/${invoice.id}/payments`, { amount_minor: 24990, method: "transfer" });
  await page.goto(`/invoices/${invoice.id}`);
  await expect(page.getByText("Achitată", { exact: true })).toBeVisible();
  await expect(page.getByText("Factura fiscală:")).toHaveCount(0);
  await page.getByRole("button", { name: "Generează factura fiscală" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^TFF-/);
  await page.getByRole("link", { name: "factura proformă" }).click();
  await expect(page.getByText("Factura fiscală:")).toBeVisible();
});

test("[I07] a confirmed payment stands in the collections with amount, time, processor and reference", async ({
  page,
}) => {
  const shop = await openShop("v2");
  const invoice = await makeInvoice(shop);
  const attempt = await startAttempt(page, shop, invoice);
  await payWith(shop, invoice, attempt, CARDS.approved);
  const [payment] = (await api<{ data: { reference: string }[] }>(shop, "/v1/payments")).data;
  await enterAs(page, shop, "/payments");
  const row = page.getByRole("row").filter({ hasText: invoice.label });
  await expect(row).toContainText("249,90");
  await expect(row).toContainText(/\d+ \S+ \d{4}, \d\d:\d\d:\d\d/);
  await expect(row).toContainText("Netopia Payments");
  expect(payment?.reference).toBeTruthy();
  await expect(row).toContainText(payment?.reference ?? "none");
  await expect(row).toContainText("Înregistrată automat");
  await row.getByRole("link", { name: invoice.label }).click();
  await expect(page.getByText("Achitată", { exact: true })).toBeVisible();
});

test("[I09] the card icon is absent before the integration is active and present after, with a name", async ({
  page,
}) => {
  const shop = await plantShop();
  const invoice = await makeInvoice(shop);
  await enterAs(page, shop);
  const icon = page.getByRole("link", { name: `Tranzacții cu cardul pentru ${invoice.label}` });
  await expect(page.getByRole("link", { name: invoice.label, exact: true })).toBeVisible();
  await expect(icon).toHaveCount(0);
  const active = await openShop("v2");
  const own = await makeInvoice(active);
  await page.context().clearCookies();
  await enterAs(page, active);
  await expect(page.getByRole("link", { name: `Tranzacții cu cardul pentru ${own.label}` })).toBeVisible();
});

test("[M01] the switch for all invoices presets new ones and leaves existing ones as they are", async ({ page }) => {
  const shop = await plantShop();
  await enterAs(page, shop, OPTIONS);
  const all = page.getByLabel("Activare încasare cu card la toate facturile");
  const acceptsOf = async (id: string) =>
    (await api<{ accepts_card: boolean }>(shop, `/v1/invoices/${id}`)).accepts_card;
  const made: string[] = [];
  for (const isOn of [true, false]) {
    await page.goto(OPTIONS);
    await expect(all).toBeEnabled();
    if ((await all.isChecked()) !== isOn) {
      await all.click();
      await expect(page.getByRole("status").filter({ hasText: isOn ? "Activat:" : "Dezactivat:" })).toBeVisible();
    }
    await page.goto("/invoices/new");
    await expect(card(page)).toBeChecked({ checked: isOn });
    await fillInvoice(page);
    await issue(page);
    made.push(await saved(page));
  }
  const [first = "", second = ""] = made;
  expect([await acceptsOf(first), await acceptsOf(second)]).toEqual([true, false]);
});

test("[M02] the default is switched off for one invoice: its link refuses the card, others work", async ({ page }) => {
  const shop = await connected();
  const [one, other] = [await makeInvoice(shop), await makeInvoice(shop)];
  await enterAs(page, shop, `/invoices/${one.id}/edit`);
  await card(page).uncheck();
  await page.getByRole("button", { name: "Salvează" }).click();
  await saved(page);
  await page.goto(one.link);
  await expect(page.getByRole("button", { name: /^Plătește/ })).toHaveCount(0);
  await expect(page.getByText(/nu se poate plăti cu cardul|Plata cu cardul nu este acceptată/i).first()).toBeVisible();
  await page.goto(other.link);
  await expect(page.getByRole("button", { name: /^Plătește/ }).first()).toBeVisible();
});

test("[M03] the hint for whom it is recommended is tied to the switch", async ({ page }) => {
  await enterAs(page, await connected(), OPTIONS);
  await expect(page.getByLabel("Activare încasare cu card la toate facturile")).toHaveAccessibleDescription(
    /Recomandată dacă majoritatea clienților plătesc online\./,
  );
});
