// Revolut on the wire: requests to the letter, answers sorted, refunds and orders looked up (revolut.md 4.2, 5, 11).

import { describe, expect, it } from "vitest";
import type { Fault, StartAttempt } from "../contract.ts";
import { contextFor, fakeWire, type WireAnswer } from "../contract-suite.ts";
import badRequest from "./fixtures/bad-request.json" with { type: "json" };
import invalidState from "./fixtures/invalid-state.json" with { type: "json" };
import authorised from "./fixtures/order-authorised.json" with { type: "json" };
import completed from "./fixtures/order-completed.json" with { type: "json" };
import created from "./fixtures/order-created.json" with { type: "json" };
import refundCompleted from "./fixtures/refund-completed.json" with { type: "json" };
import refundCreated from "./fixtures/refund-created.json" with { type: "json" };
import refundDeclined from "./fixtures/refund-declined.json" with { type: "json" };
import { revolut } from "./index.ts";
import { ATTEMPT, credentials, NOTIFY_URL, ORDER, REFUND_ORDER, SECRET } from "./testing.ts";

const BASE = "https://sandbox-merchant.revolut.com";
const RON = (minor: bigint) => ({ minor, currency: "RON" });
const attempt = { attemptId: ATTEMPT, processorReference: ORDER, amount: RON(24_990n) };
const { processorReference: _known, ...unknownAttempt } = attempt;
const input = (change: Partial<StartAttempt> = {}): StartAttempt => ({
  attemptId: ATTEMPT,
  method: "card",
  amount: RON(24_990n),
  capture: "automatic",
  description: "Factura 77",
  locale: "ro",
  payer: {},
  returnUrl: "https://pay.example.test/r/1",
  notifyUrl: NOTIFY_URL,
  secret: SECRET,
  ...change,
});
const on = (...answers: (WireAnswer | Fault)[]) => {
  const wire = fakeWire(...answers);
  return { wire, context: contextFor(revolut, credentials, wire) };
};
const listOf = (...orders: object[]): WireAnswer => ({ status: 200, body: { orders } });
const change = (answer: { status: number; body: object }, body: object): WireAnswer => ({
  status: answer.status,
  body: { ...answer.body, ...body },
});
const sentBody = async (given: Partial<StartAttempt>): Promise<Record<string, unknown>> => {
  const { wire, context } = on(created);
  expect((await revolut.startAttempt(input(given), context)).ok).toBe(true);
  return JSON.parse(wire.sent[0]?.body ?? "");
};

describe("revolut: start", () => {
  it("sends what the page names and nothing else, with the pinned version", async () => {
    const { wire, context } = on(created);
    const payer = { name: "Client Test", email: "client+1@example.test", phone: "+40 700 000 001" };
    expect(await revolut.startAttempt(input({ payer, capture: "manual" }), context)).toEqual({
      ok: true,
      value: {
        processorReference: ORDER,
        observations: [{ kind: "awaiting_payer", processorCode: "pending" }],
        action: { kind: "go", url: created.body.checkout_url },
        expiresAt: new Date("2026-11-21T13:10:04.123Z"),
      },
    });
    expect(wire.sent).toHaveLength(1);
    expect(wire.sent[0]).toMatchObject({
      method: "POST",
      url: `${BASE}/api/orders`,
      effect: "write",
      headers: {
        authorization: `Bearer ${credentials.secretKey}`,
        "revolut-api-version": "2026-04-20",
        "content-type": "application/json",
      },
    });
    expect(JSON.parse(wire.sent[0]?.body ?? "")).toEqual({
      amount: 24990,
      currency: "RON",
      description: "Factura 77",
      capture_mode: "manual",
      expire_pending_after: "PT60M",
      merchant_order_data: { reference: ATTEMPT },
      customer: { email: "client+1@example.test", full_name: "Client Test", phone: "+40700000001" },
      redirect_url: "https://pay.example.test/r/1",
    });
  });

  it("sends a currency without minor digits as it is", async () => {
    expect(await sentBody({ amount: { minor: 500n, currency: "JPY" } })).toMatchObject({
      amount: 500,
      currency: "JPY",
    });
  });

  it.each(["not-mail", "a@b", "a b@example.test", "a@example.test\u0000", "ș@example.test", ""])(
    "makes no customer of %j, which would refuse the order",
    async (email) => {
      expect(await sentBody({ payer: { name: "Client Test", email } })).not.toHaveProperty("customer");
    },
  );

  it("leaves out a phone that is not international", async () => {
    const body = await sentBody({ payer: { email: "a@example.test", phone: "0700000001" } });
    expect(body.customer).toEqual({ email: "a@example.test" });
  });

  it.each([
    "http://localhost:3000/r/1",
    "http://127.0.0.1/r/1",
    "http://[::1]/r",
    "http://pay.localhost/r",
    "ftp://pay.example.test/",
    "not an address",
    `https://pay.example.test/${"r".repeat(2000)}`,
  ])("leaves out a return address that they refuse: %s", async (returnUrl) => {
    expect(await sentBody({ returnUrl })).not.toHaveProperty("redirect_url");
  });

  it.each<[string, WireAnswer, Fault["kind"]]>([
    ["a refusal", badRequest, "rejected"],
    ["a code that is a number", { status: 400, body: { code: 1024, timestamp: 1 } }, "rejected"],
    ["no page", change(created, { checkout_url: undefined }), "malformed"],
    [
      "the live page in the test environment",
      change(created, { checkout_url: "https://checkout.revolut.com/payment-link/1" }),
      "malformed",
    ],
    ["no order", { status: 201, body: {} }, "outcome_unknown"],
    ["a page of somebody in front", { status: 403, body: "<html>" }, "outcome_unknown"],
  ])("is a fault with %s", async (_title, answer, kind) => {
    expect(await revolut.startAttempt(input(), on(answer).context)).toMatchObject({ ok: false, error: { kind } });
  });

  it("hears a date to wait for, and does without", async () => {
    const at = async (headers: Record<string, string>) =>
      revolut.startAttempt(input(), on({ status: 429, body: "", headers }).context);
    expect(await at({ "retry-after": "Sat, 21 Nov 2026 12:20:00 GMT" })).toMatchObject({
      error: { kind: "rate_limited", until: new Date("2026-11-21T12:20:00Z") },
    });
    expect(await at({})).toEqual({ ok: false, error: { kind: "rate_limited", detail: "http_429" } });
  });
});

