// The merchant's own statuses in the browser: offered with the first connection, made inside the dialog, kept in one
// directory, reused by every later connection, shown on invoices and filtered by.
import { expect, type Page } from "@playwright/test";
import { api, makeInvoice, openShop, type Shop } from "../support/merchant.ts";
import { test } from "../support/policy.ts";
import { sandbox } from "../support/stack.ts";
import { CARDS, enterAs, payWith, startAttempt } from "./member.ts";

const OUTCOMES = ["held", "paid", "partly_paid", "rejected", "refunded", "partly_refunded", "cancelled"];
const dialog = (page: Page) => page.getByRole("dialog", { name: "Statut după rezultat" });
const row = (page: Page, outcome: string) => page.locator(`[data-outcome=${outcome}]`);
const saved = (page: Page) => expect(page.getByText("Statuturile au fost salvate.")).toBeVisible();

/** A shop at the simulated UAPAY, connected by script. */
async function connectUapay(shop: Shop): Promise<string> {
  const account = (await sandbox.post("/control/uapay/shops", {})) as { clientId: string; secret: string };
  const { id } = await api<{ id: string }>(shop, "/v1/connections", {
    processor: "uapay",
    environment: "test",
    name: "UAPAY Kyiv",
    credentials: { shopId: account.clientId, secretKey: account.secret },
  });
  return id;
}

test("[M26] [M29] the first connection offers the mapping once, Configure opens it with every outcome, later connections reuse it, an edit holds for all", async ({
  page,
}) => {
  const shop = await openShop();
  await enterAs(page, shop, "/integrations/netopia/account");
  await expect(page.getByText("Alegeți statuturile facturilor")).toBeVisible();
  await page.getByRole("button", { name: "Configurează" }).click();
  for (const outcome of OUTCOMES) await expect(dialog(page).locator(`select#outcome-${outcome}`)).toBeVisible();
  await expect(dialog(page).getByRole("combobox")).toHaveCount(OUTCOMES.length);
  await dialog(page).getByRole("button", { name: "Salvează" }).click();
  await saved(page);
  await expect(row(page, "paid")).toContainText("Plătită");
  await expect(row(page, "rejected")).toContainText("Respinsă de manager");
  await expect(row(page, "partly_paid")).toContainText("Rămâne cum este");
  await expect(page.getByText("Alegeți statuturile facturilor")).toBeHidden();

  const uapay = await connectUapay(shop);
  await page.goto(`/integrations/uapay?connection=${uapay}`);
  await expect(row(page, "rejected")).toContainText("Respinsă de manager");
  await expect(page.getByText("Alegeți statuturile facturilor")).toBeHidden();
  await page.getByRole("button", { name: "Configurează" }).click();
  await dialog(page).locator("#outcome-refunded").selectOption({ label: "Anulată" });
  await dialog(page).getByRole("button", { name: "Salvează" }).click();
  await saved(page);
  await expect(row(page, "refunded")).toContainText("Anulată");
  await page.goto("/integrations/netopia/account");
  await expect(row(page, "refunded")).toContainText("Anulată");
});

test("[M29] an offer that is put off is not made again, and the mapping stays within reach", async ({ page }) => {
  const shop = await openShop();
  await enterAs(page, shop, "/integrations/netopia/account");
  await page.getByRole("button", { name: "Nu acum" }).click();
  await expect(page.getByText("Alegeți statuturile facturilor")).toBeHidden();
  const uapay = await connectUapay(shop);
  await page.goto(`/integrations/uapay?connection=${uapay}`);
  await expect(row(page, "paid")).toContainText("Rămâne cum este");
  await expect(page.getByText("Alegeți statuturile facturilor")).toBeHidden();
  await expect(page.getByRole("button", { name: "Configurează" })).toBeVisible();
});

