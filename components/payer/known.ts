// What is said of a payment in a few words: the status answer, and all that a payer's browser keeps for want of a line.

import { formatMoney } from "../format/money.ts";
import { titleOf } from "./state-card.tsx";
import { sumOf } from "./summary.tsx";
import { keyOf, type PayerView, type Screen } from "./view.ts";
import { type Language, wordsOf } from "./words.ts";

/** Nothing of the payer, and nothing that could be paid by. */
export type Known = {
  state: PayerView["state"];
  key: string;
  /** Where it stands, in the page's language. */
  title: string;
  amount: string;
  merchant: string;
  language: Language;
};

// What the payer is asked to do is no news of the money.
const OWED: PayerView["state"][] = ["payable", "scan"];

/** How a payment stands, in words. */
export function knownOf(view: PayerView, language: Language): Known {
  const words = wordsOf(language);
  const screen: Screen = { view, words, language, path: "" };
  return {
    state: view.state,
    key: keyOf(view),
    title: OWED.includes(view.state) ? words("offline.owed") : titleOf(screen),
    amount: formatMoney(sumOf(view), language),
    merchant: view.merchant.name,
    language,
  };
}