describe("revolut: query", () => {
  it("reads the order by its id", async () => {
    const { wire, context } = on(completed);
    await revolut.queryAttempt?.(attempt, context);
    expect(wire.sent).toMatchObject([{ method: "GET", url: `${BASE}/api/orders/${ORDER}`, effect: "read" }]);
  });

  it("finds the order by our reference when its id was never told", async () => {
    const { wire, context } = on(listOf({ ...created.body, merchant_order_data: undefined }), completed);
    expect(await revolut.queryAttempt?.(unknownAttempt, context)).toMatchObject({
      ok: true,
      value: [{ kind: "captured" }],
    });
    expect(wire.sent[0]?.url).toBe(`${BASE}/api/orders?merchant_order_data_reference=${ATTEMPT}&limit=500`);
  });

  it.each<[string, object[]]>([
    ["nothing", []],
    ["another reference", [{ ...created.body, merchant_order_data: { reference: "other" } }]],
    ["refunds only", [refundCreated.body]],
  ])("finds no order in a list of %s", async (_title, orders) => {
    expect(await revolut.queryAttempt?.(unknownAttempt, on(listOf(...orders)).context)).toMatchObject({
      ok: false,
      error: { kind: "rejected", detail: "no_such_order" },
    });
  });

  it("takes the order that holds the money, and shows a second one to a person", async () => {
    const second = { ...completed.body, id: "second" };
    const { context } = on(listOf(created.body, second), change(created, { state: "processing" }), {
      status: 200,
      body: second,
    });
    expect(await revolut.queryAttempt?.(unknownAttempt, context)).toMatchObject({
      ok: true,
      value: [{ kind: "captured" }, { kind: "not_understood", processorCode: "second_order: processing" }],
    });
  });

  it.each<[string, WireAnswer, Fault["kind"]]>([
    ["another id", change(completed, { id: "other" }), "malformed"],
    ["another reference", change(completed, { merchant_order_data: { reference: "other" } }), "malformed"],
    ["another type", change(completed, { type: "chargeback" }), "malformed"],
    ["no such order", { status: 404, body: { code: "not_found", timestamp: 1 } }, "rejected"],
    ["a page of somebody in front", { status: 403, body: "<html>" }, "unreachable"],
  ])("is a fault with %s", async (_title, answer, kind) => {
    expect(await revolut.queryAttempt?.(attempt, on(answer).context)).toMatchObject({ ok: false, error: { kind } });
  });

  it("goes from a refund's id to the order that it gives back", async () => {
    const { wire, context } = on(refundCreated, completed);
    const given = { ...attempt, processorReference: REFUND_ORDER };
    expect(await revolut.queryAttempt?.(given, context)).toMatchObject({ ok: true, value: [{ kind: "captured" }] });
    expect(wire.sent[1]?.url).toBe(`${BASE}/api/orders/${ORDER}`);
  });

  it("tells each finished refund of the order, ours or not", async () => {
    const row = { ...refundCompleted.body, payments: undefined };
    const dashboard = { ...row, id: "by-hand", amount: 500, merchant_order_data: undefined };
    const foreign = { ...row, id: "foreign", related_order_id: "other" };
    const { wire, context } = on(
      change(completed, { refunded_amount: 501 }),
      listOf(dashboard, row, foreign, completed.body),
    );
    expect(await revolut.queryAttempt?.(attempt, context)).toMatchObject({
      ok: true,
      value: [
        { kind: "captured", money: RON(24_990n) },
        { kind: "refund_succeeded", money: RON(500n), reference: "by-hand" },
        { kind: "refund_succeeded", money: RON(1n), reference: REFUND_ORDER },
      ],
    });
    const url = new URL(wire.sent[1]?.url ?? "");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      state: "completed",
      from: "2026-11-21T12:10:04.123Z",
      limit: "500",
    });
  });

  it("tells a refund that it cannot find without a sum", async () => {
    const answer = await revolut.queryAttempt?.(
      attempt,
      on(change(completed, { refunded_amount: 501 }), listOf()).context,
    );
    expect(answer?.ok && answer.value[1]).toMatchObject({ kind: "refund_succeeded", processorCode: "refunded_amount" });
    expect(answer?.ok && answer.value[1]?.money).toBeUndefined();
  });
});

