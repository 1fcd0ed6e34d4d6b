// Sending an invoice's link: to an address that the order knows, with one press; what became of it; which setting is at
// fault when it did not go; and how the mail looks in the mailbox.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { api, makeInvoice, openShop, type Shop } from "../support/merchant.ts";
import { test } from "../support/policy.ts";
import { runCron, sandbox } from "../support/stack.ts";
import { enterAs } from "./member.ts";

type Mail = { to: string[]; from: string; subject: string; text: string; html: string };
const dialog = (page: Page) => page.getByRole("dialog", { name: "Trimite pe e-mail" });
const known = (page: Page) => dialog(page).getByRole("list", { name: "Adrese cunoscute ale acestei comenzi" });
const mailTo = async (email: string) => (await sandbox.get(`/control/mail?to=${encodeURIComponent(email)}`)) as Mail[];
let serial = 0;
const address = (name: string) => `${name}.${Date.now()}.${++serial}@payer.example`;

async function open(page: Page, shop: Shop, invoiceId: string): Promise<void> {
  await enterAs(page, shop, `/invoices/${invoiceId}`);
  await page.getByRole("button", { name: "Trimite pe e-mail" }).click();
}

const sendTo = (page: Page, email: string) =>
  known(page)
    .getByRole("button", { name: `Trimite la ${email}` })
    .click();

test("[N08] the addresses of the order, of the payer's earlier invoices and of earlier mails are offered once each; one press sends and the result is shown", async ({
  page,
}) => {
  const shop = await openShop();
  const [first, second, third] = [address("one"), address("two"), address("three")];
  const earlier = await makeInvoice(shop, { payer_email: second, payer_tax_id: "RO123" });
  await makeInvoice(shop, {
    payer_email: first.toUpperCase().replace("@PAYER.EXAMPLE", "@payer.example"),
    payer_phone: "+40712345678",
  });
  await makeInvoice(shop, { payer_email: address("stranger"), payer_tax_id: "RO999" });
  await api(shop, `/v1/invoices/${earlier.id}/send`, { email: third });
  const owed = await makeInvoice(shop, { payer_email: first, payer_tax_id: "RO123", payer_phone: "+40712345678" });
  await open(page, shop, owed.id);
  await expect(known(page).getByRole("listitem")).toHaveCount(3);
  await expect(known(page).getByRole("listitem").first()).toContainText(first);
  await expect(known(page)).toContainText(second);
  await expect(known(page)).toContainText(third);
  await sendTo(page, second);
  await expect(dialog(page).getByRole("status")).toContainText(`Trimis la ${second}.`);
  await expect.poll(async () => (await mailTo(second)).length).toBe(1);
  await expect(page.getByText("Linkul a fost trimis").first()).toBeAttached();
});

test("[N09] a failed mail says which setting is at fault: no sender address of the shop, or no mail package, each with guidance of its own", async ({
  page,
}) => {
  const shop = await openShop();
  const [owner, package_] = [address("sender"), address("package")];
  await sandbox.post("/control/mail/rules", { recipient: owner, answer: "sender_refused" });
  await sandbox.post("/control/mail/rules", { recipient: package_, answer: "quota_spent" });
  const owed = await makeInvoice(shop, { payer_email: owner });
  await open(page, shop, owed.id);
  await sendTo(page, owner);
  const status = dialog(page).getByRole("status");
  await expect(status.locator("[data-fault=sender_missing]")).toContainText("nu are adresă de expeditor");
  await expect(status).not.toContainText("Pachetul de e-mailuri");
  await expect(status.getByRole("link", { name: "Setați expeditorul punctului de vânzare" })).toBeVisible();

  await dialog(page).getByLabel("Altă adresă").fill(package_);
  await dialog(page).getByRole("button", { name: "Trimite", exact: true }).click();
  await expect(status.locator("[data-fault=quota_spent]")).toContainText("Pachetul de e-mailuri s-a terminat");
  await expect(status).not.toContainText("nu are adresă de expeditor");
  expect(await mailTo(package_)).toEqual([]);

  // The guidance leads to the setting, and with it the mail goes, in the shop's own name.
  await dialog(page).getByLabel("Altă adresă").fill(owner);
  await dialog(page).getByRole("button", { name: "Trimite", exact: true }).click();
  await status.getByRole("link", { name: "Setați expeditorul punctului de vânzare" }).click();
  await expect(page).toHaveURL(/points-of-sale/);
  await page.getByLabel("Expeditorul e-mailurilor către plătitori: nume").fill("Atelier");
  await page.getByLabel("Expeditorul e-mailurilor către plătitori: adresă").fill("plati@shop.example");
  await page.getByRole("button", { name: "Salvează" }).first().click();
  await expect(page.getByText("Punctul de vânzare a fost salvat.")).toBeVisible();
  await fetch(sandbox.url(`/control/mail/rules?recipient=${encodeURIComponent(owner)}`), { method: "DELETE" });
  await open(page, shop, owed.id);
  await sendTo(page, owner);
  await expect(status).toContainText(`Trimis la ${owner}.`);
  expect((await mailTo(owner)).map(({ from }) => from)).toEqual(["plati@shop.example"]);
});

