// Translations of the merchant area: a catalogue per language, a speaker on the server, the same one in the browser.

import { createTranslator } from "use-intl/core";
import en from "../../messages/merchant/en.json" with { type: "json" };
import ro from "../../messages/merchant/ro.json" with { type: "json" };
import ru from "../../messages/merchant/ru.json" with { type: "json" };
import type { Locale } from "./language.ts";

type Values = Record<string, string | number>;

/** Says a message by its key. Keys that come from data are asked for with `has` first. */
export type Say = ((key: string, values?: Values) => string) & { has(key: string): boolean };

const CATALOGUES: Record<Locale, typeof ro> = { ro, en, ru };

export function catalogueOf(locale: Locale): typeof ro {
  return CATALOGUES[locale];
}

export function sayIn(locale: Locale): Say {
  return createTranslator({ locale, messages: catalogueOf(locale) }) as unknown as Say;
}
