// Connecting a processor from its descriptor: the list, the guide, the bank's own forms, the mail, and what appears after.
import { expect, type Page } from "@playwright/test";
import { eq } from "drizzle-orm";
import { openDatabase } from "../../db/client.ts";
import { auditEntries, merchants } from "../../db/schema/index.ts";
import type { Planted } from "../../db/seed/stories.ts";
import { plantShop } from "../support/merchant.ts";
import { test } from "../support/policy.ts";
import { movesClock, runCron, sandbox, stackHandle } from "../support/stack.ts";
import { enterAs } from "./member.ts";

const PAGE = "/integrations/tochka";
type Bank = {
  user: string;
  companies: { customerCode: string; shortName: string; customerType: string }[];
  retailers: { merchantId: string | null; name: string; customerCode: string }[];
};

let users = 0;
const bankUser = async (): Promise<Bank> => {
  users += 1;
  return (await sandbox.post("/control/tochka/users", { user: `e2e-${Date.now()}-${users}` })) as Bank;
};

const settings = (page: Page) => page.getByRole("form", { name: "Setări" });
const redirectUrl = () => `${stackHandle().web}/oauth/callback`;
const database = () => openDatabase(stackHandle().databaseUrl, stackHandle().neonHost);

/** An application at the bank, made without its form. */
async function application(bank: Bank): Promise<{ clientId: string; clientSecret: string }> {
  return (await sandbox.post("/control/tochka/clients", {
    user: bank.user,
    name: "Plata",
    redirectUrl: redirectUrl(),
    localUrls: true,
  })) as { clientId: string; clientSecret: string };
}

async function saveKeys(page: Page, bank: Bank): Promise<void> {
  const { clientId, clientSecret } = await application(bank);
  await page.getByLabel("Client_ID").fill(clientId);
  await page.getByLabel("Client_secret").fill(clientSecret);
  await page.getByRole("button", { name: "Salvați și trimiteți linkul" }).click();
}

async function mailedLink(shop: Planted): Promise<string> {
  const find = async () => {
    const mails = (await sandbox.mail()) as { to: string[]; text: string }[];
    return mails
      .filter(({ to }) => to.includes(shop.ownerEmail))
      .flatMap(({ text }) => /(http\S+\/oauth\/open\/\S+)/.exec(text)?.[1] ?? [])
      .at(-1);
  };
  await expect.poll(find).toBeTruthy();
  return (await find()) ?? "";
}

/** From the mail through the bank's form and back. */
async function confirm(page: Page, shop: Planted, without: string[] = []): Promise<void> {
  await page.goto(await mailedLink(shop));
  await page.getByRole("button", { name: "Continuați" }).click();
  await expect(page.getByRole("heading", { name: "Доступ для приложения «Plata»" })).toBeVisible();
  for (const box of await page.locator('input[name="company"], input[name="permission"]').all()) {
    const value = (await box.getAttribute("value")) ?? "";
    if (!without.includes(value)) await box.check();
  }
  await page.getByRole("button", { name: "Сохранить" }).click();
  await expect(page).toHaveURL(/\/integrations\/tochka\?connection=con_/);
}

async function connected(page: Page, without: string[] = []): Promise<{ shop: Planted; bank: Bank }> {
  const [shop, bank] = await Promise.all([plantShop(), bankUser()]);
  await enterAs(page, shop, PAGE);
  await saveKeys(page, bank);
  await expect(page.getByText("Confirmați prin linkul din e-mail")).toBeVisible();
  await confirm(page, shop, without);
  return { shop, bank };
}

const outlet = (bank: Bank, name: string) => {
  const found = bank.retailers.find((retailer) => retailer.name === name);
  return `${found?.customerCode}/${found?.merchantId}`;
};

/** Every control of the settings by its id. */
const controls = (page: Page) =>
  settings(page)
    .locator("input, select, textarea")
    .evaluateAll((all) => all.map((one) => one.id));

test("[C15] the list is searched by name, country or method; a chosen processor shows its own fields alone", async ({
  page,
}) => {
  await enterAs(page, await plantShop(), "/integrations");
  const names = page.getByRole("main").getByRole("heading", { level: 2 });
  expect((await names.allTextContents()).length).toBeGreaterThan(2);
  const search = page.getByRole("searchbox");
  await search.fill("sbp");
  await page.keyboard.press("Enter");
  await expect(names).toHaveText(["Banca Tochka – tochka.com"]);
  await page.getByRole("searchbox").fill("nothing like it");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Niciun procesator găsit")).toBeVisible();
  await page.getByRole("searchbox").fill("tochka");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Banca Tochka – tochka.com" }).click();
  await expect(page.getByLabel("Client_ID")).toBeVisible();
  const fields = await page
    .getByRole("form", { name: "Chei" })
    .locator("input:not([type=radio]), textarea")
    .evaluateAll((all) => all.map((one) => one.id));
  expect(fields).toEqual(["clientId", "clientSecret"]);
});