const LANGUAGES = ["ro", "en", "ru", "uk", "it"] as const;
const wordsIn = (language: string) =>
  (
    JSON.parse(readFileSync(join(import.meta.dirname, `../../messages/mail/${language}.json`), "utf8")) as {
      invoiceLink: Record<string, string>;
    }
  ).invoiceLink;

test("[N10] the mail has its look in five languages: a plain part, the sum, the merchant, the expiry and the link; at 320 px, light and dark", async ({
  page,
}) => {
  const shop = await openShop();
  const sums = { ro: "249,90", en: "249.90", ru: "249,90", uk: "249,90", it: "249,90" };
  for (const language of LANGUAGES) {
    const email = address(language);
    const owed = await makeInvoice(shop, { payer_email: email, locale: language, expires_at: "2030-03-15T12:00:00Z" });
    await api(shop, `/v1/invoices/${owed.id}/send`, {});
    await runCron();
    await expect.poll(async () => (await mailTo(email)).length).toBe(1);
    const [mail] = await mailTo(email);
    if (!mail) throw new Error("no mail");
    for (const part of [mail.text, mail.html]) {
      expect(part).toContain(owed.link);
      expect(part.replaceAll("\u00a0", " ")).toContain(sums[language]);
      expect(part).toContain("Demo");
      expect(part).toContain("2030");
    }
    expect(mail.text).not.toMatch(/<[a-z]+/i);
    expect(mail.html).toContain(`lang="${language}"`);
    expect(mail.html).toContain(wordsIn(language).pay);
    expect(mail.html).not.toMatch(/<script|<img|url\(|src=/);
    if (language !== "ro") continue;
    await page.setViewportSize({ width: 320, height: 640 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setContent(mail.html);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
      const button = page.getByRole("link", { name: wordsIn("ro").pay });
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
      await expect(page).toHaveScreenshot(`link-mail-${colorScheme}.png`, {
        fullPage: true,
        mask: [page.locator(".url")],
        maxDiffPixelRatio: 0.08,
      });
    }
  }
});

test("the link is copied, drawn as a code and handed to the phone's own sheet where there is one", async ({ page }) => {
  const shop = await openShop();
  const owed = await makeInvoice(shop);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "share", {
      value: async (shared: unknown) => {
        (window as unknown as { shared: unknown }).shared = shared;
      },
    });
  });
  await enterAs(page, shop, `/invoices/${owed.id}`);
  await page.getByRole("button", { name: "Copiază linkul" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(owed.link);
  await page.getByRole("button", { name: "Distribuie" }).click();
  expect(await page.evaluate(() => (window as unknown as { shared: unknown }).shared)).toEqual({
    url: owed.link,
    title: owed.label,
  });
  await expect(page.getByRole("img", { name: /QR/ })).toBeVisible();
});
