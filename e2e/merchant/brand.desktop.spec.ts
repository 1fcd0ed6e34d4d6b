// The merchant's own colour and logo: set in the merchant area, seen on the payer's page, readable in both.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { logoPng } from "../support/logo-png.ts";
import { makeInvoice, openShop } from "../support/merchant.ts";
import { test } from "../support/policy.ts";
import { enterAs } from "./member.ts";

const NAVY: [number, number, number] = [11, 31, 92];
const PALE = "#ffe066";

async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

test("a colour and a logo set in the merchant area are on the payer's page, moved as far as contrast demands", async ({
  page,
  context,
}) => {
  const shop = await openShop("v2");
  const invoice = await makeInvoice(shop);
  await enterAs(page, shop, "/points-of-sale");
  const brand = page.getByRole("region", { name: /^Culoarea și sigla dvs\./ });
  const color = brand.getByLabel("Culoarea mărcii");

  // A word is no colour, and is refused at its field.
  await color.fill("galben");
  await brand.getByRole("button", { name: "Salvează culoarea" }).click();
  await expect(brand.getByText("scrieți culoarea ca # și șase cifre")).toBeVisible();
  await expect(color).toHaveAttribute("aria-invalid", "true");

  // What was typed is shown before it is saved, and that it is too light for a light page.
  await color.fill(PALE.toUpperCase());
  const [light, dark] = [brand.locator("[data-preview=light]"), brand.locator("[data-preview=dark]")];
  await expect(light.locator("[data-moved]")).toContainText(`${PALE} este prea deschisă`);
  await expect(dark.getByText("Se vede exact în culoarea dvs.")).toBeVisible();
  const shown = await light.locator("[data-button]").evaluate((one) => getComputedStyle(one).backgroundColor);
  expect(shown).not.toBe("rgb(255, 224, 102)");
  await expect(dark.locator("[data-button]")).toHaveCSS("background-color", "rgb(255, 224, 102)");
  await brand.getByRole("button", { name: "Salvează culoarea" }).click();
  await expect(page.getByText("Culoarea a fost salvată.")).toBeVisible();

  // What is no picture to be shown is refused by what it is, whatever it is called.
  const file = brand.locator("input[type=file]");
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  await file.setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: svg });
  await expect(brand.getByText("SVG nu se primește")).toBeVisible();
  await expect(file).toHaveAttribute("aria-invalid", "true");
  await file.setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: Buffer.alloc(70_000) });
  await expect(brand.getByText("sigla este mai mare de 64 kB")).toBeVisible();
  await file.setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: logoPng(300, 100, NAVY) });
  await expect(page.getByText("Sigla este pe pagina de plată.")).toBeVisible();
  await expect(brand.getByText("sigla este mai mare de 64 kB")).toHaveCount(0);
  expect(await faultsOf(page)).toEqual([]);

  // The payer's page: the button as the preview showed it, the logo from our own origin, nothing refused by the policy.
  const payer = await context.newPage();
  const complaints: string[] = [];
  const asked: string[] = [];
  payer.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  payer.on("request", (request) => asked.push(request.url()));
  await payer.goto(invoice.link);
  const button = payer.getByRole("button", { name: /^Plătește/ });
  await expect(button).toHaveCSS("background-color", shown);
  const logo = payer.locator("header img");
  await expect.poll(() => logo.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBe(300);
  expect(await logo.boundingBox()).toMatchObject({ width: 96, height: 40 });
  await expect(logo).toHaveAttribute("alt", "");
  const { origin } = new URL(invoice.link);
  expect(asked.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith("data:"))).toEqual([]);
  const picture = await payer.request.get(new URL((await logo.getAttribute("src")) ?? "", origin).href);
  expect(picture.headers()).toMatchObject({
    "content-type": "image/png",
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
  });
  expect(await faultsOf(payer)).toEqual([]);
  await payer.emulateMedia({ colorScheme: "dark" });
  await expect(button).toHaveCSS("background-color", "rgb(255, 224, 102)");
  expect(await faultsOf(payer)).toEqual([]);
  expect(complaints).toEqual([]);
  expect((await payer.request.get(`${origin}/i/logo/${"0".repeat(64)}`)).status()).toBe(404);

  // Taken away, both are as they were; and a file may be dropped.
  await brand.getByRole("button", { name: "Elimină sigla" }).click();
  await expect(page.getByText("Sigla a fost eliminată.")).toBeVisible();
  await brand.getByRole("button", { name: "Folosește culoarea implicită" }).click();
  await expect(brand.getByRole("button", { name: "Folosește culoarea implicită" })).toHaveCount(0);
  await payer.emulateMedia({ colorScheme: "light" });
  await payer.reload();
  await expect(button).toHaveCSS("background-color", "rgb(11, 107, 79)");
  await expect(logo).toHaveCount(0);
  const dropped = await page.evaluateHandle(
    (bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], "sigla.png", { type: "image/png" }));
      return data;
    },
    [...logoPng(80, 80, NAVY)],
  );
  await brand.locator("[data-drop]").dispatchEvent("drop", { dataTransfer: dropped });
  await expect(brand.getByRole("button", { name: "Elimină sigla" })).toBeVisible();
  await payer.reload();
  await expect.poll(() => logo.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBe(80);
});
