// The CRM and us in the browser: the account is connected, a link is made in the order card, the payer pays, the manager
// confirms and gives back, all by clicks; and the CRM's own rules around it.
import { expect, type Page } from "@playwright/test";
import { enterAs } from "../merchant/member.ts";
import { disconnect, openAccount, openConnectedAccount, openUapay } from "../support/crm.ts";
import { api } from "../support/merchant.ts";
import { test } from "../support/policy.ts";
import { runCron, sandbox } from "../support/stack.ts";

const SUM = "1499.50";
const payment = (page: Page) => page.getByRole("region", { name: /^Payment \d+$/ }).first();
const fieldOf = (page: Page, name: string) => payment(page).locator(`[data-field=${name}]`);
const press = (page: Page, name: string) => payment(page).getByRole("button", { name, exact: true });

/** The payer opens the link, chooses the way to pay and pays at UAPAY. */
async function payAt(page: Page, link: string): Promise<void> {
  const payer = await page.context().newPage();
  const answer = await payer.goto(link);
  expect(answer?.status()).toBe(200);
  await payer.getByRole("button", { name: /^(Сплатити|Plătește|Pay)/ }).click();
  await payer.locator('button[name=card][value="4111111111111111"]').click();
  await expect(payer.getByText("Кошти зарезервовано.")).toBeVisible();
  await payer.close();
}

async function linkOf(page: Page): Promise<string> {
  await press(page, "Payment link").click();
  const dialog = page.getByRole("dialog", { name: "Payment link" });
  const link = await dialog.getByRole("textbox").inputValue();
  await dialog.getByRole("button", { name: "Close" }).click();
  return link;
}

test("[K01] [K02] the account is connected with a key whose missing methods are named; the CRM leads to the module's settings", async ({
  page,
}) => {
  const merchant = await openUapay();
  const account = await openAccount();
  // In the CRM: a key with one method too few.
  await page.goto(`${account.url}/settings/keys`);
  for (const method of ["/api/integration-modules/{code}", "/api/integration-modules/{code}/edit", "/api/settings"]) {
    await page.getByLabel(method, { exact: true }).check();
  }
  await page.getByRole("button", { name: "Make the key" }).click();
  const poorKey = (await page.locator("[data-key]").first().innerText()).trim();
  await enterAs(page, merchant, "/integrations/crm");
  await page.getByLabel("Adresa CRM-ului").fill(account.url);
  await page.getByLabel("Cheie API").fill(poorKey);
  await page.getByRole("button", { name: "Conectează" }).click();
  const alert = page.getByRole("alert").filter({ hasText: "lipsește" });
  await expect(alert).toContainText("/api/payment/(updateInvoice|check)");
  await expect(alert.getByRole("listitem")).toHaveCount(1);
  // In the CRM: the rest is ticked.
  const { key } = (await sandbox.post(`/control/retailcrm/accounts/${account.name}/keys`, {
    methods: [
      "/api/integration-modules/{code}",
      "/api/integration-modules/{code}/edit",
      "/api/payment/(updateInvoice|check)",
      "/api/settings",
    ],
  })) as { key: string };
  await page.getByLabel("Cheie API").fill(key);
  await page.getByRole("button", { name: "Conectează" }).click();
  await expect(page).toHaveURL(/\/integrations\/crm\/crm_/);
  await expect(page.getByRole("heading", { level: 1, name: "RetailCRM" })).toBeVisible();
  await expect(page.locator(`[data-shop=${merchant.connectionId}]`)).toContainText("confirmat manual");
  const settings = page.url();
  // From the CRM one lands there too, and connecting again makes no second one.
  await page.goto(`${account.url}/settings/modules`);
  await page.getByRole("link", { name: "Module settings" }).click();
  await expect(page).toHaveURL(settings);
  const { connect_urls } = await api<{ connect_urls: { url: string }[] }>(merchant, "/v1/crm-installations");
  await page.goto(`${account.url}/settings/modules`);
  await page.getByLabel("Connect address of the module").fill(connect_urls[0]?.url ?? "");
  await page.getByRole("button", { name: "Connect" }).click();
  await expect(page).toHaveURL(settings);
  const { data } = await api<{ data: unknown[] }>(merchant, "/v1/crm-installations");
  expect(data).toHaveLength(1);
});

