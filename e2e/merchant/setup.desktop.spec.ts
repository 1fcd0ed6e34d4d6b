// Connecting NETOPIA: condition, guide, keys, check, waits; from nothing to a verified connection.
import { randomBytes } from "node:crypto";
import { expect, type Page } from "@playwright/test";
import { eq } from "drizzle-orm";
import { openDatabase } from "../../db/client.ts";
import { onboardingSteps } from "../../db/schema/index.ts";
import type { Planted } from "../../db/seed/stories.ts";
import { api, openShop, plantShop } from "../support/merchant.ts";
import { test } from "../support/policy.ts";
import { sandbox, stackHandle } from "../support/stack.ts";
import { enterAs, tabTo } from "./member.ts";

type Account = { signature: string; certificate: string; privateKey: string; apiKey: string };
const GUIDE = "/integrations/netopia";
const ACCOUNT = "/integrations/netopia/account";

function newAccount(): Promise<Account> {
  const signature = (randomBytes(10).toString("hex").toUpperCase().match(/.{4}/g) ?? []).join("-");
  return sandbox.post("/control/netopia/points-of-sale", { signature, keyBits: 1024 }) as Promise<Account>;
}

let planted: Promise<Planted> | undefined;
/** A merchant without a connection, for the tests that only look. */
const unconnected = () => {
  planted ??= plantShop();
  return planted;
};

const save = (page: Page) => page.getByRole("button", { name: "Salvează setările" }).click();
const fault = (page: Page, field: string) => page.locator(`#${field}-fault`);

test("[C01] the warning about account and contract stands before the key form; a saved connection is not live until checked", async ({
  page,
}) => {
  const shop = await plantShop();
  const account = await newAccount();
  await enterAs(page, shop, ACCOUNT);
  const warning = page.getByText("cu contractul semnat și validat");
  await expect(warning).toBeVisible();
  const form = page.getByLabel("Semnătură");
  const [above, below] = [await warning.boundingBox(), await form.boundingBox()];
  expect(above?.y ?? 0).toBeLessThan(below?.y ?? 0);
  await page.getByLabel("v2: cheie API").check();
  await form.fill(account.signature);
  await page.getByLabel("Cheie API", { exact: true }).fill(account.apiKey);
  await save(page);
  await expect(page.getByText("Conexiunea nu este activă până când verificarea reușește.")).toBeVisible();
  await expect(page.getByText("Neverificat")).toBeVisible();
  await page.getByRole("button", { name: "Verifică conexiunea" }).click();
  await expect(page.getByText(/Integrarea este verificată din/)).toBeVisible();
  await expect(page.getByText("Conexiunea nu este activă")).toHaveCount(0);
});

test("[C02] the eligibility conditions are linked from the connect screen", async ({ page }) => {
  await enterAs(page, await unconnected(), ACCOUNT);
  const link = page.getByRole("link", { name: /Condiții de eligibilitate/ });
  await expect(link).toBeVisible();
  await expect(link).toHaveAttribute("href", /^https:\/\/netopia-payments\.com\//);
});

test("[C03] the five account steps can each be marked done, and stay so over a reload", async ({ page }) => {
  await enterAs(page, await plantShop(), GUIDE);
  const steps = page.getByRole("region", { name: "Creează un cont Netopia" }).locator("[data-step]");
  await expect(steps).toHaveCount(5);
  for (let index = 0; index < 5; index += 1) {
    await steps.nth(index).getByRole("button", { name: /^Gata/ }).click();
    await expect(steps.nth(index).getByText(/^Făcut:/)).toBeVisible();
  }
  await page.reload();
  await expect(page.getByText(/^Făcut:/)).toHaveCount(5);
});

test("[C05] the processor's administration opens in a new tab that cannot reach back", async ({ page }) => {
  await enterAs(page, await unconnected(), GUIDE);
  const link = page.getByRole("link", { name: /Deschide administrarea Netopia/ });
  await expect(link).toHaveAttribute("href", "https://admin.netopia-payments.com/");
  await expect(link).toHaveAttribute("target", "_blank");
  await expect(link).toHaveAttribute("rel", /noopener/);
});

test("[C06] a signature that another merchant uses too is warned of, naming the rule", async ({ page }) => {
  const other = await openShop("v2");
  const account = (await sandbox.get(`/control/netopia/points-of-sale/${other.signature}`)) as Account;
  await enterAs(page, await plantShop(), ACCOUNT);
  await page.getByLabel("v2: cheie API").check();
  await page.getByLabel("Semnătură").fill(account.signature);
  await page.getByLabel("Cheie API", { exact: true }).fill(account.apiKey);
  await save(page);
  await expect(page.getByText(/Aceeași semnătură este folosită și la alt punct de vânzare/)).toContainText(
    "trebuie să aibă un punct de vânzare dedicat",
  );
});

test("[C07] the guide says how to add a point of sale, and name and site are copied with one click", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await enterAs(page, await unconnected(), GUIDE);
  const part = page.getByRole("region", { name: "Adaugă un punct nou de vânzare" });
  for (const text of ["meniul Puncte de vânzare", "Apăsați pe Adaugă", "Selectați integrarea", "Așteptați aprobarea"]) {
    await expect(part.getByText(text).first()).toBeVisible();
  }
  await expect(part).toContainText("numele integrării, site-ul dumneavoastră și domeniul de activitate");
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await part.getByRole("button", { name: "Copiază: Numele integrării" }).click();
  await expect.poll(clipboard).toBe("Magazin demonstrativ");
  await part.getByRole("button", { name: "Copiază: Site" }).click();
  await expect.poll(clipboard).toBe("https://demo.example");
});

