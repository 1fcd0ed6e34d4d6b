// Which Chromium the tests use: the one asked for, Playwright's own, the system's, or the one that comes from npm.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { stateDir } from "../../scripts/paths.ts";

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
);

/** Tells the test processes what the global setup found. */
export const browserName = "PLATA_E2E_BROWSER";

export type Browser = { path: string; env: Record<string, string> };

export async function findBrowser(): Promise<Browser> {
  const asked = process.env.CHROMIUM_PATH;
  if (asked) {
    if (!existsSync(asked)) throw new Error(`CHROMIUM_PATH names ${asked}, which does not exist`);
    return { path: asked, env: {} };
  }
  const known = [chromium.executablePath(), ...systemPaths].find((path) => existsSync(path));
  if (known) return { path: known, env: {} };
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error("No Chromium found: run `npx playwright install chromium`, or set CHROMIUM_PATH");
  }
  return unpackBrowser(join(stateDir, "chromium"));
}

/** The browser from npm is packed and brings its own libraries. It unpacks into the temporary folder, so we name one. */
async function unpackBrowser(folder: string): Promise<Browser> {
  const complete = join(folder, "complete");
  // Without the mark an earlier unpacking was cut off, and the package would take the half for the whole.
  if (!existsSync(complete)) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const names = ["AWS_EXECUTION_ENV", "TMPDIR", "LD_LIBRARY_PATH", "FONTCONFIG_PATH", "HOME"];
  const before = names.map((name) => [name, process.env[name]] as const);
  // Read while the package is imported: only with this name it unpacks its libraries too.
  process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs22.x";
  process.env.TMPDIR = folder;
  try {
    const { default: packed } = await import("@sparticuz/chromium");
    const path = await packed.executablePath();
    writeFileSync(join(folder, "fonts", "fonts.conf"), fontsIn(folder));
    const env = { LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH ?? "", FONTCONFIG_PATH: join(folder, "fonts") };
    writeFileSync(complete, "");
    return { path, env };
  } finally {
    // Its settings are for the browser alone: nothing else that we start may load its libraries.
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** Its own list of fonts names other folders than where we unpack it, and a Chromium without any font ends itself. */
function fontsIn(folder: string): string {
  const escaped = folder.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${escaped}/fonts</dir>
  <cachedir>${escaped}/fonts-cache</cachedir>
</fontconfig>
`;
}