test("[K03] [K04] [K05] [K06] [K07] [K08] payment types: bound to a shop once and for good, statuses set up with the first, disconnected shops hidden", async ({
  page,
}) => {
  const merchant = await openUapay();
  const second = await openUapay("Second shop", merchant);
  const account = await openAccount();
  const at = `/control/retailcrm/accounts/${account.name}`;
  const { key } = (await sandbox.post(`${at}/keys`)) as { key: string };
  await api(merchant, "/v1/crm-installations", { url: account.url, api_key: key });
  const types = `${account.url}/settings/payment-types`;
  await page.goto(types);
  const fresh = page.getByRole("form", { name: "New payment type" });
  await fresh.getByLabel("Name").fill("Card online");
  await fresh.getByLabel("Integrate with").selectOption({ label: "UAPAY" });
  await fresh.getByRole("button", { name: "Add" }).click();
  // The first module that is bound: what its states mean is asked at once, and a new status can be made on the spot.
  const dialog = page.getByRole("region", { name: "Invoice statuses" });
  await expect(dialog.getByRole("heading", { name: "Set up invoice statuses" })).toBeVisible();
  await dialog.getByLabel("Add a new payment status").fill("Rejected by manager");
  await dialog.getByRole("button", { name: "Add the status" }).click();
  await dialog.getByLabel(/^Cancelled/).selectOption({ label: "Rejected by manager" });
  await dialog.getByRole("button", { name: "Save statuses" }).click();
  await expect(page.getByRole("heading", { name: "Set up invoice statuses" })).toHaveCount(0);
  // The name stays editable, the binding does not.
  const bound = page.getByRole("form", { name: "Card online" });
  await expect(bound.getByLabel("Integrate with")).toBeDisabled();
  await bound.getByLabel("Name").fill("Card by UAPAY");
  await bound.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("form", { name: "Card by UAPAY" })).toBeVisible();
  const change = (body: object) =>
    fetch(sandbox.url(`${at}/payment-types`), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const moved = await change({ code: "card-online", shop: second.connectionId });
  expect(moved.status).toBe(409);
  expect(await moved.text()).toContain("cannot be changed after saving: add another payment type");
  // One type to a shop.
  const twice = await change({ name: "Again", shop: merchant.connectionId });
  expect(twice.status).toBe(409);
  expect(await twice.text()).toContain("each shop has one of its own");
  await page.goto(types);
  await expect(fresh.getByLabel("Integrate with").getByRole("option")).toHaveText(["nothing", "Second shop"]);
  await fresh.getByLabel("Name").fill("Card at the second");
  await fresh.getByLabel("Integrate with").selectOption({ label: "Second shop" });
  await fresh.getByRole("button", { name: "Add" }).click();
  await expect(page.getByRole("heading", { name: "Set up invoice statuses" })).toHaveCount(0);
  // In an order both can be chosen, until one shop is disconnected.
  const { number } = (await sandbox.post(`${at}/orders`)) as { number: string };
  const card = `${account.url}/orders/${number}`;
  await page.goto(card);
  const choice = payment(page).getByLabel("Payment type");
  await expect(choice.getByRole("option")).toContainText(["Card by UAPAY", "Card at the second"]);
  await disconnect(merchant, merchant.connectionId);
  await expect
    .poll(async () => {
      await page.goto(card);
      return (await choice.getByRole("option").allInnerTexts()).includes("Card by UAPAY");
    })
    .toBe(false);
  // The bill goes to the shop of its type.
  await choice.selectOption({ label: "Card at the second" });
  await press(page, "Save").click();
  await press(page, "Generate link").click();
  const link = await linkOf(page);
  const { data } = await api<{ data: { id: string; link: string }[] }>(merchant, "/v1/invoices");
  expect(data[0]?.link).toBe(link);
});

test("[P16] [K09] [K10] [K13] [R09] the whole story in the order card: link, hold, confirm with a failure, refund", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const merchant = await openUapay();
  const account = await openConnectedAccount(merchant);
  await page.goto(account.card);
  await expect(press(page, "Generate link")).toHaveCount(0);
  await payment(page).getByLabel("Payment type").selectOption({ label: "UAPAY" });
  await expect(press(page, "Generate link")).toHaveCount(0);
  await press(page, "Save").click();
  await press(page, "Generate link").dblclick();
  await expect(press(page, "Payment link")).toBeVisible();
  await expect(press(page, "Generate link")).toHaveCount(0);
  type Order = { payments: { invoices: { links: string[]; url: string }[] }[] };
  const order = (await sandbox.get(`${account.at}/orders/${account.order}`)) as Order;
  expect(order.payments[0]?.invoices.map((one) => one.links.length)).toEqual([1]);
  const url = order.payments[0]?.invoices[0]?.url ?? "";
  // The window with the link: what is copied is that very address, and it is said.
  await press(page, "Payment link").click();
  const dialog = page.getByRole("dialog", { name: "Payment link" });
  await expect(dialog.getByRole("textbox")).toHaveValue(url);
  await dialog.getByRole("button", { name: "Copy" }).click();
  await expect(dialog.getByRole("status")).toHaveText("The link was copied.");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(url);
  // The link opens the form with the order's amount.
  const opened = page.waitForEvent("popup");
  await dialog.getByRole("link", { name: "Open" }).click();
  const payer = await opened;
  await expect(payer.getByRole("main")).toContainText(/1[\s.,\u00a0\u202f]?499,50/);
  await payer.close();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(press(page, "Confirm")).toHaveCount(0);
  // The payer pays; the buttons come by themselves.
  await payAt(page, url);
  await expect(press(page, "Confirm")).toBeVisible({ timeout: 30_000 });
  await expect(press(page, "Cancel")).toBeVisible();
  await expect(fieldOf(page, "status")).toHaveText("Awaiting confirmation");
  await expect(fieldOf(page, "paid")).toHaveText("0.00 UAH");
  // The bank says no to the first press: its words are shown, the state stays, the press is repeated.
  await sandbox.post("/control/uapay/faults", {
    fault: "operation_refused",
    operation: "complete",
    clientId: merchant.uapayShop,
  });
  await press(page, "Confirm").click();
  await expect(fieldOf(page, "error")).toContainText("Операцію відхилено банком");
  await expect(fieldOf(page, "status")).toHaveText("Awaiting confirmation");
  await press(page, "Confirm").click();
  await expect(fieldOf(page, "status")).toHaveText("Paid", { timeout: 30_000 });
  await expect(fieldOf(page, "paid")).toHaveText(`${SUM} UAH`);
  await expect(press(page, "Confirm")).toHaveCount(0);
  await expect(press(page, "Cancel")).toHaveCount(0);
  // A part goes back, then the rest.
  await payment(page).getByLabel(/^Sum/).fill("499.50");
  await press(page, "Make a refund").click();
  await expect(fieldOf(page, "paid")).toHaveText("1000.00 UAH", { timeout: 30_000 });
  await expect(fieldOf(page, "status")).toHaveText("Paid");
  await press(page, "Make a refund").click();
  await expect(fieldOf(page, "status")).toHaveText("Returned", { timeout: 30_000 });
  await expect(fieldOf(page, "paid")).toHaveText("0.00 UAH");
  await expect(press(page, "Make a refund")).toHaveCount(0);
  await runCron();
});

