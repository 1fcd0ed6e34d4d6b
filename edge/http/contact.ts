// E-mail addresses and phone numbers as people type them, brought to one form or refused.

import { parsePhoneNumberFromString } from "libphonenumber-js/min";

/** An address fit for a processor's form, or null. Deliberately plain: one @, a dotted domain, no spaces or brackets. */
export function toEmail(text: string): string | null {
  const clean = text.trim();
  return /^[^\s@<>()[\],;:"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(clean) && clean.length <= 254 ? clean : null;
}

/** A phone number in E.164 ("+40712345678"), or null; without a country code it is read as Romanian. */
export function toPhone(text: string): string | null {
  const parsed = parsePhoneNumberFromString(text, "RO");
  return parsed?.isPossible() ? parsed.number : null;
}
