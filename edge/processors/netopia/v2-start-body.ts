// v2: the JSON of a start, with neutral fillers for what NETOPIA demands and an invoice does not know (netopia.md B3).

import type { CallContext, StartAttempt, Variant } from "../contract.ts";
import { countryOf } from "./countries.ts";
import type { V2Credentials } from "./credentials.ts";
import { shortened, splitName } from "./start-limits.ts";
import { amountNumber, jsonWithNumber } from "./v2-wire.ts";

const PAGE_LANGUAGES = ["ro", "en", "bg", "es", "hu", "it", "nl", "de", "fr"];

// The documentation marks every billing field as required; which are truly enforced is known for a few only. The
// address is of a name reserved for examples (RFC 2606), so nobody gets a stranger's mail.
const FILLERS = {
  email: "client@example.com",
  phone: "0000000000",
  firstName: "Client",
  lastName: "Client",
  city: "-",
  state: "-",
  postalCode: "000000",
  details: "-",
} as const;

/** The request's JSON text. `cancelUrl` is left out: with it every payer may end up there (B5). */
export function startBody(input: StartAttempt, context: CallContext<V2Credentials>, variant: Variant): string {
  const language = input.locale.slice(0, 2).toLowerCase();
  const config = {
    emailTemplate: "",
    emailSubject: "",
    notifyUrl: input.notifyUrl,
    redirectUrl: input.returnUrl,
    language: PAGE_LANGUAGES.includes(language) ? language : "en",
  };
  // An instrument with its type alone asks for the hosted page: no card data ever passes through us.
  const payment = { options: { installments: 0, bonus: 0 }, instrument: { type: "card" }, data: {} };
  const billing = billingOf(input.payer);
  const order = jsonWithNumber(
    {
      ntpID: "",
      posSignature: context.credentials.signature,
      dateTime: context.now.toISOString(),
      description: shortened(input.description, variant.limits.descriptionLength),
      orderID: input.attemptId,
      currency: input.amount.currency,
      billing,
      shipping: billing,
      products: [],
      installments: { selected: 0, available: [0] },
      data: { attempt: input.attemptId },
    },
    "amount",
    amountNumber(input.amount),
  );
  return `{"config":${JSON.stringify(config)},"payment":${JSON.stringify(payment)},"order":${order}}`;
}

function billingOf(payer: StartAttempt["payer"]): Record<string, string | number> {
  const name = splitName(payer.name ?? "");
  const country = countryOf(payer.countryCode);
  return {
    email: payer.email || FILLERS.email,
    phone: payer.phone || FILLERS.phone,
    firstName: name.first || FILLERS.firstName,
    lastName: name.last || FILLERS.lastName,
    city: payer.city || FILLERS.city,
    country: country.number,
    countryName: country.name,
    state: payer.county || payer.city || FILLERS.state,
    postalCode: payer.postalCode || FILLERS.postalCode,
    details: payer.address || FILLERS.details,
  };
}
