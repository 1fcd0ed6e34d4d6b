// The harness itself: the built web Worker answers in a browser and reaches the edge Worker.
import { expect, test } from "@playwright/test";
import { stackHandle } from "./support/stack.ts";

test("the built pages answer on every device", async ({ page }) => {
  const response = await page.goto("/");
  expect(response?.status()).toBe(200);
});

test("the edge Worker answers on a port of its own", async ({ request }) => {
  const response = await request.get(`${stackHandle().edge}/health`);
  expect(response.ok()).toBe(true);
});