test("[C09] the guide shows where the keys are, and they are taken from files as well as pasted", async ({ page }) => {
  const shop = await plantShop();
  const account = await newAccount();
  await enterAs(page, shop, GUIDE);
  const part = page.getByRole("region", { name: "Preluarea cheilor de securitate" });
  for (const text of ["Setări tehnice", "Copiați semnătura", "Descărcați cheia privată și cheia publică"]) {
    await expect(part.getByText(text)).toBeVisible();
  }
  await page.goto(ACCOUNT);
  await page.getByLabel("v1: chei din fișiere").check();
  await page.getByLabel("Semnătură").fill(account.signature);
  const file = (name: string, text: string) => ({
    name,
    mimeType: "application/octet-stream",
    buffer: Buffer.from(text),
  });
  const [certificate, privateKey] = [page.locator("input[type=file]").nth(0), page.locator("input[type=file]").nth(1)];
  await certificate.setInputFiles(file("live.public.cer", account.certificate));
  await privateKey.setInputFiles(file("live.private.key", account.privateKey));
  await expect(page.getByRole("textbox", { name: /^Cheie publică/ })).toHaveValue(/BEGIN CERTIFICATE/);
  await save(page);
  await expect(page.getByText("Setările au fost salvate. Verificați conexiunea.")).toBeVisible();
  // And once more by paste, to replace them.
  await page.getByRole("textbox", { name: /^Cheie publică/ }).fill(account.certificate);
  await page.getByRole("textbox", { name: /^Cheie privată/ }).fill(account.privateKey);
  await save(page);
  await expect(page.getByRole("textbox", { name: /^Cheie privată/ })).toHaveValue("");
});