test("[C17] the Redirect URL is copied whole, and the callback leads nowhere else", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const [shop, bank] = await Promise.all([plantShop(), bankUser()]);
  await enterAs(page, shop, PAGE);
  await page.getByRole("button", { name: "Copiați Redirect URL" }).click();
  await expect(page.getByText("Copiat.", { exact: true })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(redirectUrl());
  // A stranger's address in the query changes nothing; a state that we did not give out is refused.
  await page.goto("/oauth/callback?state=AAAA&code=x&redirect_uri=https://evil.example&next=https://evil.example");
  await expect(page).toHaveURL(`${stackHandle().web}/oauth/result?outcome=unknown_state`);
  await expect(page.getByText("a fost deja folosită sau a durat prea mult")).toBeVisible();
  expect((await page.request.get("/oauth/callback/other?state=AAAA&code=x")).status()).toBe(404);
  // An application that was registered with another address is refused by the bank before anybody is asked.
  const { clientId, clientSecret } = (await sandbox.post("/control/tochka/clients", {
    user: bank.user,
    name: "Plata",
    redirectUrl: `${redirectUrl()}/`,
    localUrls: true,
  })) as { clientId: string; clientSecret: string };
  await page.goto(PAGE);
  await page.getByLabel("Client_ID").fill(clientId);
  await page.getByLabel("Client_secret").fill(clientSecret);
  await page.getByRole("button", { name: "Salvați și trimiteți linkul" }).click();
  await page.goto(await mailedLink(shop));
  await page.getByRole("button", { name: "Continuați" }).click();
  await expect(page.getByText("Redirect URL не совпадает")).toBeVisible();
});

test("[C18] [C19] the guide names every click and field; what the bank says to a missing consent stands in it", async ({
  page,
}) => {
  const [shop, bank] = await Promise.all([plantShop(), bankUser()]);
  await enterAs(page, shop, PAGE);
  const guide = page.getByRole("region", { name: "Cum se conectează, pas cu pas" });
  for (const words of [
    ...["setări (colțul din dreapta sus)", "«Интеграции»", "«Подключить»", "«Зарегистрировать OAuth 2.0 приложение»"],
    ...["«Название приложения»", "«Redirect URL»", "«Компания»", "«Зарегистрировать»", "API-ului deschis"],
    ...["Client_ID", "Client_secret", "«Сохранить»"],
  ]) {
    await expect(guide).toContainText(words);
  }
  await expect(page.getByRole("link", { name: /Cereți acceptarea plăților online/ })).toHaveAttribute(
    "href",
    /^https:/,
  );
  await expect(page.getByRole("link", { name: /Deschideți un cont/ })).toHaveAttribute("href", /^https:/);
  const admin = await guide.getByRole("link", { name: /Deschideți cabinetul/ }).getAttribute("href");
  expect(admin).toContain("/bank/services/m/integration/new");
  // At the bank, by the guide: the tick forgotten first.
  await page.goto(sandbox.url(`/tochka/bank/services/m/integration/new?user=${bank.user}`));
  await page.getByLabel("Название приложения").fill("Plata");
  await page.getByLabel("Redirect URL").fill(redirectUrl());
  await page.getByLabel("Local addresses").check();
  await page.getByRole("button", { name: "Зарегистрировать" }).click();
  const refusal = await page.getByRole("alert").textContent();
  expect(refusal).toContain("Нужно согласиться с офертой");
  await page.getByLabel("Согласен с офертой").check();
  await page.getByRole("button", { name: "Зарегистрировать" }).click();
  const clientId = (await page.locator("#client-id").textContent()) ?? "";
  const clientSecret = (await page.locator("#client-secret").textContent()) ?? "";
  await page.goto(PAGE);
  await expect(guide).toContainText("«Нужно согласиться с офертой»");
  await page.getByLabel("Client_ID").fill(clientId);
  await page.getByLabel("Client_secret").fill(clientSecret);
  await page.getByRole("button", { name: "Salvați și trimiteți linkul" }).click();
  await confirm(page, shop);
  await expect(page.getByText("Confirmat. Acum alegeți punctul")).toBeVisible();
});

