// The merchant area in its three languages: by the browser, else as chosen, remembered on every screen and when signed out.
import { expect, type Page } from "@playwright/test";
import { LANGUAGE_NAMES } from "../../messages/languages.ts";
import { makeInvoice, sharedShop } from "../support/merchant.ts";
import { test } from "../support/policy.ts";
import { enterAs } from "./member.ts";

const heading = (page: Page) => page.getByRole("heading", { level: 1 });

test("a language that was chosen is kept on every screen, and on the sign-in page", async ({ page }) => {
  const shop = await sharedShop();
  await makeInvoice(shop);
  await enterAs(page, shop, "/invoices");
  await expect(heading(page)).toHaveText("Facturi");
  await page.getByRole("complementary").getByRole("button", { name: "Русский" }).click();
  await expect(heading(page)).toHaveText("Счета");
  await expect(page.locator("html")).toHaveAttribute("lang", "ru");
  await expect(page.getByText("249,90 RON").first()).toBeVisible();
  await page.goto("/integrations");
  await expect(heading(page)).toHaveText("Интеграции");
  await expect(page.getByRole("complementary").getByRole("button", { name: "Русский" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await page.goto("/invoices/new");
  await expect(page.getByLabel("Язык страницы оплаты").getByRole("option")).toHaveText(Object.values(LANGUAGE_NAMES));
  await page.getByRole("complementary").getByRole("button", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.getByRole("complementary").getByRole("button", { name: "Русский" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "ru");
  await page.context().clearCookies({ name: /session/ });
  await page.goto("/sign-in");
  await expect(heading(page)).toHaveText("Вход");
});

test.describe("in a browser of Russian", () => {
  test.use({ locale: "ru-RU" });

  test("the sign-in page opens in Russian", async ({ page }) => {
    await page.goto("/sign-in");
    await expect(heading(page)).toHaveText("Вход");
  });
});
