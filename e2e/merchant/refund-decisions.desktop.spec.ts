// Refunds that a second person decides on, that do not reach the processor, that were made outside: clicked by two members in
// two browsers against the simulated UAPAY.
import { type Browser, expect, type Page } from "@playwright/test";
import { eq } from "drizzle-orm";
import { openDatabase } from "../../db/client.ts";
import { apiKeys, members } from "../../db/schema/index.ts";
import { plantMember } from "../../db/seed/stories.ts";
import { api, type Invoice } from "../support/merchant.ts";
import { test } from "../support/policy.ts";
import { runCron, sandbox, stackHandle } from "../support/stack.ts";
import { atUapay, beginAtUapay, invoiceAtUapay, openUapay, payAtUapay, type UapayShop } from "../support/uapay.ts";
import { enterAs } from "./member.ts";

type Taken = { invoice: Invoice; attemptId: string };

let owner: UapayShop;
let second: UapayShop;

test.beforeAll(async () => {
  owner = await openUapay("automatic");
  const { databaseUrl, neonHost } = stackHandle();
  const email = `a.doua.${owner.merchantId.toLowerCase()}@demo.example`;
  second = { ...owner, ownerEmail: email };
  await plantMember(openDatabase(databaseUrl, neonHost), {
    merchantId: owner.merchantId,
    email,
    password: owner.ownerPassword,
    role: "admin",
    now: new Date(),
  });
});

/** An invoice whose 249.90 hryvnias were taken. */
async function taken(): Promise<Taken> {
  const invoice = await invoiceAtUapay(owner);
  const attemptId = await beginAtUapay(owner, invoice);
  await payAtUapay(attemptId);
  await expect.poll(async () => (await api<Invoice>(owner, `/v1/invoices/${invoice.id}`)).state).toBe("paid");
  return { invoice, attemptId };
}

async function anotherBrowser(browser: Browser): Promise<Page> {
  return (await browser.newContext()).newPage();
}

const card = (page: Page) => page.getByRole("region", { name: "Tranzacții cu cardul" });
const refunds = (page: Page) => card(page).getByRole("list", { name: "Rambursări" }).getByRole("listitem");
const dialog = (page: Page) => page.getByRole("dialog");
const toast = (page: Page) => page.getByRole("status");

/** Asks for a refund on the invoice's page. */
async function ask(page: Page, sum: string, reason: string): Promise<void> {
  await card(page).getByRole("button", { name: "Rambursează" }).click();
  await dialog(page).getByLabel(/^Sumă/).fill(sum);
  await dialog(page).getByLabel("Motiv").fill(reason);
  await dialog(page).getByRole("button", { name: "Rambursează" }).click();
  await expect(dialog(page)).toHaveCount(0);
}

test("above the merchant's sum a second person is asked, and allows it from the list of what waits", async ({
  page,
  browser,
}) => {
  await enterAs(page, owner, "/money-rules");
  await page.getByRole("button", { name: "Adaugă o monedă" }).click();
  await page.getByLabel("Moneda").fill("uah");
  await page.getByLabel("Întreabă peste").fill("100,00");
  await page.getByRole("button", { name: "Salvează", exact: true }).click();
  await expect(toast(page)).toContainText("Regulile au fost salvate.");

  const { invoice, attemptId } = await taken();
  await page.goto(`/invoices/${invoice.id}`);
  await ask(page, "150,00", "Produs returnat");
  // The one who asked sees why it is not for him to decide.
  await expect(refunds(page)).toContainText("trebuie să o aprobe altcineva");
  await expect(refunds(page).getByRole("button", { name: "Aprobă rambursarea" })).toHaveCount(0);
  await expect(refunds(page).getByRole("button", { name: "Nu aproba" })).toHaveCount(0);
  await runCron();
  expect(await atUapay(attemptId)).toMatchObject({ refunded: 0 });

  const other = await anotherBrowser(browser);
  await enterAs(other, second, "/attention");
  const item = other.getByRole("listitem").filter({ hasText: "O rambursare așteaptă aprobarea" });
  await item.getByRole("link", { name: "Deschide factura" }).click();
  await expect(other).toHaveURL(new RegExp(`/invoices/${invoice.id}$`));
  await expect(refunds(other)).toContainText(`Cerută de: ${owner.ownerEmail}`);
  await refunds(other).getByRole("button", { name: "Aprobă rambursarea" }).click();
  await expect(dialog(other)).toContainText("150,00");
  await expect(dialog(other)).toContainText("Motiv: Produs returnat");
  await dialog(other).getByRole("button", { name: "Aprobă rambursarea" }).click();
  await expect(toast(other)).toContainText("Rambursarea a fost aprobată");
  await runCron();
  expect(await atUapay(attemptId)).toMatchObject({ refunded: 15_000 });
  // Both open pages tell it, without being loaded again.
  for (const one of [page, other]) {
    await expect(refunds(one)).toContainText("Banii au fost dați înapoi");
    await expect(refunds(one)).toContainText(`Aprobată de: ${second.ownerEmail}`);
  }
  await other.goto("/attention");
  await expect(other.getByText("O rambursare așteaptă aprobarea")).toHaveCount(0);
});

