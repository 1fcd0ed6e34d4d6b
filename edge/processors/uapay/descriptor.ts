// UAPAY's invoices as data: hosts, limits and abilities (uapay.md 1, 2, 5, 9, 12).

import type { Descriptor, Variant } from "../contract.ts";
import { type UapayCredentials, uapayCredentials } from "./credentials.ts";

/** Hryvnia, and nothing else: an invoice has no field for a currency (5). */
export const CURRENCY = "UAH";

/** How long a page of ours can be paid; sent with every invoice. */
export const PAGE_SECONDS = 2 * 3600;

/**
 * In whose time the end of an invoice is written: not stated (5, 17). Read by them as UTC, the page would live two or three
 * hours longer than ours, never shorter.
 */
export const EXPIRY_TIME_ZONE = "Europe/Kyiv";

const invoicer: Variant = {
  name: "invoicer",
  credentialFields: [
    { name: "shopId", input: "text", secret: false, required: true, example: "1234" },
    { name: "secretKey", input: "password", secret: true, required: true },
  ],
  methods: [{ id: "card", action: "go" }],
  currencies: [CURRENCY],
  amountEncoding: "minor_integer",
  // Sums and lengths are not documented (12): ours.
  limits: {
    smallestMinor: 1n,
    largestMinor: 9_999_999_999n,
    attemptLifetimeSeconds: PAGE_SECONDS,
    descriptionLength: 255,
  },
  // How long a hold lives is not documented either (9): a week is presumed.
  capture: { automatic: true, manual: true, partial: true, byApi: true, holdSeconds: 7 * 24 * 3600 },
  void: { byApi: true },
  // A reversal has no number and no state of its own: the answer to the call is all that is ever told of it (9).
  refund: { byApi: true, partial: true, several: true, asynchronous: false, foundByQuery: true },
  dispute: "none",
  settlement: "none",
  notification: { authentication: "signature", carriesAmount: true, mayRepeat: true },
  statusQuery: { available: true, shortestIntervalSeconds: 3 },
  idempotency: "our_reference",
  check: "automatic",
};

export const descriptor: Descriptor<UapayCredentials> = {
  id: "uapay",
  name: "UAPAY",
  country: "UA",
  documentationRead: "2026-11",
  maturity: "sketch",
  links: { home: "https://uapay.ua", admin: "https://uapay.ua", adminTest: "https://uapay.ua" },
  hosts: { api: { live: "https://api.uapay.ua/api", test: "https://api.demo.uapay.ua/api" } },
  // Where a page lies is told with each invoice; pay.uapay.ua and pay.demo.uapay.ua are seen in code of others.
  payerHosts: { live: ["pay.uapay.ua", "*.uapay.ua"], test: ["pay.demo.uapay.ua", "*.demo.uapay.ua"] },
  credentials: uapayCredentials,
  publicFields: ["shopId"],
  hasManyShops: true,
  variants: { invoicer },
  scrub: {
    fields: [
      ...["secretKey", "secret", "token", "sessionId"],
      // A page's address is all that is needed to pay; ours carry the payer's link and the attempt's secret.
      ...["paymentPageUrl", "paymentPageUrlQR", "redirectUrl", "callbackUrl", "returnUrl", "notifyUrl", "receiptPath"],
      ...["chequeLink", "email", "phone", "payer", "cardFromId", "cardToId", "securityCode", "PaReq"],
    ],
    headers: ["authorization", "cookie", "set-cookie"],
  },
};
