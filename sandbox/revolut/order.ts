// The rules of an order and its attempts: which state may follow which, and what is announced.
import type { Job } from "../schedule.ts";
import { brandOf, type DeclineReason, goodPan, outcomeOf, passesLuhn } from "./cards.ts";
import { takeFaults } from "./faults.ts";
import { accountOf, announce, type From, type Revolut } from "./notify.ts";
import type { Account, Attempt, BadEnd, Order, Outcome } from "./state.ts";
import { durationSeconds, timedId, timestamp } from "./values.ts";

/** A rule of the processor that a call or an action breaks. */
export class RuleError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const invalidState = (order: Order, accepted: string): RuleError =>
  new RuleError(
    422,
    "order_invalid_state",
    `Order is in ${order.state.toUpperCase()} state. Accepted states: ${accepted.toUpperCase()}`,
  );

const jobKind = "revolut-timer";
type Timer = "expire" | "lapse" | "capture" | "settle" | "challenge" | "refund";

function later(revolut: Revolut, order: Order, what: Timer, dueAt: number, attempt?: Attempt): void {
  const data = { order: order.id, what, ...(attempt ? { attempt: attempt.id } : {}) };
  revolut.schedule.add({ dueAt, kind: jobKind, lane: order.id, data });
}

/** Tells the schedule what happens when a deadline of an order has come. */
export function handleTimers(revolut: Revolut): void {
  revolut.schedule.handle(jobKind, async (job: Job) => {
    const order = revolut.state.orders.find(({ id }) => id === job.data.order);
    if (!order) return;
    const attempt = order.payments.find(({ id }) => id === job.data.attempt);
    const now = revolut.clock.now();
    switch (job.data.what) {
      case "expire":
        // While an attempt is under way its end decides.
        if (order.expiresAt !== null && order.expiresAt <= now && order.state === "pending") {
          await expire(revolut, order, "control");
        }
        return;
      case "lapse":
        if (order.lapsesAt !== null && order.lapsesAt <= now && order.state === "authorised") {
          await cancel(revolut, order, "control");
        }
        return;
      case "capture":
        if (order.state === "authorised") await capture(revolut, order, undefined, "control");
        return;
      case "settle":
        if (attempt?.state === "captured") {
          touch(revolut, order, attempt);
          attempt.state = "completed";
        }
        return;
      case "challenge":
        // One that was left open for another card stays as it is.
        if (attempt?.state === "authentication_challenge" && openAttempt(order) === attempt) {
          await answerChallenge(revolut, order, attempt, "abandon", "control");
        }
        return;
      case "refund":
        if (order.state === "processing") await endRefund(revolut, order, true, "control");
    }
  });
}

/** Forgets every order with what was still to happen to it, and the log of requests. */
export function forgetOrders(revolut: Revolut): number {
  const forgotten = revolut.state.orders.length;
  revolut.schedule.drop((job) => job.kind.startsWith("revolut-"));
  revolut.state.orders.length = 0;
  for (const account of revolut.state.accounts) account.idempotency = {};
  revolut.requests.length = 0;
  revolut.changed();
  return forgotten;
}

function touch(revolut: Revolut, order: Order, attempt?: Attempt): void {
  order.updatedAt = timestamp(revolut.clock.now());
  if (attempt) attempt.updatedAt = order.updatedAt;
  revolut.changed();
}

export type OrderInput = Pick<
  Order,
  | "amount"
  | "currency"
  | "captureMode"
  | "authorisationType"
  | "enforceChallenge"
  | "fields"
  | "reference"
  | "redirectUrl"
  | "sent"
>;

