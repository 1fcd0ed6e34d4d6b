// Browsers inside other applications: they lose windows, bank applications and sessions, so their payers are shown a way out.

type InApp = { name: string; sign: RegExp };

/**
 * Known by what they add to the user agent; the first that matches names the application.
 *
 * | application | says | source |
 * |---|---|---|
 * | Instagram | `Instagram 320.0…` | github.com/shalanah/inapp-spy |
 * | Facebook, Messenger | `[FBAN/FBIOS;FBAV/…]`, `[FB_IAB/FB4A;FBAV/…]` | github.com/ua-parser/uap-core, issue 38 |
 * | Telegram | `Telegram-Android/11.11.0 (…)` | core.telegram.org/bots/webapps#additional-data-in-user-agent |
 * | WhatsApp | `WhatsApp/2.24…` | github.com/shalanah/inapp-spy |
 * | Viber | `Viber/21.5…` | seen in the wild; the application documents nothing |
 * | LINE | `Line/13.0.0` | github.com/shalanah/inapp-spy |
 * | any on Android | `; wv)` in the first brackets | Android Compatibility Definition, 3.4.1, C-1-3 |
 *
 * On iOS an application that names itself nowhere cannot be told from Safari; its payer sees no hint and loses nothing.
 */
const IN_APP: InApp[] = [
  { name: "Instagram", sign: /\bInstagram\b/ },
  { name: "Messenger", sign: /\bFBAN\/Messenger|\bOrca-Android\b/ },
  { name: "Facebook", sign: /\bFBA[NV]\/|\bFB_IAB\// },
  { name: "Telegram", sign: /\bTelegram(-Android)?\b/ },
  { name: "WhatsApp", sign: /\bWhatsApp\// },
  { name: "Viber", sign: /\bViber\b/ },
  { name: "LINE", sign: /\bLine\/\d/ },
  { name: "", sign: /^[^)]*; wv\)/ },
];

/** The application whose browser this is: its name, "" for one that does not say, undefined for a browser of its own. */
export function inAppBrowserOf(userAgent: string | null): string | undefined {
  return userAgent ? IN_APP.find(({ sign }) => sign.test(userAgent))?.name : undefined;
}
