// Random histories of one invoice and what must hold at their end, for the deciding code alone and for Postgres.

import fc from "fast-check";
import { expect } from "vitest";
import { keptMinor, movedMinor } from "../payments/amounts.ts";
import { hasOpenCommand, settleCommand } from "../payments/hold-command-row.ts";
import { askOfHold, endHoldCall } from "../payments/hold-steps.ts";
import { bookByHand, cancel, changeInvoice, collect, convert } from "../payments/invoice-steps.ts";
import { observe, outcomeUnknown } from "../payments/observe.ts";
import { beginCall, endCall } from "../payments/refund-payment.ts";
import { approve, askRefund, enterRefund, giveUp, refuse } from "../payments/refund-steps.ts";
import { decideStart, endStart, type StartRequest, UNHEARD_OF } from "../payments/start-steps.ts";
import { OUTCOMES } from "../payments/states.ts";
import { Step, type StepContext } from "../payments/step.ts";
import type { Attempt, Story } from "../payments/story.ts";
import type { Fault, Observation, Started } from "../processors/contract.ts";
import { fail, ok, type Result } from "../result.ts";
import { type Item, Model, type StartEnd, type World } from "./model.ts";

export const AMOUNT = 10_000n;
export const T0 = Date.UTC(2026, 10, 21, 12);

let serial = 0;
/** A step's surroundings `at` half minutes after the beginning: so long takes everything that happens. */
export const context = (at: number, can: Partial<Pick<World, "canRefund" | "holds">> = {}): StepContext => ({
  now: new Date(T0 + at * 30_000),
  newId: (kind) => `${kind}_${String(++serial).padStart(8, "0")}`,
  newToken: () => `token${++serial}`,
  actor: "test",
  abilitiesOf: () => ({
    canQuery: true,
    shortestLookSeconds: 5,
    canRefund: can.canRefund ?? false,
    canCapture: (can.holds ?? "none") !== "none",
    canCapturePart: can.holds === "parts",
    canVoid: (can.holds ?? "none") !== "none",
  }),
});

export function attempt(id: string): Attempt {
  const now = new Date(T0);
  return {
    ...UNHEARD_OF,
    id,
    merchantId: "mer_1",
    invoiceId: "inv_1",
    connectionId: "con_1",
    processor: "any",
    method: "card",
    isTest: false,
    currency: "RON",
    amountMinor: AMOUNT,
    captureMode: "automatic",
    secretHash: "x",
    startedBy: "payer",
    createdAt: now,
    updatedAt: now,
    expiresAt: new Date(T0 + 3_600_000),
    nextLookAt: null,
    receiptBy: null,
    receiptEmail: null,
  };
}

export function story({
  fiscalFromProforma = true,
  recordCollection = true,
}: Partial<Pick<Story["settings"], "fiscalFromProforma" | "recordCollection">>): Story {
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
      fiscalFromProforma,
      recordCollection,
      paidTwicePolicy: "refund",
      registerId: null,
      isTestShop: true,
      timeZone: "Europe/Bucharest",
    },
    fiscalInvoiceId: null,
    fiscalSeriesId: "ser_2",
    connections: [{ id: "con_1", processor: "any", variant: "x", accountReference: null }],
    webhookEndpoints: [],
    ownStatuses: OUTCOMES.map((outcome) => ({ outcome, id: `ost_${outcome}`, name: outcome, tone: "plain" })),
  };
}

/** News that a test spells out by itself. */
export type News = { attempt: number; observation: Observation; key: string };

/** Tells news one after the other. */
export function tell(start: Story, news: News[], canRefund: boolean): { story: Story; changes: Step["changes"] } {
  let present = start;
  const changes: Step["changes"] = [];
  for (const [at, item] of news.entries()) {
    const step = new Step(structuredClone(present), context(at, { canRefund }));
    const its = step.story.attempts[item.attempt];
    if (its) observe(step, its, item.observation, { way: "notification", key: item.key });
    changes.push(...step.changes);
    present = step.story;
  }
  return { story: present, changes };
}