function emptyOrder(revolut: Revolut, account: Account, input: OrderInput): Order {
  const now = revolut.clock.now();
  const at = timestamp(now);
  return {
    ...input,
    id: timedId(now),
    token: crypto.randomUUID(),
    account: account.publicKey,
    type: "payment",
    state: "pending",
    createdAt: at,
    updatedAt: at,
    relatedOrderId: null,
    authorised: 0,
    captured: 0,
    refunded: 0,
    increments: [],
    expiresAt: null,
    authorisedAt: null,
    lapsesAt: null,
    returnedAt: null,
    payments: [],
    events: [],
    notifications: [],
  };
}

/** Makes an order; the same call twice makes two. */
export function createOrder(revolut: Revolut, account: Account, input: OrderInput): Order {
  const order = emptyOrder(revolut, account, input);
  const named = input.fields.expire_pending_after;
  const seconds = typeof named === "string" ? durationSeconds(named) : undefined;
  order.expiresAt = revolut.clock.now() + (seconds ?? account.options.pendingSeconds) * 1000;
  revolut.state.orders.push(order);
  later(revolut, order, "expire", order.expiresAt);
  revolut.changed();
  return order;
}

function newAttempt(revolut: Revolut, order: Order, pan: string, method: Attempt["method"]): Attempt {
  const now = revolut.clock.now();
  const at = timestamp(now);
  return {
    id: timedId(now),
    token: crypto.randomUUID(),
    state: "pending",
    createdAt: at,
    updatedAt: at,
    amount: order.amount,
    authorised: null,
    settled: null,
    reason: null,
    bankMessage: null,
    method,
    pan,
    cardholder: "Test Test",
    expiry: `12/${String((new Date(now).getUTCFullYear() + 3) % 100).padStart(2, "0")}`,
    threeDs: null,
    outcome: { result: "paid" },
    captureDeadline: null,
    arn: null,
  };
}

export type CardEntry = { pan: string; month: string; year: string; cvv: string; name: string };
export type CardResult = { kind: "invalid"; field: string; message: string } | { kind: "done" };

/** The fields that go with a card number chosen by one tap. */
export function testEntry(revolut: Revolut, pan: string): CardEntry {
  const year = String(new Date(revolut.clock.now()).getUTCFullYear() + 3);
  return { pan, month: "12", year, cvv: "123", name: "Test Test" };
}

function entryProblem(revolut: Revolut, entry: CardEntry): { field: string; message: string } | undefined {
  const pan = entry.pan.replaceAll(/[\s-]/g, "");
  if (!/^\d{13,19}$/.test(pan) || !passesLuhn(pan)) return { field: "pan", message: "This is not a card number." };
  const month = Number(entry.month);
  if (!/^\d{1,2}$/.test(entry.month) || month < 1 || month > 12)
    return { field: "month", message: "Month is 1 to 12." };
  if (!/^(\d{2}|\d{4})$/.test(entry.year)) return { field: "year", message: "Year has two or four digits." };
  const year = Number(entry.year) + (entry.year.length === 2 ? 2000 : 0);
  const now = new Date(revolut.clock.now());
  if (year * 12 + month <= now.getUTCFullYear() * 12 + now.getUTCMonth()) {
    return { field: "year", message: "The card has expired." };
  }
  if (!/^\d{3}$/.test(entry.cvv)) return { field: "cvv", message: "The security code has three digits." };
  if (entry.name.trim().split(/\s+/).length < 2) return { field: "name", message: "The name needs two words." };
  return undefined;
}

/** An open attempt that holds the order in processing, if there is one. */
export const openAttempt = (order: Order): Attempt | undefined =>
  order.state === "processing" && order.type === "payment"
    ? order.payments.findLast(({ state }) => state === "authentication_challenge" || state === "authorisation_started")
    : undefined;

/** The payer pressed pay with a card. */
export async function submitCard(revolut: Revolut, order: Order, entry: CardEntry, from: From): Promise<CardResult> {
  const problem = entryProblem(revolut, entry);
  if (problem) return { kind: "invalid", ...problem };
  const pan = entry.pan.replaceAll(/[\s-]/g, "");
  const outcome = outcomeOf(pan, order.amount, order.currency);
  const details = {
    cardholder: entry.name.trim(),
    expiry: `${entry.month.padStart(2, "0")}/${entry.year.slice(-2)}`,
  };
  await startAttempt(revolut, order, { pan, outcome, from, details });
  return { kind: "done" };
}

