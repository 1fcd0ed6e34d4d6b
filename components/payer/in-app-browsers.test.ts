// Which browsers are told that they are inside another application.

import { expect, it } from "vitest";
import { inAppBrowserOf } from "./in-app-browsers.ts";

const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const PIXEL = "AppleWebKit/537.36 (KHTML, like Gecko)";

it.each([
  [`${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/468.0.0.0;FBDV/iPhone15,2]`, "Facebook"],
  [
    `Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) ${PIXEL} Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/450.0.0;]`,
    "Facebook",
  ],
  [`${IPHONE} Mobile/15E148 [FBAN/MessengerForiOS;FBAV/468.0]`, "Messenger"],
  [`${IPHONE} Mobile/15E148 Instagram 320.0.0.42 (iPhone15,2; iOS 17_5)`, "Instagram"],
  [
    `Mozilla/5.0 (Linux; Android 14; K) ${PIXEL} Chrome/130.0 Mobile Safari/537.36 Telegram-Android/11.11.0 (Samsung SM-A155F; AVERAGE)`,
    "Telegram",
  ],
  [`${IPHONE} Mobile/15E148 WhatsApp/2.24.10`, "WhatsApp"],
  [`${IPHONE} Mobile/15E148 Viber/21.5.0`, "Viber"],
  [`${IPHONE} Mobile/15E148 Safari Line/13.0.0`, "LINE"],
  [
    `Mozilla/5.0 (Linux; Android 12; SM-G991B Build/SP1A; wv) ${PIXEL} Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36`,
    "",
  ],
])("%s is %s", (userAgent, app) => {
  expect(inAppBrowserOf(userAgent)).toBe(app);
});

it.each([
  [null],
  [`${IPHONE} Version/17.5 Mobile/15E148 Safari/604.1`],
  [`Mozilla/5.0 (Linux; Android 10; K) ${PIXEL} Chrome/126.0.0.0 Mobile Safari/537.36`],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0"],
])("%s is a browser of its own", (userAgent) => {
  expect(inAppBrowserOf(userAgent)).toBeUndefined();
});
