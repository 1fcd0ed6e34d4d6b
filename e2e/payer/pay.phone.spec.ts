// A payer with a phone pays, fails, tries again, and comes back before or after the processor has told us.
import { type APIRequestContext, expect, test } from "@playwright/test";
import {
  api,
  attemptsOf,
  makeInvoice,
  openShop,
  plantShop,
  processorPayments,
  sharedShop,
} from "../support/merchant.ts";
import { movesClock, runCron, sandbox } from "../support/stack.ts";
import { atProcessor, CARDS, goBack, goToProcessor, openLink, payByCard, stateOf } from "./steps.ts";

const firstOf = async (...of: Parameters<typeof processorPayments>) => {
  const [payment] = await processorPayments(...of);
  if (!payment) throw new Error("the processor has received nothing");
  return payment;
};

const fetchStatus = async (request: APIRequestContext, link: string) => (await request.get(`${link}/status`)).json();

test("pays by card: the notification comes before the browser", async ({ page, request, context }) => {
  const shop = await openShop("v2", { firstIpn: "before_return" });
  const invoice = await makeInvoice(shop);
  await openLink(page, invoice);
  await goToProcessor(page);
  await payByCard(page, CARDS.approved);
  await expect(page.getByText("Paid.")).toBeVisible();
  await expect.poll(() => fetchStatus(request, invoice.link)).toMatchObject({ state: "paid" });
  await goBack(page);
  await expect(stateOf(page)).toHaveText("Plata a reușit");
  await expect(page.getByText("9****5098")).toBeVisible();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copiază" }).click();
  await expect(page.getByRole("status")).toHaveText("Copiat");
  const [attempt] = await attemptsOf(shop, invoice);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(attempt?.id);
  await expect(page.getByRole("button", { name: /Plătește/ })).toHaveCount(0);
});

test("comes back before the notification: the page asks the processor by itself, and a late notification changes nothing", async ({
  page,
}) => {
  const shop = await openShop("v2");
  await sandbox.post("/control/netopia/faults", { fault: "lost", signature: shop.signature, next: "all" });
  const invoice = await makeInvoice(shop);
  await openLink(page, invoice);
  await goToProcessor(page);
  await payByCard(page, CARDS.approved);
  await goBack(page);
  await expect(stateOf(page)).toHaveText("Plata a reușit");
  const { orderId } = await firstOf(shop, invoice);
  await sandbox.post(`/control/netopia/payments/${orderId}/resend`);
  await runCron();
  await page.reload();
  await expect(stateOf(page)).toHaveText("Plata a reușit");
  expect(await attemptsOf(shop, invoice)).toMatchObject([{ state: "captured" }]);
});

test(
  "sealed form: waits on the page until the notification comes, and then shows it without a reload",
  movesClock,
  async ({ page }) => {
    const shop = await openShop("v1");
    await sandbox.post("/control/netopia/faults", {
      fault: "late",
      signature: shop.signature,
      delaySeconds: 30,
    });
    const invoice = await makeInvoice(shop);
    await openLink(page, invoice);
    await goToProcessor(page);
    await payByCard(page, CARDS.approved);
    await expect(stateOf(page)).toHaveText("Verificăm plata");
    await page.evaluate(() => document.body.setAttribute("data-same", "yes"));
    await sandbox.advanceClock(31);
    await sandbox.runDue();
    await expect(stateOf(page)).toHaveText("Plata a reușit", { timeout: 15_000 });
    await expect(page.getByRole("status")).toHaveText("Plata a reușit");
    await expect(page.locator("body")).toHaveAttribute("data-same", "yes");
    await expect(page).toHaveTitle(/Plata a reușit/);
  },
);