test("[M26] saving is atomic: a status that was archived meanwhile keeps everything as it was, and its outcome says why", async ({
  page,
}) => {
  const shop = await openShop();
  await enterAs(page, shop, "/invoice-statuses");
  for (const name of ["Întâi", "Apoi"]) {
    await page.getByLabel("Nume", { exact: true }).fill(name);
    await page.getByRole("button", { name: "Adaugă", exact: true }).click();
    await expect(page.getByRole("list", { name: "Toate statuturile" })).toContainText(name);
  }
  await page.getByRole("button", { name: "Configurează" }).click();
  await dialog(page).locator("#outcome-paid").selectOption({ label: "Întâi" });
  await dialog(page).locator("#outcome-refunded").selectOption({ label: "Apoi" });
  const other = await page.context().newPage();
  await other.goto("/invoice-statuses");
  await other.getByRole("button", { name: "Arhivează Apoi" }).click();
  await expect(other.getByText("Arhivate (1)")).toBeVisible();
  await other.close();
  await dialog(page).getByRole("button", { name: "Salvează" }).click();
  await expect(dialog(page).getByText("Acest statut este arhivat.")).toBeVisible();
  await page.reload();
  await expect(row(page, "paid")).not.toContainText("Întâi");
});

test("[M27] [M28] a status made in the dialog with the green tick is selected at once and stands in the directory; a second of its name is refused; a rename shows in the mapping", async ({
  page,
}) => {
  const shop = await openShop();
  await enterAs(page, shop, "/integrations/netopia/account");
  await page.getByRole("button", { name: "Configurează" }).click();
  await dialog(page).locator("#outcome-paid").selectOption({ label: "+ Adaugă un statut nou" });
  await dialog(page).getByPlaceholder("Numele noului statut").fill("Bani primiți");
  const tick = dialog(page).getByRole("button", { name: "Adaugă acest statut" });
  await expect(tick).toHaveCSS(
    "background-color",
    await page.evaluate(() => {
      const probe = document.createElement("i");
      probe.className = "bg-good";
      document.body.append(probe);
      return getComputedStyle(probe).backgroundColor;
    }),
  );
  await tick.click();
  await expect(dialog(page).locator("#outcome-paid option:checked")).toHaveText("Bani primiți");
  await dialog(page).locator("#outcome-held").selectOption({ label: "+ Adaugă un statut nou" });
  await dialog(page).getByPlaceholder("Numele noului statut").fill("BANI  primiți");
  await page.keyboard.press("Enter");
  await expect(dialog(page).getByRole("alert")).toHaveText("Există deja un statut cu acest nume.");
  await dialog(page).getByPlaceholder("Numele noului statut").fill("La verificat");
  await page.keyboard.press("Enter");
  await expect(dialog(page).locator("#outcome-held option:checked")).toHaveText("La verificat");
  await dialog(page).getByRole("button", { name: "Salvează" }).click();
  await saved(page);

  await page.goto("/invoice-statuses");
  const directory = page.getByRole("list", { name: "Toate statuturile" });
  await expect(directory).toContainText("Bani primiți");
  await expect(directory).toContainText("La verificat");
  await directory.getByRole("button", { name: "Modifică Bani primiți" }).click();
  await directory.getByLabel("Nume").fill("Încasată");
  await directory.getByRole("button", { name: "Salvează" }).click();
  await expect(row(page, "paid")).toContainText("Încasată");
  await page.getByRole("button", { name: "Arhivează Încasată" }).click();
  await expect(page.getByText("Un rezultat duce la acest statut.")).toBeVisible();
});

test("[R11] a paid invoice shows the mapped status and the paid sum on its page, its timeline and in the filtered list", async ({
  page,
}) => {
  const shop = await openShop();
  await enterAs(page, shop, "/integrations/netopia/account");
  await page.getByRole("button", { name: "Configurează" }).click();
  await dialog(page).getByRole("button", { name: "Salvează" }).click();
  await saved(page);
  const [owed, open] = [await makeInvoice(shop), await makeInvoice(shop)];
  await payWith(shop, owed, await startAttempt(page, shop, owed), CARDS.approved);
  await page.goto(`/invoices/${owed.id}`);
  await expect(page.locator("[data-own-status]")).toHaveText("Plătită");
  await expect(page.getByText("Factura are alt statut").locator("xpath=..")).toContainText("Plătită");
  await page.goto("/invoices");
  await page.getByLabel("Statut propriu").selectOption({ label: "Plătită" });
  await page.getByRole("button", { name: "Filtrează" }).click();
  await expect(page.getByRole("link", { name: owed.label, exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: open.label, exact: true })).toBeHidden();
});