const news = [
  "awaiting_payer",
  "processing",
  "in_review",
  "authorized",
  "captured",
  "voided",
  "declined",
  "expired",
] as const;
const moment = fc.integer({ min: 0, max: 10_000_000 });
const part = fc.constantFrom(10_000, 10_000, 10_000, 4_000, 6_000);
const reference = fc.integer({ min: 0, max: 4 });
const some = fc.integer({ min: 0, max: 2 });

/** Payers who ask for a page, and the answers that they get, late or never. */
const anyStart: fc.Arbitrary<Item> = fc.oneof(
  fc.record({
    do: fc.constant("start" as const),
    connection: fc.constantFrom(0 as const, 1 as const),
    isWarned: fc.boolean(),
  }),
  fc.record({
    do: fc.constant("end_start" as const),
    end: fc.constantFrom(
      "page" as const,
      "page" as const,
      "refused" as const,
      "unreachable" as const,
      "unknown" as const,
    ),
  }),
);

/** What is done with a hold, and with calls about it that end late, or never. */
const anyHoldItem: fc.Arbitrary<Item> = fc.oneof(
  fc.record({
    do: fc.constant("ask_hold" as const),
    attempt: some,
    verb: fc.constantFrom("capture" as const, "void" as const),
    minor: fc.constantFrom(null, null, 4_000, 10_000),
  }),
  fc.record({
    do: fc.constant("end_hold_call" as const),
    attempt: some,
    end: fc.constantFrom("done" as const, "nothing_told" as const, "refused" as const, "unknown" as const),
    at: moment,
  }),
  fc.record({ do: fc.constant("look" as const), attempt: some, isHeld: fc.boolean() }),
);

const anyItem: fc.Arbitrary<Item> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("news" as const),
      attempt: some,
      kind: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...news) },
        { weight: 2, arbitrary: fc.constant("captured" as const) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            "refund_succeeded" as const,
            "refund_succeeded" as const,
            "refund_accepted" as const,
            "refund_failed" as const,
          ),
        },
        {
          weight: 1,
          arbitrary: fc.constantFrom("dispute_opened" as const, "dispute_won" as const, "dispute_lost" as const),
        },
      ),
      minor: part,
      telling: fc.oneof(
        { weight: 8, arbitrary: fc.constant("sum" as const) },
        { weight: 1, arbitrary: fc.constantFrom("no_sum" as const, "other_currency" as const) },
      ),
      reference,
      key: fc.constant(""),
      way: fc.constantFrom("notification" as const, "notification" as const, "query" as const, "command" as const),
      at: moment,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lose_answer" as const), attempt: some }) },
  { weight: 3, arbitrary: anyStart },
  { weight: 4, arbitrary: anyHoldItem },
  { weight: 1, arbitrary: fc.constantFrom({ do: "cancel" as const }, { do: "convert" as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pay_by_hand" as const), minor: part }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("edit" as const), minor: part }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("collect" as const), payment: some }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("ask_refund" as const), attempt: some, minor: part }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("enter_refund" as const), attempt: some, minor: part, at: moment }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("approve" as const, "refuse" as const, "give_up" as const),
      refund: some,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("begin_call" as const), refund: some }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("end_call" as const),
      refund: some,
      end: fc.constantFrom(
        "accepted" as const,
        "succeeded" as const,
        "failed" as const,
        "unknown" as const,
        "unreachable" as const,
      ),
      reference,
      at: moment,
    }),
  },
);

/**
 * Histories of commands and news: anything may come late, swapped or again. What a lost notification would have told comes
 * later by a query, or never; a call that died has no end. Many begin with money, taken or held, so that what is done with
 * it is not rare.
 */
export const anyHistory = (maxLength: number): fc.Arbitrary<Item[]> =>
  fc
    .tuple(
      fc.oneof(
        fc.tuple(fc.constant(null), fc.array(fc.oneof(anyItem, anyStart), { maxLength, size: "max" })),
        fc.tuple(fc.constantFrom("captured" as const, null), fc.array(anyItem, { maxLength, size: "max" })),
        fc.tuple(
          fc.constant("authorized" as const),
          fc.array(fc.oneof(anyItem, anyHoldItem), { maxLength, size: "max" }),
        ),
      ),
      fc.array(fc.nat({ max: maxLength }), { maxLength: 4 }),
    )
    .map(([[kind, items], again]) => {
      const first = {
        do: "news",
        attempt: 0,
        minor: Number(AMOUNT),
        telling: "sum",
        reference: 0,
        way: "notification",
        at: 0,
      } as const;
      const whole: Item[] = kind ? [{ ...first, kind, key: "" }, ...items] : items;
      const named = whole.map((item, at) => ("key" in item ? { ...item, key: String(at) } : item));
      return [...named, ...again.flatMap((at) => named[at] ?? [])];
    });