/** A new attempt on a pending order; `challenge` puts a 3-D Secure step before its outcome. */
export async function startAttempt(
  revolut: Revolut,
  order: Order,
  input: {
    pan?: string;
    method?: Attempt["method"];
    outcome: Outcome;
    challenge?: boolean;
    from: From;
    details?: { cardholder: string; expiry: string };
    /** Leaves an authorised order alone, also in automatic mode. */
    keepAuthorised?: boolean;
  },
): Promise<Attempt> {
  if (order.type !== "payment" || order.state !== "pending") throw invalidState(order, "pending");
  const method = input.method ?? "card";
  const attempt = newAttempt(revolut, order, input.pan ?? goodPan, method);
  if (input.details) Object.assign(attempt, input.details);
  // In the real sandbox every card authorises a pre-authorisation, error cards included.
  attempt.outcome = order.authorisationType === "pre_authorisation" ? { result: "paid" } : input.outcome;
  order.payments.push(attempt);
  order.state = "processing";
  touch(revolut, order, attempt);
  const cardLost = attempt.outcome.result === "failed" && attempt.outcome.reason === "customer_challenge_failed";
  if (method === "card" && !cardLost && (input.challenge || order.enforceChallenge === "forced")) {
    attempt.state = "authentication_challenge";
    attempt.threeDs = "challenge";
    const { challengeSeconds } = accountOf(revolut, order).options;
    later(revolut, order, "challenge", revolut.clock.now() + challengeSeconds * 1000, attempt);
    await announce(revolut, order, "ORDER_PAYMENT_AUTHENTICATION_CHALLENGED", input.from);
    return attempt;
  }
  if (cardLost) attempt.threeDs = "failed";
  await runOutcome(revolut, order, attempt, input.from, input.keepAuthorised);
  return attempt;
}

/** The payer's answer at the 3-D Secure step. `other_card` leaves the attempt where it is and frees the order. */
export async function answerChallenge(
  revolut: Revolut,
  order: Order,
  attempt: Attempt,
  answer: "pass" | "fail" | "abandon" | "other_card",
  from: From,
): Promise<void> {
  if (attempt.state !== "authentication_challenge") throw invalidState(order, "processing");
  // A later attempt may have ended the order meanwhile.
  const decides = openAttempt(order) === attempt;
  if (answer === "other_card") {
    if (decides) await backToPending(revolut, order, from);
    return;
  }
  if (!decides && order.state !== "pending") throw invalidState(order, "processing");
  if (answer === "pass") {
    order.state = "processing";
    attempt.threeDs = "verified";
    attempt.state = "authentication_verified";
    touch(revolut, order, attempt);
    await announce(revolut, order, "ORDER_PAYMENT_AUTHENTICATED", from);
    await runOutcome(revolut, order, attempt, from);
    return;
  }
  attempt.threeDs = "failed";
  const reason = answer === "fail" ? "customer_challenge_failed" : "customer_challenge_abandoned";
  await badEnd(revolut, order, attempt, { result: "failed", reason }, from);
}

async function runOutcome(
  revolut: Revolut,
  order: Order,
  attempt: Attempt,
  from: From,
  keepAuthorised = false,
): Promise<void> {
  const outcome = attempt.outcome;
  if (outcome.result !== "paid" && outcome.result !== "stuck") return badEnd(revolut, order, attempt, outcome, from);
  attempt.state = "authorisation_started";
  touch(revolut, order, attempt);
  await announce(revolut, order, "ORDER_PAYMENT_AUTHORISATION_STARTED", from);
  if (outcome.result === "paid" && attempt.state === "authorisation_started") {
    await authorise(revolut, order, attempt, from, keepAuthorised);
  }
}

