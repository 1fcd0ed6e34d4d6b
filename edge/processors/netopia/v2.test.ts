// v2 on the wire: requests to the letter, answers sorted, notifications told.

import { describe, expect, it } from "vitest";
import type { Fault, StartAttempt } from "../contract.ts";
import { contextFor, fakeWire, type WireAnswer } from "../contract-suite.ts";
import credit from "./fixtures/v2-credit.json" with { type: "json" };
import ipnCredit from "./fixtures/v2-ipn-credit.json" with { type: "json" };
import ipnPaid from "./fixtures/v2-ipn-paid.json" with { type: "json" };
import started from "./fixtures/v2-start.json" with { type: "json" };
import statusPaid from "./fixtures/v2-status-paid.json" with { type: "json" };
import { netopia } from "./index.ts";
import { makePair, NOTIFY_URL, SECRET, SIGNATURE, v2Credentials, v2Request } from "./testing.ts";
import { captureV2, voidV2 } from "./v2.ts";
import { amountNumber } from "./v2-wire.ts";

const platform = makePair(2048);
const RON = (minor: bigint) => ({ minor, currency: "RON" });
const attempt = { attemptId: "INV77-2", processorReference: "1284771", amount: RON(24990n) };
const input = (change: Partial<StartAttempt> = {}): StartAttempt => ({
  attemptId: "INV77-2",
  method: "card",
  amount: RON(24990n),
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
  const context = contextFor(netopia, v2Credentials, wire);
  if (context.credentials.protocol !== "v2") throw new Error("not v2");
  return { wire, context: { ...context, credentials: context.credentials } };
};
const body = (text: string | undefined): Record<string, Record<string, unknown>> => JSON.parse(text ?? "");
const read = (message: object | string) =>
  netopia.readNotification(v2Request(message, platform.privateKey), {
    credentials: v2Credentials,
    environment: "test",
    now: new Date("2026-11-21T12:15:00Z"),
    platformKeys: [platform.certificate],
  });

describe("netopia v2: start", () => {
  it("asks for a hosted page with the raw key and an exact amount", async () => {
    const { wire, context } = on(started);
    const payer = { name: "Client Test", email: "client@example.test", city: "Brașov", countryCode: "MD" };
    expect(await netopia.startAttempt(input({ payer }), context)).toEqual({
      ok: true,
      value: {
        processorReference: "1284771",
        observations: [{ kind: "awaiting_payer", processorCode: "101" }],
        action: { kind: "go", url: "https://secure.sandbox.netopia-payments.com/ui/card?p=0123456789abcdef" },
      },
    });
    const [sent] = wire.sent;
    expect(sent).toMatchObject({
      method: "POST",
      url: "https://secure.sandbox.netopia-payments.com/payment/card/start",
      headers: { authorization: v2Credentials.apiKey, "content-type": "application/json", accept: "application/json" },
      effect: "write",
    });
    expect(sent?.body).toContain('"amount":249.9}');
    const { config, payment, order } = body(sent?.body);
    expect(config).toEqual({
      emailTemplate: "",
      emailSubject: "",
      notifyUrl: NOTIFY_URL,
      redirectUrl: "https://pay.example.test/r/1",
      language: "ro",
    });
    expect(payment).toEqual({ options: { installments: 0, bonus: 0 }, instrument: { type: "card" }, data: {} });
    const billing = {
      email: "client@example.test",
      phone: "0000000000",
      firstName: "Client",
      lastName: "Test",
      city: "Brașov",
      country: 498,
      countryName: "Moldova",
      state: "Brașov",
      postalCode: "000000",
      details: "-",
    };
    expect(order).toEqual({
      ntpID: "",
      posSignature: SIGNATURE,
      dateTime: "2026-11-21T12:15:00.000Z",
      description: "Factura 77",
      orderID: "INV77-2",
      currency: "RON",
      billing,
      shipping: billing,
      products: [],
      installments: { selected: 0, available: [0] },
      data: { attempt: "INV77-2" },
      amount: 249.9,
    });
  });

  it.each([
    [24990n, "249.9"],
    [25000n, "250"],
    [10n, "0.1"],
    [1n, "0.01"],
    [10_000_000n, "100000"],
    [9_007_199_254_740_993n, "90071992547409.93"],
  ])("writes %s minor units as the number %s", (minor, number) => {
    expect(amountNumber(RON(minor))).toBe(number);
  });

  it("shows the page in English where NETOPIA has no other", async () => {
    const { wire, context } = on(started);
    await netopia.startAttempt(input({ locale: "uk" }), context);
    expect(body(wire.sent[0]?.body).config?.language).toBe("en");
  });

  const answered: [string, WireAnswer, Partial<Fault>][] = [
    ["a wrong key", { status: 401, body: { code: "401", message: "Unauthorized" } }, { kind: "bad_credentials" }],
    [
      "a wrong point of sale",
      { status: 400, body: { error: { code: "99", message: "Invalid POS signature" } } },
      { kind: "bad_credentials", processorCode: "99" },
    ],
    [
      "a used order id",
      { status: 400, body: { error: { code: "99", message: "Order already processed" } } },
      { kind: "rejected", processorCode: "99" },
    ],
    ["a used order id, told flat", { status: 400, body: { message: "Order already processed" } }, { kind: "rejected" }],
    [
      "the same order with another price",
      { status: 200, body: { error: { code: "99", message: "Other price" }, payment: {} } },
      { kind: "rejected", processorCode: "99" },
    ],
    [
      "a closed order without its payment",
      { status: 200, body: { error: { code: "56", message: "Order closed" } } },
      { kind: "outcome_unknown" },
    ],
    ["a page of the edge", { status: 403, body: "<html>Forbidden" }, { kind: "unreachable" }],
    ["a failure", { status: 502, body: "" }, { kind: "outcome_unknown" }],
    ["a redirect", { status: 302, body: "{}" }, { kind: "outcome_unknown" }],
    [
      "an answer without a page",
      { status: 200, body: { ...started.body, payment: { ntpID: "1", status: 1 } } },
      { kind: "malformed" },
    ],
    [
      "a page without a payment",
      { status: 200, body: { ...started.body, payment: { ...started.body.payment, ntpID: "" } } },
      { kind: "malformed" },
    ],
    [
      "an insecure page",
      {
        status: 200,
        body: {
          ...started.body,
          payment: { ...started.body.payment, paymentURL: "http://secure.sandbox.netopia-payments.com/x" },
        },
      },
      { kind: "malformed" },
    ],
    [
      "a page of the live host",
      {
        status: 200,
        body: { ...started.body, payment: { ...started.body.payment, paymentURL: "https://secure.mobilpay.ro/pay/x" } },
      },
      { kind: "malformed" },
    ],
  ];
  it.each(answered)("sorts %s", async (_, answer, fault) => {
    expect(await netopia.startAttempt(input(), on(answer).context)).toMatchObject({ ok: false, error: fault });
  });
});

describe("netopia v2: status", () => {
  it("asks by point of sale, their id and ours", async () => {
    const { wire, context } = on(statusPaid);
    const answer = await netopia.queryAttempt?.(attempt, context);
    expect(wire.sent[0]).toMatchObject({
      url: "https://secure.sandbox.netopia-payments.com/operation/status",
      effect: "read",
    });
    expect(body(wire.sent[0]?.body)).toEqual({ posID: SIGNATURE, ntpID: "1284771", orderID: "INV77-2" });
    expect(answer).toEqual({
      ok: true,
      value: [
        {
          kind: "captured",
          money: RON(24990n),
          processorCode: "3",
          processorText: "Approved",
          occurredAt: new Date("2026-11-21T12:17:12Z"),
          method: "card",
          instrument: "9****5098",
        },
      ],
    });
  });

  it("reads a decline from the status, though the call itself was fine", async () => {
    const answer = {
      status: 200,
      body: { error: { code: "21", message: "Invalid CVV" }, payment: { ntpID: "1284771", status: 12 } },
    };
    expect(await netopia.queryAttempt?.(attempt, on(answer).context)).toMatchObject({
      ok: true,
      value: [{ kind: "declined", declineReason: "invalid_cvv", processorCode: "21" }],
    });
  });

  it("gives no sum in a currency that is not the attempt's", async () => {
    const eur = { ...attempt, amount: { minor: 5000n, currency: "EUR" } };
    const answer = await netopia.queryAttempt?.(eur, on(statusPaid).context);
    expect(answer?.ok && answer.value[0]).not.toHaveProperty("money");
  });

  it("says that an order is not known there, and believes no answer about another", async () => {
    const unknown = { status: 200, body: { error: { code: "404", message: "Not found" } } };
    expect(await netopia.queryAttempt?.(attempt, on(unknown).context)).toMatchObject({
      ok: false,
      error: { kind: "rejected", detail: "no_such_order", processorCode: "404" },
    });
    for (const change of [{ order: { orderID: "INV77-3" } }, { payment: { ...statusPaid.body.payment, ntpID: "9" } }]) {
      const answer = { status: 200, body: { ...statusPaid.body, ...change } };
      expect(await netopia.queryAttempt?.(attempt, on(answer).context)).toMatchObject({
        ok: false,
        error: { kind: "malformed" },
      });
    }
  });
});

describe("netopia v2: refund, capture, void", () => {
  it("credits in the currency of the start", async () => {
    const { wire, context } = on(credit);
    const answer = await netopia.refundCapture?.({ attempt, amount: RON(1050n) }, context);
    expect(wire.sent[0]).toMatchObject({
      url: "https://secure.sandbox.netopia-payments.com/operation/credit",
      effect: "write",
    });
    expect(wire.sent[0]?.body).toBe('{"ntpID":"1284771","amount":10.5}');
    expect(answer).toMatchObject({ ok: true, value: [{ kind: "refund_succeeded", money: RON(1050n) }] });
  });

  it("takes only a clear no for a failure", async () => {
    const refund = async (answer: WireAnswer) =>
      netopia.refundCapture?.({ attempt, amount: RON(1n) }, on(answer).context);
    const said = (code: string, message: string, status = 200) => ({
      status,
      body: { error: { code, message }, payment: {} },
    });
    for (const no of [said("99", "Invalid Credit amount"), said("99", "Invalid Credit amount", 400), said("53", "")]) {
      expect(await refund(no)).toMatchObject({ ok: true, value: [{ kind: "refund_failed" }] });
    }
    for (const unclear of [said("99", "Generic error"), said("56", "Order closed"), said("7777", "?"), said("", "")]) {
      expect(await refund(unclear)).toMatchObject({ ok: false, error: { kind: "outcome_unknown" } });
    }
    const stillPaid = { status: 200, body: { error: { code: "00" }, payment: { status: 3 } } };
    expect(await refund(stillPaid)).toMatchObject({ ok: false, error: { kind: "outcome_unknown" } });
  });

  it("cannot refund what has no id there", async () => {
    const { wire, context } = on(credit);
    const answer = await netopia.refundCapture?.(
      { attempt: { attemptId: "x", amount: RON(1n) }, amount: RON(1n) },
      context,
    );
    expect(answer).toMatchObject({ ok: false, error: { kind: "rejected", detail: "processor_reference_missing" } });
    expect(wire.sent).toHaveLength(0);
  });

  it("has capture and void ready as presumed, and does not offer them", async () => {
    expect(netopia.captureAuthorization).toBeUndefined();
    expect(netopia.voidAuthorization).toBeUndefined();
    const captured = on({ status: 200, body: { error: { code: "00" }, payment: { status: 5 } } });
    expect(await captureV2({ attempt, amount: RON(100n) }, captured.context)).toMatchObject({
      ok: true,
      value: [{ kind: "captured", money: RON(100n) }],
    });
    expect(captured.wire.sent[0]?.body).toBe('{"ntpID":"1284771","amount":1}');
    const voided = on({ status: 200, body: { error: { code: "00" }, payment: { status: 4 } } });
    expect(await voidV2(attempt, voided.context)).toMatchObject({ ok: true, value: [{ kind: "voided" }] });
    const unsure = on({ status: 200, body: { error: { code: "00" }, payment: { status: 2 } } });
    expect(await voidV2(attempt, unsure.context)).toMatchObject({ ok: false, error: { kind: "outcome_unknown" } });
  });
});

describe("netopia v2: notification", () => {
  const paid = ipnPaid.body;

  it("tells a payment", async () => {
    expect(await read(paid)).toMatchObject({
      trust: "verified",
      reference: { attempt: "INV77-2", processor: "1284771" },
      claims: { pointOfSale: SIGNATURE, asked: RON(24990n) },
      observations: [{ kind: "captured", money: RON(24990n), processorCode: "3", instrument: "9****5098" }],
      replies: { stored: { status: 200, body: '{"errorType":0,"errorCode":0,"errorMessage":""}' } },
    });
  });

  it("gives a refund no sum: the amount is the original one", async () => {
    const [seen] = (await read(ipnCredit.body)).observations;
    expect(seen).toMatchObject({ kind: "refund_succeeded" });
    expect(seen).not.toHaveProperty("money");
  });

  it("keeps a converted sum apart", async () => {
    const order = { ...paid.order, amount: 50, currency: "EUR" };
    const told = await read({ ...paid, order });
    expect(told.claims).toMatchObject({ asked: { minor: 5000n, currency: "EUR" }, settled: RON(24990n) });
    expect(told.observations[0]).not.toHaveProperty("money");
  });

  it("shows a sum in a currency that no conversion explains", async () => {
    const told = await read({ ...paid, payment: { ...paid.payment, currency: "EUR" } });
    expect(told.observations[0]?.money).toEqual({ minor: 24990n, currency: "EUR" });
    expect(told.claims).toEqual({ pointOfSale: SIGNATURE, asked: RON(24990n) });
  });

  it("reads numbers as text and missing blocks, and whatever the content type says", async () => {
    const lenient = {
      payment: { ntpID: 1284771, status: "3", amount: "249.90", currency: "RON", code: 0 },
      order: { orderID: "INV77-2", amount: "249.90", currency: "RON" },
    };
    expect(await read(lenient)).toMatchObject({
      trust: "verified",
      observations: [{ kind: "captured", money: RON(24990n) }],
    });
    const bare = { payment: { ntpID: "1", status: 3 }, order: { orderID: "INV77-2" } };
    expect(await read(bare)).toMatchObject({ trust: "verified", observations: [{ kind: "captured" }] });
  });

  it("rejects a signed message that lacks what it is about", async () => {
    expect(await read("{")).toMatchObject({ trust: "rejected", reason: "malformed_body" });
    for (const part of [
      {},
      { payment: {} },
      { ...paid, order: {} },
      { ...paid, payment: { ntpID: "1" } },
      { ...paid, payment: { ...paid.payment, status: "paid" } },
    ]) {
      expect(await read(part)).toMatchObject({ trust: "rejected", reason: "incomplete", advised: "retry" });
    }
  });

  it("keeps a decline and a later payment of one id apart, and copies together", async () => {
    const declined = await read({ ...paid, payment: { ...paid.payment, status: 12, code: "21" } });
    const [one, again] = [await read(paid), await read(paid)];
    expect(declined.dedupeKey).not.toBe(one.dedupeKey);
    expect(one.dedupeKey).toBe(again.dedupeKey);
  });
});

describe("netopia v2: check", () => {
  it("opens an unpaid page and looks at it", async () => {
    const { wire, context } = on(started, { status: 200, body: "<html>" });
    expect(await netopia.checkCredentials(input(), context)).toMatchObject({
      ok: true,
      value: {
        steps: [
          { id: "credentials_accepted", outcome: "passed" },
          { id: "point_of_sale_accepted", outcome: "passed" },
          { id: "page_answered", outcome: "passed" },
        ],
        action: { kind: "go" },
      },
    });
    expect(wire.sent.map((request) => request.method)).toEqual(["POST", "GET"]);
  });

  it("leaves a page that only a browser may reach to a person, and names a failed step", async () => {
    const foreign = on(started, { kind: "rejected", detail: "host_not_allowed" });
    const steps = async (context: typeof foreign.context) => {
      const check = await netopia.checkCredentials(input(), context);
      return check.ok ? check.value.steps.map((step) => `${step.id}: ${step.outcome}`) : [];
    };
    expect(await steps(foreign.context)).toEqual([
      "credentials_accepted: passed",
      "point_of_sale_accepted: passed",
      "page_answered: needs_person",
    ]);
    expect(await steps(on(started, { status: 500, body: "" }).context)).toEqual([
      "credentials_accepted: passed",
      "point_of_sale_accepted: passed",
      "page_answered: failed",
    ]);
    const notTheirs = on({ status: 400, body: { error: { code: "99", message: "Invalid POS" } } });
    expect(await steps(notTheirs.context)).toEqual([
      "credentials_accepted: passed",
      "point_of_sale_accepted: failed",
      "page_answered: skipped",
    ]);
    const refused = on({ status: 401, body: { code: "401" } });
    expect(await steps(refused.context)).toEqual([
      "credentials_accepted: failed",
      "point_of_sale_accepted: skipped",
      "page_answered: skipped",
    ]);
  });
});
