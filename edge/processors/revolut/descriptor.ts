// Revolut Merchant as data: hosts, limits and abilities (revolut.md 1, 2, 3, 5, 15).

import type { Descriptor, Variant } from "../contract.ts";
import { type RevolutCredentials, revolutCredentials } from "./credentials.ts";

/** How long a page of ours can be paid; sent with every order, so that both clocks agree (4.2). */
export const PAGE_SECONDS = 3600;

const merchant: Variant = {
  name: "merchant",
  credentialFields: [
    { name: "secretKey", input: "password", secret: true, required: true, example: "sk_…" },
    { name: "publicKey", input: "text", secret: false, required: false, example: "pk_…" },
    // Not required: the registration that gives them needs the connection's address first (8.1).
    { name: "webhookSecrets", input: "list", secret: true, required: false, example: "wsk_…" },
  ],
  methods: [{ id: "card", action: "go" }],
  // The specification has no list; which are enabled depends on the account (3).
  currencies: ["RON", "EUR", "USD", "GBP", "CHF", "CZK", "DKK", "HUF", "ISK", "JPY", "NOK", "PLN", "SEK"],
  amountEncoding: "minor_integer",
  // Neither largest amount nor length of a description is documented: ours.
  limits: {
    smallestMinor: 1n,
    largestMinor: 9_999_999_999n,
    attemptLifetimeSeconds: PAGE_SECONDS,
    descriptionLength: 250,
  },
  capture: { automatic: true, manual: true, partial: true, byApi: true, holdSeconds: 7 * 24 * 3600 },
  void: { byApi: true },
  refund: { byApi: true, partial: true, several: true, asynchronous: true, foundByQuery: true },
  // A dispute's event names the dispute alone (8.3): nothing that leads to an attempt.
  dispute: "none",
  settlement: "none",
  notification: { authentication: "signature", carriesAmount: false, mayRepeat: true },
  statusQuery: { available: true, shortestIntervalSeconds: 5 },
  idempotency: "our_reference",
  check: "automatic",
};

export const descriptor: Descriptor<RevolutCredentials> = {
  id: "revolut",
  name: "Revolut",
  country: "GB",
  documentationRead: "2026-11",
  maturity: "sketch",
  links: {
    home: "https://developer.revolut.com",
    admin: "https://business.revolut.com",
    adminTest: "https://sandbox-business.revolut.com",
  },
  hosts: { api: { live: "https://merchant.revolut.com", test: "https://sandbox-merchant.revolut.com" } },
  payerHosts: { live: ["checkout.revolut.com"], test: ["sandbox-checkout.revolut.com"] },
  credentials: revolutCredentials,
  publicFields: ["publicKey"],
  variants: { merchant },
  scrub: {
    fields: [
      ...["secretKey", "webhookSecrets", "secret_key", "signing_secret", "secret", "token", "public_id"],
      // A page's address ends in the order's token; ours carries the payer's link.
      ...["checkout_url", "redirect_url", "returnUrl", "notifyUrl"],
      ...["customer", "payer", "email", "phone", "full_name", "date_of_birth", "billing_address", "shipping"],
      ...["cardholder_name", "card_expiry", "fingerprint", "network_transaction_id", "authorisation_code"],
      ...["bank_message", "authentication_challenge"],
    ],
    headers: ["authorization", "revolut-signature", "cookie", "set-cookie"],
  },
};