async function authorise(revolut: Revolut, order: Order, attempt: Attempt, from: From, keep: boolean): Promise<void> {
  const now = revolut.clock.now();
  attempt.state = "authorised";
  attempt.authorised = attempt.amount;
  attempt.reason = null;
  order.state = "authorised";
  order.authorised = attempt.amount;
  order.authorisedAt = now;
  setLapse(revolut, order);
  touch(revolut, order, attempt);
  await announce(revolut, order, "ORDER_AUTHORISED", from);
  if (order.captureMode === "manual" || keep || order.state !== "authorised") return;
  const { captureSeconds } = accountOf(revolut, order).options;
  if (captureSeconds > 0) later(revolut, order, "capture", now + captureSeconds * 1000);
  else await capture(revolut, order, undefined, from);
}

/** When an authorisation that nobody captures is released. */
export function setLapse(revolut: Revolut, order: Order): void {
  if (order.authorisedAt === null) return;
  const longest = (order.authorisationType === "final" ? 7 : 30) * 86_400;
  const named = order.fields.cancel_authorised_after;
  const seconds = Math.min(longest, (typeof named === "string" && durationSeconds(named)) || longest);
  order.lapsesAt = order.authorisedAt + seconds * 1000;
  const attempt = order.payments.findLast(({ state }) => state === "authorised");
  if (attempt) attempt.captureDeadline = timestamp(order.lapsesAt);
  later(revolut, order, "lapse", order.lapsesAt);
}

async function badEnd(
  revolut: Revolut,
  order: Order,
  attempt: Attempt,
  end: { result: BadEnd; reason: string | null; message?: string },
  from: From,
): Promise<void> {
  attempt.state = end.result;
  attempt.reason = end.reason;
  attempt.bankMessage = end.message ?? null;
  touch(revolut, order, attempt);
  const event = end.result === "failed" ? "ORDER_PAYMENT_FAILED" : "ORDER_PAYMENT_DECLINED";
  if (order.state === "processing") order.state = "pending";
  await announce(revolut, order, event, from);
  if (order.state === "pending") await expireIfOver(revolut, order, from);
}

async function backToPending(revolut: Revolut, order: Order, from: From): Promise<void> {
  order.state = "pending";
  touch(revolut, order);
  await expireIfOver(revolut, order, from);
}

async function expireIfOver(revolut: Revolut, order: Order, from: From): Promise<void> {
  if (order.expiresAt !== null && order.expiresAt <= revolut.clock.now()) await expire(revolut, order, from);
}

/** Ends an attempt that never finished by itself. */
export async function resolveOpen(
  revolut: Revolut,
  order: Order,
  outcome: Exclude<Outcome, { result: "stuck" }>,
  from: From,
  keepAuthorised = false,
): Promise<void> {
  const attempt = openAttempt(order);
  if (!attempt) throw invalidState(order, "processing");
  if (outcome.result === "paid") await authorise(revolut, order, attempt, from, keepAuthorised);
  else await badEnd(revolut, order, attempt, outcome, from);
}

/** Nobody paid in time. */
export async function expire(revolut: Revolut, order: Order, from: From): Promise<void> {
  if (order.type !== "payment" || order.state !== "pending") throw invalidState(order, "pending");
  order.state = "failed";
  touch(revolut, order);
  await announce(revolut, order, "ORDER_FAILED", from);
}

