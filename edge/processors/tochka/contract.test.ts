// Tochka keeps the contract on both of its rails, and its quirks beyond it.

import { describe, expect, it } from "vitest";
import type { NotificationRequest } from "../contract.ts";
import { type ContractCases, contextFor, describeContract, fakeWire, type WireAnswer } from "../contract-suite.ts";
import type { TochkaCredentials } from "./credentials.ts";
import customers from "./fixtures/customers.json" with { type: "json" };
import forbidden from "./fixtures/forbidden.json" with { type: "json" };
import linkCreated from "./fixtures/link-created.json" with { type: "json" };
import approved from "./fixtures/operation-approved.json" with { type: "json" };
import qrAccepted from "./fixtures/qr-accepted.json" with { type: "json" };
import qrCode from "./fixtures/qr-code.json" with { type: "json" };
import qrCreated from "./fixtures/qr-created.json" with { type: "json" };
import qrRejected from "./fixtures/qr-rejected.json" with { type: "json" };
import refundAccepted from "./fixtures/refund-accepted.json" with { type: "json" };
import refundTooMuch from "./fixtures/refund-too-much.json" with { type: "json" };
import retailers from "./fixtures/retailers.json" with { type: "json" };
import sbpCustomer from "./fixtures/sbp-customer.json" with { type: "json" };
import standing from "./fixtures/webhook-standing.json" with { type: "json" };
import { tochka } from "./index.ts";
import {
  ATTEMPT,
  attempt,
  credentials,
  linkClaims,
  makePair,
  OPERATION,
  QRC_ID,
  qrClaims,
  SECRET,
  token,
  unsignedToken,
  webhook,
} from "./testing.ts";

const bank = makePair();
const stranger = makePair();
const signed = (claims: object): NotificationRequest => webhook(token(claims, bank));
const [operation] = approved.body.Data.Operation;
const [, rejectedRow] = qrRejected.body.Data.paymentList;

const common = {
  variant: "acquiring",
  credentials,
  form: { clientId: credentials.clientId, clientSecret: credentials.clientSecret },
  platformKeys: [bank.jwk],
  check: [customers, retailers, withData(standing, { url: "https://pay.example.test/ipn/tochka" }), sbpCustomer],
  newCode: "declined" as const,
  secrets: [credentials.clientSecret, credentials.accessToken, credentials.refreshToken, SECRET],
};

const link: ContractCases<TochkaCredentials> = {
  ...common,
  attempt: { id: ATTEMPT, processorReference: `link/${OPERATION}`, minor: 24_990n, currency: "RUB", secret: SECRET },
  start: {
    ok: linkCreated,
    foreignPage: withData(linkCreated, { paymentLink: "https://merch.example.com.evil.example/order/?uuid=1" }),
    badCredentials: forbidden,
  },
  // No status of a link says "declined": such a link stays open (6.4).
  query: { paid: approved, unknownStatus: withData(approved, { Operation: [{ ...operation, status: "TELEPORTED" }] }) },
  refund: { ok: refundAccepted, tooMuch: refundTooMuch },
  notify: (story) => {
    switch (story) {
      case "paid":
        return signed(linkClaims());
      case "unknown_status":
        return signed(linkClaims({ status: "TELEPORTED" }));
      case "other_amount":
        return signed(linkClaims({ amount: "249.91" }));
      case "other_point_of_sale":
        return signed(linkClaims({ merchantId: "200000000009999" }));
      default:
        return null; // only successes are told (8.2), and there is no currency in them
    }
  },
  forged: { wrongKey: webhook(token(linkClaims(), stranger)), unsigned: webhook(unsignedToken(linkClaims())) },
};

const qr: ContractCases<TochkaCredentials> = {
  ...common,
  method: "sbp",
  attempt: { id: ATTEMPT, processorReference: `qr/${QRC_ID}`, minor: 24_990n, currency: "RUB", secret: SECRET },
  start: {
    ok: qrCreated,
    foreignPage: withData(qrCreated, { payload: "https://qr.nspk.ru.evil.example/AD1" }),
    badCredentials: forbidden,
  },
  query: {
    paid: [qrAccepted, qrCode],
    declined: qrRejected,
    declinedWithNewCode: withData(qrRejected, { paymentList: [{ ...rejectedRow, code: "RQ07777" }] }),
    unknownStatus: withData(qrRejected, { paymentList: [{ ...rejectedRow, status: "Teleported" }] }),
  },
  // A refund asks for the payment's number before it sends: calls.test.ts.
  notify: (story) => {
    switch (story) {
      case "paid":
        return signed(qrClaims());
      case "other_amount":
        return signed(qrClaims({ amount: "2.5" }));
      case "other_point_of_sale":
        return signed(qrClaims({ merchantId: "MF0000009999" }));
      default:
        return null;
    }
  },
  forged: { wrongKey: webhook(token(qrClaims(), stranger)), unsigned: webhook(JSON.stringify(qrClaims())) },
};

describeContract(tochka, link);
describe("by QR", () => describeContract(tochka, qr));

describe("tochka: what its contract cases do not say", () => {
  it("rejects even a request that cannot be looked at", async () => {
    const seen = tochka.readNotification(webhook(token(linkClaims(), bank)), {
      credentials,
      environment: "test",
      now: new Date(0),
      platformKeys: null as unknown as string[],
    });
    await expect(seen).resolves.toMatchObject({ trust: "rejected", reason: "unreadable", advised: "retry" });
  });

  it.each([
    ["before consent", { accessToken: "" }, "consent_missing"],
    ["before an outlet is chosen", { merchantId: "" }, "account_not_chosen"],
  ])("starts nothing %s", async (_title, change, detail) => {
    const wire = fakeWire(linkCreated);
    const context = contextFor(tochka, { ...credentials, ...change }, wire);
    expect(await tochka.startAttempt(attempt(), context)).toMatchObject({
      error: { kind: "bad_credentials", detail },
    });
    expect(wire.sent).toHaveLength(0);
  });
});

function withData(answer: { status: number; body: { Data: object } }, change: object): WireAnswer {
  return { status: answer.status, body: { ...answer.body, Data: { ...answer.body.Data, ...change } } };
}
