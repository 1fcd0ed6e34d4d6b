// Random histories against a model: attempts opened and told about in any order, doubled and swapped, money booked by
// hand, refunds, cancellations. However it went, sums add up and every effect happened once.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Observation } from "../processors/contract.ts";
import { keptMinor, movedMinor } from "./amounts.ts";
import { observe } from "./observe.ts";
import { Step, type StepContext } from "./step.ts";
import type { Attempt, Story } from "./story.ts";

const AMOUNT = 10_000n;
const T0 = Date.UTC(2026, 10, 21, 12);

let serial = 0;
const context = (at: number, canRefund: boolean): StepContext => ({
  now: new Date(T0 + at),
  newId: (kind) => `${kind}_${String(++serial).padStart(8, "0")}`,
  actor: "test",
  abilitiesOf: () => ({ canQuery: true, shortestLookSeconds: 5, canRefund }),
});

function attempt(id: string): Attempt {
  const now = new Date(T0);
  return {
    id,
    merchantId: "mer_1",
    invoiceId: "inv_1",
    connectionId: "con_1",
    processor: "any",
    method: "card",
    state: "created",
    isTest: false,
    currency: "RON",
    amountMinor: AMOUNT,
    authorizedMinor: 0n,
    capturedMinor: 0n,
    captureMode: "automatic",
    processorReference: null,
    secretHash: "x",
    payerAction: null,
    dataKeyId: null,
    declineReason: null,
    processorCode: null,
    processorText: null,
    instrument: null,
    stateOccurredAt: null,
    settledMinor: null,
    settledCurrency: null,
    startedBy: "payer",
    createdAt: now,
    updatedAt: now,
    expiresAt: new Date(T0 + 3_600_000),
    nextLookAt: null,
    looks: 0,
    returnedAt: null,
  };
}

function story(switches: Partial<Story["settings"]>): Story {
  const now = new Date(T0);
  return {
    invoice: {
      id: "inv_1",
      merchantId: "mer_1",
      pointOfSaleId: "pos_1",
      kind: "proforma",
      seriesId: "ser_1",
      number: 1,
      label: "PF-1",
      state: "open",
      isTest: false,
      currency: "RON",
      amountMinor: AMOUNT,
      paidMinor: 0n,
      acceptsCard: true,
      payerName: "Client",
      payerEmail: null,
      payerPhone: null,
      payerAddress: null,
      payerTaxId: null,
      locale: "ro",
      note: null,
      issuedOn: null,
      dueOn: null,
      expiresAt: null,
      linkToken: "t",
      proformaId: null,
      paidAt: null,
      cancelledAt: null,
      version: 1,
      createdBy: "test",
      createdAt: now,
      updatedAt: now,
      archivedAt: null,
    },
    lines: [],
    attempts: [attempt("att_a"), attempt("att_b"), attempt("att_c")],
    tries: [],
    payments: [],
    refunds: [],
    disputes: [],
    collections: [],
    seen: new Set(),
    settings: {
      isOpen: true,
      cardOnAllInvoices: true,
      fiscalFromProforma: true,
      recordCollection: true,
      paidTwicePolicy: "refund",
      ...switches,
    },
    fiscalInvoiceId: null,
    fiscalSeriesId: "ser_2",
    connections: [{ id: "con_1", processor: "any", variant: "x" }],
    webhookEndpoints: [],
  };
}

type News = { attempt: number; observation: Observation; key: string };

const kinds = [
  "awaiting_payer",
  "processing",
  "in_review",
  "authorized",
  "captured",
  "voided",
  "declined",
  "expired",
] as const;

const anyNews: fc.Arbitrary<News> = fc
  .record({
    attempt: fc.integer({ min: 0, max: 2 }),
    kind: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...kinds) },
      { weight: 1, arbitrary: fc.constant("refund_succeeded" as const) },
    ),
    part: fc.constantFrom(10_000n, 10_000n, 4_000n),
    at: fc.integer({ min: 0, max: 10_000_000 }),
    key: fc.integer({ min: 0, max: 1_000_000 }),
  })
  .map(({ attempt: index, kind, part, at, key }) => ({
    attempt: index,
    key: String(key),
    observation: {
      kind,
      occurredAt: new Date(T0 + at),
      ...(kind === "captured" || kind === "authorized" ? { money: { minor: part, currency: "RON" } } : {}),
      ...(kind === "refund_succeeded" ? { money: { minor: part, currency: "RON" }, reference: `crc${key}` } : {}),
      ...(kind === "declined" ? { declineReason: "insufficient_funds" as const, processorCode: "20" } : {}),
    },
  }));

function tell(start: Story, news: News[], canRefund: boolean): { story: Story; changes: Step["changes"] } {
  let present = start;
  const changes: Step["changes"] = [];
  for (const [at, item] of news.entries()) {
    const step = new Step(present, context(at, canRefund));
    const its = step.story.attempts[item.attempt];
    if (its) observe(step, its, item.observation, { way: "notification", key: item.key });
    changes.push(...step.changes);
    present = step.story;
  }
  return { story: present, changes };
}