/** Takes all of an authorised amount or a part; only once, the same amount again changes nothing. */
export async function capture(
  revolut: Revolut,
  order: Order,
  amount: number | undefined,
  from: From,
  lineItems?: unknown,
): Promise<void> {
  if (order.type === "payment" && order.state === "completed") {
    if ((amount ?? order.authorised) === order.captured) return;
    throw new RuleError(422, "order_invalid_state", "Order has already been captured with another amount");
  }
  if (order.type !== "payment" || order.state !== "authorised") throw invalidState(order, "authorised, completed");
  const wanted = amount ?? order.authorised;
  if (wanted <= 0) throw new RuleError(400, "validation", "amount must be greater than 0");
  if (wanted > order.authorised) throw new RuleError(422, "bad_state", "amount is greater than the authorised amount");
  const attempt = order.payments.findLast(({ state }) => state === "authorised");
  order.captured = wanted;
  order.state = "completed";
  if (lineItems !== undefined) order.fields = { ...order.fields, line_items: lineItems };
  if (attempt) {
    attempt.state = "captured";
    attempt.settled = wanted;
    attempt.captureDeadline = null;
    const { settleSeconds } = accountOf(revolut, order).options;
    later(revolut, order, "settle", revolut.clock.now() + settleSeconds * 1000, attempt);
  }
  touch(revolut, order, attempt);
  await announce(revolut, order, "ORDER_COMPLETED", from);
}

/** Raises a pre-authorisation to a new total. */
export async function increment(
  revolut: Revolut,
  order: Order,
  amount: number,
  reference: string | null,
  from: From,
): Promise<void> {
  if (order.authorisationType !== "pre_authorisation") {
    throw new RuleError(422, "order_invalid_authorisation_type", "Order is not a pre-authorisation");
  }
  if (order.state !== "authorised") throw new RuleError(422, "bad_state", "Order is not authorised");
  if (amount < order.authorised) throw new RuleError(400, "validation", "amount is below the authorised amount");
  if (order.increments.length >= 10) throw new RuleError(422, "bad_state", "Order was incremented 10 times already");
  if (amount - order.amount > 5 * order.amount) {
    throw new RuleError(400, "validation", "increments are more than five times the initial amount");
  }
  order.authorised = amount;
  const attempt = order.payments.findLast(({ state }) => state === "authorised");
  if (attempt) attempt.authorised = amount;
  order.increments.push({ amount, reference, at: timestamp(revolut.clock.now()) });
  touch(revolut, order, attempt);
  await announce(revolut, order, "ORDER_INCREMENTAL_AUTHORISATION_AUTHORISED", from);
}

/** Closes an order that is pending, or releases an authorised one. */
export async function cancel(revolut: Revolut, order: Order, from: From): Promise<void> {
  if (order.type !== "payment" || (order.state !== "pending" && order.state !== "authorised")) {
    throw invalidState(order, "pending, authorised");
  }
  const attempt = order.payments.findLast(({ state }) => state === "authorised");
  if (attempt) {
    attempt.state = "cancelled";
    attempt.captureDeadline = null;
  }
  order.state = "cancelled";
  touch(revolut, order, attempt);
  await announce(revolut, order, "ORDER_CANCELLED", from);
}

/** What may still be given back: refunds under way are taken off. */
export function refundable(revolut: Revolut, order: Order): number {
  const underWay = revolut.state.orders
    .filter(({ relatedOrderId, state }) => relatedOrderId === order.id && state === "processing")
    .reduce((total, { amount }) => total + amount, 0);
  return order.captured - order.refunded - underWay;
}

