// Commands that belong to no single screen.
"use server";

import { refresh } from "next/cache";
import { cookies } from "next/headers";
import { isLocale, LANGUAGE_COOKIE } from "../../components/merchant/language.ts";

export async function setLanguage(form: FormData): Promise<void> {
  const language = form.get("language");
  if (typeof language !== "string" || !isLocale(language)) return;
  (await cookies()).set(LANGUAGE_COOKIE, language, {
    path: "/",
    maxAge: 365 * 24 * 3600,
    sameSite: "lax",
    httpOnly: true,
  });
  refresh();
}