test(
  "[C21] [C22] [C25] until the mail's link was followed the second half is absent and says why; then it appears",
  movesClock,
  async ({ page }) => {
    const [shop, bank] = await Promise.all([plantShop(), bankUser()]);
    await enterAs(page, shop, PAGE);
    await saveKeys(page, bank);
    // A toast, and a banner that stays.
    await expect(page.getByText("Salvat. Verificați-vă căsuța poștală")).toBeVisible();
    const banner = page.getByRole("region", { name: "Confirmați prin linkul din e-mail" });
    const [name = "", domain = ""] = shop.ownerEmail.split("@");
    await expect(banner).toContainText(`${name[0]}•`);
    await expect(banner).toContainText(`@${domain}`);
    await expect(banner).not.toContainText(shop.ownerEmail);
    await page.reload();
    await expect(banner).toBeVisible();
    const before = await controls(page);
    expect(before).toEqual(["details_template", "notify_email", "notify_test"]);
    await expect(page.locator("[data-rest-waits]")).toContainText("apar după confirmare");
    // Sent again: a second link, to the same address.
    const first = await mailedLink(shop);
    await sandbox.advanceClock(61);
    await banner.getByRole("button", { name: "Trimiteți linkul din nou" }).click();
    await expect.poll(() => mailedLink(shop)).not.toBe(first);

    await confirm(page, shop);
    await expect(page.getByRole("status")).toContainText("Confirmat");
    await expect(banner).toHaveCount(0);
    await expect(page.locator("[data-rest-waits]")).toHaveCount(0);
    const after = await controls(page);
    expect(after).toEqual(
      expect.arrayContaining([
        ...before,
        "account_id",
        "options.fiscalisation",
        "only_method",
        "capture_mode",
        "payer_note",
      ]),
    );
    await page.locator('[id="options.fiscalisation"]').selectOption("bank");
    expect(await controls(page)).toEqual(
      expect.arrayContaining([
        ...["options.taxSystem", "options.vatRate", "options.receiptMethod", "options.receiptObject"],
      ]),
    );
  },
);

test(
  "[C28] [F04] outlets are read again by a press; receipts by the bank without a register are refused on that field, and the rest stays typed",
  movesClock,
  async ({ page }) => {
    const { bank } = await connected(page);
    const account = page.getByLabel("Punct și entitate juridică");
    // The entities' names stand above their outlets.
    const groups = await account.locator("optgroup").evaluateAll((all) => all.map((one) => one.getAttribute("label")));
    expect(groups).toEqual(
      bank.companies.filter(({ customerType }) => customerType === "Business").map(({ shortName }) => shortName),
    );
    await page.getByRole("button", { name: "Salvează", exact: true }).click();
    await expect(page.locator("#account_id-fault")).toContainText("completați");
    await account.selectOption(outlet(bank, "Без кассы"));
    await page.locator('[id="options.fiscalisation"]').selectOption("bank");
    await page.locator('[id="options.taxSystem"]').selectOption("usn_income");
    await page.locator('[id="options.vatRate"]').selectOption("vat22");
    await page.locator('[id="options.receiptMethod"]').selectOption("full_payment");
    await page.locator('[id="options.receiptObject"]').selectOption("service");
    await page.getByLabel("Informații pentru client").fill("Plată instantanee");
    await page.getByRole("button", { name: "Salvează", exact: true }).click();
    await expect(page.locator('[id="options.fiscalisation-fault"]')).toContainText("alegeți Nu");
    await expect(settings(page).locator('[aria-invalid="true"]')).toHaveCount(1);
    await expect(account).toHaveValue(outlet(bank, "Без кассы"));
    await expect(page.locator('[id="options.vatRate"]')).toHaveValue("vat22");
    await expect(page.getByLabel("Informații pentru client")).toHaveValue("Plată instantanee");
    await page.locator('[id="options.fiscalisation"]').selectOption("register");
    await page.getByRole("button", { name: "Salvează", exact: true }).click();
    await expect(page.getByText("Setările au fost salvate.")).toBeVisible();

    const readAt = page.locator("[data-read-at]");
    const before = await readAt.getAttribute("data-read-at");
    await sandbox.post(`/control/tochka/companies/${bank.companies[0]?.customerCode}/retailers`, { name: "Punct nou" });
    await expect(account.getByRole("option", { name: /Punct nou/ })).toHaveCount(0);
    await sandbox.advanceClock(60);
    await page.getByRole("button", { name: "Actualizați datele de la bancă" }).click();
    await expect(account.locator("option", { hasText: "Punct nou" })).toHaveCount(1);
    await expect(account).toHaveValue(outlet(bank, "Без кассы"));
    expect(await readAt.getAttribute("data-read-at")).not.toBe(before);
    await expect(readAt).toContainText(/Citit de la bancă: .*\d/);
  },
);

