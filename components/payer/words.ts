// The payer page's words in the language chosen for it, and how that language is chosen.

import { createTranslator } from "use-intl/core";
import en from "../../messages/payer/en.json";
import ro from "../../messages/payer/ro.json";

export const LANGUAGES = ["ro", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const MESSAGES: Record<Language, typeof ro> = { ro, en };

/** Translator of the payer page's messages. */
export function wordsOf(language: Language) {
  return createTranslator({ locale: language, messages: MESSAGES[language] });
}
export type Words = ReturnType<typeof wordsOf>;

/** The text as one of our languages, if it is one. */
export function asLanguage(text: string | null | undefined): Language | undefined {
  return LANGUAGES.find((language) => language === text);
}

/** The first of our languages that a browser's Accept-Language header prefers. */
export function preferredLanguage(header: string | null): Language | undefined {
  const wishes = (header ?? "").split(",").map((entry, index) => {
    const [tag = "", ...parameters] = entry.trim().toLowerCase().split(";");
    const quality = parameters.map((text) => /^\s*q=([\d.]+)$/.exec(text)?.[1]).find(Boolean);
    return { language: asLanguage(tag.split("-")[0]), quality: Number(quality ?? 1), index };
  });
  return wishes
    .filter((wish) => wish.language && wish.quality > 0)
    .sort((a, b) => b.quality - a.quality || a.index - b.index)[0]?.language;
}

/** Asked for by the address, else wanted by the browser, else the invoice's own. */
export function chooseLanguage(
  asked: string | null | undefined,
  acceptLanguage: string | null,
  ofInvoice?: Language,
): Language {
  return asLanguage(asked) ?? preferredLanguage(acceptLanguage) ?? ofInvoice ?? "ro";
}
