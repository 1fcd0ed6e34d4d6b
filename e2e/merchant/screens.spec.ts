// Every screen of the merchant area on a phone and on a desktop, light and dark: no fault that axe finds, no sideways scroll.

import { MERCHANT_LANGUAGES } from "../../messages/languages.ts";
import { test } from "../support/policy.ts";
import { lookAtEveryScreen } from "./every-screen.ts";

for (const colorScheme of ["light", "dark"] as const) {
  test(`every screen is accessible and fits: ${colorScheme}`, async ({ page }) => {
    test.setTimeout(240_000);
    await lookAtEveryScreen(page, MERCHANT_LANGUAGES[0], colorScheme);
  });
}
