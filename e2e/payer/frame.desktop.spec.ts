// The payment page inside another site's page: allowed origins, 3-D Secure at the top, no third-party cookies, messages.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type BrowserContext, expect, type FrameLocator, type Page, test } from "@playwright/test";
import { root } from "../../scripts/paths.ts";
import { api, attemptsOf, makeInvoice, openShop, type Shop } from "../support/merchant.ts";
import { atProcessor, CARDS, goBack, payByCard } from "./steps.ts";

/** The very example of the documentation, with a link put in. */
const [, example = ""] = /```html\n([\s\S]*?)```/.exec(readFileSync(join(root, "docs/embedding.md"), "utf8")) ?? [];

type Message = { type: string; version: number; state?: string; height?: number };

/** A site of somebody else: `/pay?<link>` embeds the link, `/cookie` gives a cookie to whoever shows it in a frame. */
async function openSite(host: string) {
  const server = createServer((request, response) => {
    const link = decodeURIComponent(request.url?.split("?")[1] ?? "");
    const page = request.url?.startsWith("/cookie")
      ? `<p id="had">${request.headers.cookie ?? "none"}</p>`
      : `<!doctype html><title>Account</title><h1>Account</h1>
         <script>window.heard = []; addEventListener("message", ({ data, origin }) => heard.push({ ...data, origin }));</script>
         ${example.replace(/https:\/\/pay\.example\/i\/\w+/, link)}`;
    response.writeHead(200, {
      "content-type": "text/html; charset=utf-8",
      ...(request.url?.startsWith("/cookie") ? { "set-cookie": "probe=1; SameSite=None; Secure; Path=/" } : {}),
    });
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const origin = `http://${host}:${(server.address() as AddressInfo).port}`;
  return { origin, embed: (link: string) => `${origin}/pay?${encodeURIComponent(link)}`, stop: () => server.close() };
}

const allow = (shop: Shop, ...origins: string[]) =>
  api(shop, `/v1/points-of-sale/${shop.pointOfSaleId}`, { frame_origins: origins }, "PATCH");
const paymentIn = (page: Page): FrameLocator => page.frameLocator("iframe[title=Payment]");
const messages = (page: Page) => page.evaluate(() => (window as unknown as { heard: Message[] }).heard);
const lastState = async (page: Page) => (await messages(page)).findLast(({ type }) => type === "plata:state")?.state;

/** What the browser does where third-party cookies are blocked. */
async function blockThirdPartyCookies(context: BrowserContext, page: Page): Promise<void> {
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setCookieControls", {
    enableThirdPartyCookieRestriction: true,
    // Older browsers demand to be told of the exceptions to it, newer ones have none.
    ...{ disableThirdPartyCookieMetadata: true, disableThirdPartyCookieHeuristics: true },
  });
}

test("[K16] the same page embedded in a frame of an allowed origin works, 3-D Secure too", async ({
  page,
  context,
  baseURL,
}) => {
  const shop = await openShop("v2");
  const [site, other] = [await openSite("shop.localhost"), await openSite("cookies.localhost")];
  await allow(shop, site.origin);
  const invoice = await makeInvoice(shop);
  await blockThirdPartyCookies(context, page);
  // They really are: a third site's cookie is kept, and comes to it in its own window, but not in a frame of ours.
  for (const [address, cookie] of [
    [`${other.origin}/cookie`, "none"],
    [`${other.origin}/cookie`, "probe=1"],
    [site.embed(`${other.origin}/cookie`), "none"],
  ] as const) {
    await page.goto(address);
    const shown = address.includes("/pay?") ? paymentIn(page) : page;
    await expect(shown.locator("#had")).toHaveText(cookie);
  }

  await page.goto(site.embed(invoice.link));
  const frame = paymentIn(page);
  await expect(frame.getByRole("heading", { level: 1 })).toContainText("249,90");
  await expect.poll(() => lastState(page)).toBe("payable");
  const heard = await messages(page);
  expect(heard.map(({ type }) => type).slice(0, 2)).toEqual(["plata:ready", "plata:state"]);
  expect(heard).toEqual(heard.map((one) => ({ ...one, version: 1, origin: new URL(baseURL ?? "").origin })));
  // The frame is as high as its page: nothing is scrolled inside it.
  const height = heard.find(({ type }) => type === "plata:height")?.height ?? 0;
  expect(height).toBeGreaterThan(300);
  await expect(page.locator("iframe[title=Payment]")).toHaveCSS("height", `${height}px`);

  // A second window of the same account stays open beside it: its frame follows by what the server knows.
  const beside = await context.newPage();
  await beside.goto(site.embed(invoice.link));
  await expect(paymentIn(beside).getByRole("heading", { level: 1 })).toContainText("249,90");

  await frame.getByRole("button", { name: /^Plătește .*cardul/ }).click();
  await atProcessor(page);
  await payByCard(page, CARDS.secure3d);
  await page.getByRole("button", { name: "Approve" }).click();
  expect(page.frames()).toHaveLength(1);
  await goBack(page);
  await expect(page.locator("#state")).toHaveText("Plata a reușit");
  expect(new URL(page.url()).origin).toBe(new URL(baseURL ?? "").origin);
  await expect(page.getByRole("link", { name: "Înapoi la demo.example" })).toHaveAttribute("target", "_top");

  await beside.bringToFront();
  await expect(paymentIn(beside).locator("#state")).toHaveText("Plata a reușit", { timeout: 30_000 });
  await expect.poll(() => lastState(beside)).toBe("paid");
  // Back in the account, the frame shows it too.
  await page.goto(site.embed(invoice.link));
  await expect(paymentIn(page).locator("#state")).toHaveText("Plata a reușit");
  await expect.poll(() => lastState(page)).toBe("paid");
  expect(await attemptsOf(shop, invoice)).toMatchObject([{ state: "captured" }]);
  expect(await context.cookies(baseURL)).toEqual([]);
  site.stop();
  other.stop();
});

