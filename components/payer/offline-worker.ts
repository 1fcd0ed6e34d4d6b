// The service worker of the payer's pages. It serves no page of ours from a store: while there is a line it does nothing,
// without one it says so, with the last that was known of the payment and a way to try again.

import { LANGUAGES } from "../../messages/languages.ts";
import { pageHeaders } from "./headers.ts";
import { offlinePage } from "./pages.tsx";
import { STYLE } from "./style.ts";

/** Payments that are remembered on a device; the oldest is forgotten. */
const KEPT = 20;

const work = `
const STORE = "plata-known-1";
const pathOf = (url) => url.pathname.replace(/\\/elsewhere$/, "");
async function keep({ path, known }) {
  const store = await caches.open(STORE);
  await store.put(path, new Response(JSON.stringify({ ...JSON.parse(known), at: Date.now() })));
  const keys = await store.keys();
  await Promise.all(keys.slice(0, -${KEPT}).map((key) => store.delete(key)));
}
const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
async function tellWithoutLine(request) {
  const url = new URL(request.url);
  const store = await caches.open(STORE);
  const known = await store.match(pathOf(url)).then((kept) => kept && kept.json());
  const asked = [url.searchParams.get("lang"), known && known.language, ...navigator.languages.map((one) => one.slice(0, 2))];
  const language = asked.find((one) => one in PAGES) || Object.keys(PAGES)[0];
  const values = {
    href: request.method == "GET" ? url.pathname + url.search : pathOf(url),
    time: known && new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" }).format(known.at),
    ...known,
  };
  const page = PAGES[language][known ? 1 : 0]
    .replace(/%(\\w+)%/g, (gap, name) => name in values ? String(values[name]).replace(/[&<>"']/g, (sign) => escapes[sign]) : gap)
    .replace("/*style*/", () => STYLE);
  return new Response(page, { status: 503, headers: { ...HEADERS, "content-language": language } });
}
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("message", (event) => event.waitUntil(keep(event.data)));
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode == "navigate") event.respondWith(fetch(request).catch(() => tellWithoutLine(request)));
});
`;

/** The worker's whole text. */
export async function offlineWorker(): Promise<string> {
  const pages = await Promise.all(
    LANGUAGES.map(async (language) => {
      const [blank, known] = await Promise.all([offlinePage(language, false), offlinePage(language, true)]);
      return [language, [blank, known].map((page) => page.replace(STYLE, "/*style*/"))] as const;
    }),
  );
  const constants = {
    STYLE,
    HEADERS: pageHeaders({ kind: "offline" }, "en"),
    PAGES: Object.fromEntries(pages),
  };
  const lines = Object.entries(constants).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`);
  return `${lines.join("\n")}\n${work.trim()}\n`;
}
