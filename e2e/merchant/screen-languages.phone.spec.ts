// Every screen of the merchant area in the other languages, where there is least room for long words.

import { MERCHANT_LANGUAGES } from "../../messages/languages.ts";
import { test } from "../support/policy.ts";
import { lookAtEveryScreen } from "./every-screen.ts";

for (const language of MERCHANT_LANGUAGES.slice(1)) {
  test(`every screen is accessible and fits in ${language}`, async ({ page }) => {
    test.setTimeout(240_000);
    await lookAtEveryScreen(page, language, "light");
  });
}
