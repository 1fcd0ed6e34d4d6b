// Connecting UAPAY: the guide asks which case applies and shows that branch alone, its steps are marked and waited for, the
// form says where ID and key are, and what is missing or wrong is found.
import { expect, type Page } from "@playwright/test";
import type { Planted } from "../../db/seed/stories.ts";
import { api, plantShop } from "../support/merchant.ts";
import { test } from "../support/policy.ts";
import { movesClock, sandbox } from "../support/stack.ts";
import { enterAs } from "./member.ts";

const step = (page: Page, name: string) => page.locator(`[data-step=${name}]`);
const choose = (page: Page, name: string | RegExp) =>
  page.getByRole("navigation", { name: "Aveți un magazin la UAPAY?" }).getByRole("link", { name }).click();

async function account(): Promise<{ shopId: string; secretKey: string }> {
  const made = (await sandbox.post("/control/uapay/shops", {})) as { clientId: string; secret: string };
  return { shopId: made.clientId, secretKey: made.secret };
}

const connect = (shop: Planted, name: string, credentials: object) =>
  api<{ id: string }>(shop, "/v1/connections", { processor: "uapay", environment: "test", name, credentials });

test("[C39] the guide asks which case applies and shows only that branch", async ({ page }) => {
  const shop = await plantShop();
  await enterAs(page, shop, "/integrations/uapay");
  await expect(page.getByText("Aveți un magazin la UAPAY?")).toBeVisible();
  await expect(page.locator("[data-step]")).toHaveCount(0);
  await choose(page, /Am deja un magazin/);
  await expect(step(page, "sign_in")).toContainText("Intrați în magazinul dumneavoastră la UAPAY");
  await expect(step(page, "keys")).toBeVisible();
  for (const name of ["business_account", "confirmation"]) await expect(step(page, name)).toHaveCount(0);
  await choose(page, /Încă nu am magazin/);
  await expect(step(page, "business_account")).toBeVisible();
  await expect(step(page, "keys")).toBeVisible();
  await expect(step(page, "sign_in")).toHaveCount(0);
});

test("[O10] [O11] [O12] opening a shop: the account, its activation and where the money goes are steps to be marked; no card number is asked for", async ({
  page,
}) => {
  const shop = await plantShop();
  await enterAs(page, shop, "/integrations/uapay?case=new");
  for (const [name, words] of [
    ["business_account", "Înregistrați un cont de firmă"],
    ["activate_shop", "Activați contul și magazinul"],
    ["reimbursement", "Indicați datele pentru încasarea banilor"],
  ] as const) {
    await expect(step(page, name)).toContainText(words);
    await step(page, name).getByRole("button", { name: /^Gata/ }).click();
    await expect(step(page, name).getByRole("button", { name: /^Marchează ca nefăcut/ })).toBeVisible();
  }
  await expect(step(page, "reimbursement")).toContainText("nu păstrăm niciodată un număr de card complet");
  await expect(page.locator("[data-branch=new]").getByRole("textbox")).toHaveCount(0);
  await page.goto("/integrations/uapay");
  await expect(step(page, "business_account").getByRole("button", { name: /^Marchează ca nefăcut/ })).toBeVisible();
});

test(
  "[O13] documents, contract and UAPAY's confirmation are steps; the wait tells since when, and reminds after three days",
  movesClock,
  async ({ page }) => {
    const shop = await plantShop();
    await enterAs(page, shop, "/integrations/uapay?case=new");
    for (const name of ["documents", "contract"]) {
      await step(page, name).getByRole("button", { name: /^Gata/ }).click();
      await expect(step(page, name).getByRole("button", { name: /^Marchează ca nefăcut/ })).toBeVisible();
    }
    const wait = step(page, "confirmation");
    await expect(wait).toContainText("Așteptați confirmarea că magazinul este activ");
    await wait.getByRole("button", { name: /^Am început/ }).click();
    await expect(wait.getByText(/^În așteptare din/)).toBeVisible();
    await expect(wait.getByText("Căutați un e-mail de la UAPAY", { exact: false })).toBeHidden();
    await sandbox.advanceClock(3 * 24 * 3600 + 60);
    await page.reload();
    await expect(wait.getByText("Căutați un e-mail de la UAPAY", { exact: false })).toBeVisible();
    await wait.getByRole("button", { name: /^Gata/ }).click();
    await expect(wait.getByText("Căutați un e-mail de la UAPAY", { exact: false })).toBeHidden();
  },
);

test("[C36] [C38] the form says that ID and key are under My shops after activation; each missing field errors, and a wrong secret is found by the check", async ({
  page,
}) => {
  const shop = await plantShop();
  await enterAs(page, shop, "/integrations/uapay");
  for (const id of ["shopId", "secretKey"]) {
    await expect(page.locator(`#${id}-hint`)).toContainText("„Magazinele mele” după activarea magazinului");
  }
  const save = page.getByRole("button", { name: "Salvează setările" });
  await save.click();
  for (const id of ["display-name", "shopId", "secretKey"]) await expect(page.locator(`#${id}-fault`)).toBeVisible();
  const good = await account();
  await page.locator("#display-name").fill("Magazin Kyiv");
  await page.locator("#shopId").fill(good.shopId);
  await save.click();
  await expect(page.locator("#secretKey-fault")).toBeVisible();
  for (const id of ["display-name", "shopId"]) await expect(page.locator(`#${id}-fault`)).toBeHidden();
  await page.locator("#secretKey").fill("d3JvbmcgYnV0IGxvbmcgZW5vdWdoIGtleQ==");
  await save.click();
  await expect(page.getByRole("link", { name: /Magazin Kyiv/ })).toBeVisible();
  await page.getByRole("button", { name: "Examinați acum" }).click();
  await expect(page.getByText("Procesatorul refuză cheile.")).toBeVisible();
});

test("[C37] 50 shops connected by script are listed page by page, each with its name", async ({ page }) => {
  test.setTimeout(240_000);
  const shop = await plantShop();
  for (let at = 1; at <= 50; at += 1) await connect(shop, `Magazin ${at}`, await account());
  await enterAs(page, shop, "/integrations/uapay");
  const list = page.getByRole("navigation", { name: "Conturi conectate" });
  const seen = new Set<string>();
  for (let turn = 0; turn < 5; turn += 1) {
    const names = await list.getByRole("link", { name: /^Magazin \d+/ }).allTextContents();
    expect(names.length).toBeLessThanOrEqual(12);
    for (const name of names) seen.add(name.replace(/ ·.*/, ""));
    const next = list.getByRole("link", { name: "Pagina următoare" });
    if (turn < 4) {
      const before = page.url();
      await next.click();
      await expect(page).not.toHaveURL(before);
      await expect(list.getByRole("link", { name: names[0] ?? "", exact: true })).toBeHidden();
    } else await expect(next).toBeHidden();
  }
  expect(seen.size).toBe(50);
});

test("[O17] support channels come from the settings, each with its scheme", async ({ page }) => {
  const shop = await plantShop();
  await enterAs(page, shop, "/integrations/uapay");
  const support = page.getByRole("region", { name: "Ajutor" });
  const hrefs = await support.getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  const { support: set } = await api<{ support: { href: string }[] }>(shop, "/v1/me");
  expect(hrefs).toEqual(set.map(({ href }) => href));
  expect(hrefs).toEqual(["mailto:support@plata.test", "https://t.me/plata_support", "tel:+40210000000"]);
});
