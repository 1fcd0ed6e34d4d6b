// The languages that are spoken, in the one place that both Workers read. To add one: its code and name here, a file in
// each folder beside this one; the types and messages.test.ts then name every place and word that is still missing.

/** Of the payer's pages and of mails, ISO 639-1, in the order in which they are offered. */
export const LANGUAGES = ["ro", "en", "ru", "uk", "it"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Spoken where nothing else is known. */
export const FALLBACK_LANGUAGE = "ro" satisfies Language;

/** Of the merchant area. */
export const MERCHANT_LANGUAGES = ["ro", "en", "ru"] as const satisfies readonly Language[];
export type MerchantLanguage = (typeof MERCHANT_LANGUAGES)[number];

/** Each in its own words, so that everybody finds theirs. */
export const LANGUAGE_NAMES: Record<Language, string> = {
  ro: "Română",
  en: "English",
  ru: "Русский",
  uk: "Українська",
  it: "Italiano",
};

/** The text as one of our languages, if it is one. */
export function asLanguage(text: string | null | undefined): Language | undefined {
  return LANGUAGES.find((language) => language === text);
}

/** One of our languages in any case: for locales that were stored. */
export function languageOf(text: string | null | undefined): Language {
  return asLanguage(text) ?? FALLBACK_LANGUAGE;
}

/** The first of some languages that a browser's Accept-Language header prefers, by its weights. */
export function preferredOf<L extends string>(languages: readonly L[], header: string | null): L | undefined {
  const wishes = (header ?? "").split(",").map((entry, index) => {
    const [tag = "", ...parameters] = entry.trim().toLowerCase().split(";");
    const quality = parameters.map((text) => /^\s*q=([\d.]+)\s*$/.exec(text)?.[1]).find(Boolean);
    const language = languages.find((one) => one === tag.trim().split("-")[0]);
    return { language, quality: Number(quality ?? 1), index };
  });
  return wishes
    .filter((wish) => wish.language && wish.quality > 0)
    .sort((a, b) => b.quality - a.quality || a.index - b.index)[0]?.language;
}
