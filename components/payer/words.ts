// The payer page's words in the language chosen for it, and how that language is chosen.

import { createTranslator } from "use-intl/core";
import { asLanguage, FALLBACK_LANGUAGE, LANGUAGES, type Language, preferredOf } from "../../messages/languages.ts";
import en from "../../messages/payer/en.json";
import it from "../../messages/payer/it.json";
import ro from "../../messages/payer/ro.json";
import ru from "../../messages/payer/ru.json";
import uk from "../../messages/payer/uk.json";

export type { Language };

const MESSAGES: Record<Language, typeof ro> = { ro, en, ru, uk, it };

/** Translator of the payer page's messages. */
export function wordsOf(language: Language) {
  return createTranslator({ locale: language, messages: MESSAGES[language] });
}
export type Words = ReturnType<typeof wordsOf>;

/** Asked for by the address, else wanted by the browser, else the invoice's own. */
export function chooseLanguage(
  asked: string | null | undefined,
  acceptLanguage: string | null,
  ofInvoice?: Language,
): Language {
  return asLanguage(asked) ?? preferredOf(LANGUAGES, acceptLanguage) ?? ofInvoice ?? FALLBACK_LANGUAGE;
}