test("[P05] a declined payment can be tried again through the same link; both attempts are kept", async ({ page }) => {
  const shop = await sharedShop();
  const invoice = await makeInvoice(shop);
  await openLink(page, invoice);
  await goToProcessor(page);
  await payByCard(page, CARDS.noMoney);
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByRole("link", { name: "Cancel and go back to the shop" }).click();
  await expect(stateOf(page)).toHaveText("Plata nu a reușit");
  await expect(page.getByText("Pe card nu sunt destui bani.")).toBeVisible();
  await expect(page.getByText("Nu s-au luat bani de pe card.")).toBeVisible();

  await openLink(page, invoice);
  await goToProcessor(page);
  await payByCard(page, CARDS.approved);
  await goBack(page);
  await expect(stateOf(page)).toHaveText("Plata a reușit");
  expect(await attemptsOf(shop, invoice)).toMatchObject([
    { state: "captured" },
    { state: "declined", reason: "insufficient_funds" },
  ]);
});

test("a refusal by the antifraud filter is told in words that accuse nobody", async ({ page }) => {
  const invoice = await makeInvoice(await sharedShop());
  await openLink(page, invoice);
  await goToProcessor(page);
  await payByCard(page, CARDS.antifraud);
  await page.getByRole("link", { name: "Cancel and go back to the shop" }).click();
  await expect(stateOf(page)).toHaveText("Plata nu a reușit");
  await expect(page.getByRole("main")).not.toContainText(/fraud|furat|risc/i);
});

test("[P06] [N11] e-mail and phone go to the processor when they are filled", async ({ page }) => {
  const shop = await sharedShop();
  const invoice = await makeInvoice(shop);
  await openLink(page, invoice);
  await page.getByLabel("E-mail").fill("client@demo.example");
  await page.getByLabel("Telefon").fill("0722 123 456");
  await goToProcessor(page);
  const call = JSON.parse((await firstOf(shop, invoice)).sent) as { order: { billing: Record<string, string> } };
  expect(call.order.billing).toMatchObject({ email: "client@demo.example", phone: "+40722123456" });
});

test("[P06] [N11] a payment without e-mail and phone is opened all the same", async ({ page }) => {
  const shop = await sharedShop();
  await openLink(page, await makeInvoice(shop));
  await expect(page.getByLabel("E-mail")).toHaveValue("");
  await expect(page.getByLabel("Telefon")).toHaveValue("");
  await goToProcessor(page);
  await payByCard(page, CARDS.approved);
  await goBack(page);
  await expect(stateOf(page)).toHaveText("Plata a reușit");
});

test("what cannot be an address is named at the top, focused, and kept as it was typed", async ({ page }) => {
  const shop = await sharedShop();
  const invoice = await makeInvoice(shop, { payer_phone: "+40722000000" });
  await openLink(page, invoice);
  await expect(page.getByLabel("Telefon")).toHaveValue("+40722000000");
  await page.getByLabel("E-mail").fill("client@");
  await page.getByRole("button", { name: /^Plătește/ }).click();
  await expect(page.getByRole("alert")).toContainText("Un câmp trebuie corectat");
  await expect(page.getByRole("alert")).toBeFocused();
  await expect(page.getByLabel("E-mail")).toHaveValue("client@");
  await expect(page.getByLabel("E-mail")).toHaveAccessibleDescription(/nu este completă/);
  expect(await processorPayments(shop, invoice)).toEqual([]);
  await page.getByRole("alert").getByRole("link", { name: "E-mail" }).click();
  await expect(page.getByLabel("E-mail")).toBeFocused();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("client@demo.example");
  await goToProcessor(page);
});

test("3-D Secure is answered at the top level, and a refusal can be tried again", async ({ page }) => {
  const invoice = await makeInvoice(await sharedShop());
  await openLink(page, invoice);
  await goToProcessor(page);
  await payByCard(page, CARDS.secure3d);
  await page.getByRole("button", { name: "Refuse" }).click();
  await page.getByRole("link", { name: "Cancel and go back to the shop" }).click();
  await expect(page.getByText("aplicația băncii")).toBeVisible();
  await goToProcessor(page);
  await payByCard(page, CARDS.secure3d);
  await page.getByRole("button", { name: "Approve" }).click();
  await goBack(page);
  await expect(stateOf(page)).toHaveText("Plata a reușit");
});

