// The life of invoices and payments: paid, held, captured, given back. What time does, `catchUp` does.
import { randomInt, randomUUID } from "node:crypto";
import { type CardEnd, endOf, goodPan, maskedPan } from "./cards.ts";
import { announce } from "./notify.ts";
import { notAllowed } from "./refusal.ts";
import { findShop } from "./shops.ts";
import type { Delayed, Invoice, Options, Payment } from "./state.ts";
import { defaultOptions } from "./state.ts";
import type { From, Uapay } from "./uapay.ts";

const tickKind = "uapay-tick";

/** Tells the schedule who looks at what time has done. */
export function handleTicks(uapay: Uapay): void {
  uapay.schedule.handle(tickKind, async () => catchUp(uapay));
}

const tickAt = (uapay: Uapay, dueAt: number): void => {
  uapay.schedule.add({ dueAt, kind: tickKind, lane: "uapay", data: {} });
};

/** Options of an invoice's shop. */
export const optionsOf = (uapay: Uapay, invoice: Invoice): Options =>
  findShop(uapay, invoice.clientId)?.options ?? defaultOptions;

const failedWords = ["REJECTED", "CANCELED", "CLOSED"];
const openWords = ["OPEN", "PENDING", "NEEDS_CONFIRMATION"];

/** A payment that ended without money. */
export const hasFailed = (payment: Payment): boolean => failedWords.includes(payment.paymentStatus);
/** A payment that is still being made. */
export const isOpenPayment = (payment: Payment): boolean => openWords.includes(payment.paymentStatus);

const hasExpired = (uapay: Uapay, invoice: Invoice): boolean =>
  invoice.expiresAt !== null && invoice.expiresAt <= uapay.clock.now();

/** The word for an invoice as it stands now. */
export function invoiceStatus(uapay: Uapay, invoice: Invoice): string {
  if (invoice.forcedStatus !== null) return invoice.forcedStatus;
  if (hasExpired(uapay, invoice)) return "INACTIVE";
  if (invoice.reusability) return "ACTIVE";
  const again = optionsOf(uapay, invoice).retrySameInvoice;
  const spent = invoice.payments.some((one) => !isOpenPayment(one) && !(again && hasFailed(one)));
  return spent ? "INACTIVE" : "ACTIVE";
}

/** Whether a payer may start another payment. */
export const payable = (uapay: Uapay, invoice: Invoice): boolean =>
  invoiceStatus(uapay, invoice) === "ACTIVE" && (invoice.reusability || !invoice.payments.some(isOpenPayment));

async function become(
  uapay: Uapay,
  invoice: Invoice,
  payment: Payment,
  words: { status: string; paymentStatus: string },
  from: From,
): Promise<void> {
  const before = payment.paymentStatus;
  Object.assign(payment, words, { updatedAt: uapay.clock.now() });
  uapay.changed();
  const step = [...openWords, "PAYED"].includes(payment.paymentStatus);
  if (step && !optionsOf(uapay, invoice).tellSteps) return;
  if (before === payment.paymentStatus && step) return;
  await announce(uapay, invoice, payment, from);
}

/** The payer begins to pay. */
export function openPayment(uapay: Uapay, invoice: Invoice, pan: string, amount: number | null = null): Payment {
  if (!payable(uapay, invoice)) throw notAllowed("invoice cannot be paid");
  const sum = invoice.amount ?? amount;
  if (sum === null) throw notAllowed("amount is required");
  const now = uapay.clock.now();
  const payment: Payment = {
    paymentId: randomUUID(),
    number: 7_000_000 + ++uapay.state.count,
    receiptId: String(9_000_000 + uapay.state.count),
    amount: sum,
    held: 0,
    captured: 0,
    refunded: 0,
    status: "NEW",
    paymentStatus: "OPEN",
    cardFromMasked: maskedPan(pan),
    cardFromId: randomUUID(),
    bankCode: null,
    confirmation: null,
    releasesAt: null,
    settlesAt: null,
    delayed: [],
    createdAt: now,
    updatedAt: now,
    paidAt: null,
    reversedAt: null,
  };
  invoice.payments.push(payment);
  uapay.changed();
  return payment;
}

function mustBeOpen(payment: Payment): void {
  if (!isOpenPayment(payment)) throw notAllowed(`payment is ${payment.paymentStatus}`);
}