/** News alone, by notification, for what must hold whatever order it comes in. */
export const anyNews = (maxLength: number): fc.Arbitrary<News[]> =>
  anyHistory(maxLength).map((items) =>
    items.flatMap((item) =>
      item.do === "news" ? [{ attempt: item.attempt, key: item.key, observation: observationOf(item) }] : [],
    ),
  );

export const anyWorld: fc.Arbitrary<World> = fc.record({
  amount: fc.constant(Number(AMOUNT)),
  attempts: fc.integer({ min: 1, max: 3 }),
  canRefund: fc.constantFrom(true, true, true, false),
  holds: fc.constantFrom("parts" as const, "parts" as const, "whole" as const, "none" as const),
  recordCollection: fc.boolean(),
  fiscalFromProforma: fc.boolean(),
  approvalAbove: fc.constantFrom(5_000, 1_000_000),
});

/** Calls that are under way: what was known as they began. */
export class Calls {
  /** By the refund's place. */
  readonly refunds = new Map<number, Parameters<typeof endCall>[3]>();
  /** For pages, the oldest first: which attempts wait for theirs. */
  readonly starts: string[] = [];
  /** Of holds, the oldest first. */
  readonly holds: Attempt[] = [];
}

/** What of a merchant's settings and connections an act needs; the first connection is that of the attempts planted. */
export type Shop = { approvalAbove: number; connectionIds: string[] };