test("Cancel lets the hold go, and the buttons go with it; a dead link says so", async ({ page }) => {
  const merchant = await openUapay();
  const account = await openConnectedAccount(merchant);
  await sandbox.post(`${account.at}/orders/${account.order}/save`, { type: "uapay" });
  await page.goto(account.card);
  await press(page, "Generate link").click();
  const url = await linkOf(page);
  await payAt(page, url);
  await expect(press(page, "Confirm")).toBeVisible({ timeout: 30_000 });
  await press(page, "Cancel").click();
  await expect(fieldOf(page, "status")).toHaveText("Cancelled", { timeout: 30_000 });
  await expect(fieldOf(page, "reason")).toHaveText("Відхилено менеджером");
  await expect(press(page, "Confirm")).toHaveCount(0);
  await expect(press(page, "Cancel")).toHaveCount(0);
  const dead = await page.goto(url);
  expect(dead?.status()).toBe(200);
  await expect(page.getByRole("button", { name: /^(Сплатити|Plătește|Pay)/ })).toHaveCount(0);
});

test("[K11] the link may be sent by any way: short, safe to be looked at by whoever previews it, and mailed by the CRM itself", async ({
  page,
  request,
}) => {
  const merchant = await openUapay();
  const account = await openConnectedAccount(merchant, { options: { sender: "" } });
  await sandbox.post(`${account.at}/orders/${account.order}/save`, { type: "uapay" });
  await page.goto(account.card);
  await press(page, "Generate link").click();
  const url = await linkOf(page);
  expect(url.length).toBeLessThan(60);
  // A messenger looks at it for its preview: nothing begins, nothing is named that would be kept by a search engine.
  const looked = await request.get(url, { headers: { "user-agent": "WhatsApp/2.23 A" } });
  expect(looked.status()).toBe(200);
  const [headers, text] = [looked.headers(), await looked.text()];
  expect(`${headers["x-robots-tag"] ?? ""} ${text}`).toMatch(/noindex/);
  expect(headers["referrer-policy"]).toBe("no-referrer");
  expect(headers["cache-control"]).toMatch(/no-store/);
  const { data } = await api<{ data: { id: string }[] }>(merchant, "/v1/invoices");
  const attempts = await api<{ data: unknown[] }>(merchant, `/v1/invoices/${data[0]?.id}/attempts`);
  expect(attempts.data).toEqual([]);
  // The CRM's own mail: without a sender it says what to look at; with one, or with letters bought, it goes.
  const send = async () => {
    await press(page, "Send to e-mail").click();
    const dialog = page.getByRole("dialog", { name: "Send to e-mail" });
    await expect(dialog.getByRole("radio")).toHaveCount(2);
    await dialog.getByRole("button", { name: "Send" }).click();
  };
  await send();
  await expect(fieldOf(page, "error")).toContainText("no default e-mail is set for the store");
  await fetch(sandbox.url(account.at), {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ options: { mailPackage: true } }),
  });
  await send();
  await expect(payment(page).getByRole("status")).toContainText("The link was sent to client@demo.example");
  const mails = (await sandbox.mail()) as { to: string[]; text: string }[];
  expect(mails.filter((mail) => mail.text.includes(url)).map((mail) => mail.to)).toEqual([["client@demo.example"]]);
});
