// NETOPIA Payments as data: two protocols, their hosts, limits and abilities (netopia.md A1, A2, A10, B1, B2, B9).

import type { Descriptor, Variant } from "../contract.ts";
import { type NetopiaCredentials, netopiaCredentials } from "./credentials.ts";

export { NETOPIA_PLATFORM_KEY } from "./keys.ts";

const HOLD_SECONDS = 7 * 24 * 3600;

const signatureField = {
  name: "signature",
  input: "text",
  secret: false,
  required: true,
  example: "XXXX-XXXX-XXXX-XXXX-XXXX",
} as const;

const v1: Variant = {
  name: "v1",
  credentialFields: [
    signatureField,
    {
      name: "certificate",
      input: "pem_certificate",
      secret: false,
      required: true,
      accept: [".cer", ".crt", ".pem", ".txt"],
    },
    { name: "privateKey", input: "pem_private_key", secret: true, required: true, accept: [".key", ".pem", ".txt"] },
  ],
  methods: [{ id: "card", action: "post_form" }],
  currencies: ["RON", "EUR", "USD", "GBP"],
  amountEncoding: "decimal_text",
  limits: {
    smallestMinor: 1n, // 0 is a card check and no payment
    largestMinor: 9_999_900n,
    attemptLifetimeSeconds: 3600, // theirs is not documented (part D)
    descriptionLength: 250,
  },
  // Pre-authorisation is a setting of the account; capture, void and refund are done in the console and told by IPN (A7).
  // How long a reservation lives is told nowhere: the card schemes' week for a payment made by the payer online.
  capture: { automatic: true, manual: true, partial: true, byApi: false, holdSeconds: HOLD_SECONDS },
  void: { byApi: false },
  refund: { byApi: false, partial: true, several: true, asynchronous: false },
  dispute: "none",
  settlement: "none",
  notification: { authentication: "path_secret", carriesAmount: true, mayRepeat: true },
  statusQuery: { available: false, shortestIntervalSeconds: 0 },
  idempotency: "our_reference",
  check: "person",
};

const v2: Variant = {
  name: "v2",
  credentialFields: [signatureField, { name: "apiKey", input: "password", secret: true, required: true }],
  methods: [{ id: "card", action: "go" }],
  currencies: ["RON", "EUR", "USD", "GBP"],
  amountEncoding: "decimal_number",
  limits: { smallestMinor: 1n, largestMinor: 10_000_000n, attemptLifetimeSeconds: 3600, descriptionLength: 250 },
  // /operation/capture and /operation/void exist but nobody measured them (B8): written in v2.ts, off until they are.
  capture: { automatic: true, manual: true, partial: false, byApi: false, holdSeconds: HOLD_SECONDS },
  void: { byApi: false },
  refund: { byApi: true, partial: true, several: true, asynchronous: false },
  dispute: "notification",
  settlement: "none",
  notification: { authentication: "token", carriesAmount: true, mayRepeat: true },
  statusQuery: { available: true, shortestIntervalSeconds: 5 },
  idempotency: "our_reference",
  check: "automatic",
};

export const descriptor: Descriptor<NetopiaCredentials> = {
  id: "netopia",
  name: "NETOPIA Payments",
  country: "RO",
  documentationRead: "2025-10",
  maturity: "sandbox",
  links: {
    home: "https://netopia-payments.com",
    admin: "https://admin.netopia-payments.com/",
    adminTest: "https://sandbox.netopia-payments.com",
    eligibility: "https://netopia-payments.com/termeni-si-conditii-parteneri/",
  },
  hosts: {
    v1: { live: "https://secure.mobilpay.ro", test: "https://sandboxsecure.mobilpay.ro" },
    v2: { live: "https://secure.mobilpay.ro/pay", test: "https://secure.sandbox.netopia-payments.com" },
  },
  payerHosts: {
    live: ["*.netopia-payments.com", "*.mobilpay.ro"],
    test: [
      "sandboxsecure.mobilpay.ro",
      "secure.sandbox.netopia-payments.com",
      "secure-sandbox.netopia-payments.com",
      "sandbox.netopia-payments.com",
    ],
  },
  credentials: netopiaCredentials,
  publicFields: ["protocol", "signature", "certificate"],
  variants: { v1, v2 },
  scrub: {
    fields: [
      ...["privateKey", "private_key", "apiKey", "api_key", "env_key", "data", "iv", "secret", "n", "secretCode"],
      ...["account", "token", "token_id", "binding", "authenticationToken", "paReq", "paRes"],
      // Addresses of ours end in the attempt's secret or carry the payer's link.
      ...["notifyUrl", "returnUrl", "redirectUrl", "confirm", "return"],
      ...["billing", "shipping", "customer", "contact_info", "email", "phone", "mobile_phone"],
    ],
    headers: ["authorization", "verification-token", "cookie", "set-cookie"],
  },
};