test("[C29] SBP alone cannot be switched on while a permission is missing; its name and where to enable it stand there", async ({
  page,
}) => {
  await connected(page, ["EditSBPData"]);
  await expect(page.getByText("nu au fost bifate toate punctele")).toBeVisible();
  await expect(page.getByLabel("Folosiți doar plăți SBP (QR)")).toBeDisabled();
  await expect(page.locator("#only_method-why")).toContainText("«Работа с системой быстрых платежей»");
  await expect(page.locator("#only_method-why")).toContainText("setările aplicației la bancă");
});

test("[C30] SBP alone is locked without the extra: the trial is explained, and the contact says what is asked for", async ({
  page,
}) => {
  const { shop, bank } = await connected(page);
  const only = page.getByLabel("Folosiți doar plăți SBP (QR)");
  await expect(only).toBeEnabled();
  await database().update(merchants).set({ extras: {} }).where(eq(merchants.id, shop.merchantId));
  await page.reload();
  await expect(only).toBeDisabled();
  await expect(page.locator("#only_method-why")).toContainText("Încercați-o gratuit 30 de zile");
  const mail = await page.getByRole("link", { name: "Cereți o perioadă de probă" }).getAttribute("href");
  expect(mail).toMatch(/^mailto:[^?]+@/);
  expect(decodeURIComponent(mail ?? "")).toContain("Perioadă de probă pentru opțiunea: doar SBP");
  expect(decodeURIComponent(mail ?? "")).toContain(shop.merchantId);
  await page.getByText("Citiți mai mult").click();
  await expect(page.getByText("Plătitorul vede un singur cod QR")).toBeVisible();
  const setExtra = (until: string) =>
    database()
      .update(merchants)
      .set({ extras: { only_method: { until } } })
      .where(eq(merchants.id, shop.merchantId));
  // A trial that is over cannot be begun again; the contact stays.
  await setExtra("2020-01-01T00:00:00.000Z");
  await page.reload();
  await expect(page.getByText(/Proba s-a încheiat la/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Începe proba gratuită" })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Cereți o perioadă de probă" })).toBeVisible();
  await database().update(merchants).set({ extras: {} }).where(eq(merchants.id, shop.merchantId));
  await page.reload();
  await page.getByRole("button", { name: "Începe proba gratuită" }).click();
  await expect(page.getByText(/Probă până la/)).toBeVisible();
  const noted = await database().select().from(auditEntries).where(eq(auditEntries.subject, shop.merchantId));
  expect(noted.map(({ action }) => action)).toContain("merchant.trial_started");
  await page.getByLabel("Punct și entitate juridică").selectOption(outlet(bank, "С кассой"));
  await page.locator('[id="options.fiscalisation"]').selectOption("register");
  await only.check();
  await page.getByRole("button", { name: "Salvează", exact: true }).click();
  await expect(page.getByText("Setările au fost salvate.")).toBeVisible();
  await page.reload();
  await expect(only).toBeChecked();
});

test("[M10] every tag is listed with what it becomes, the preview follows at once, an unknown tag is flagged on save, and the text is cut between words", async ({
  page,
}) => {
  const { bank } = await connected(page);
  const template = page.getByLabel("Detalii");
  const preview = page.locator("[data-preview]");
  await expect(preview).toHaveText("Maria Ionescu pentru lecții de chitară Andrei Ionescu");
  const tags = page.getByRole("list", { name: "Marcaje" }).getByRole("button");
  await expect(tags).toHaveCount(8);
  for (const tag of await tags.all()) expect(await tag.textContent()).toMatch(/^\{\w+\}.+: .+/);
  await template.fill("Factura");
  await tags.filter({ hasText: "{invoice}" }).click();
  await expect(template).toHaveValue("Factura {invoice}");
  await expect(preview).toHaveText("Factura PF-000012");
  await template.fill(`${"cuvânt ".repeat(30)}sfârșit`);
  const cut = (await preview.textContent()) ?? "";
  expect(cut.length).toBeLessThanOrEqual(140);
  expect(cut.endsWith("cuvânt")).toBe(true);
  await template.fill("{payer} {klient}");
  await page.getByLabel("Punct și entitate juridică").selectOption(outlet(bank, "С кассой"));
  await page.locator('[id="options.fiscalisation"]').selectOption("register");
  await page.getByRole("button", { name: "Salvează", exact: true }).click();
  await expect(page.locator("#details_template-fault")).toContainText("{klient}");
  await expect(settings(page).getByRole("alert")).toContainText("Detalii");
  await template.fill("");
  await page.getByRole("button", { name: "Salvează", exact: true }).click();
  await expect(page.getByText("Setările au fost salvate.")).toBeVisible();
});