/** Makes a refund order; `declined` says that it was refused at once, though the order exists. */
export async function refund(
  revolut: Revolut,
  order: Order,
  input: { amount: number; reference: string | null; fields: Record<string, unknown>; sent: string },
): Promise<{ refund: Order; declined: boolean }> {
  if (order.type !== "payment" || order.state !== "completed") {
    throw new RuleError(422, "bad_state", "Only completed orders can be refunded");
  }
  if (input.amount <= 0) throw new RuleError(400, "validation", "amount must be greater than 0");
  if (input.amount > refundable(revolut, order)) {
    throw new RuleError(422, "bad_state", "Refund amount exceeds the remaining amount of the order");
  }
  const account = accountOf(revolut, order);
  const paid = order.payments.findLast(({ state }) => state === "captured" || state === "completed");
  const made = emptyOrder(revolut, account, {
    amount: input.amount,
    currency: order.currency,
    captureMode: "automatic",
    authorisationType: "final",
    enforceChallenge: "automatic",
    fields: input.fields,
    reference: input.reference,
    redirectUrl: null,
    sent: input.sent,
  });
  made.type = "refund";
  made.state = "processing";
  made.relatedOrderId = order.id;
  const attempt = newAttempt(revolut, made, paid?.pan ?? goodPan, paid?.method ?? "card");
  attempt.state = "refund_validated";
  made.payments.push(attempt);
  revolut.state.orders.push(made);
  touch(revolut, made, attempt);
  const faults = takeFaults(
    revolut.state,
    { account: account.publicKey, orderId: order.id, reference: order.reference, operation: "refund" },
    ["refund"],
  ).map(({ fault }) => fault);
  if (faults.includes("refund_declined")) {
    attempt.state = "declined";
    attempt.reason = "do_not_honour";
    // A declined Revolut Pay refund leaves its order in processing.
    if (attempt.method === "card") made.state = "failed";
    touch(revolut, made, attempt);
    return { refund: made, declined: true };
  }
  const due = revolut.clock.now() + account.options.refundSeconds * 1000;
  if (faults.includes("refund_fails")) attempt.outcome = { result: "declined", reason: "do_not_honour" };
  if (!faults.includes("refund_stuck")) later(revolut, made, "refund", due);
  return { refund: made, declined: false };
}

/** The end of an accepted refund; there is no event for a bad one but ORDER_FAILED. */
export async function endRefund(revolut: Revolut, order: Order, good: boolean, from: From): Promise<void> {
  const attempt = order.payments[0];
  if (order.type !== "refund" || order.state !== "processing" || !attempt) throw invalidState(order, "processing");
  const original = revolut.state.orders.find(({ id }) => id === order.relatedOrderId);
  if (!good || attempt.outcome.result !== "paid") {
    const reason: DeclineReason = "do_not_honour";
    attempt.state = "declined";
    attempt.reason = reason;
    order.state = "failed";
    touch(revolut, order, attempt);
    await announce(revolut, order, "ORDER_FAILED", from);
    return;
  }
  attempt.state = "completed";
  attempt.settled = -order.amount;
  attempt.arn = String(Math.floor(revolut.clock.now() / 1000)).padStart(23, "7");
  order.state = "completed";
  touch(revolut, order, attempt);
  if (original) {
    original.refunded += order.amount;
    touch(revolut, original);
  }
  await announce(revolut, order, "ORDER_COMPLETED", from);
}

/** The payment method of an attempt as the API shows it. */
export function methodOf(order: Order, attempt: Attempt): Record<string, unknown> {
  if (attempt.method === "revolut_pay_account") return { type: "revolut_pay_account" };
  return {
    type: "card",
    card_brand: brandOf(attempt.pan),
    funding: "debit",
    card_country_code: "GB",
    card_bin: attempt.pan.slice(0, 6),
    card_last_four: attempt.pan.slice(-4),
    card_expiry: attempt.expiry,
    cardholder_name: attempt.cardholder,
    checks: {
      ...(attempt.threeDs ? { three_ds: { eci: "05", state: attempt.threeDs, version: 2 } } : {}),
      cvv_verification: attempt.reason === "invalid_cvv" ? "not_match" : "match",
      address: "n_a",
      postcode: "n_a",
      cardholder: "n_a",
    },
    ...(attempt.authorised === null ? {} : { authorisation_code: attempt.id.slice(-6) }),
    ...(attempt.arn ? { arn: attempt.arn } : {}),
    ...(attempt.captureDeadline && order.state === "authorised" ? { capture_deadline: attempt.captureDeadline } : {}),
  };
}
