// Which language a reader gets: the one chosen before, else the browser's, else Romanian.

import { FALLBACK_LANGUAGE, MERCHANT_LANGUAGES, type MerchantLanguage, preferredOf } from "../../messages/languages.ts";

export type Locale = MerchantLanguage;

/** Holds the choice. */
export const LANGUAGE_COOKIE = "plata_language";

export function isLocale(text: string | null | undefined): text is Locale {
  return MERCHANT_LANGUAGES.some((locale) => locale === text);
}

/** The chosen one, else the first of an Accept-Language header that is spoken here, by its weights. */
export function languageOf(chosen: string | undefined, acceptLanguage: string | null): Locale {
  if (isLocale(chosen)) return chosen;
  return preferredOf(MERCHANT_LANGUAGES, acceptLanguage) ?? FALLBACK_LANGUAGE;
}