test("[C10] each missing or wrong key has a fault of its own, and the private key is never sent back", async ({
  page,
}) => {
  const shop = await plantShop();
  const account = await newAccount();
  await enterAs(page, shop, ACCOUNT);
  await page.getByLabel("v1: chei din fișiere").check();
  const fields = {
    signature: page.getByLabel("Semnătură"),
    certificate: page.getByRole("textbox", { name: /^Cheie publică/ }),
    privateKey: page.getByRole("textbox", { name: /^Cheie privată/ }),
  };
  const fill = async (change: Partial<Record<keyof typeof fields, string>>) => {
    for (const name of ["signature", "certificate", "privateKey"] as const) {
      await fields[name].fill(change[name] ?? account[name]);
    }
    await save(page);
  };
  await fill({ signature: "" });
  await expect(fault(page, "signature")).toHaveText("introduceți semnătura");
  await fill({ certificate: "" });
  await expect(fault(page, "certificate")).toContainText("introduceți cheia publică");
  await fill({ privateKey: "" });
  await expect(fault(page, "privateKey")).toHaveText("introduceți cheia privată");
  // What was typed stays, so that only the fault has to be mended.
  await expect(fields.certificate).toHaveValue(/BEGIN CERTIFICATE/);
  await fill({ signature: "ABCD" });
  await expect(fault(page, "signature")).toContainText("XXXX-XXXX-XXXX-XXXX-XXXX");
  await fill({ certificate: account.privateKey });
  await expect(fault(page, "certificate")).toContainText("aceasta este o cheie privată");
  await fill({ privateKey: account.certificate });
  await expect(fault(page, "privateKey")).toContainText("acesta este un certificat");
  await fill({ privateKey: "not a key" });
  await expect(fault(page, "privateKey")).toContainText("textul nu este o cheie privată");
  await fill({});
  await expect(page.getByText("Setările au fost salvate. Verificați conexiunea.")).toBeVisible();
  const answer = await page.goto(ACCOUNT);
  const body = account.privateKey.split("\n")[2] ?? "";
  expect(body.length).toBeGreaterThan(20);
  expect(await answer?.text()).not.toContain(body);
  await expect(fields.privateKey).toHaveValue("");
  expect(JSON.stringify(await api(shop, "/v1/connections"))).not.toContain(body);
});

test("[C12] from the merchant's home the keyboard reaches the form in three steps", async ({ page }) => {
  await enterAs(page, await unconnected(), "/");
  for (const [name, next] of [
    ["Integrări", "/integrations"],
    ["Netopia Payments", GUIDE],
    ["Configurare cont Netopia Payments", ACCOUNT],
  ] as const) {
    await tabTo(page, name);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(new RegExp(`${next}$`));
  }
  await expect(page.getByLabel("Semnătură")).toBeEnabled();
});

test("[C13] [C14] with v1 the check runs its steps, a person opens the page, and says that its form was there; no money moves", async ({
  page,
  context,
}) => {
  const shop = await openShop("v1");
  await enterAs(page, shop, ACCOUNT);
  await page.getByRole("button", { name: "Verifică conexiunea" }).click();
  await expect(page.locator('[data-check="order_sealed"]')).toHaveAttribute("data-outcome", "passed");
  await expect(page.locator('[data-check="page_seen"]')).toHaveAttribute("data-outcome", "needs_person");
  const opened = context.waitForEvent("page");
  await page.getByRole("button", { name: "Deschide pagina Netopia" }).click();
  const processorPage = await opened;
  await expect(processorPage.getByRole("textbox", { name: "Card number" })).toBeVisible();
  await processorPage.close();
  await page.getByRole("button", { name: "Da, l-am văzut" }).click();
  await expect(page.getByText(/Integrarea este verificată din \d+ \p{L}+\.? \d{4}, \d\d:\d\d:\d\d/u)).toBeVisible();
  const payments = (await sandbox.get(`/control/netopia/payments?signature=${shop.signature}`)) as {
    tries: unknown[];
  }[];
  expect(payments.flatMap((payment) => payment.tries)).toEqual([]);
  expect((await api<{ data: unknown[] }>(shop, "/v1/payments")).data).toEqual([]);
});

test("[C13] with v2 a wrong API key is reported at its own step, with what to do", async ({ page }) => {
  const account = await newAccount();
  await enterAs(page, await plantShop(), ACCOUNT);
  await page.getByLabel("v2: cheie API").check();
  await page.getByLabel("Semnătură").fill(account.signature);
  await page.getByLabel("Cheie API", { exact: true }).fill("wrong-api-key-of-somebody");
  await save(page);
  await page.getByRole("button", { name: "Verifică conexiunea" }).click();
  const step = page.locator('[data-check="credentials_accepted"]');
  await expect(step).toHaveAttribute("data-outcome", "failed");
  await expect(step).toContainText("Copiați din nou semnătura și cheia API");
  await expect(page.getByText(/Integrarea este verificată/)).toHaveCount(0);
});