test(
  "an access that the bank takes back shows a banner, and the link that it sends brings everything back",
  movesClock,
  async ({ page }) => {
    const [shop, bank] = await Promise.all([plantShop(), bankUser()]);
    await enterAs(page, shop, PAGE);
    await saveKeys(page, bank);
    await expect(page.getByText("Confirmați prin linkul din e-mail")).toBeVisible();
    await confirm(page, shop);
    await page.getByLabel("Punct și entitate juridică").selectOption(outlet(bank, "С кассой"));
    await page.locator('[id="options.fiscalisation"]').selectOption("register");
    await page.getByRole("button", { name: "Salvează", exact: true }).click();
    await expect(page.getByText("Setările au fost salvate.")).toBeVisible();
    const first = await mailedLink(shop);
    const clients = (await sandbox.get("/control/tochka/clients")) as { clientId: string; user: string }[];
    const client = clients.find(({ user }) => user === bank.user);
    await sandbox.post(`/control/tochka/clients/${client?.clientId}/expire-tokens`, { refresh: true });
    await sandbox.advanceClock(24 * 3600);
    await runCron();
    await page.reload();
    const banner = page.getByRole("region", { name: "Reconectați: accesul a încetat" });
    await expect(banner).toContainText("nu primește plăți");
    await banner.getByRole("button", { name: "Trimiteți un link pentru reconectare" }).click();
    await expect.poll(() => mailedLink(shop)).not.toBe(first);
    await confirm(page, shop);
    await expect(banner).toHaveCount(0);
    await expect(page.getByLabel("Punct și entitate juridică")).toHaveValue(outlet(bank, "С кассой"));
  },
);

test("Revolut: one press tells it our address, and the examination then finds nothing", async ({ page }) => {
  const shop = await plantShop();
  const { secretKey } = (await sandbox.post("/control/revolut/accounts", { options: { localUrls: true } })) as {
    secretKey: string;
  };
  await enterAs(page, shop, "/integrations/revolut");
  await page.getByLabel("Cheie API secretă").fill("pk_not_the_secret_one");
  await page.getByRole("button", { name: "Salvează setările" }).click();
  await expect(page.locator("#secretKey-fault")).toContainText("aceasta este cheia publică");
  await page.getByLabel("Cheie API secretă").fill(secretKey);
  await page.getByRole("button", { name: "Salvează setările" }).click();
  await expect(page.getByRole("heading", { name: "Notificări de la procesator" })).toBeVisible();
  await page.getByRole("button", { name: "Examinați acum" }).click();
  const finding = page.locator('[data-finding="notifications_not_registered"]');
  await expect(finding).toBeVisible();
  await finding.getByRole("button", { name: "Înregistrați adresa noastră" }).click();
  await expect(finding).toHaveCount(0);
  await expect(page.getByText("Nu este nicio problemă.")).toBeVisible();
  await expect(page.getByText("Verificat", { exact: true })).toBeVisible();
});

test("legal details: the public offer must be https, and is kept", async ({ page }) => {
  const shop = await plantShop();
  await enterAs(page, shop, "/legal-details");
  const offer = page.getByLabel("Oferta publică");
  await offer.fill("http://demo.example/oferta");
  await page.getByRole("button", { name: "Salvează", exact: true }).click();
  await expect(page.locator("#offer_url-fault")).toContainText("https://");
  await offer.fill("https://demo.example/oferta");
  await page.getByRole("button", { name: "Salvează", exact: true }).click();
  await expect(page.getByText("Datele legale au fost salvate.")).toBeVisible();
  await page.reload();
  await expect(offer).toHaveValue("https://demo.example/oferta");
});
