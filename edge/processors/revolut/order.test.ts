// What an order means to its attempt, state by state and reason by reason (revolut.md 6, 7, 13, 14).

import { describe, expect, it } from "vitest";
import { DECLINE_REASONS } from "../contract.ts";
import { DECLINES, ORDER_STATES, PAYMENT_STATES } from "./codes.ts";
import authorised from "./fixtures/order-authorised.json" with { type: "json" };
import completed from "./fixtures/order-completed.json" with { type: "json" };
import declined from "./fixtures/order-declined.json" with { type: "json" };
import retried from "./fixtures/order-retried.json" with { type: "json" };
import refundCompleted from "./fixtures/refund-completed.json" with { type: "json" };
import refundDeclined from "./fixtures/refund-declined.json" with { type: "json" };
import { observationsOf, readOrder, refundObservationOf } from "./order.ts";

const RON = (minor: bigint) => ({ minor, currency: "RON" });
const order = (body: object, change: object = {}) => {
  const read = readOrder({ ...body, ...change });
  if (!read) throw new Error("unreadable");
  return read;
};
const seen = (body: object, change: object = {}) => observationsOf(order(body, change));
const kinds = (body: object, change: object = {}) => seen(body, change).map((one) => one.kind);
const [taken] = completed.body.payments;
const [refused] = declined.body.payments;

// The list of the protocol's page (7), written down apart from the table.
const TWENTY_NINE =
  "3ds_challenge_abandoned 3ds_challenge_failed_manually cardholder_name_missing customer_challenge_abandoned " +
  "customer_challenge_failed customer_name_mismatch do_not_honour expired_card high_risk insufficient_funds " +
  "invalid_address invalid_amount invalid_card invalid_country invalid_cvv invalid_email invalid_expiry " +
  "invalid_merchant invalid_phone invalid_pin issuer_not_available pick_up_card rejected_by_customer restricted_card " +
  "suspected_fraud technical_error transaction_not_allowed_for_cardholder unknown_card withdrawal_limit_exceeded";

describe("revolut: tries", () => {
  it("knows all reasons, twenty states of a payment and six of an order", () => {
    const all = TWENTY_NINE.split(" ");
    expect(all).toHaveLength(29);
    expect(Object.keys(DECLINES).sort()).toEqual([...all, "3ds_challenge_failed"].sort());
    expect(Object.keys(PAYMENT_STATES)).toHaveLength(20);
    expect(Object.keys(ORDER_STATES)).toHaveLength(6);
  });

  it.each(TWENTY_NINE.split(" "))("tells %s in our words, and keeps its own", (reason) => {
    const [one] = seen(declined.body, { payments: [{ ...refused, decline_reason: reason }] });
    expect(one).toMatchObject({ kind: "declined", processorCode: reason, instrument: "4****8125" });
    expect(DECLINE_REASONS).toContain(one?.declineReason);
  });

  it.each([
    ["declined", undefined, "declined"],
    ["soft_declined", undefined, "declined"],
    ["failed", undefined, "processor_error"],
    ["declined", "bad_karma", "declined"],
    ["failed", "bad_karma", "processor_error"],
    ["failed", "toString", "processor_error"],
  ])("does not guess at %s with reason %s", (state, reason, expected) => {
    const [one] = seen(declined.body, { payments: [{ ...refused, state, decline_reason: reason }] });
    expect(one).toMatchObject({ kind: "declined", declineReason: expected, processorCode: reason ?? state });
  });

  it("never passes the issuer's own text on", () => {
    expect(JSON.stringify(seen(declined.body))).not.toContain("Text of the issuer");
  });

  it("tells every try in the order in which it happened, whatever the order of the list", () => {
    const later = { ...refused, id: "p-2", decline_reason: "expired_card", updated_at: "2026-11-21T12:13:00.000000Z" };
    const told = seen(declined.body, { payments: [later, refused] });
    expect(told.map((one) => one.processorCode)).toEqual(["insufficient_funds", "expired_card"]);
  });
});