/** The same thing done to a story: as a step of it. Says how it was answered. */
export function act(step: Step, item: Item, calls: Calls, shop: Shop): string {
  const { story } = step;
  const inOrder = attemptsOf(story);
  const nthAttempt = (n: number) => inOrder[n % inOrder.length] as Attempt;
  const said = (result: Result<unknown, string | { fault: Fault }>) =>
    result.ok ? "ok" : typeof result.error === "string" ? result.error : result.error.fault.kind;
  switch (item.do) {
    case "news":
      observe(step, nthAttempt(item.attempt), observationOf(item), { way: item.way, key: item.key });
      return "ok";
    case "lose_answer":
      outcomeUnknown(step, nthAttempt(item.attempt), "no answer");
      return "ok";
    case "start": {
      const ids = { id: step.context.newId("attempt"), secretHash: "x" };
      const decided = decideStart(step, startRequest(story, item, shop.connectionIds), ids);
      if (decided.kind === "refused") return decided.why;
      if (decided.kind === "resume") return `resume ${inOrder.indexOf(decided.attempt)}`;
      calls.starts.push(decided.attempt.id);
      return `start ${decided.attempt.amountMinor}`;
    }
    case "end_start": {
      const id = calls.starts.shift();
      // Where many tell at once, what was decided in vain was never there.
      if (id && story.attempts.some((a) => a.id === id)) endStart(step, id, startAnswer(item.end), PAGE);
      return "ok";
    }
    case "ask_hold": {
      const { verb, minor } = item;
      const asked = { attemptId: nthAttempt(item.attempt).id, verb };
      const begun = askOfHold(step, minor === null ? asked : { ...asked, amountMinor: BigInt(minor) });
      if (begun.ok) calls.holds.push({ ...begun.value });
      return said(begun);
    }
    case "end_hold_call": {
      const at = calls.holds.findIndex(({ id }) => id === nthAttempt(item.attempt).id);
      const begun = calls.holds.splice(at, at < 0 ? 0 : 1)[0];
      return begun ? said(endHoldCall(step, begun, holdAnswer(item, begun))) : "ok";
    }
    case "look":
      settleCommand(step, nthAttempt(item.attempt), item.isHeld);
      return "ok";
    case "cancel":
      return said(cancel(step, false));
    case "pay_by_hand":
      return said(
        bookByHand(step, {
          amountMinor: BigInt(item.minor),
          method: "cash",
          reference: null,
          occurredAt: step.context.now,
        }),
      );
    case "edit":
      return said(
        changeInvoice(step, { lines: [{ description: "x", quantity: 1, unitPriceMinor: item.minor, vatPercent: 0 }] }),
      );
    case "convert":
      return said(convert(step));
    case "collect": {
      const came = story.payments.filter((p) => p.amountMinor > 0n).sort(byId);
      return said(collect(step, came[item.payment % came.length]?.id ?? "none"));
    }
    case "ask_refund":
      return said(
        askRefund(step, {
          attemptId: nthAttempt(item.attempt).id,
          amountMinor: BigInt(item.minor),
          reason: null,
          approvalSums: { RON: shop.approvalAbove },
        }),
      );
    case "enter_refund":
      return said(
        enterRefund(step, {
          attemptId: nthAttempt(item.attempt).id,
          amountMinor: BigInt(item.minor),
          reason: null,
          reference: null,
          occurredAt: new Date(T0 + item.at),
        }),
      );
    default: {
      const at = item.refund % story.refunds.length;
      const refund = [...story.refunds].sort(byId)[at];
      if (!refund) return "not_found";
      if (item.do === "approve") return approve(step, refund, null) ?? "ok";
      if (item.do === "refuse") return refuse(step, refund, null, "no") ?? "ok";
      if (item.do === "give_up") return giveUp(step, refund, null) ?? "ok";
      if (item.do === "begin_call") {
        const begun = beginCall(step, refund.id);
        if (begun) calls.refunds.set(at, begun);
        return "ok";
      }
      const call = calls.refunds.get(at);
      if (!call) return "ok";
      calls.refunds.delete(at);
      const told = {
        reference: `r${item.reference}`,
        occurredAt: new Date(T0 + item.at),
        money: { minor: refund.amountMinor, currency: refund.currency },
      };
      const answer: Parameters<typeof endCall>[2] =
        item.end === "unknown"
          ? fail({ kind: "outcome_unknown", detail: "no answer" })
          : item.end === "unreachable"
            ? fail({ kind: "unreachable", detail: "no way" })
            : ok([{ kind: `refund_${item.end}` as const, ...told }]);
      endCall(step, refund.id, answer, call);
      return "ok";
    }
  }
}

const PAGE = { sealed: "page", dataKeyId: "x" };
/** What is asked for at one of two connections; the second holds the money before it is taken. */
function startRequest({ invoice }: Story, { connection, isWarned }: Extract<Item, { do: "start" }>, ids: string[]) {
  return {
    merchantId: invoice.merchantId,
    invoiceId: invoice.id,
    connection: {
      id: ids[connection],
      processor: "revolut",
      variant: "merchant",
      captureMode: connection === 0 ? "automatic" : "manual",
      options: {},
      accountReference: null,
      notifyEmail: null,
    },
    method: "card",
    payer: {},
    startedBy: "payer",
    isWarned,
  } as unknown as StartRequest;
}

function startAnswer(end: StartEnd): Result<Started, Fault> {
  if (end === "refused") return fail({ kind: "rejected", detail: "no", processorCode: "1" });
  if (end === "unreachable") return fail({ kind: "unreachable", detail: "no way" });
  if (end === "unknown") return fail({ kind: "outcome_unknown", detail: "no answer" });
  return ok({ action: { kind: "go", url: "https://processor.example" }, observations: [] });
}

function holdAnswer(
  { end, at }: Extract<Item, { do: "end_hold_call" }>,
  { commandVerb, commandMinor }: Attempt,
): Result<Observation[], Fault> {
  if (end === "refused") return fail({ kind: "rejected", detail: "no", processorCode: "1" });
  if (end === "unknown") return fail({ kind: "outcome_unknown", detail: "no answer" });
  if (end === "nothing_told") return ok([]);
  const occurredAt = new Date(T0 + at);
  return commandVerb === "capture"
    ? ok([{ kind: "captured", money: { minor: commandMinor ?? 0n, currency: "RON" }, occurredAt }])
    : ok([{ kind: "voided", occurredAt }]);
}

