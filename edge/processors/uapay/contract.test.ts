// UAPAY keeps the contract, and its quirks beyond it.

import { describe, expect, it } from "vitest";
import {
  type ContractCases,
  contextFor,
  describeContract,
  fakeWire,
  type NotificationStory,
} from "../contract-suite.ts";
import type { UapayCredentials } from "./credentials.ts";
import finishedCallback from "./fixtures/callback-finished.json" with { type: "json" };
import clockRefused from "./fixtures/clock-refused.json" with { type: "json" };
import created from "./fixtures/invoice-created.json" with { type: "json" };
import finished from "./fixtures/invoice-finished.json" with { type: "json" };
import rejected from "./fixtures/invoice-rejected.json" with { type: "json" };
import done from "./fixtures/payment-done.json" with { type: "json" };
import tooMuch from "./fixtures/refund-too-much.json" with { type: "json" };
import session from "./fixtures/session-created.json" with { type: "json" };
import sessionRefused from "./fixtures/session-refused.json" with { type: "json" };
import { uapay } from "./index.ts";
import { ATTEMPT, answer, callback, credentials, FOREIGN_KEY, INVOICE, posted, SECRET } from "./testing.ts";

const [paid] = finished.claims.payments;
const [refusedPayment] = rejected.claims.payments;
const told = (change: object) => callback({ ...finishedCallback.claims, ...change });

/** What a notification cannot say is null: it has no currency, and its shop is known from the address. */
const STORIES: Record<NotificationStory, object | null> = {
  paid: {},
  declined: { status: "CANCELED", paymentStatus: "REJECTED", responseCode: "51" },
  declined_with_new_code: { status: "CANCELED", paymentStatus: "REJECTED", responseCode: "7777" },
  unknown_status: { paymentStatus: "TELEPORTED" },
  refunded: { status: "REVERSED", paymentStatus: "REVERSED" },
  other_amount: { amount: 24_991 },
  other_currency: null,
  other_point_of_sale: null,
};

const cases: ContractCases<UapayCredentials> = {
  variant: "invoicer",
  credentials,
  form: { shopId: ` ${credentials.shopId}\n`, secretKey: `\u00a0${credentials.secretKey} ` },
  attempt: { id: ATTEMPT, processorReference: INVOICE, minor: 24_990n, currency: "UAH", secret: SECRET },
  platformKeys: [],
  session: answer(session),
  start: {
    ok: answer(created),
    foreignPage: answer(created, { paymentPageUrl: "https://pay.demo.uapay.ua.evil.example/payment/1" }),
    badCredentials: sessionRefused,
  },
  query: {
    paid: answer(finished),
    declined: answer(rejected),
    declinedWithNewCode: answer(rejected, { payments: [{ ...refusedPayment, responseCode: "7777" }] }),
    unknownStatus: answer(finished, { payments: [{ ...paid, paymentStatus: "TELEPORTED" }] }),
  },
  refund: { before: [answer(finished)], ok: answer(done), tooMuch },
  check: [answer(session)],
  notify: (story) => {
    const change = STORIES[story];
    return change && told(change);
  },
  newCode: "declined",
  forged: {
    wrongKey: callback(finishedCallback.claims, { key: FOREIGN_KEY }),
    unsigned: posted(JSON.stringify(finishedCallback.claims)),
  },
  secrets: [credentials.secretKey, SECRET],
};

describeContract(uapay, cases);

describe("uapay: what its contract cases do not say", () => {
  const check = (given: Parameters<typeof fakeWire>[0]) => {
    const wire = fakeWire(given);
    const probe = {} as Parameters<typeof uapay.checkCredentials>[0];
    return { wire, checked: uapay.checkCredentials(probe, contextFor(uapay, credentials, wire)) };
  };

  it("rejects even a request that cannot be looked at", async () => {
    const request = { ...posted("{}"), method: null as unknown as string };
    const context = { credentials, environment: "test" as const, now: new Date(), platformKeys: [] };
    expect(await uapay.readNotification(request, context)).toMatchObject({
      trust: "rejected",
      reason: "unreadable",
      advised: "retry",
    });
  });

  it("checks credentials by opening a session, and by nothing else", async () => {
    const { wire, checked } = check(answer(session));
    expect(await checked).toMatchObject({
      ok: true,
      value: {
        steps: [
          { id: "processor_answered", outcome: "passed" },
          { id: "clock_accepted", outcome: "passed" },
          { id: "credentials_accepted", outcome: "passed" },
        ],
      },
    });
    expect(wire.sent).toMatchObject([{ url: "https://api.demo.uapay.ua/api/sessions/create", effect: "read" }]);
  });

  it("tells a wrong key from a clock that differs", async () => {
    expect(await check(sessionRefused).checked).toMatchObject({
      value: { steps: [{}, { id: "credentials_accepted", outcome: "failed", detail: "Wrong signature" }] },
    });
    expect(await check(clockRefused).checked).toMatchObject({
      value: {
        steps: [
          { id: "processor_answered", outcome: "passed" },
          { id: "clock_accepted", outcome: "failed" },
          { id: "credentials_accepted", outcome: "skipped" },
        ],
      },
    });
  });
});
