// What we ask about an invoice and do with a hold; and the check of a shop's key (uapay.md 4, 8, 9).

import { fail, ok, type Result } from "../../result.ts";
import type { AttemptReference, CheckStep, CredentialCheck, Fault, Observation } from "../contract.ts";
import { type Invoice, kindOfOne, notUnderstood, observationsOf, type Payment, spokesman, tell } from "./invoice.ts";
import { optional, textOf } from "./json.ts";
import { findInvoice, showInvoice } from "./lookup.ts";
import { type Context, call, faultOf, openSession, type Session } from "./wire.ts";

/** Asks for the invoice, by its id or by our own. */
export async function query(attempt: AttemptReference, context: Context): Promise<Result<Observation[], Fault>> {
  const session = await openSession(context);
  if (!session.ok) return session;
  const found = await findInvoice(attempt, session.value);
  if (!found.ok) return found;
  const { invoice, others } = found.value;
  // One attempt, one invoice: a second one with money in it is for a person to see.
  const strange = others.map((one) => notUnderstood(`another invoice with our id: ${one.id}`, "second_invoice"));
  return ok([...observationsOf(invoice), ...strange]);
}

/** Takes a held sum, all or a part, once; the rest is released. What was taken before is told, not taken again (13). */
export async function capture(
  input: { attempt: AttemptReference; amount: AttemptReference["amount"] },
  context: Context,
): Promise<Result<Observation[], Fault>> {
  const { attempt, amount } = input;
  const impossible = faultOfAmount(attempt, amount);
  if (impossible) return fail(impossible);
  const held = await findPayment(attempt, context);
  if (!held.ok) return held;
  const { session, invoice, payment, paymentId } = held.value;
  const kind = kindOfOne(payment);
  if (kind === "captured") {
    const isSame = payment.amount?.minor === amount.minor;
    return ok(
      tell(payment, invoice).map((one) => (isSame && one.kind === "captured" ? { ...one, money: amount } : one)),
    );
  }
  if (kind !== "authorized") return fail({ kind: "rejected", detail: `nothing_held: ${wordOf(payment)}` });
  const whole = payment.amount?.minor ?? attempt.amount.minor;
  if (amount.minor > whole) return fail({ kind: "rejected", detail: "amount_over_hold" });
  const done = await operate(session, "complete", invoice, paymentId, {
    // Only to take less, and in `params`, where a refund has its sum in `data` (9).
    params: amount.minor < whole ? { amount: Number(amount.minor) } : {},
  });
  if (!done.ok) return done;
  const after = await paymentAfter(session, invoice, paymentId);
  if (after && kindOfOne(after) !== "captured") {
    return fail({ kind: "outcome_unknown", detail: `not_captured_yet: ${wordOf(after)}` });
  }
  const seen = after ?? payment;
  return ok([
    {
      kind: "captured",
      money: amount,
      method: "card",
      processorCode: wordOf(after) || "FINISHED",
      ...optional("occurredAt", after?.updatedAt),
      ...optional("instrument", seen.instrument),
    },
  ]);
}

/** Releases a held sum. */
export async function cancel(attempt: AttemptReference, context: Context): Promise<Result<Observation[], Fault>> {
  const held = await findPayment(attempt, context);
  if (!held.ok) return held;
  const { session, invoice, payment, paymentId } = held.value;
  const voided = (one: Payment): Result<Observation[], Fault> =>
    ok([
      {
        kind: "voided",
        processorCode: wordOf(one) || "CANCELED",
        ...optional("occurredAt", one.updatedAt),
        ...optional("instrument", one.instrument),
      },
    ]);
  // A hold that was let go before is told so: after a lost answer the state is read, not the call repeated (13).
  if (payment.paymentStatus === "CANCELED") return voided(payment);
  if (kindOfOne(payment) !== "authorized")
    return fail({ kind: "rejected", detail: `nothing_held: ${wordOf(payment)}` });
  const done = await operate(session, "cancel", invoice, paymentId, {});
  if (!done.ok) return done;
  const after = await paymentAfter(session, invoice, paymentId);
  if (after && ["captured", "authorized", "processing"].includes(kindOfOne(after))) {
    return fail({ kind: "outcome_unknown", detail: `not_released_yet: ${wordOf(after)}` });
  }
  return voided(after ?? { amount: payment.amount, ...optional("instrument", payment.instrument) });
}