/** The bank said yes: the money is held or taken. */
export async function approve(uapay: Uapay, invoice: Invoice, payment: Payment, from: From): Promise<void> {
  mustBeOpen(payment);
  const now = uapay.clock.now();
  const { holdSeconds, settleSeconds } = optionsOf(uapay, invoice);
  payment.confirmation = null;
  payment.bankCode = "00";
  if (invoice.type === "HOLD") {
    payment.held = payment.amount;
    payment.releasesAt = now + holdSeconds * 1000;
    tickAt(uapay, payment.releasesAt);
    return become(uapay, invoice, payment, { status: "PAID", paymentStatus: "HOLDED" }, from);
  }
  payment.captured = payment.amount;
  payment.paidAt = now;
  if (settleSeconds > 0) {
    payment.settlesAt = now + settleSeconds * 1000;
    tickAt(uapay, payment.settlesAt);
    return become(uapay, invoice, payment, { status: "PAID", paymentStatus: "PAYED" }, from);
  }
  return become(uapay, invoice, payment, { status: "FINISHED", paymentStatus: "FINISHED" }, from);
}

/** The bank or UAPAY said no; a null code is a technical refusal. */
export async function reject(
  uapay: Uapay,
  invoice: Invoice,
  payment: Payment,
  code: string | null,
  from: From,
): Promise<void> {
  mustBeOpen(payment);
  payment.confirmation = null;
  payment.bankCode = code;
  await become(uapay, invoice, payment, { status: "CANCELED", paymentStatus: "REJECTED" }, from);
}

/** The payer broke off, or the connection was lost. */
export async function abandon(uapay: Uapay, invoice: Invoice, payment: Payment, from: From): Promise<void> {
  mustBeOpen(payment);
  payment.confirmation = null;
  await become(uapay, invoice, payment, { status: "CANCELED", paymentStatus: "CANCELED" }, from);
}

/** It is being worked on, and stays so until somebody ends it. */
export async function pend(uapay: Uapay, invoice: Invoice, payment: Payment, from: From): Promise<void> {
  mustBeOpen(payment);
  await become(uapay, invoice, payment, { status: "NEW", paymentStatus: "PENDING" }, from);
}

/** The bank asks the payer. */
export async function challenge(
  uapay: Uapay,
  invoice: Invoice,
  payment: Payment,
  type: "3DS" | "LOOKUP",
  from: From,
): Promise<void> {
  mustBeOpen(payment);
  const until = uapay.clock.now() + optionsOf(uapay, invoice).confirmationSeconds * 1000;
  payment.confirmation = { type, left: 3, code: String(randomInt(1000, 10_000)), until };
  tickAt(uapay, until);
  await become(uapay, invoice, payment, { status: "NEW", paymentStatus: "NEEDS_CONFIRMATION" }, from);
}

/** The payer typed the bank's code; false when it was wrong and there is another try. */
export async function typeCode(
  uapay: Uapay,
  invoice: Invoice,
  payment: Payment,
  code: string,
  from: From,
): Promise<boolean> {
  const { confirmation } = payment;
  if (confirmation?.type !== "LOOKUP") throw notAllowed("no code is awaited");
  if (code === confirmation.code) {
    await approve(uapay, invoice, payment, from);
    return true;
  }
  confirmation.left -= 1;
  uapay.changed();
  if (confirmation.left > 0) return false;
  await reject(uapay, invoice, payment, null, from);
  return true;
}

/** A whole visit: what the card leads to, or another end. */
export async function payWith(
  uapay: Uapay,
  invoice: Invoice,
  input: { pan?: string | undefined; end?: CardEnd | undefined; amount?: number | null | undefined },
  from: From,
): Promise<Payment> {
  const pan = input.pan ?? goodPan;
  const payment = openPayment(uapay, invoice, pan, input.amount ?? null);
  const end = input.end ?? endOf(pan);
  if (end.end === "paid") await approve(uapay, invoice, payment, from);
  else if (end.end === "confirm") await challenge(uapay, invoice, payment, end.how, from);
  else await reject(uapay, invoice, payment, end.code, from);
  return payment;
}

