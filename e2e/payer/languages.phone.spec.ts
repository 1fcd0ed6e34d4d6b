// The payer's pages in their five languages: chosen by the link, by the browser or by hand, kept to the end; nothing cut.
import { expect, type Page, test } from "@playwright/test";
import { LANGUAGE_NAMES, LANGUAGES, type Language } from "../../messages/languages.ts";
import { api, makeInvoice, openShop, plantShop, sharedShop } from "../support/merchant.ts";
import { atProcessor, CARDS, goBack, payByCard, stateOf } from "./steps.ts";

const speaks = (page: Page, language: Language) => expect(page.locator("html")).toHaveAttribute("lang", language);

/** Chooses a language as a payer does: opens the list, presses the name. */
async function choose(page: Page, language: Language): Promise<void> {
  await page.locator("details.lang > summary").click();
  await page.getByRole("link", { name: LANGUAGE_NAMES[language], exact: true }).click();
  await speaks(page, language);
}

/** What sticks out of the page, or out of the box that it stands in. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    return [...document.body.querySelectorAll<HTMLElement>("*")]
      .filter((one) => {
        if (one.closest(".hide") || one.closest("svg") || one.closest("details:not([open]) > :not(summary)"))
          return false;
        const { left, right, width } = one.getBoundingClientRect();
        const isClipped = one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline";
        return width > 0 && (left < -0.5 || right > wide + 0.5 || isClipped);
      })
      .map((one) => `${one.tagName} ${one.className} ${one.textContent?.slice(0, 40)}`);
  });
}

test("a payment in Ukrainian keeps its language through a fault, 3-D Secure, a decline and back", async ({ page }) => {
  const invoice = await makeInvoice(await sharedShop());
  await page.goto(invoice.link);
  await speaks(page, "ro");
  await choose(page, "uk");
  await page.getByLabel("Електронна пошта").fill("client@");
  const pay = page.getByRole("button", { name: /^Сплатити .*карткою через/ });
  await pay.click();
  await expect(page.getByRole("alert")).toContainText("Потрібно виправити 1 поле");
  await speaks(page, "uk");
  await page.getByLabel("Електронна пошта").fill("");
  await pay.click();
  await atProcessor(page);
  await payByCard(page, CARDS.noMoney);
  await goBack(page);
  await expect(stateOf(page)).toHaveText("Оплата не пройшла");
  await expect(page.getByText("Гроші з картки не списано.")).toBeVisible();
  await speaks(page, "uk");
  await page.getByRole("button", { name: /^Сплатити .*карткою через/ }).click();
  await atProcessor(page);
  await payByCard(page, CARDS.secure3d);
  await page.getByRole("button", { name: "Approve" }).click();
  await goBack(page);
  await expect(stateOf(page)).toHaveText("Оплата пройшла успішно");
  await speaks(page, "uk");
  await expect(page).toHaveTitle(/Оплата пройшла успішно/);
});

test("a payment by a sealed form keeps its language too", async ({ page }) => {
  const invoice = await makeInvoice(await sharedShop("v1"));
  await page.goto(`${invoice.link}?lang=ru`);
  await speaks(page, "ru");
  await page.getByRole("button", { name: /^Оплатить .*картой через/ }).click();
  await atProcessor(page);
  await payByCard(page, CARDS.approved);
  await expect(stateOf(page)).toHaveText("Оплата прошла успешно");
  await speaks(page, "ru");
});

test.describe("in a browser of Italian", () => {
  test.use({ locale: "it-IT" });

  test("a link opens in Italian, in the invoice's language only where the browser's is unknown", async ({ page }) => {
    const invoice = await makeInvoice(await sharedShop(), { locale: "ru" });
    const answer = await page.goto(invoice.link);
    expect(answer?.headers()["content-language"]).toBe("it");
    await speaks(page, "it");
    await expect(page.getByRole("button", { name: /^Paga 249,90.RON con carta, tramite/ })).toBeVisible();
    await choose(page, "uk");
    await page.reload();
    await speaks(page, "uk");
  });
});

test.describe("in a browser of a language that is not spoken here", () => {
  test.use({ locale: "de-DE" });

  test("a link opens in the invoice's language", async ({ page }) => {
    const invoice = await makeInvoice(await sharedShop(), { locale: "uk" });
    await page.goto(invoice.link);
    await speaks(page, "uk");
  });
});

test("no word is cut off on the narrowest phone, in any language and state", async ({ page }) => {
  test.setTimeout(240_000);
  await page.setViewportSize({ width: 320, height: 700 });
  const shop = await openShop();
  const make = (change: Record<string, unknown> = {}) => makeInvoice(shop, change);
  const [open, cancelled, off] = [await make({ due_on: "2027-02-28" }), await make(), await make()];
  await api(shop, `/v1/invoices/${cancelled.id}/cancel`, {});
  await api(shop, `/v1/invoices/${off.id}`, { accepts_card: false }, "PATCH");
  const unready = await makeInvoice(await plantShop());
  const [begun, declined, paid] = [await make(), await make(), await make()];
  for (const [invoice, card] of [[begun], [declined, CARDS.noMoney], [paid, CARDS.approved]] as const) {
    await page.goto(invoice.link);
    await page.getByRole("button", { name: /^Plătește .*cardul/ }).click();
    await atProcessor(page);
    if (!card) continue;
    await payByCard(page, card);
    await goBack(page);
    await expect(stateOf(page)).toHaveText(card === CARDS.approved ? "Plata a reușit" : "Plata nu a reușit");
  }
  const links = {
    open,
    cancelled,
    off,
    unready,
    begun,
    declined,
    paid,
    missing: { link: "/i/abcdefghijklmnopqrstuvwx" },
  };
  for (const [state, { link }] of Object.entries(links)) {
    for (const language of LANGUAGES) {
      await page.goto(`${link}?lang=${language}`);
      await speaks(page, language);
      for (const details of await page.locator("details").all()) {
        await details.locator("summary").click();
        expect(await cutOff(page), `${state} in ${language}`).toEqual([]);
        await details.locator("summary").click();
      }
      if (state === "open") {
        await page.getByLabel(/mail|почта|пошта/i).fill("client@");
        await page.getByRole("button", { name: /NETOPIA/ }).click();
        await expect(page.getByRole("alert")).toBeVisible();
        expect(await cutOff(page), `faults in ${language}`).toEqual([]);
      }
    }
  }
});