/** Who does it: what is decided about a refund is decided by a second person. */
export function actorOf(item: Item): string {
  if (item.do === "news" && item.way !== "command") return "processor:any";
  return ["approve", "refuse"].includes(item.do) ? "member:2" : "member:1";
}

function observationOf({ kind, minor, telling, reference, at }: Extract<Item, { do: "news" }>): Observation {
  const isOfRefund = kind.startsWith("refund_");
  const isOfMoney = isOfRefund || kind.startsWith("dispute_") || kind === "captured" || kind === "authorized";
  const money = { minor: BigInt(minor), currency: telling === "other_currency" ? "EUR" : "RON" };
  return {
    kind,
    occurredAt: new Date(T0 + at),
    ...(isOfMoney && telling !== "no_sum" ? { money } : {}),
    ...(isOfRefund ? { reference: `r${reference}` } : {}),
    ...(kind === "declined" ? { declineReason: "insufficient_funds" as const, processorCode: "20" } : {}),
  };
}

/** A history told to the deciding code alone, beside the model; every answer must be the model's. */
export function play(world: World, history: Item[]): { story: Story; changes: Step["changes"]; model: Model } {
  const model = new Model(world);
  const calls = new Calls();
  const changes: Step["changes"] = [];
  let present = story(world);
  present.attempts.splice(world.attempts);
  for (const [at, item] of history.entries()) {
    const step = new Step(structuredClone(present), { ...context(at + 1, world), actor: actorOf(item) });
    const answer = act(step, item, calls, { ...world, connectionIds: ["con_1", "con_2"] });
    expect(`${JSON.stringify(item)} ${answer}`).toBe(`${JSON.stringify(item)} ${model.tell(item)}`);
    changes.push(...step.changes);
    present = step.story;
  }
  return { story: present, changes, model };
}

const MONEY_MARKS = [
  "paid_short",
  "paid_over",
  "paid_late",
  "paid_twice",
  "amount_unknown",
  "currency_mismatch",
  "refund_over_captured",
  "refund_amount_unknown",
  "dispute",
];

/** The end of a history is the model's, to the last unit and mark. */
export function expectModel(end: Story, model: Model, facts: Facts): void {
  const nth = new Map(attemptsOf(end).map(({ id }, at) => [id as string | null, at]));
  const nthRefund = new Map([...end.refunds].sort(byId).map(({ id }, at) => [id as string | null, at]));
  const booked = new Set(end.collections.map((c) => c.paymentId));
  const sorted = (rows: unknown[][]) => rows.map((row) => row.join(" ")).sort();
  expect({
    state: end.invoice.state,
    amount: Number(end.invoice.amountMinor),
    paid: Number(end.invoice.paidMinor),
    fiscal: facts.fiscalInvoices,
    attempts: attemptsOf(end).map((a) => [
      a.state,
      Number(a.amountMinor),
      a.payerAction !== null,
      Number(a.authorizedMinor),
      Number(a.capturedMinor),
      ...(a.commandVerb ? [a.commandVerb, Number(a.commandMinor), a.commandState] : []),
    ]),
    payments: sorted(
      end.payments.map((p) => [
        nth.get(p.attemptId),
        nthRefund.get(p.refundId),
        p.amountMinor,
        p.isKept,
        booked.has(p.id),
      ]),
    ),
    refunds: [...end.refunds].sort(byId).map((r) => [nth.get(r.attemptId), Number(r.amountMinor), r.state]),
    disputes: sorted(end.disputes.map((d) => [nth.get(d.attemptId), d.state, d.amountMinor, d.currency])),
    marks: facts.marks.filter((kind) => MONEY_MARKS.includes(kind)).sort(),
  }).toEqual({
    state: model.state,
    amount: model.amount,
    paid: model.moved(),
    fiscal: model.hasFiscal ? 1 : 0,
    attempts: model.attempts.map(({ state, amount, hasPage, held, captured, order }) => [
      state,
      amount,
      hasPage,
      held,
      captured,
      ...(order ? [order.verb, order.minor, order.state] : []),
    ]),
    payments: sorted(
      model.payments.map((p) => [p.attempt ?? undefined, p.refund ?? undefined, p.minor, p.isKept, p.isCollected]),
    ),
    refunds: model.refunds.map((r) => [r.attempt, r.minor, r.state]),
    disputes: sorted(
      model.attempts.flatMap(({ dispute: d }, at) => (d ? [[at, d.state, d.minor, d.isForeign ? "EUR" : "RON"]] : [])),
    ),
    marks: [...model.marks].sort(),
  });
}