/** Kopecks that a capture, void or refund may move, and whether it may at all. */
export function checkMove(payment: Payment, kind: Delayed["kind"], amount: number | null): number {
  if (payment.delayed.length > 0) throw notAllowed("another operation is in progress");
  if (kind === "reverse") {
    const left = payment.captured - payment.refunded;
    const words = ["FINISHED", "REVERSED", "PAYED"];
    if (!words.includes(payment.paymentStatus) || left <= 0) throw notAllowed(`payment is ${payment.paymentStatus}`);
    if ((amount ?? left) > left) throw notAllowed("amount is more than what is left of the payment");
    return amount ?? left;
  }
  if (payment.paymentStatus !== "HOLDED" || payment.status !== "PAID") {
    throw notAllowed(`payment is ${payment.paymentStatus}, not HOLDED`);
  }
  if (kind === "complete" && (amount ?? 0) > payment.held) throw notAllowed("amount is more than what is held");
  return amount ?? payment.held;
}

/** Captures, voids or refunds what `checkMove` allowed. */
export async function move(
  uapay: Uapay,
  invoice: Invoice,
  payment: Payment,
  kind: Delayed["kind"],
  amount: number,
  from: From,
): Promise<void> {
  const now = uapay.clock.now();
  if (kind === "complete") {
    payment.captured = amount;
    payment.amount = amount;
    payment.paidAt = now;
    payment.releasesAt = null;
    return become(uapay, invoice, payment, { status: "FINISHED", paymentStatus: "FINISHED" }, from);
  }
  if (kind === "cancel") {
    payment.releasesAt = null;
    payment.reversedAt = now;
    return become(uapay, invoice, payment, { status: "CANCELED", paymentStatus: "CANCELED" }, from);
  }
  const { refundStatus, partialRefundStatus } = optionsOf(uapay, invoice);
  payment.refunded += amount;
  payment.reversedAt = now;
  payment.settlesAt = null;
  const whole = payment.refunded === payment.captured;
  return become(
    uapay,
    invoice,
    payment,
    whole
      ? { status: "REVERSED", paymentStatus: refundStatus }
      : { status: partialRefundStatus, paymentStatus: partialRefundStatus },
    from,
  );
}

/** Lets a move come into force later. */
export function moveLater(uapay: Uapay, payment: Payment, delayed: Delayed): void {
  payment.delayed.push(delayed);
  tickAt(uapay, delayed.at);
  uapay.changed();
}

/** Everything that time alone has done. Callbacks of it go out in the background. */
export async function catchUp(uapay: Uapay): Promise<void> {
  const now = uapay.clock.now();
  const due = (at: number | null | undefined): boolean => at !== null && at !== undefined && at <= now;
  for (const invoice of uapay.state.invoices) {
    for (const payment of invoice.payments) {
      for (const { kind, amount } of payment.delayed.filter(({ at }) => due(at))) {
        payment.delayed = payment.delayed.filter(({ at }) => !due(at));
        await move(uapay, invoice, payment, kind, amount, "background");
      }
      if (payment.paymentStatus === "HOLDED" && due(payment.releasesAt)) await release(uapay, invoice, payment);
      if (payment.paymentStatus === "PAYED" && due(payment.settlesAt)) {
        payment.settlesAt = null;
        await become(uapay, invoice, payment, { status: "FINISHED", paymentStatus: "FINISHED" }, "background");
      }
      if (payment.paymentStatus === "NEEDS_CONFIRMATION" && due(payment.confirmation?.until)) {
        await reject(uapay, invoice, payment, null, "background");
      }
    }
  }
}

/** The hold's time is over: the payer has the money again. */
export async function release(
  uapay: Uapay,
  invoice: Invoice,
  payment: Payment,
  from: From = "background",
): Promise<void> {
  if (payment.paymentStatus !== "HOLDED") throw notAllowed(`payment is ${payment.paymentStatus}`);
  payment.releasesAt = null;
  payment.reversedAt = uapay.clock.now();
  await become(uapay, invoice, payment, { status: "REVERSED", paymentStatus: "REVERSED" }, from);
}

/** Any words at all, told like every change. */
export async function forceWords(
  uapay: Uapay,
  invoice: Invoice,
  payment: Payment,
  words: { status?: string | undefined; paymentStatus?: string | undefined },
  from: From,
): Promise<void> {
  const { status = payment.status, paymentStatus = payment.paymentStatus } = words;
  await become(uapay, invoice, payment, { status, paymentStatus }, from);
}
