// What is out of the ordinary about an invoice's money and must be told to its payer: it came late, less or more than was
// asked, twice, or in another currency. Sums come from the payments; when and why from what was noted as it happened.

import { movedMinorOf } from "./amounts.ts";
import { TICKET_STATES } from "./states.ts";
import type { Attempt, Payment, Refund, Story } from "./story.ts";

export const NOTE_KINDS = ["other_currency", "twice", "over", "late", "short"] as const;
export type NoteKind = (typeof NOTE_KINDS)[number];

/** Why money counts as late: what was over when it came. */
export const LATE_CAUSES = ["cancelled", "expired", "attempt_over"] as const;
export type LateCause = (typeof LATE_CAUSES)[number];

type Sum = { minor: bigint; currency: string };
export type PaymentNote = {
  kind: NoteKind;
  /** What came; of `over` the surplus, of `twice` the payment that is not kept. */
  amount: Sum;
  /** What was asked for, where it differs. */
  asked: Sum | null;
  processor: string | null;
  at: Date;
  cause: LateCause | null;
  /** Of `twice` and `over`: the refund that gives it back. Done for `twice` also where it went back by several. */
  refund: { id: string | null; isDone: boolean } | null;
};

/** What steps noted beside the money, as events keep it. */
export type Marks = {
  /** By payment. */
  late: Map<string, LateCause>;
  /** Captures told in another currency, which count for nothing. */
  otherCurrency: { attemptId: string; told: Sum; at: Date }[];
};

export const NO_MARKS: Marks = { late: new Map(), otherCurrency: [] };

/** Notes in the order in which they matter. */
export function paymentNotes(
  story: Pick<Story, "invoice" | "attempts" | "payments" | "refunds">,
  marks: Marks,
): PaymentNote[] {
  const { attempts, payments, invoice } = story;
  const notes = [
    ...marks.otherCurrency.flatMap((mark) => ofOtherCurrency(attempts, mark)),
    ...payments.filter((one) => !one.isKept && one.amountMinor > 0n).map((one) => ofSecond(story, one)),
    ...ofSurplus(story),
    ...payments.flatMap((one) => ofLate(story, one, marks.late.get(one.id))),
    ...(invoice.state === "paid" ? [] : attempts.flatMap((one) => ofShort(story, one))),
  ];
  return notes.sort((a, b) => NOTE_KINDS.indexOf(a.kind) - NOTE_KINDS.indexOf(b.kind));
}

/** Until the same attempt brings what was asked for. */
function ofOtherCurrency(attempts: Attempt[], { attemptId, told, at }: Marks["otherCurrency"][number]): PaymentNote[] {
  const attempt = attempts.find((one) => one.id === attemptId);
  if (!attempt || attempt.capturedMinor > 0n) return [];
  const asked = { minor: attempt.amountMinor, currency: attempt.currency };
  return [{ kind: "other_currency", amount: told, asked, processor: attempt.processor, at, cause: null, refund: null }];
}

function ofSecond({ payments, refunds }: Pick<Story, "payments" | "refunds">, second: Payment): PaymentNote {
  const isBack = movedMinorOf(payments, { attemptId: second.attemptId, isKept: false }) <= 0n;
  const refund = lastRefund(refunds, second.attemptId, isBack ? ["succeeded"] : UNDER_WAY);
  return {
    kind: "twice",
    amount: sumOf(second),
    asked: null,
    processor: second.processor,
    at: second.occurredAt,
    cause: null,
    refund: isBack || refund ? { id: refund?.id ?? null, isDone: isBack } : null,
  };
}

function ofSurplus({ invoice, payments, refunds }: Pick<Story, "invoice" | "payments" | "refunds">): PaymentNote[] {
  const surplus = movedMinorOf(payments, { isKept: true }) - invoice.amountMinor;
  const last = payments.filter((one) => one.isKept && one.amountMinor > 0n).at(-1);
  if (surplus <= 0n || !last) return [];
  const refund = lastRefund(refunds, last.attemptId, UNDER_WAY);
  return [
    {
      kind: "over",
      amount: { minor: surplus, currency: invoice.currency },
      asked: { minor: invoice.amountMinor, currency: invoice.currency },
      processor: last.processor,
      at: last.occurredAt,
      cause: null,
      refund: refund ? { id: refund.id, isDone: false } : null,
    },
  ];
}

function ofLate({ payments }: Pick<Story, "payments">, payment: Payment, cause: LateCause | undefined): PaymentNote[] {
  // What went back again is no longer news.
  if (!cause || movedMinorOf(payments, { attemptId: payment.attemptId, isKept: true }) <= 0n) return [];
  const { processor, occurredAt: at } = payment;
  return [{ kind: "late", amount: sumOf(payment), asked: null, processor, at, cause, refund: null }];
}

/** A capture below what was asked: of one that waited for a person, that person chose the sum. */
function ofShort({ payments }: Pick<Story, "payments">, attempt: Attempt): PaymentNote[] {
  const { capturedMinor, amountMinor, currency, processor, captureMode } = attempt;
  if (attempt.state !== "captured" || captureMode !== "automatic" || capturedMinor >= amountMinor) return [];
  const last = payments.filter((one) => one.attemptId === attempt.id && one.amountMinor > 0n).at(-1);
  if (!last?.isKept || movedMinorOf(payments, { attemptId: attempt.id, isKept: true }) <= 0n) return [];
  const [amount, asked] = [
    { minor: capturedMinor, currency },
    { minor: amountMinor, currency },
  ];
  return [{ kind: "short", amount, asked, processor, at: last.occurredAt, cause: null, refund: null }];
}

/** On its way to the payer: neither given up nor refused. */
const UNDER_WAY = TICKET_STATES.filter((state) => state !== "succeeded" && state !== "failed");

function lastRefund(refunds: Refund[], attemptId: string | null, states: readonly Refund["state"][]) {
  return refunds.findLast((one) => attemptId !== null && one.attemptId === attemptId && states.includes(one.state));
}

const sumOf = ({ amountMinor, currency }: Payment): Sum => ({ minor: amountMinor, currency });
