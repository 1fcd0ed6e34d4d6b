// Tochka as data: hosts, limits and abilities (tochka-sbp.md 1, 2, 3, 6, 7, 13).

import type { Descriptor, Variant } from "../contract.ts";
import { type TochkaCredentials, tochkaCredentials } from "./credentials.ts";
import { options } from "./options.ts";

/** How long a link or a QR of ours can be paid; the bank's own answer would be a week and three days (13). */
export const PAGE_MINUTES = 60;

const acquiring: Variant = {
  name: "acquiring",
  credentialFields: [
    { name: "clientId", input: "text", secret: false, required: true },
    { name: "clientSecret", input: "password", secret: true, required: true },
  ],
  methods: [
    { id: "card", action: "go" },
    // Our own QR; a link to the bank's page where the bank issues the receipt.
    { id: "sbp", action: "show_qr" },
    { id: "t_pay", action: "go" },
    { id: "instalments", action: "go" },
  ],
  currencies: ["RUB"],
  // Of links; a QR's are kopecks.
  amountEncoding: "decimal_number",
  // No largest amount is documented: ours.
  limits: {
    smallestMinor: 1n,
    largestMinor: 9_999_999_999n,
    attemptLifetimeSeconds: PAGE_MINUTES * 60,
    descriptionLength: 140,
  },
  // How long a hold lasts is not documented, only that it should be taken soon (6.5): the card schemes' week.
  capture: { automatic: true, manual: true, partial: false, byApi: true, holdSeconds: 7 * 24 * 3600 },
  void: { byApi: false },
  // Whether a second part can be given back is not clear (6.6): it is tried, and a refusal told.
  refund: {
    byApi: true,
    partial: true,
    several: true,
    asynchronous: true,
    foundByQuery: true,
    // By SBP nearly at once, to a card three to seven days (6.6).
    arrivalDays: { sbp: [0, 1], card: [3, 7] },
  },
  dispute: "none",
  settlement: "none",
  notification: { authentication: "signature", carriesAmount: true, mayRepeat: true },
  statusQuery: { available: true, shortestIntervalSeconds: 3 },
  idempotency: "our_reference",
  check: "automatic",
};

export const descriptor: Descriptor<TochkaCredentials> = {
  id: "tochka",
  name: "Tochka",
  country: "RU",
  documentationRead: "2026-10",
  maturity: "sketch",
  links: {
    home: "https://developers.tochka.com",
    admin: "https://i.tochka.com/bank/services/m/integration/new",
    adminTest: "https://i.tochka.com/bank/services/m/integration/new",
    apply: "https://tochka.com/acquiring/",
    openAccount: "https://tochka.com/",
  },
  hosts: {
    api: { live: "https://enter.tochka.com/uapi", test: "https://enter.tochka.com/sandbox/v2" },
    // The bank's sandbox has no OAuth (3.3): these two are only there to be replaced by a simulator's.
    oauth: { live: "https://enter.tochka.com/connect", test: "https://enter.tochka.com/sandbox/connect" },
    // The same server, but called by a person's browser and so never by the relay.
    consent: { live: "https://enter.tochka.com/connect", test: "https://enter.tochka.com/sandbox/consent" },
    page: { live: "https://merch.securepaytb.ru", test: "https://merch.example.com" },
  },
  // The page moved once without a word (15): both addresses. A QR's content is a link of the scheme.
  payerHosts: {
    live: ["merch.securepaytb.ru", "merch.tochka.com", "qr.nspk.ru"],
    test: ["merch.example.com", "qr.nspk.ru"],
  },
  // Since August 2026 under the Russian Trusted Root CA, which no ordinary trust store has (2.1).
  relayedHosts: ["api", "oauth"],
  credentials: tochkaCredentials,
  publicFields: ["clientId", "customerCode", "merchantId", "sbpMerchantId"],
  variants: { acquiring },
  options,
  scrub: {
    fields: [
      ...["clientSecret", "accessToken", "refreshToken", "client_secret", "access_token", "refresh_token"],
      // A page's address can be paid by whoever has it; ours carry the payer's link.
      ...["paymentLink", "payload", "redirectUrl", "failRedirectUrl", "returnUrl", "notifyUrl"],
      ...["Client", "payer", "email", "phone", "payerName", "payerMobileNumber", "accountId", "accountCode"],
    ],
    headers: ["authorization", "cookie", "set-cookie"],
  },
};
