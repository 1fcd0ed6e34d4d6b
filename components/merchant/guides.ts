// The steps of each processor's guide, in order; the words are in the translations under `guides.<processor>.<step>`.

export const GUIDES: Record<string, readonly string[]> = {
  tochka: ["account", "redirect", "cabinet", "form", "keys", "confirm", "finish"],
  revolut: ["keys", "save", "notifications"],
};

/**
 * Guides with a branch: which case applies is asked, and only its branch is shown. In the first, the account's opening comes
 * before these steps, with marks of its own.
 */
export const GUIDE_CASES: Record<string, Record<GuideCase, readonly string[]>> = {
  uapay: { new: ["keys", "save", "address"], existing: ["sign_in", "keys", "save", "address"] },
};
export const CASES = ["new", "existing"] as const;
export type GuideCase = (typeof CASES)[number];

/** Processors that have pages of their own instead of the one that is made from the descriptor. */
export const OWN_PAGES: ReadonlySet<string> = new Set(["netopia"]);
