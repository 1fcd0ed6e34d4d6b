// Support channels are what the settings say, with the scheme that opens each; nothing is made up where nothing is set.

import { expect, test } from "vitest";
import { supportChannels } from "./support.ts";

test("[O17] each channel that is set has its scheme, and none appears that is not", () => {
  expect(
    supportChannels({ SUPPORT_EMAIL: "a@b.ro", SUPPORT_TELEGRAM: "shop_help", SUPPORT_PHONE: "+38 (044) 000-00-00" }),
  ).toEqual([
    { channel: "email", text: "a@b.ro", href: "mailto:a@b.ro" },
    { channel: "telegram", text: "@shop_help", href: "https://t.me/shop_help" },
    { channel: "phone", text: "+38 (044) 000-00-00", href: "tel:+380440000000" },
  ]);
  expect(supportChannels({})).toEqual([]);
});
