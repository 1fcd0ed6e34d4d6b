// Which pages may show the payment page in a frame: origins, written exactly as a browser writes them.

/** Only these characters can stand in a policy: a star or a semicolon would make it say something else. */
const HTTPS = /^https:\/\/[a-z0-9.-]+(:\d{1,5})?$/;
const LOCAL = /^http:\/\/([a-z0-9-]+\.)*localhost(:\d{1,5})?$/;

/** How many a point of sale may have: all of them travel in a header of every page. */
export const FRAME_ORIGINS_MAX = 20;

type Read = { origin: string } | { fault: "origin_unreadable" | "origin_with_path" | "origin_not_https" };

/**
 * An origin as a person types it, e.g. `https://Shop.example/` → `https://shop.example`.
 * @param isTest a test point of sale may be tried on one's own machine: plain http, `localhost` and what is under it
 */
export function readFrameOrigin(text: string, isTest: boolean): Read {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || url.origin === "null") return { fault: "origin_unreadable" };
  if (url.pathname !== "/" || url.search || url.hash || url.username || url.password) {
    return { fault: "origin_with_path" };
  }
  if (HTTPS.test(url.origin) || (isTest && LOCAL.test(url.origin))) return { origin: url.origin };
  return { fault: url.protocol === "https:" ? "origin_unreadable" : "origin_not_https" };
}
