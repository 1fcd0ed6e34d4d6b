// Which help pages this browser has seen, newest first. Kept in the browser alone: nothing of it is ever sent.

export const HELP_PAGES = {
  netopia: { href: "/integrations/netopia", title: "help.pages.netopia" },
  "netopia-account": { href: "/integrations/netopia/account", title: "help.pages.netopiaAccount" },
} as const;
export type HelpPage = keyof typeof HELP_PAGES;

export const HELP_SEEN_KEY = "plata.help-seen";
const MOST = 5;

const isHelpPage = (value: unknown): value is HelpPage => typeof value === "string" && Object.hasOwn(HELP_PAGES, value);

/** What was kept, as far as it can be read and its pages still exist. */
export function readSeen(kept: string | null): HelpPage[] {
  try {
    const list: unknown = JSON.parse(kept ?? "[]");
    return Array.isArray(list) ? [...new Set(list.filter(isHelpPage))] : [];
  } catch {
    return [];
  }
}

/** What to keep once a page is seen: it first, at most five others behind it. */
export function noteSeen<Page extends string>(seen: readonly Page[], page: Page): Page[] {
  return [page, ...othersThan(seen, page)];
}

/** What to show on a page: the others, newest first. */
export function othersThan<Page extends string>(seen: readonly Page[], page: Page): Page[] {
  return seen.filter((known) => known !== page).slice(0, MOST);
}