/** In the order in which they came. */
const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
/** In the order in which they were begun; those that were planted together have a letter at their end. */
const attemptsOf = (story: Story): Attempt[] =>
  [...story.attempts].sort(
    (a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id.at(-1) ?? "").localeCompare(b.id.at(-1) ?? ""),
  );

/** What was written beside the story: events, how many fiscal invoices, what was put before a person. */
export type Facts = {
  events: { type: string; data: Record<string, unknown> }[];
  fiscalInvoices: number;
  marks: string[];
};

/** The facts among the changes of the deciding code. */
export function factsOf(changes: Step["changes"]): Facts {
  return {
    events: changes.flatMap((c) => (c.kind === "event" ? [{ type: c.row.type, data: c.row.data }] : [])),
    fiscalInvoices: changes.filter((c) => c.kind === "fiscal_invoice").length,
    marks: changes.flatMap((c) => (c.kind === "attention" ? [c.row.kind] : [])),
  };
}

const MONEY_EVENTS = new Set(["payment.captured", "payment.paid_twice", "payment.recorded", "refund.succeeded"]);

/** What must hold however a history went. */
export function check(end: Story, facts: Facts): void {
  // Sums change only while no money is there, so what is owed now was owed all along.
  const owed = end.invoice.amountMinor;
  // Sum of payments = the invoice's paid amount = sum over events.
  expect(end.invoice.paidMinor).toBe(movedMinor(end));
  const told = facts.events
    .filter(({ type }) => MONEY_EVENTS.has(type))
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
    // What was asked of a hold waits for its end only while the hold stands, and is done only where it shows.
    if (hasOpenCommand(its)) expect(its.state).toBe("authorized");
    if (its.commandState === "done") {
      // Money that came after all is the truth, whatever was let go.
      expect(its.commandVerb === "capture" ? ["captured"] : ["voided", "captured"]).toContain(its.state);
    }
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
  expect(end.invoice.state === "paid").toBe(keptMinor(end) >= owed);
  // What became of it agrees with the money, and the merchant's own status with what became of it.
  const { outcome, ownStatusId } = end.invoice;
  expect(outcome === "paid").toBe(keptMinor(end) >= owed);
  expect(ownStatusId).toBe(end.ownStatuses.find((status) => status.outcome === outcome)?.id ?? null);
  const isHeld = end.attempts.some((its) => its.state === "authorized");
  const hasGivenBack = end.payments.some((p) => p.isKept && p.amountMinor < 0n);
  if (keptMinor(end) > 0n && keptMinor(end) < owed && !isHeld) {
    expect(outcome).toBe(hasGivenBack ? "partly_refunded" : "partly_paid");
  }
  if (outcome === "refunded") expect(keptMinor(end)).toBe(0n);
  if (outcome === "held") expect(isHeld).toBe(true);
  if (outcome === "cancelled") expect(end.invoice.outcomeReason).toBeTruthy();
  // In the order in which it was committed: kept while something was owed, a second payment once nothing was.
  let kept = 0n;
  for (const { type, data } of facts.events) {
    const amount = BigInt(String(data.amountMinor ?? 0));
    if (type === "payment.captured" || type === "payment.recorded") {
      expect(kept < owed).toBe(true);
      kept += amount;
    } else if (type === "payment.paid_twice") {
      expect(kept >= owed).toBe(true);
    } else if (type === "refund.succeeded") {
      kept += keptMinor({ payments: end.payments.filter((p) => p.refundId === data.refundId) });
      expect(kept >= 0n).toBe(true);
    }
  }
  expect(kept).toBe(keptMinor(end));
}
