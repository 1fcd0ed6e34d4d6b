// What managers are told in the CRM, in the account's language (retailcrm.md 3: errorMsg is written for a person).

import en from "../../../messages/crm/en.json" with { type: "json" };
import it from "../../../messages/crm/it.json" with { type: "json" };
import ro from "../../../messages/crm/ro.json" with { type: "json" };
import ru from "../../../messages/crm/ru.json" with { type: "json" };
import uk from "../../../messages/crm/uk.json" with { type: "json" };
import { asLanguage, type Language } from "../../../messages/languages.ts";

const CATALOGUES: Record<Language, typeof en> = { en, it, ro, ru, uk };

export type Refusal = keyof (typeof en)["refusals"];
export type Detail = keyof (typeof en)["details"];

function say(
  key: `refusals.${Refusal}` | `details.${Detail}`,
  language: string,
  values: Record<string, string>,
): string {
  const [group, name] = key.split(".") as ["refusals", Refusal] | ["details", Detail];
  const catalogue = CATALOGUES[asLanguage(language) ?? "en"];
  const text = group === "refusals" ? catalogue[group][name] : catalogue[group][name];
  return text.replace(/\{(\w+)\}/g, (_, value: string) => values[value] ?? "");
}

/** Why something was not done. The code in brackets is the same in every language. */
export function refusalText(refusal: Refusal, language: string, values: Record<string, string> = {}): string {
  return `${say(`refusals.${refusal}`, language, values)} (${refusal})`;
}

/** A line beside a state: why an invoice is cancelled. */
export function detailText(detail: Detail, language: string, values: Record<string, string> = {}): string {
  return say(`details.${detail}`, language, values);
}
