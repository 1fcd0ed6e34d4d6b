// The harness itself: the built web Worker answers in a browser and reaches the edge Worker.
import { expect, test } from "@playwright/test";
import { movesClock, runCron, sandbox, stackHandle } from "./support/stack.ts";

test("the built pages answer on every device", async ({ page }) => {
  const response = await page.goto("/");
  expect(response?.status()).toBe(200);
});

test("the edge Worker answers on a port of its own", async ({ request }) => {
  const response = await request.get(`${stackHandle().edge}/health`);
  expect(response.ok()).toBe(true);
});

test("cron runs when asked, and the sandbox's clock and mailbox are in reach", movesClock, async () => {
  await runCron();
  const before = (await sandbox.get("/clock")) as { now: number };
  await sandbox.advanceClock(60);
  const after = (await sandbox.get("/clock")) as { now: number };
  expect(after.now - before.now).toBeGreaterThanOrEqual(60_000);
  await sandbox.runDue();
  expect(await sandbox.mail()).toBeDefined();
});
