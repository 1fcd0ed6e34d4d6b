// Which language a reader gets: the one chosen before, else the browser's, else Romanian.

export const LOCALES = ["ro", "en"] as const;
export type Locale = (typeof LOCALES)[number];

/** Holds the choice. */
export const LANGUAGE_COOKIE = "plata_language";

export function isLocale(text: string | null | undefined): text is Locale {
  return LOCALES.some((locale) => locale === text);
}

/** The first language of an Accept-Language header that we speak, by its weights. */
export function languageOf(chosen: string | undefined, acceptLanguage: string | null): Locale {
  if (isLocale(chosen)) return chosen;
  const wanted = (acceptLanguage ?? "")
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.trim().split(";");
      const weight = parameters.find((parameter) => parameter.trim().startsWith("q="));
      return { tag: tag.trim().slice(0, 2).toLowerCase(), weight: weight ? Number(weight.trim().slice(2)) : 1 };
    })
    .sort((a, b) => b.weight - a.weight);
  return wanted.map(({ tag }) => tag).find(isLocale) ?? "ro";
}