test("a payer who gave up at the processor can open the very same payment again", async ({ page }) => {
  const shop = await sharedShop();
  const invoice = await makeInvoice(shop);
  await openLink(page, invoice);
  await goToProcessor(page);
  // By the link, without the processor's way back: nothing is known yet, and nothing is started anew.
  await openLink(page, invoice);
  await expect(stateOf(page)).toHaveText("Continuați plata începută");
  await page.getByRole("button", { name: /Continuă plata/ }).click();
  await atProcessor(page);
  // By the processor's own way back: the page looks, and lets the payer go on.
  await page.getByRole("link", { name: "Cancel and go back to the shop" }).click();
  await expect(stateOf(page)).toHaveText("Verificăm plata");
  await page.getByText("Nu ați terminat plata?").click();
  await page.getByRole("button", { name: /Continuă plata/ }).click();
  await atProcessor(page);
  expect(await processorPayments(shop, invoice)).toHaveLength(1);
});

test("a processor that does not answer leaves the payer on the page, with what happened", async ({ page }) => {
  const shop = await openShop();
  await sandbox.post("/control/netopia/faults", {
    fault: "api_500",
    signature: shop.signature,
    operation: "start",
    next: "all",
  });
  await openLink(page, await makeInvoice(shop));
  await page.getByRole("button", { name: /^Plătește/ }).click();
  await expect(page.getByRole("main")).toBeVisible();
  await expect(page.getByRole("alert").or(page.getByText("Plata nu a reușit"))).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("249,90");
});

test("who pays an invoice that was paid meanwhile is shown that it is paid", async ({ page, context }) => {
  const shop = await sharedShop();
  const invoice = await makeInvoice(shop);
  await openLink(page, invoice);
  const second = await context.newPage();
  await openLink(second, invoice);
  await goToProcessor(second);
  await payByCard(second, CARDS.approved);
  await goBack(second);
  await expect(stateOf(second)).toHaveText("Plata a reușit");
  // The payer looks at the first tab again. Headless tabs are never hidden, so the browser's word for it is said here.
  await page.bringToFront();
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await expect(stateOf(page)).toHaveText("Plata a reușit");
  expect(await processorPayments(shop, invoice)).toHaveLength(1);
});

test("the page speaks the language asked for, through the form and back", async ({ page }) => {
  const invoice = await makeInvoice(await sharedShop());
  await openLink(page, invoice);
  await page.locator("details.lang > summary").click();
  await page.getByRole("link", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.getByLabel("E-mail").fill("client@");
  await page.getByRole("button", { name: /^Pay RON.249\.90 by card/ }).click();
  await expect(page.getByRole("alert")).toContainText("One field needs a correction");
  await page.getByLabel("E-mail").fill("");
  await page.getByRole("button", { name: /^Pay RON.249\.90 by card/ }).click();
  await atProcessor(page);
  await payByCard(page, CARDS.approved);
  await goBack(page);
  await expect(stateOf(page)).toHaveText("Payment successful");
});

test("a link that nobody made is a page that says so", async ({ page }) => {
  for (const path of ["/i/abcdefghijklmnopqrstuvwx", "/i/..%2Fx", "/i/short"]) {
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Linkul nu există");
  }
});

test("an invoice of a shop without a processor names whom to ask", async ({ page }) => {
  const invoice = await makeInvoice(await plantShop());
  await openLink(page, invoice);
  await expect(stateOf(page)).toHaveText("Plata online nu este încă pregătită");
  await expect(page.getByRole("main").getByRole("link", { name: "contact@demo.example" })).toBeVisible();
});

test("an invoice whose card payment is switched off says so at its link; others take the payment", async ({ page }) => {
  const shop = await sharedShop();
  const [off, other] = [await makeInvoice(shop), await makeInvoice(shop)];
  await api(shop, `/v1/invoices/${off.id}`, { accepts_card: false }, "PATCH");
  await openLink(page, off);
  await expect(stateOf(page)).toHaveText("Plata cu cardul nu este acceptată");
  await expect(page.getByRole("button", { name: /Plătește/ })).toHaveCount(0);
  await openLink(page, other);
  await expect(page.getByRole("button", { name: /Plătește/ })).toBeVisible();
});
