// The steps of each processor's guide, in order; the words are in the translations under `guides.<processor>.<step>`.

export const GUIDES: Record<string, readonly string[]> = {
  tochka: ["account", "redirect", "cabinet", "form", "keys", "confirm", "finish"],
  revolut: ["keys", "save", "notifications"],
  uapay: ["register", "activate", "wait", "keys", "save", "address"],
};

/** Processors that have pages of their own instead of the one that is made from the descriptor. */
export const OWN_PAGES: ReadonlySet<string> = new Set(["netopia"]);
