// Held money on the merchant's screens: Confirm and Cancel come and go by themselves, a refusal is told in the processor's
// words, the list shows the age, and a refund is made once.
import { expect, type Page } from "@playwright/test";
import { api, attemptsOf, type Invoice } from "../support/merchant.ts";
import { test } from "../support/policy.ts";
import { movesClock, runCron, sandbox } from "../support/stack.ts";
import { atUapay, beginAtUapay, invoiceAtUapay, openUapay, payAtUapay, type UapayShop } from "../support/uapay.ts";
import { enterAs } from "./member.ts";

let shared: Promise<UapayShop> | undefined;
const shop = () => {
  shared ??= openUapay();
  return shared;
};

type Held = { owner: UapayShop; invoice: Invoice; attemptId: string };

/** An invoice whose money is held. */
async function held(): Promise<Held> {
  const owner = await shop();
  const invoice = await invoiceAtUapay(owner);
  const attemptId = await beginAtUapay(owner, invoice);
  await payAtUapay(attemptId);
  await expect.poll(async () => (await attemptsOf(owner, invoice))[0]?.state).toBe("authorized");
  return { owner, invoice, attemptId };
}

const timeline = (page: Page) => page.getByRole("region", { name: "Istoric" });
const card = (page: Page) => page.getByRole("region", { name: "Tranzacții cu cardul" });
const confirm = (page: Page) => card(page).getByRole("button", { name: "Confirmă plata" });
const cancel = (page: Page) => card(page).getByRole("button", { name: "Anulează plata" });

test("[R09] Confirm and Cancel appear on an open page when the hold arrives, and go when the state moves on", async ({
  page,
}) => {
  const owner = await shop();
  const invoice = await invoiceAtUapay(owner);
  const attemptId = await beginAtUapay(owner, invoice);
  await enterAs(page, owner, `/invoices/${invoice.id}`);
  await expect(card(page)).toContainText("Așteaptă clientul");
  await expect(confirm(page)).toHaveCount(0);
  await page.evaluate(() => Object.assign(window, { isSamePage: true }));
  await payAtUapay(attemptId);
  await expect(confirm(page)).toBeVisible();
  await expect(cancel(page)).toBeVisible();
  // The same stands on the timeline, in place.
  await expect(timeline(page).getByRole("button", { name: "Confirmă plata" })).toBeVisible();
  // Somebody else confirms it, by the API.
  await api(owner, `/v1/attempts/${attemptId}/capture`, {});
  await expect(confirm(page)).toHaveCount(0);
  await expect(cancel(page)).toHaveCount(0);
  await expect(card(page)).toContainText("Plată acceptată");
  expect(await page.evaluate(() => "isSamePage" in window)).toBe(true);
});

test("[R12] a capture that fails leaves the hold, shows the processor's text, and the second try works", async ({
  page,
}) => {
  const { owner, invoice, attemptId } = await held();
  await enterAs(page, owner, `/invoices/${invoice.id}`);
  await sandbox.post("/control/uapay/faults", {
    fault: "operation_refused",
    reference: attemptId,
    operation: "complete",
  });
  const press = async () => {
    await confirm(page).click();
    await page.getByRole("dialog").getByRole("button", { name: "Confirmă plata" }).click();
  };
  await press();
  await expect(card(page).getByRole("alert")).toContainText("Операцію відхилено банком");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect((await attemptsOf(owner, invoice))[0]?.state).toBe("authorized");
  await press();
  await expect(confirm(page)).toHaveCount(0);
  await expect(card(page)).toContainText("Plată acceptată");
  expect(await atUapay(attemptId)).toMatchObject({ captured: 24_990 });
});