describe("revolut: capture and void", () => {
  const taken = change(completed, { capture_mode: "manual" });
  const capture = (answer: WireAnswer | Fault, minor = 10_000n) => {
    const { wire, context } = on(answer);
    return { wire, answer: revolut.captureAuthorization?.({ attempt, amount: RON(minor) }, context) };
  };

  it("takes a part, and tells the sum that was asked for", async () => {
    const { wire, answer } = capture(taken);
    expect(await answer).toMatchObject({
      ok: true,
      value: [{ kind: "captured", money: RON(10_000n), method: "card" }],
    });
    expect(wire.sent).toMatchObject([
      { method: "POST", url: `${BASE}/api/orders/${ORDER}/capture`, body: '{"amount":10000}', effect: "write" },
    ]);
  });

  it.each<[string, WireAnswer | Fault, Fault["kind"]]>([
    ["a wrong state", invalidState, "rejected"],
    ["an answer that is not final", authorised, "outcome_unknown"],
    ["another order", change(taken as typeof completed, { id: "other" }), "outcome_unknown"],
    ["a time-out", { kind: "outcome_unknown", detail: "timed_out" }, "outcome_unknown"],
    ["a 500", { status: 500, body: "" }, "outcome_unknown"],
    ["a page", { status: 200, body: "<html>" }, "outcome_unknown"],
    ["a wrong key", { status: 401, body: "" }, "bad_credentials"],
  ])("is a fault with %s", async (_title, given, kind) => {
    expect(await capture(given).answer).toMatchObject({ ok: false, error: { kind } });
  });

  it("asks for nothing when there is nothing to ask for", async () => {
    const { wire, answer } = capture(taken, 0n);
    expect(await answer).toMatchObject({ ok: false, error: { kind: "rejected" } });
    expect(wire.sent).toHaveLength(0);
  });

  it("cancels without a body, but with the version", async () => {
    const { wire, context } = on(change(authorised, { state: "cancelled" }));
    expect(await revolut.voidAuthorization?.(attempt, context)).toMatchObject({
      ok: true,
      value: [{ kind: "voided" }],
    });
    expect(wire.sent).toMatchObject([{ method: "POST", url: `${BASE}/api/orders/${ORDER}/cancel` }]);
    expect(wire.sent[0]?.body).toBeUndefined();
    expect(wire.sent[0]?.headers).toMatchObject({ "revolut-api-version": "2026-04-20" });
    expect(wire.sent[0]?.headers).not.toHaveProperty("content-type");
  });

  it("does not take a cancel for done that is not", async () => {
    expect(await revolut.voidAuthorization?.(attempt, on(invalidState).context)).toMatchObject({
      error: { kind: "rejected", processorCode: "order_invalid_state" },
    });
    expect(await revolut.voidAuthorization?.(attempt, on(authorised).context)).toMatchObject({
      error: { kind: "outcome_unknown" },
    });
  });

  it("finds the order by our reference first when its id was never told", async () => {
    const { wire, context } = on(listOf(authorised.body), authorised, taken);
    await revolut.captureAuthorization?.({ attempt: unknownAttempt, amount: RON(1n) }, context);
    expect(wire.sent.map((one) => one.effect)).toEqual(["read", "read", "write"]);
  });
});

