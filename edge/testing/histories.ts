// Random histories of one invoice and what must hold at their end, for the deciding code alone and for Postgres.

import fc from "fast-check";
import { expect } from "vitest";
import { keptMinor, movedMinor } from "../payments/amounts.ts";
import { observe } from "../payments/observe.ts";
import { OUTCOMES } from "../payments/states.ts";
import { Step, type StepContext } from "../payments/step.ts";
import type { Attempt, Story } from "../payments/story.ts";
import type { Observation } from "../processors/contract.ts";

export const AMOUNT = 10_000n;
export const T0 = Date.UTC(2026, 10, 21, 12);

let serial = 0;
export const context = (at: number, canRefund: boolean): StepContext => ({
  now: new Date(T0 + at),
  newId: (kind) => `${kind}_${String(++serial).padStart(8, "0")}`,
  newToken: () => `token${++serial}`,
  actor: "test",
  abilitiesOf: () => ({ canQuery: true, shortestLookSeconds: 5, canRefund }),
});

export function attempt(id: string): Attempt {
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
    lastLookAt: null,
    returnedAt: null,
    holdUntil: null,
    isHoldEstimated: null,
    holdAlarmAt: null,
    holdPolicyAt: null,
    commandVerb: null,
    commandState: null,
    commandMinor: null,
    commandKey: null,
    commandBy: null,
    commandAt: null,
    commandCode: null,
    commandText: null,
    receiptBy: null,
    receiptEmail: null,
  };
}

export function story(switches: Partial<Story["settings"]>): Story {
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
      methods: null,
      onlyConnectionId: null,
      crmInstallationId: null,
      beneficiaryName: null,
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
      outcome: null,
      outcomeReason: null,
      outcomeBy: null,
      outcomeAt: null,
      ownStatusId: null,
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
      registerId: null,
      isTestShop: true,
      timeZone: "Europe/Bucharest",
      ...switches,
    },
    fiscalInvoiceId: null,
    fiscalSeriesId: "ser_2",
    connections: [{ id: "con_1", processor: "any", variant: "x", accountReference: null }],
    webhookEndpoints: [],
    ownStatuses: OUTCOMES.map((outcome) => ({ outcome, id: `ost_${outcome}`, name: outcome, tone: "plain" })),
  };
}

export type News = { attempt: number; observation: Observation; key: string };

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

export const anyNews: fc.Arbitrary<News> = fc
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

export function tell(start: Story, news: News[], canRefund: boolean): { story: Story; changes: Step["changes"] } {
  let present = start;
  const changes: Step["changes"] = [];
  for (const [at, item] of news.entries()) {
    const step = new Step(structuredClone(present), context(at, canRefund));
    const its = step.story.attempts[item.attempt];
    if (its) observe(step, its, item.observation, { way: "notification", key: item.key });
    changes.push(...step.changes);
    present = step.story;
  }
  return { story: present, changes };
}

/** What was written beside the story: events, and how many fiscal invoices. */
export type Facts = { events: { type: string; data: Record<string, unknown> }[]; fiscalInvoices: number };

/** The facts among the changes of the deciding code. */
export function factsOf(changes: Step["changes"]): Facts {
  return {
    events: changes.flatMap((c) => (c.kind === "event" ? [{ type: c.row.type, data: c.row.data }] : [])),
    fiscalInvoices: changes.filter((c) => c.kind === "fiscal_invoice").length,
  };
}

/** What must hold however a history went. */
export function check(end: Story, facts: Facts): void {
  // Sum of payments = the invoice's paid amount = sum over events.
  expect(end.invoice.paidMinor).toBe(movedMinor(end));
  const told = facts.events
    .filter(({ type }) => type === "payment.captured" || type === "payment.paid_twice" || type === "refund.succeeded")
    .reduce(
      (sum, { type, data }) => sum + BigInt(String(data.amountMinor)) * (type === "refund.succeeded" ? -1n : 1n),
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
  // One fiscal invoice at most, one collection per payment at most, each refund booked whole and once.
  expect(facts.fiscalInvoices).toBeLessThanOrEqual(1);
  const booked = end.collections.map((c) => c.paymentId);
  expect(new Set(booked).size).toBe(booked.length);
  for (const refund of end.refunds) {
    const parts = end.payments.filter((p) => p.refundId === refund.id);
    const back = parts.reduce((sum, p) => sum - p.amountMinor, 0n);
    expect(back).toBe(refund.state === "succeeded" ? refund.amountMinor : 0n);
    expect(new Set(parts.map((p) => p.isKept)).size).toBe(parts.length);
  }
  // Covered means paid, and paid means covered.
  expect(end.invoice.state === "paid").toBe(keptMinor(end) >= AMOUNT);
  // What became of it agrees with the money, and the merchant's own status with what became of it.
  const { outcome, ownStatusId } = end.invoice;
  expect(outcome === "paid").toBe(keptMinor(end) >= AMOUNT);
  expect(ownStatusId).toBe(end.ownStatuses.find((status) => status.outcome === outcome)?.id ?? null);
  const isHeld = end.attempts.some((its) => its.state === "authorized");
  const hasGivenBack = end.payments.some((p) => p.isKept && p.amountMinor < 0n);
  if (keptMinor(end) > 0n && keptMinor(end) < AMOUNT && !isHeld) {
    expect(outcome).toBe(hasGivenBack ? "partly_refunded" : "partly_paid");
  }
  if (outcome === "refunded") expect(keptMinor(end)).toBe(0n);
  if (outcome === "held") expect(isHeld).toBe(true);
  if (outcome === "cancelled") expect(end.invoice.outcomeReason).toBeTruthy();
  // In the order in which it was committed: kept while something was owed, a second payment once nothing was.
  let kept = 0n;
  for (const { type, data } of facts.events) {
    const amount = BigInt(String(data.amountMinor ?? 0));
    if (type === "payment.captured") {
      expect(kept < AMOUNT).toBe(true);
      kept += amount;
    } else if (type === "payment.paid_twice") {
      expect(kept >= AMOUNT).toBe(true);
    } else if (type === "refund.succeeded") {
      kept += keptMinor({ payments: end.payments.filter((p) => p.refundId === data.refundId) });
      expect(kept >= 0n).toBe(true);
    }
  }
  expect(kept).toBe(keptMinor(end));
}