test("a second person's no needs its reason, which the one who asked reads", async ({ page, browser }) => {
  const { invoice, attemptId } = await taken();
  await enterAs(page, owner, `/invoices/${invoice.id}`);
  await ask(page, "200,00", "Din greșeală");
  const other = await anotherBrowser(browser);
  await enterAs(other, second, `/invoices/${invoice.id}`);
  await refunds(other).getByRole("button", { name: "Nu aproba" }).click();
  const reason = dialog(other).getByLabel("Motiv");
  await dialog(other).getByRole("button", { name: "Nu aproba" }).click();
  await expect(reason).toHaveAttribute("aria-invalid", "true");
  await expect(reason).toHaveAccessibleDescription("scrieți motivul: îl vede cel care a cerut");
  await reason.fill("   ");
  await dialog(other).getByRole("button", { name: "Nu aproba" }).click();
  await expect(reason).toHaveAttribute("aria-invalid", "true");
  await reason.fill("Nu s-a returnat produsul");
  await dialog(other).getByRole("button", { name: "Nu aproba" }).click();
  await expect(dialog(other)).toHaveCount(0);
  await expect(refunds(page)).toContainText("Explicație: Nu s-a returnat produsul");
  await expect(refunds(page)).toContainText(`Neaprobată de: ${second.ownerEmail}`);
  await runCron();
  expect(await atUapay(attemptId)).toMatchObject({ refunded: 0 });
  // Its sum is free again.
  await card(page).getByRole("button", { name: "Rambursează" }).click();
  await expect(dialog(page).getByLabel(/^Sumă/)).toHaveValue("249,90");
});

test("who made the key that asked is told why he may not decide", async ({ page, browser }) => {
  const { databaseUrl, neonHost } = stackHandle();
  const db = openDatabase(databaseUrl, neonHost);
  const [self] = await db.select().from(members).where(eq(members.merchantId, owner.merchantId)).orderBy(members.id);
  await db
    .update(apiKeys)
    .set({ createdBy: `member:${self?.id}` })
    .where(eq(apiKeys.merchantId, owner.merchantId));
  const { invoice, attemptId } = await taken();
  await api(owner, "/v1/refunds", { attempt_id: attemptId, amount_minor: 15_000 });
  await enterAs(page, owner, `/invoices/${invoice.id}`);
  await expect(refunds(page)).toContainText("Cerută de: Cheie demonstrativă");
  await expect(refunds(page)).toContainText("Cerută cu o cheie API făcută de dumneavoastră");
  await expect(refunds(page).getByRole("button", { name: "Aprobă rambursarea" })).toHaveCount(0);
  const other = await anotherBrowser(browser);
  await enterAs(other, second, `/invoices/${invoice.id}`);
  await expect(refunds(other).getByRole("button", { name: "Aprobă rambursarea" })).toBeVisible();
});

test("what does not reach the processor is sent at once by a press, or given up", async ({ page }) => {
  const { invoice, attemptId } = await taken();
  await enterAs(page, owner, `/invoices/${invoice.id}`);
  const line = (reason: string) => refunds(page).filter({ hasText: reason });
  // It stands until it is taken away: what was not sent is tried again by itself after some seconds.
  const { id } = (await sandbox.post("/control/uapay/faults", {
    fault: "api_429",
    reference: attemptId,
    operation: "show",
    next: "all",
  })) as { id: string };
  for (const [sum, reason] of [
    ["30,00", "Prima"],
    ["20,00", "A doua"],
  ] as const) {
    await ask(page, sum, reason);
    await runCron();
    await expect(line(reason)).toContainText("Nu a ajuns la procesator");
  }
  await line("A doua").getByRole("button", { name: "Abandonează" }).click();
  await dialog(page).getByLabel("Motiv").fill("Plătit numerar");
  await dialog(page).getByRole("button", { name: "Abandonează" }).click();
  await expect(dialog(page)).toHaveCount(0);
  await expect(line("A doua")).toContainText("S-a renunțat");
  await expect(line("A doua")).toContainText("Explicație: Plătit numerar");
  await expect(line("A doua").getByRole("button")).toHaveCount(0);
  expect(await atUapay(attemptId)).toMatchObject({ refunded: 0 });
  await sandbox.post("/control/uapay/faults/clear", { id });
  await line("Prima").getByRole("button", { name: "Trimite acum" }).click();
  await expect(toast(page)).toContainText("Se trimite acum.");
  await runCron();
  await expect(line("Prima")).toContainText("Banii au fost dați înapoi");
  expect(await atUapay(attemptId)).toMatchObject({ refunded: 3_000 });
});

test("money given back outside is entered by hand and stays marked so", async ({ page }) => {
  const { invoice, attemptId } = await taken();
  await enterAs(page, owner, `/invoices/${invoice.id}`);
  await card(page).getByRole("button", { name: "Dat înapoi în altă parte" }).click();
  const sum = dialog(page).getByLabel(/^Sumă/);
  await sum.fill("300");
  await dialog(page).getByRole("button", { name: "Înregistrează rambursarea" }).click();
  await expect(sum).toHaveAccessibleDescription(/scrieți o sumă între 0,01 și 249,90/);
  await sum.fill("40,00");
  await dialog(page).getByLabel("Document sau referință").fill("OP 12");
  await dialog(page).getByLabel("Motiv").fill("Transfer");
  await dialog(page).getByRole("button", { name: "Înregistrează rambursarea" }).click();
  await expect(dialog(page)).toHaveCount(0);
  await expect(refunds(page)).toContainText("Introdusă manual");
  await expect(refunds(page)).toContainText("OP 12");
  await expect(refunds(page)).toContainText("40,00");
  await runCron();
  expect(await atUapay(attemptId)).toMatchObject({ refunded: 0 });
  await page.reload();
  await card(page).getByRole("button", { name: "Rambursează" }).click();
  await expect(dialog(page).getByLabel(/^Sumă/)).toHaveValue("209,90");
});