describe("revolut: refund", () => {
  const give = (...answers: (WireAnswer | Fault)[]) => {
    const { wire, context } = on(...answers);
    return { wire, answer: revolut.refundCapture?.({ attempt, amount: RON(1n), reason: "for staff" }, context) };
  };

  it("carries its key, and a reference of its own", async () => {
    const { wire, answer } = give(refundCreated);
    expect(await answer).toMatchObject({ ok: true, value: [{ kind: "refund_accepted", reference: REFUND_ORDER }] });
    expect(wire.sent).toMatchObject([
      { url: `${BASE}/api/orders/${ORDER}/refund`, effect: "write", headers: { "idempotency-key": "key-1" } },
    ]);
    expect(JSON.parse(wire.sent[0]?.body ?? "")).toEqual({
      amount: 1,
      currency: "RON",
      merchant_order_data: { reference: `${ATTEMPT}/refund/key-1` },
    });
  });

  it("reads why a 400 was one: the declined refund exists", async () => {
    const { wire, answer } = give(badRequest, listOf(refundCreated.body), refundDeclined);
    expect(await answer).toMatchObject({
      ok: true,
      value: [{ kind: "refund_failed", declineReason: "processor_error", reference: REFUND_ORDER }],
    });
    expect(wire.sent.map((one) => one.effect)).toEqual(["write", "read", "read"]);
  });

  it.each<[string, (WireAnswer | Fault)[]]>([
    ["nothing is found", [badRequest, listOf()]],
    ["nobody answers", [badRequest, { kind: "unreachable", detail: "timed_out" }]],
  ])("takes a 400 for a no when %s", async (_title, answers) => {
    expect(await give(...answers).answer).toMatchObject({
      ok: true,
      value: [{ kind: "refund_failed", processorCode: "bad_request" }],
    });
  });

  it("takes a conflict for what was made before, or for unknown", async () => {
    const conflict = { status: 409, body: { code: "conflict", timestamp: 1 } };
    expect(await give(conflict, listOf(refundCreated.body), refundCompleted).answer).toMatchObject({
      ok: true,
      value: [{ kind: "refund_succeeded" }],
    });
    expect(await give(conflict, listOf()).answer).toMatchObject({ error: { kind: "outcome_unknown" } });
  });

  it.each<[string, WireAnswer]>([
    ["the order itself", completed],
    ["nothing", { status: 201, body: {} }],
  ])("does not take %s for a refund", async (_title, answer) => {
    expect(await give(answer).answer).toMatchObject({ error: { kind: "outcome_unknown" } });
  });

  it("sees a wallet's refund that was declined with 200", async () => {
    expect(await give(refundDeclined).answer).toMatchObject({ ok: true, value: [{ kind: "refund_failed" }] });
  });

  it("asks for a refund by its order, and by our reference", async () => {
    const refund = { attempt, amount: RON(1n) };
    const byId = on(refundCompleted);
    expect(await revolut.queryRefund?.({ ...refund, reference: REFUND_ORDER }, byId.context)).toMatchObject({
      ok: true,
      value: [{ kind: "refund_succeeded", money: RON(1n), reference: REFUND_ORDER }],
    });
    const byReference = on(listOf(refundCreated.body), refundDeclined);
    expect(await revolut.queryRefund?.(refund, byReference.context)).toMatchObject({
      value: [{ kind: "refund_failed" }],
    });
    expect(byReference.wire.sent[0]?.url).toContain("merchant_order_data_reference=INV77-2%2Frefund%2Fkey-1");
  });

  it.each<[string, WireAnswer, string | undefined, Fault["kind"]]>([
    ["no such refund", listOf(), undefined, "rejected"],
    ["an order that is none", completed, ORDER, "malformed"],
    ["a refund of another order", change(refundCompleted, { related_order_id: "other" }), REFUND_ORDER, "malformed"],
  ])("is a fault with %s", async (_title, answer, reference, kind) => {
    const asked = { attempt, amount: RON(1n), ...(reference === undefined ? {} : { reference }) };
    expect(await revolut.queryRefund?.(asked, on(answer).context)).toMatchObject({ ok: false, error: { kind } });
  });
});
