// The speaker of messages for client components.
"use client";

import { useLocale, useTranslations } from "use-intl";
import { isLocale, type Locale } from "./language.ts";
import type { Say } from "./say.ts";

export function useSay(): Say {
  return useTranslations() as unknown as Say;
}

export function useLanguage(): Locale {
  const locale = useLocale();
  return isLocale(locale) ? locale : "ro";
}
