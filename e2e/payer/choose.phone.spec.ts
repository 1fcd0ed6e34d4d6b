// Two processors on one page: the payer sees both, picks one, and only that one hears of the payment.
import { expect, test } from "@playwright/test";
import { api, attemptsOf, makeInvoice, openShop, processorPayments, type Shop } from "../support/merchant.ts";
import { runCron, sandbox, stackHandle } from "../support/stack.ts";
import { openLink, stateOf } from "./steps.ts";

type RevolutOrder = { id: string; reference: string | null; state: string };

/** A shop with NETOPIA and Revolut, both of the simulator. */
async function openBoth(): Promise<Shop & { revolutId: string }> {
  const shop = await openShop("v2");
  const account = (await sandbox.post("/control/revolut/accounts", { options: { localUrls: true } })) as Record<
    "secretKey" | "publicKey" | "webhookSecret",
    string
  >;
  const connection = await api<{ id: string }>(shop, "/v1/connections", {
    processor: "revolut",
    environment: "test",
    credentials: { secretKey: account.secretKey, publicKey: account.publicKey, webhookSecrets: account.webhookSecret },
  });
  // What a person enters at the processor: where notifications go.
  await sandbox.post("/control/revolut/accounts", {
    secretKey: account.secretKey,
    webhookUrl: `${stackHandle().edge}/ipn/${connection.id}`,
  });
  await api(shop, `/v1/connections/${connection.id}/check`, {});
  return { ...shop, revolutId: connection.id };
}

const ordersOf = async (reference: string) =>
  (await sandbox.get(`/control/revolut/orders?reference=${reference}`)) as RevolutOrder[];

test("[P03] every connected processor stands on the payment page, each with its own button", async ({ page }) => {
  const shop = await openBoth();
  await openLink(page, await makeInvoice(shop));
  await expect(page.getByRole("button", { name: /NETOPIA/ })).toBeVisible();
  await expect(page.getByRole("button", { name: /Revolut/ })).toBeVisible();
});

test("[P04] the payer picks the second processor: the attempt is its, and only it receives a create call", async ({
  page,
}) => {
  const shop = await openBoth();
  const invoice = await makeInvoice(shop);
  await openLink(page, invoice);
  await page.getByRole("button", { name: /Revolut/ }).click();
  await expect(page.getByRole("heading", { name: "Revolut sandbox" })).toBeVisible();
  const [attempt] = await attemptsOf(shop, invoice);
  expect(attempt).toMatchObject({ connection_id: shop.revolutId, state: "awaiting_payer" });
  expect(await ordersOf(attempt?.id ?? "")).toHaveLength(1);
  expect(await processorPayments(shop, invoice)).toEqual([]);
  await page.locator("button[name=card]").first().click();
  await expect
    .poll(async () => {
      await sandbox.runDue();
      await runCron();
      return (await attemptsOf(shop, invoice))[0]?.state;
    })
    .toBe("captured");
  await page.goto(invoice.link);
  await expect(stateOf(page)).toHaveText("Plata a reușit");
});

test("who has begun at one processor is warned before another is opened", async ({ page }) => {
  const shop = await openBoth();
  const invoice = await makeInvoice(shop);
  await openLink(page, invoice);
  await page.getByRole("button", { name: /NETOPIA/ }).click();
  await expect(page.getByRole("textbox", { name: "Card number" })).toBeVisible();
  await openLink(page, invoice);
  await page.getByRole("button", { name: /Revolut/ }).click();
  await expect(page.getByRole("alert")).toContainText("Ați început deja o plată pe altă pagină");
  await page.getByRole("button", { name: /Revolut/ }).click();
  await expect(page.getByRole("heading", { name: "Revolut sandbox" })).toBeVisible();
});
