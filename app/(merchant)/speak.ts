// The reader's language and its speaker, for one request.
import { cookies, headers } from "next/headers";
import { cache } from "react";
import { LANGUAGE_COOKIE, languageOf } from "../../components/merchant/language.ts";
import { sayIn } from "../../components/merchant/say.ts";

export const speak = cache(async () => {
  const chosen = (await cookies()).get(LANGUAGE_COOKIE)?.value;
  const locale = languageOf(chosen, (await headers()).get("accept-language"));
  return { locale, say: sayIn(locale) };
});
