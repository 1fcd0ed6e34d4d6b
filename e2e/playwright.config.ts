// End-to-end tests: real Chromium against the built Workers, on a phone, on a phone without scripts, on a desktop.
import { defineConfig } from "@playwright/test";
import { type Browser, browserArguments, browserName } from "./support/browser.ts";
import { handleName, type StackHandle } from "./support/stack.ts";

// Empty while Playwright reads this file first; set when the test processes read it after the global setup.
const handle = process.env[handleName] ? (JSON.parse(process.env[handleName]) as StackHandle) : undefined;
const browser = process.env[browserName] ? (JSON.parse(process.env[browserName]) as Browser) : undefined;
/** A spec whose name ends in the name of a device (`*.phone.spec.ts`) runs on that device alone, all others on every one. */
const not = (...devices: string[]) => devices.map((device) => `**/*.${device}.spec.ts`);
const clock = /@clock/;
const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: "../test-results/e2e",
  // One picture for every system; the comparison is tolerant of their fonts.
  snapshotPathTemplate: "{testDir}/{testFileDir}/pictures/{arg}{ext}",
  globalSetup: "./support/global-setup.ts",
  fullyParallel: false,
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    ...(handle ? { baseURL: handle.web } : {}),
    browserName: "chromium",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    locale: "ro-RO",
    timezoneId: "Europe/Bucharest",
    launchOptions: {
      args: browserArguments,
      ...(browser
        ? { executablePath: browser.path, env: { ...(process.env as Record<string, string>), ...browser.env } }
        : {}),
    },
  },
  projects: [
    { name: "phone", testIgnore: not("noscript", "desktop"), use: phone, grepInvert: clock },
    // The merchant area needs scripts for its forms; what the payer sees needs none.
    {
      name: "phone-noscript",
      testIgnore: [not("phone", "desktop"), /merchant\//].flat(),
      use: { ...phone, javaScriptEnabled: false },
      grepInvert: clock,
    },
    { name: "desktop", testIgnore: not("phone", "noscript"), use: desktop, grepInvert: clock },
    // All tests share one clock: those that move it run last, one after the other.
    {
      name: "phone-clock",
      testIgnore: not("noscript", "desktop"),
      use: phone,
      grep: clock,
      workers: 1,
      dependencies: ["phone", "phone-noscript", "desktop"],
    },
    {
      name: "desktop-clock",
      testIgnore: not("phone", "noscript"),
      use: desktop,
      grep: clock,
      workers: 1,
      dependencies: ["phone-clock"],
    },
  ],
});