test("[O14] a wait says since when, and asks once it has lasted", async ({ page }) => {
  const shop = await plantShop();
  await enterAs(page, shop, GUIDE);
  const step = page.locator('[data-step="account_approval"]');
  await step.getByRole("button", { name: /^Aștept din acest moment|^Am început/ }).click();
  await expect(step.getByText(/^În așteptare din \d+ \S+ \d{4}, \d\d:\d\d/)).toBeVisible();
  await expect(step.getByText("Durează mai mult decât de obicei")).toHaveCount(0);
  // Begun four days ago: moving the one clock that far would end other tests' payments.
  const { databaseUrl, neonHost } = stackHandle();
  await openDatabase(databaseUrl, neonHost)
    .update(onboardingSteps)
    .set({ startedAt: new Date(Date.now() - 4 * 24 * 3_600_000) })
    .where(eq(onboardingSteps.merchantId, shop.merchantId));
  await page.reload();
  await expect(step.getByText("Durează mai mult decât de obicei")).toBeVisible();
});

test("[C04] while there is no film its place is hidden, and no script of others is loaded", async ({ page }) => {
  const foreign: string[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(page.url()).origin && page.url() !== "about:blank")
      foreign.push(request.url());
  });
  await enterAs(page, await unconnected(), GUIDE);
  await expect(page.getByRole("heading", { name: "Creează un cont Netopia (dacă nu ai)" })).toBeVisible();
  await expect(page.locator("video, iframe")).toHaveCount(0);
  expect(foreign).toEqual([]);
});

test("[O19] the guide's vote counts once per visitor and a second visitor's beside it; what was viewed recently stays in the browser", async ({
  page,
  browser,
}) => {
  const counter = page.locator("[data-votes]");
  const part = page.getByRole("region", { name: "A fost util?" });
  const recent = page.getByRole("region", { name: "Recent vizualizate" });
  const seen = () => page.evaluate(() => localStorage.getItem("plata.help-seen"));
  const sent: string[] = [];
  page.on("request", (request) => {
    sent.push([request.url(), request.postData() ?? "", JSON.stringify(request.headers())].join("\n"));
  });
  await enterAs(page, await unconnected(), GUIDE);
  const before = /^(\d+) din (\d+)/.exec((await counter.textContent()) ?? "");
  const [helpful, total] = [Number(before?.[1]), Number(before?.[2])];
  await part.getByRole("button", { name: "Da" }).click();
  await expect(counter).toContainText(`${helpful + 1} din ${total + 1}`);
  await part.getByRole("button", { name: "Nu" }).click();
  await expect(counter).toContainText(`${helpful} din ${total + 1}`);
  await page.reload();
  await expect(counter).toContainText(`${helpful} din ${total + 1}`);
  await expect(part.getByRole("button", { name: "Nu" })).toHaveAttribute("aria-pressed", "true");

  // Another browser is another visitor, whoever is signed in there.
  const other = await browser.newContext();
  const elsewhere = await other.newPage();
  await enterAs(elsewhere, await unconnected(), GUIDE);
  const there = elsewhere.getByRole("region", { name: "A fost util?" });
  await expect(there.getByRole("button", { name: "Nu" })).toHaveAttribute("aria-pressed", "false");
  await there.getByRole("button", { name: "Da" }).click();
  await expect(elsewhere.locator("[data-votes]")).toContainText(`${helpful + 1} din ${total + 2}`);
  await expect(elsewhere.getByRole("region", { name: "Recent vizualizate" })).toHaveCount(0);
  await other.close();
  await page.reload();
  await expect(counter).toContainText(`${helpful + 1} din ${total + 2}`);

  await expect(recent).toHaveCount(0);
  await expect.poll(seen).toBe('["netopia"]');
  await page.goto(ACCOUNT);
  await expect(recent.getByRole("link")).toHaveText(["Ghid: conectarea Netopia Payments"]);
  await expect.poll(seen).toBe('["netopia-account","netopia"]');
  await recent.getByRole("link").click();
  await expect(page).toHaveURL(new RegExp(`${GUIDE}$`));
  await expect(recent.getByRole("link")).toHaveText(["Configurare cont Netopia Payments"]);
  expect(sent.filter((request) => /help-seen|netopia-account/.test(request))).toEqual([]);
  expect((await page.context().cookies()).filter(({ value }) => value.includes("netopia"))).toEqual([]);
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await expect(counter).toBeVisible();
  await expect(recent).toHaveCount(0);
});