describe("revolut: orders", () => {
  it("tells the capture first and its refused tries after it, and no old challenge", () => {
    expect(seen(retried.body)).toMatchObject([
      { kind: "captured", money: RON(24_990n), reference: taken?.id, method: "card", instrument: "4****5709" },
      { kind: "declined", declineReason: "insufficient_funds" },
    ]);
  });

  it.each([
    ["pending", {}, ["awaiting_payer"]],
    ["pending", { payments: [{ ...taken, state: "reincarnated" }] }, ["awaiting_payer", "not_understood"]],
    ["processing", {}, ["processing"]],
    ["processing", { payments: [{ ...taken, state: "authentication_challenge" }] }, ["awaiting_payer"]],
    ["processing", { payments: [{ ...taken, state: "declining" }, refused] }, ["processing"]],
    ["authorised", { capture_mode: "manual" }, ["authorized"]],
    ["authorised", { capture_mode: "automatic" }, ["processing"]],
    ["authorised", { capture_mode: undefined }, ["authorized"]],
    ["completed", { payments: undefined }, ["captured"]],
    ["cancelled", { payments: [refused] }, ["voided", "declined"]],
    ["failed", {}, ["expired"]],
    ["failed", { payments: [refused] }, ["declined", "expired"]],
    ["failed", { payments: [taken] }, ["not_understood"]],
    ["reincarnated", {}, ["not_understood"]],
    ["toString", {}, ["not_understood"]],
  ])("%s %j", (state, change, expected) => {
    expect(kinds(declined.body, { state, payments: [], ...change })).toEqual(expected);
  });

  it("holds what was authorised", () => {
    const [payment] = authorised.body.payments;
    expect(seen(authorised.body)).toMatchObject([{ kind: "authorized", money: RON(24_990n) }]);
    const less = { payments: [{ ...payment, authorised_amount: 20_000 }] };
    expect(seen(authorised.body, less)).toMatchObject([{ kind: "authorized", money: RON(20_000n) }]);
  });

  it.each([
    ["in the order", { amount: 10_000 }],
    ["in the payment", { payments: [{ ...taken, amount: 10_000 }] }],
    ["in the settled sum of a manual order", { payments: [{ ...taken, settled_amount: 10_000 }] }],
  ])("finds a partial capture that shows %s", (_title, change) => {
    expect(seen(completed.body, { capture_mode: "manual", ...change })).toMatchObject([
      { kind: "captured", money: RON(10_000n) },
    ]);
  });

  it("takes no settled sum for the payment where there was nothing to divide", () => {
    const change = { payments: [{ ...taken, settled_amount: 24_500 }] };
    expect(seen(completed.body, change)).toMatchObject([{ kind: "captured", money: RON(24_990n) }]);
  });

  it.each([["249.9"], [249.9], [null], [Number.MAX_VALUE]])("tells no sum that is no whole number: %s", (amount) => {
    const [one] = seen(completed.body, { amount, payments: [] });
    expect(one?.kind).toBe("captured");
    expect(one?.money).toBeUndefined();
  });

  it("keeps the currency that they tell, for the core to compare", () => {
    expect(seen(completed.body, { currency: "EUR" })).toMatchObject([{ money: { currency: "EUR", minor: 24_990n } }]);
  });

  it.each([{ id: undefined }, { state: undefined }, { type: undefined }, { id: {} }])(
    "reads no order with %j",
    (change) => {
      expect(readOrder({ ...completed.body, ...change })).toBeNull();
    },
  );
});

describe("revolut: refunds", () => {
  const told = (body: object, change: object = {}) => refundObservationOf(order(body, change), RON(1n));

  it("judges by the payment before the order", () => {
    expect(told(refundDeclined.body)).toMatchObject({
      kind: "refund_failed",
      declineReason: "processor_error",
      processorCode: "technical_error",
      reference: refundDeclined.body.id,
    });
  });

  it.each([
    ["processing", "refund_accepted"],
    ["completed", "refund_succeeded"],
    ["failed", "refund_failed"],
    ["cancelled", "refund_failed"],
    ["reincarnated", "not_understood"],
  ])("%s is %s", (state, kind) => {
    expect(told(refundCompleted.body, { state })).toMatchObject({ kind, money: RON(1n) });
    expect(told(refundCompleted.body, { state, payments: undefined }).kind).toBe(kind);
  });
});