test("a page that was not named is refused by the browser, and hears nothing", async ({ page, request }) => {
  const shop = await openShop("v2");
  const [site, foreign] = [await openSite("shop.localhost"), await openSite("foreign.localhost")];
  const invoice = await makeInvoice(shop);
  const policy = async () => {
    const headers = (await request.get(invoice.link)).headers();
    expect(headers["x-frame-options"]).toBeUndefined();
    return headers["content-security-policy"];
  };
  expect(await policy()).toContain("frame-ancestors 'none'");
  await allow(shop, site.origin);
  expect(await policy()).toMatch(new RegExp(`frame-ancestors ${site.origin}$`));
  const refusals: string[] = [];
  page.on("console", (message) => refusals.push(message.text()));
  await page.goto(foreign.embed(invoice.link));
  await expect.poll(() => refusals.join("\n")).toContain("frame-ancestors");
  await expect(paymentIn(page).getByRole("heading")).toHaveCount(0);
  expect(await messages(page)).toEqual([]);
  // The example falls back to the plain link.
  await expect(page.getByRole("link", { name: "Pay" })).toHaveAttribute("href", invoice.link);
  site.stop();
  foreign.stop();
});

test("nothing that an embedding page sends moves anything", async ({ page }) => {
  const shop = await openShop("v2");
  const site = await openSite("shop.localhost");
  await allow(shop, site.origin);
  const invoice = await makeInvoice(shop);
  await page.goto(site.embed(invoice.link));
  await expect(paymentIn(page).getByRole("heading", { level: 1 })).toContainText("249,90");
  const before = await paymentIn(page).locator("body").innerHTML();
  await page.evaluate(() => {
    const { contentWindow } = document.querySelector("iframe") as HTMLIFrameElement;
    for (const type of ["plata:pay", "plata:state", "pay", "submit"]) {
      contentWindow?.postMessage({ type, version: 1, state: "paid" }, "*");
    }
  });
  await page.waitForTimeout(500);
  expect(await paymentIn(page).locator("body").innerHTML()).toBe(before);
  expect(await attemptsOf(shop, invoice)).toEqual([]);
  site.stop();
});

test("the merchant names the pages beside the site, and a line that cannot be one is named", async ({ page }) => {
  const { enterAs } = await import("../merchant/member.ts");
  const shop = await openShop("v2");
  await enterAs(page, shop, "/points-of-sale");
  const field = page.getByLabel("Pagini care pot arăta pagina de plată");
  await field.fill("https://shop.example\nhttps://shop.example/cont");
  await page.getByRole("button", { name: "Salvează", exact: true }).click();
  await expect(field).toHaveAccessibleDescription(/Rândul 2: doar schema și gazda/);
  await field.fill("https://Shop.example/\n\nhttp://localhost:4000");
  await page.getByRole("button", { name: "Salvează", exact: true }).click();
  await expect(page.getByText("Punctul de vânzare a fost salvat.")).toBeVisible();
  const me = await api<{ points_of_sale: { frame_origins: string[] }[] }>(shop, "/v1/me");
  expect(me.points_of_sale[0]?.frame_origins).toEqual(["https://shop.example", "http://localhost:4000"]);
});
