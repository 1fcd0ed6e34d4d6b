// The whole way on a phone with scripting off: refused, tried again, paid, by either kind of hand-over.
import { expect, test } from "@playwright/test";
import { attemptsOf, makeInvoice, type Protocol, sharedShop } from "../support/merchant.ts";
import { atProcessor, CARDS, goBack, openLink, payByCard, stateOf } from "./steps.ts";

for (const protocol of ["v2", "v1"] satisfies Protocol[]) {
  test(`pays without scripting: ${protocol}`, async ({ page }) => {
    const shop = await sharedShop(protocol);
    const invoice = await makeInvoice(shop);
    await openLink(page, invoice);
    await page.getByRole("button", { name: /^Plătește/ }).click();
    // A sealed form needs a press where no script can send it.
    if (protocol === "v1") await page.getByRole("button", { name: "Mergi la NETOPIA Payments" }).click();
    await atProcessor(page);
    await payByCard(page, CARDS.noMoney);
    await page.getByRole("link", { name: "Cancel and go back to the shop" }).click();
    await expect(stateOf(page)).toHaveText("Plata nu a reușit");
    await page.getByRole("button", { name: /^Plătește/ }).click();
    if (protocol === "v1") await page.getByRole("button", { name: "Mergi la NETOPIA Payments" }).click();
    await payByCard(page, CARDS.approved);
    if (protocol === "v2") await goBack(page);
    await expect(stateOf(page)).toHaveText("Plata a reușit");
    expect(await attemptsOf(shop, invoice)).toHaveLength(2);
  });
}