function check(end: Story, changes: Step["changes"]): void {
  const of = <K extends Step["changes"][number]["kind"]>(kind: K) =>
    changes.filter((c): c is Extract<Step["changes"][number], { kind: K }> => c.kind === kind);
  // Sum of payments = the invoice's paid amount = sum over events.
  expect(end.invoice.paidMinor).toBe(movedMinor(end));
  const told = of("event")
    .filter(
      ({ row }) =>
        row.type === "payment.captured" || row.type === "payment.paid_twice" || row.type === "refund.succeeded",
    )
    .reduce(
      (sum, { row }) => sum + BigInt(String(row.data.amountMinor)) * (row.type === "refund.succeeded" ? -1n : 1n),
      0n,
    );
  expect(told).toBe(movedMinor(end));
  // Money by attempt: what was captured is what was booked; never more given back than was taken.
  for (const its of end.attempts) {
    const taken = end.payments
      .filter((p) => p.attemptId === its.id && p.amountMinor > 0n)
      .reduce((s, p) => s + p.amountMinor, 0n);
    const back = end.payments
      .filter((p) => p.attemptId === its.id && p.amountMinor < 0n)
      .reduce((s, p) => s - p.amountMinor, 0n);
    expect(taken).toBe(its.capturedMinor);
    expect(back <= taken).toBe(true);
    expect(its.state === "captured").toBe(its.capturedMinor > 0n);
  }
  // One fiscal invoice at most, one collection per payment at most, one negative payment per refund.
  expect(of("fiscal_invoice").length).toBeLessThanOrEqual(1);
  const booked = end.collections.map((c) => c.paymentId);
  expect(new Set(booked).size).toBe(booked.length);
  const returned = end.payments.flatMap((p) => (p.refundId ? [p.refundId] : []));
  expect(new Set(returned).size).toBe(returned.length);
  // Covered means paid, and paid means covered.
  expect(end.invoice.state === "paid").toBe(keptMinor(end) >= AMOUNT);
  // Two kept captures only as parts of one sum: what is kept never counts a second whole payment.
  for (const payment of end.payments.filter((p) => p.isKept && p.amountMinor > 0n)) {
    const before = end.payments.filter((p) => p.id < payment.id && p.isKept).reduce((s, p) => s + p.amountMinor, 0n);
    expect(before < AMOUNT).toBe(true);
  }
}

describe("random histories on the deciding code", () => {
  test("10 000 histories: sums add up, every effect happens once", () => {
    fc.assert(
      fc.property(
        fc.array(anyNews, { maxLength: 14 }),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (news, fiscalFromProforma, recordCollection, canRefund) => {
          const { story: end, changes } = tell(story({ fiscalFromProforma, recordCollection }), news, canRefund);
          check(end, changes);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  test("a history told twice, the second time shuffled, changes nothing", () => {
    fc.assert(
      fc.property(fc.array(anyNews, { maxLength: 10 }), fc.boolean(), (news, canRefund) => {
        const first = tell(story({}), news, canRefund);
        const again = tell(first.story, [...news].reverse(), canRefund);
        expect(again.story.invoice.paidMinor).toBe(first.story.invoice.paidMinor);
        expect(again.story.payments.length).toBe(first.story.payments.length);
        expect(again.story.attempts.map((a) => a.state)).toEqual(first.story.attempts.map((a) => a.state));
      }),
      { numRuns: 2000 },
    );
  });

  test("whatever the order, the same money and the same ends (one capture sum per attempt)", () => {
    const whole = anyNews
      .filter((n) => n.observation.kind !== "refund_succeeded")
      .map((n) =>
        n.observation.money
          ? { ...n, observation: { ...n.observation, money: { minor: AMOUNT, currency: "RON" } } }
          : n,
      );
    const unique = fc.uniqueArray(whole, { maxLength: 9, selector: (n) => n.observation.occurredAt?.getTime() ?? 0 });
    fc.assert(
      fc.property(
        unique.chain((news) => fc.tuple(fc.constant(news), fc.shuffledSubarray(news, { minLength: news.length }))),
        ([news, shuffled]) => {
          const one = tell(story({}), news, false).story;
          const other = tell(story({}), shuffled, false).story;
          expect(other.attempts.map((a) => a.state)).toEqual(one.attempts.map((a) => a.state));
          expect(other.invoice.paidMinor).toBe(one.invoice.paidMinor);
          expect(keptMinor(other)).toBe(keptMinor(one));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("a refund whose news comes before its capture ends the same", () => {
    const captured: News = {
      attempt: 0,
      key: "1",
      observation: { kind: "captured", money: { minor: AMOUNT, currency: "RON" } },
    };
    const refund: News = {
      attempt: 0,
      key: "2",
      observation: { kind: "refund_succeeded", money: { minor: 4_000n, currency: "RON" }, reference: "crc" },
    };
    for (const order of [
      [captured, refund],
      [refund, captured],
    ]) {
      const { story: end } = tell(story({}), order, false);
      expect(end.invoice.paidMinor).toBe(6_000n);
      expect(end.refunds.map((r) => r.state)).toEqual(["succeeded"]);
    }
  });

  test("a second capture is marked, its refund is started where the processor can, else a person is asked", () => {
    const both: News[] = [0, 1].map((index) => ({
      attempt: index,
      key: String(index),
      observation: { kind: "captured" as const, money: { minor: AMOUNT, currency: "RON" } },
    }));
    const automatic = tell(story({}), both, true);
    expect(automatic.story.refunds).toMatchObject([
      { attemptId: "att_b", amountMinor: AMOUNT, origin: "paid_twice", state: "requested" },
    ]);
    const byHand = tell(story({}), both, false);
    expect(byHand.story.refunds).toEqual([]);
    expect(byHand.changes.filter((c) => c.kind === "attention").map((c) => c.row.kind)).toEqual(["paid_twice"]);
    expect(byHand.story.payments.map((p) => p.isKept)).toEqual([true, false]);
  });
});