test("[M24] the switch of the shop holds money for Confirm or Cancel, or takes it at once", async ({ page }) => {
  const owner = await openUapay("automatic");
  await enterAs(page, owner, `/integrations/uapay?connection=${owner.connectionId}`);
  const mode = page.getByLabel("Când se iau banii");
  await mode.selectOption("manual");
  await page.getByRole("button", { name: "Salvează", exact: true }).click();
  await expect(page.getByRole("status")).toContainText(/salvat/i);
  const paid = async () => {
    const invoice = await invoiceAtUapay(owner);
    const attemptId = await beginAtUapay(owner, invoice);
    await payAtUapay(attemptId);
    await expect.poll(async () => (await attemptsOf(owner, invoice))[0]?.state).toMatch(/authorized|captured/);
    await page.goto(`/invoices/${invoice.id}`);
    return attemptId;
  };
  const first = await paid();
  await expect(confirm(page)).toBeVisible();
  await cancel(page).click();
  await page.getByRole("dialog").getByRole("button", { name: "Anulează plata" }).click();
  await expect(confirm(page)).toHaveCount(0);
  expect(await atUapay(first)).toMatchObject({ paymentStatus: "CANCELED", captured: 0 });
  await page.goto(`/integrations/uapay?connection=${owner.connectionId}`);
  await mode.selectOption("automatic");
  await page.getByRole("button", { name: "Salvează", exact: true }).click();
  await expect(page.getByRole("status")).toContainText(/salvat/i);
  const second = await paid();
  await expect(card(page)).toContainText("Plată acceptată");
  await expect(confirm(page)).toHaveCount(0);
  expect(await atUapay(second)).toMatchObject({ captured: 24_990 });
});

test(
  "[M25] help says what confirming is for, and the list shows how long money is held and until when",
  movesClock,
  async ({ page }) => {
    const { owner, invoice, attemptId } = await held();
    await enterAs(page, owner, `/integrations/uapay?connection=${owner.connectionId}`);
    await expect(page.locator("#capture_mode-hint")).toContainText(/detaliile livrării sau stocul/);
    await page.goto("/money-rules");
    await expect(page.getByText(/detaliile livrării sau stocul/)).toBeVisible();
    await page.goto("/invoices");
    const row = page.getByRole("row").filter({ hasText: invoice.label });
    await expect(row).toContainText("Blocat de mai puțin de o oră");
    await expect(row).toContainText(/Blocarea/i);
    await sandbox.advanceClock(5 * 3600);
    await page.reload();
    await expect(row).toContainText("Blocat de 5 ore");
    // The list of held money: confirmed in place.
    await page.goto("/holds");
    const line = page.getByRole("listitem").filter({ hasText: invoice.label });
    await expect(line).toContainText("5 ore");
    await line.getByRole("button", { name: "Confirmă plata" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Confirmă plata" }).click();
    await expect(page.getByRole("listitem").filter({ hasText: invoice.label })).toHaveCount(0);
    expect(await atUapay(attemptId)).toMatchObject({ captured: 24_990 });
  },
);

test(
  "[R15] a refund is made once however often it is pressed, and the button waits while it is sent",
  movesClock,
  async ({ page }) => {
    const { owner, invoice, attemptId } = await held();
    await api(owner, `/v1/attempts/${attemptId}/capture`, {});
    // It does not reach them at first: it stays under way, and nothing more can be pressed.
    await sandbox.post("/control/uapay/faults", { fault: "api_429", reference: attemptId, operation: "show", next: 2 });
    await enterAs(page, owner, `/invoices/${invoice.id}`);
    const button = card(page).getByRole("button", { name: "Rambursează" });
    await button.click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Motiv").fill("Produs returnat");
    await dialog.getByRole("button", { name: "Rambursează" }).dblclick();
    await expect(dialog).toHaveCount(0);
    // Whoever asks first meets the refusals, the refund or a look of the page's own: it goes out with a later try.
    await expect(async () => {
      await sandbox.advanceClock(60);
      await runCron();
      await expect(card(page)).toContainText("Rambursat", { timeout: 3000 });
    }).toPass({ timeout: 60_000 });
    await expect(card(page)).toContainText("Motiv: Produs returnat");
    await expect(button).toHaveCount(0);
    const { refunds } = await api<{ refunds: unknown[] }>(owner, `/v1/invoices/${invoice.id}/attempts`);
    expect(refunds).toHaveLength(1);
    expect(await atUapay(attemptId)).toMatchObject({ refunded: 24_990 });
    // The payer's page of it.
    const ticket = page.getByRole("link", { name: "Pagina de rambursare a plătitorului" }).first();
    const [payer] = await Promise.all([page.waitForEvent("popup"), ticket.click()]);
    await expect(payer.getByRole("heading", { level: 1 })).toContainText("249,90");
  },
);
