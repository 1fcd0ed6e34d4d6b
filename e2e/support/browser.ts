// Which Chromium the tests use: the one asked for, Playwright's own, the system's, or the one that comes from npm.
import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";

const systemPaths = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** No sandbox: it needs rights that containers lack. The rest keeps the browser from calling home. */
export const browserArguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"].concat(
  ["--disable-component-update", "--disable-sync", "--disable-default-apps", "--no-first-run", "--no-pings"],
  ["--disable-domain-reliability", "--disable-client-side-phishing-detection", "--metrics-recording-only"],
  [
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication,InterestFeedContentSuggestions",
  ],
);

/** May change LD_LIBRARY_PATH of this process: the browser from npm brings its own libraries. */
export async function findBrowser(): Promise<string> {
  const asked = process.env.CHROMIUM_PATH;
  if (asked) {
    if (!existsSync(asked)) throw new Error(`CHROMIUM_PATH names ${asked}, which does not exist`);
    return asked;
  }
  const known = [chromium.executablePath(), ...systemPaths].find((path) => existsSync(path));
  if (known) return known;
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error("No Chromium found: run `npx playwright install chromium`, or set CHROMIUM_PATH");
  }
  // Read while the package is imported: only then it unpacks its libraries beside the browser.
  process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs22.x";
  const { default: packed } = await import("@sparticuz/chromium");
  const path = await packed.executablePath();
  // The libraries' name for the environment must not reach what we start.
  delete process.env.AWS_EXECUTION_ENV;
  return path;
}
