// A payer without a mouse: from the link to the paid invoice by Tab, Shift+Tab, Enter and Space alone, with the place of the
// keyboard to be seen at every stop.
import { expect, type Locator, type Page, test } from "@playwright/test";
import { attemptsOf, makeInvoice, sharedShop } from "../support/merchant.ts";
import { actOnCode, makeRoubleInvoice, openTochka } from "../support/tochka.ts";
import { atProcessor, CARDS, stateOf } from "./steps.ts";

/** Where the keyboard is: what it is, how it is marked, whether it is in sight. */
async function stop(page: Page) {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement;
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return {
      what: `${element.tagName} ${element.id || element.innerText.trim().slice(0, 40)}`,
      isMarked: outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2 && !outlineColor.endsWith(", 0)"),
      isInSight: box.height > 0 && box.top >= -1 && box.bottom <= innerHeight + 1,
    };
  });
}

/** Goes by Tab, or back by Shift+Tab, until the keyboard stands there; each stop of ours on the way is marked and in sight. */
async function go(page: Page, target: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<string[]> {
  const passed: string[] = [];
  for (let turn = 0; turn < 40; turn++) {
    await page.keyboard.press(key);
    const { what, isMarked, isInSight } = await stop(page);
    if (what.startsWith("BODY")) continue; // out of the page and in again
    passed.push(what);
    if (/\/i\//.test(page.url()))
      expect({ what, isMarked, isInSight }).toEqual({ what, isMarked: true, isInSight: true });
    if (await target.evaluate((element) => element === document.activeElement)) return passed;
  }
  throw new Error(`the keyboard did not come to ${target}: ${passed.join(" > ")}`);
}

test("by keyboard alone: another language, a fault put right, the hand-over's code, the payment, the result", async ({
  page,
}) => {
  const shop = await sharedShop();
  const invoice = await makeInvoice(shop);
  await page.goto(invoice.link);
  await go(page, page.locator("details.lang > summary"));
  await page.keyboard.press("Space");
  await go(page, page.getByRole("link", { name: "English" }));
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");

  // What is read is what is come by: language, fields, ways to pay, the way out, whom to ask.
  const email = page.getByLabel("E-mail");
  await go(page, email);
  await page.keyboard.type("client@");
  await page.keyboard.press("Enter");
  const summary = page.getByRole("alert");
  await expect(summary).toContainText("One field needs a correction");
  await expect(summary).toBeFocused();
  expect(await stop(page)).toMatchObject({ isMarked: true, isInSight: true });
  await go(page, summary.getByRole("link", { name: "E-mail" }));
  await page.keyboard.press("Enter");
  await expect(email).toBeFocused();
  await expect(email).toHaveAccessibleDescription(/not complete/);
  await page.keyboard.press("End");
  await page.keyboard.type("demo.example");
  await expect(email).toHaveValue("client@demo.example");

  const elsewhere = page.getByRole("button", { name: "Pay on another device, or ask someone else to pay" });
  const passed = await go(page, elsewhere);
  expect(passed.some((what) => /^BUTTON Pay RON/.test(what))).toBe(true);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("img", { name: /QR code/ })).toBeVisible();
  const back = page.getByRole("link", { name: "Back to the payment" });
  await go(page, back);
  await go(page, page.getByRole("link", { name: "Send it by e-mail" }), "Shift+Tab");
  await go(page, back);
  await page.keyboard.press("Enter");
  await expect(elsewhere).toBeVisible();

  await go(page, page.getByRole("button", { name: /^Pay .* by card/ }));
  await page.keyboard.press("Space");
  await atProcessor(page);
  const card = { "Card number": CARDS.approved, Month: "12", Year: "2031", CVV: "111", "Name on card": "Client" };
  for (const [label, value] of Object.entries(card)) {
    const field = page.getByLabel(label);
    await go(page, field);
    // A list is chosen from by typing, a field is filled.
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.type(value);
  }
  await go(page, page.getByRole("button", { name: /^Pay/ }));
  await page.keyboard.press("Enter");
  await expect(page.getByText("Paid.")).toBeVisible();
  await go(page, page.getByRole("link", { name: "Back to the shop" }));
  await page.keyboard.press("Enter");
  await expect(stateOf(page)).toHaveText("Payment successful");
  await go(page, page.getByRole("button", { name: "Copy" }));
  expect(await attemptsOf(shop, invoice)).toMatchObject([{ state: "captured" }]);
});

test("by keyboard alone: a code is shown, other ways are unfolded and folded, and the result comes without taking the keyboard away", async ({
  page,
}) => {
  const invoice = await makeRoubleInvoice(await openTochka());
  await page.goto(`${invoice.link}?lang=en`);
  await go(page, page.getByRole("button", { name: /SBP/ }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("img", { name: /QR code/ })).toBeVisible();
  await page.evaluate(() => document.body.setAttribute("data-same", "yes"));
  const others = page.locator("details.more > summary").first();
  await go(page, others);
  await page.keyboard.press("Space");
  await expect(page.locator("details.more[open]")).toHaveCount(1);
  await go(page, page.locator("details.more button").first());
  // The page asks and shows anew what it hears; what was unfolded stays so, and the keyboard where it is.
  await page.evaluate(() => document.querySelector("main")?.setAttribute("data-key", "0.old"));
  await expect(page.locator("main")).not.toHaveAttribute("data-key", "0.old");
  await expect(page.locator("details.more[open]")).toHaveCount(1);
  await expect(page.locator("details.more button").first()).toBeFocused();
  await go(page, others, "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page.locator("details.more[open]")).toHaveCount(0);
  await actOnCode((await page.locator("a.app").getAttribute("href")) ?? "", "accept");
  await expect(stateOf(page)).toHaveText("Payment successful", { timeout: 30_000 });
  await expect(page.getByRole("status")).toHaveText("Payment successful");
  await expect(page.locator("body")).toHaveAttribute("data-same", "yes");
  // What the keyboard stood on is gone: it stands at the news, and goes on from there.
  await expect(stateOf(page)).toBeFocused();
  await go(page, page.getByRole("button", { name: "Copy" }));
});
