// Revolut keeps the contract, and its quirks beyond it.

import { describe, expect, it } from "vitest";
import type { Fault } from "../contract.ts";
import {
  type ContractCases,
  contextFor,
  describeContract,
  fakeWire,
  type NotificationStory,
  type WireAnswer,
} from "../contract-suite.ts";
import type { RevolutCredentials } from "./credentials.ts";
import completed from "./fixtures/order-completed.json" with { type: "json" };
import created from "./fixtures/order-created.json" with { type: "json" };
import declined from "./fixtures/order-declined.json" with { type: "json" };
import refundCreated from "./fixtures/refund-created.json" with { type: "json" };
import refundTooMuch from "./fixtures/refund-too-much.json" with { type: "json" };
import unauthenticated from "./fixtures/unauthenticated.json" with { type: "json" };
import webhookCompleted from "./fixtures/webhook-completed.json" with { type: "json" };
import { revolut } from "./index.ts";
import { ATTEMPT, credentials, event, FOREIGN_WEBHOOK_SECRET, ORDER, SECRET, SENT_AT, webhook } from "./testing.ts";

const [firstTry] = declined.body.payments;

/** The thin events, and what the order says when it is read because of them. */
const STORIES: Record<NotificationStory, { message: object; order: WireAnswer } | null> = {
  paid: { message: webhookCompleted.body, order: completed },
  declined: { message: event("ORDER_PAYMENT_DECLINED"), order: declined },
  declined_with_new_code: {
    message: event("ORDER_PAYMENT_DECLINED", { order_id: ORDER, extra: 1 }),
    order: withBody(declined, { payments: [{ ...firstTry, decline_reason: "new_7777" }] }),
  },
  unknown_status: {
    message: event("ORDER_PAYMENT_AUTHENTICATED"),
    order: withBody(completed, { state: "teleported_7777" }),
  },
  // What the event cannot say, the core compares after reading; an event has neither sum nor point of sale.
  refunded: null,
  other_amount: null,
  other_currency: null,
  other_point_of_sale: null,
};

const cases: ContractCases<RevolutCredentials> = {
  variant: "merchant",
  credentials,
  form: { ...credentials, webhookSecrets: credentials.webhookSecrets.join(",\n ") },
  attempt: { id: ATTEMPT, processorReference: ORDER, minor: 24_990n, currency: "RON", secret: SECRET },
  platformKeys: [],
  start: {
    ok: created,
    foreignPage: withBody(created, {
      checkout_url: "https://sandbox-checkout.revolut.com.evil.example/payment-link/1",
    }),
    badCredentials: unauthenticated,
  },
  query: {
    paid: completed,
    declined,
    declinedWithNewCode: withBody(declined, { payments: [{ ...firstTry, decline_reason: "new_7777" }] }),
    unknownStatus: withBody(completed, { state: "teleported_7777" }),
  },
  refund: { ok: refundCreated, tooMuch: refundTooMuch },
  notify: (story) => {
    const told = STORIES[story];
    return told && webhook(told.message);
  },
  // An event has neither sum nor state: the story is in the order that it makes us read.
  readAfter: (story) => STORIES[story]?.order ?? { status: 404, body: {} },
  staleReason: "timestamp_too_old",
  newCode: "declined",
  forged: {
    wrongKey: webhook(webhookCompleted.body, { secrets: [FOREIGN_WEBHOOK_SECRET] }),
    unsigned: webhook(webhookCompleted.body, { headers: { "revolut-signature": null } }),
  },
  secrets: [credentials.secretKey, ...credentials.webhookSecrets, SECRET],
};

describeContract(revolut, cases);

describe("revolut: what its contract cases do not say", () => {
  it("rejects even a request that cannot be looked at", async () => {
    const request = { ...webhook({}), headers: null as unknown as Headers };
    const context = { credentials, environment: "test" as const, now: SENT_AT, platformKeys: [] };
    expect(await revolut.readNotification(request, context)).toMatchObject({
      trust: "rejected",
      reason: "unreadable",
      advised: "retry",
    });
  });

  it.each<[string, WireAnswer | Fault]>([
    ["a key without the right", { status: 403, body: { code: "forbidden", timestamp: 1 } }],
    ["a wrong key", unauthenticated],
  ])("checks credentials by a harmless read: %s", async (_title, answer) => {
    const wire = fakeWire(answer);
    const checked = await revolut.checkCredentials(
      {} as Parameters<typeof revolut.checkCredentials>[0],
      contextFor(revolut, credentials, wire),
    );
    expect(checked).toMatchObject({
      ok: true,
      value: { steps: [{ outcome: "passed" }, { id: "credentials_accepted", outcome: "failed" }] },
    });
    expect(wire.sent).toMatchObject([{ method: "GET", effect: "read" }]);
    expect(wire.sent[0]?.body).toBeUndefined();
  });
});

function withBody(answer: { status: number; body: object }, change: object): WireAnswer {
  return { status: answer.status, body: { ...answer.body, ...change } };
}