/** Opens a session: that proves shop id and key, and moves no money. */
export async function check(context: Context): Promise<Result<CredentialCheck, Fault>> {
  const session = await openSession(context);
  const answered: CheckStep = { id: "processor_answered", outcome: "passed" };
  if (session.ok) {
    return ok({
      steps: [answered, { id: "clock_accepted", outcome: "passed" }, { id: "credentials_accepted", outcome: "passed" }],
    });
  }
  const { kind, detail } = session.error;
  if (kind === "bad_credentials") {
    return ok({ steps: [answered, { id: "credentials_accepted", outcome: "failed", detail }] });
  }
  if (detail.startsWith("clock_refused")) {
    return ok({
      steps: [
        answered,
        { id: "clock_accepted", outcome: "failed", detail },
        { id: "credentials_accepted", outcome: "skipped" },
      ],
    });
  }
  return session;
}

type Target = { session: Session; invoice: Invoice; payment: Payment; paymentId: string };

/** The payment that something is done with: several may stand under one invoice, and the first need not be it (8). */
export async function findPayment(attempt: AttemptReference, context: Context): Promise<Result<Target, Fault>> {
  const session = await openSession(context);
  if (!session.ok) return session;
  const found = await findInvoice(attempt, session.value);
  if (!found.ok) return found;
  const { invoice } = found.value;
  const payment = spokesman(invoice);
  if (!payment) return fail({ kind: "rejected", detail: "no_payment" });
  if (payment.id === undefined) return fail({ kind: "malformed", detail: "payment_without_id" });
  return ok({ session: session.value, invoice, payment, paymentId: payment.id });
}

/** Sends what moves money, once. Success is only the word that it was done: the state is read afterwards (9). */
export async function operate(
  session: Session,
  verb: "complete" | "cancel" | "reverse",
  invoice: Invoice,
  paymentId: string,
  more: { params?: Record<string, unknown>; data?: Record<string, unknown> },
): Promise<Result<void, Fault>> {
  const answered = await call(session, {
    method: `invoicer/payments/${verb}`,
    effect: "write",
    params: { paymentId, invoiceId: invoice.id, ...more.params },
    ...(more.data === undefined ? {} : { data: more.data }),
  });
  if (!answered.ok) return answered;
  if (answered.value.refusal) return fail(faultOf(answered.value.refusal));
  const told = textOf(answered.value.claims.paymentId);
  return told === paymentId ? ok(undefined) : fail({ kind: "outcome_unknown", detail: `${verb}_answer_about_another` });
}

/** The payment as it stands after a call; null when it could not be read, which takes nothing from their yes. */
export async function paymentAfter(session: Session, invoice: Invoice, paymentId: string): Promise<Payment | null> {
  const shown = await showInvoice(invoice.id, session);
  return (shown.ok && shown.value.payments.find((one) => one.id === paymentId)) || null;
}

/** Why a sum cannot be asked for, or null. */
export function faultOfAmount(attempt: AttemptReference, amount: AttemptReference["amount"]): Fault | null {
  if (amount.currency !== attempt.amount.currency) {
    return { kind: "rejected", detail: `currency_differs: ${amount.currency}, not ${attempt.amount.currency}` };
  }
  if (amount.minor <= 0n) return { kind: "rejected", detail: "amount_not_positive" };
  return amount.minor <= BigInt(Number.MAX_SAFE_INTEGER) ? null : { kind: "rejected", detail: "amount_too_large" };
}

export function wordOf(payment: Payment | null): string {
  return payment?.paymentStatus ?? payment?.status ?? "";
}
