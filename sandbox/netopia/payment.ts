// What can happen to a payment at the processor: a card is entered, staff act, time passes. Page, API and control share it.
import { maskPan, messageFor, passesLuhn, testCards } from "./cards.ts";
import { toRon } from "./money.ts";
import { announce, type Event, type Netopia, posOf } from "./notify.ts";
import type { Ipn, Payment, PointOfSale } from "./state.ts";

/** Statuses in which the payer's page still takes a card. */
export const openStatuses: readonly number[] = [1, 11, 12, 15];
/** Statuses in which the money is taken or reserved, or was. */
export const paidStatuses: readonly number[] = [2, 3, 5, 8, 13, 14];

/** An act that the payment's state does not allow; the code is the processor's. */
export class ActError extends Error {
  readonly code: string;
  readonly field: string;
  constructor(code: string, message: string, field = "action") {
    super(message);
    this.code = code;
    this.field = field;
  }
}

type From = "page" | "control" | "background";
export type CardEntry = { pan: string; month: string; year: string; cvv: string; name: string };
export type CardResult =
  | { kind: "invalid"; field: keyof CardEntry; message: string }
  | { kind: "challenge" }
  | { kind: "told"; ipn: Ipn };

/** Makes a payment in its first state. */
export function createPayment(
  netopia: Netopia,
  pos: PointOfSale,
  input: Pick<
    Payment,
    | "protocol"
    | "orderId"
    | "amount"
    | "currency"
    | "description"
    | "language"
    | "payer"
    | "confirmUrl"
    | "returnUrl"
    | "cancelUrl"
    | "sent"
    | "ipnCipher"
    | "data"
  >,
): Payment {
  const converted = pos.options.convertToRon && input.currency !== "RON";
  // From real time, so that numbers stay unique for a merchant's database that outlives a sandbox without a folder.
  netopia.state.lastId = Math.max(netopia.state.lastId + 1, Date.now() - Date.UTC(2025, 0, 1));
  const payment: Payment = {
    ...input,
    id: String(netopia.state.lastId),
    signature: pos.signature,
    pageKey: crypto.randomUUID().replaceAll("-", ""),
    createdAt: netopia.clock.now(),
    settledAmount: converted ? toRon(input.amount, input.currency) : input.amount,
    settledCurrency: converted ? "RON" : input.currency,
    status: 1,
    lastCode: "",
    lastMessage: "",
    panMasked: null,
    authorized: 0,
    captured: 0,
    credited: 0,
    challenge: null,
    returnedAt: null,
    tries: [],
    ipns: [],
  };
  netopia.state.payments.push(payment);
  netopia.changed();
  return payment;
}

const settled = (payment: Payment, minor: number): number =>
  payment.settledCurrency === payment.currency ? minor : toRon(minor, payment.currency);

function eventOf(payment: Payment, action: string, code: string, processed: number, message?: string): Event {
  const v1 = payment.protocol === "v1";
  payment.lastCode = code === "0" && !v1 ? "00" : code;
  payment.lastMessage = message ?? messageFor(code, v1 ? "romanian" : "english");
  return {
    action,
    status: payment.status,
    code: payment.lastCode,
    message: payment.lastMessage,
    processed: settled(payment, processed),
  };
}

function checkCard(netopia: Netopia, entry: CardEntry): CardResult | undefined {
  const invalid = (field: keyof CardEntry, message: string): CardResult => ({ kind: "invalid", field, message });
  if (!/^\d{12,19}$/.test(entry.pan) || !passesLuhn(entry.pan)) return invalid("pan", "This is not a card number.");
  const month = Number(entry.month);
  if (!/^\d{1,2}$/.test(entry.month) || month < 1 || month > 12) return invalid("month", "The month is 01 to 12.");
  if (!/^\d{4}$/.test(entry.year)) return invalid("year", "The year has four digits.");
  if (Date.UTC(Number(entry.year), month, 1) <= netopia.clock.now()) {
    return invalid("year", "This date has passed; test cards take any future date.");
  }
  if (!/^\d{3,4}$/.test(entry.cvv)) return invalid("cvv", "The security code has three or four digits.");
  if (!entry.name.trim()) return invalid("name", "Enter the name on the card.");
  return undefined;
}

function requireOpen(payment: Payment): void {
  if (openStatuses.includes(payment.status)) return;
  throw new ActError("56", `the payment is closed (status ${payment.status})`);
}

/** A card was entered on the page. */
export async function submitCard(
  netopia: Netopia,
  payment: Payment,
  entry: CardEntry,
  from: From,
): Promise<CardResult> {
  requireOpen(payment);
  const card = { ...entry, pan: entry.pan.replace(/[ -]/g, "") };
  const invalid = checkCard(netopia, card);
  if (invalid) return invalid;
  const known = testCards.find(({ pan }) => pan === card.pan);
  if (known?.secure3d && card.cvv === "111") {
    payment.status = 15;
    payment.challenge = { pan: card.pan };
    payment.panMasked = maskPan(card.pan);
    netopia.changed();
    return { kind: "challenge" };
  }
  const code = !known ? "17" : known.code === "0" && card.cvv !== "111" ? "21" : known.code;
  return { kind: "told", ipn: await finishCard(netopia, payment, card.pan, code, from) };
}

/** The bank's page answered for a card that waited for 3-D Secure. */
export async function answerChallenge(
  netopia: Netopia,
  payment: Payment,
  approve: boolean,
  from: From,
): Promise<CardResult> {
  if (payment.status !== 15 || !payment.challenge) throw new ActError("99", "no 3-D Secure step is open");
  const { pan } = payment.challenge;
  const refused = payment.protocol === "v1" ? "38" : "39";
  return { kind: "told", ipn: await finishCard(netopia, payment, pan, approve ? "0" : refused, from) };
}

/** Ends a try with a code: what every way of paying comes to. */
export async function finishCard(
  netopia: Netopia,
  payment: Payment,
  pan: string,
  code: string,
  from: From,
  message?: string,
): Promise<Ipn> {
  requireOpen(payment);
  const { preauth, review } = posOf(netopia, payment).options;
  payment.challenge = null;
  payment.panMasked = maskPan(pan);
  let action = "paid";
  if (code !== "0") {
    // A decline is told as the action `paid` with its code and the full amount, whatever the account does otherwise.
    payment.status = 12;
  } else {
    action = preauth ? (review ? "paid_pending" : "paid") : review ? "confirmed_pending" : "confirmed";
    payment.status = preauth ? (review ? 14 : 2) : review ? 13 : 3;
    payment.authorized = payment.amount;
    if (!preauth) payment.captured = payment.amount;
  }
  const event = eventOf(payment, action, code, payment.amount, message);
  payment.tries.push({
    at: netopia.clock.now(),
    panMasked: payment.panMasked,
    code: event.code,
    message: event.message,
    result: code === "0" ? action : "declined",
  });
  return announce(netopia, payment, event, from);
}

function checkedAmount(amount: number | undefined, most: number, code: string, message: string): number {
  const sum = amount ?? most;
  if (!Number.isInteger(sum) || sum <= 0 || sum > most) throw new ActError(code, message, "amount");
  return sum;
}

/** Takes reserved money, all or part; the rest is released. */
export async function capture(netopia: Netopia, payment: Payment, amount: number | undefined, from: From) {
  if (payment.status !== 2) throw new ActError("52", "only a reserved payment can be captured");
  const sum = checkedAmount(amount, payment.authorized, "55", "Invalid Capture amount");
  payment.captured = sum;
  payment.status = 3;
  return announce(netopia, payment, eventOf(payment, "confirmed", "0", sum), from);
}

/** Releases reserved money, or ends a review against the payment. */
export async function voidPayment(netopia: Netopia, payment: Payment, from: From) {
  if (![2, 13, 14].includes(payment.status)) throw new ActError("51", "only a reserved payment can be cancelled");
  const sum = payment.authorized;
  payment.status = 4;
  payment.captured = 0;
  payment.authorized = 0;
  return announce(netopia, payment, eventOf(payment, "canceled", "0", sum), from);
}

/** Ends an antifraud review. */
export async function endReview(netopia: Netopia, payment: Payment, accept: boolean, from: From) {
  if (![13, 14].includes(payment.status)) throw new ActError("99", "the payment is not in review");
  if (accept) {
    const reserved = payment.status === 14;
    payment.status = reserved ? 2 : 3;
    return announce(netopia, payment, eventOf(payment, reserved ? "paid" : "confirmed", "0", payment.authorized), from);
  }
  if (payment.protocol === "v1") return voidPayment(netopia, payment, from);
  const sum = payment.authorized;
  payment.status = 13;
  payment.captured = 0;
  payment.authorized = 0;
  return announce(netopia, payment, eventOf(payment, "canceled", "36", sum), from);
}

/** Gives money back, all that is left or part of it. */
export async function credit(netopia: Netopia, payment: Payment, amount: number | undefined, from: From) {
  if (![3, 5, 8].includes(payment.status)) throw new ActError("53", "only a captured payment can be credited");
  const left = payment.captured - payment.credited;
  const sum = checkedAmount(amount, left, payment.protocol === "v1" ? "54" : "99", "Invalid Credit amount");
  payment.credited += sum;
  payment.status = 8;
  const told = posOf(netopia, payment).options.creditRunningTotal ? payment.credited : sum;
  return announce(netopia, payment, eventOf(payment, "credit", "0", told), from);
}

/** The page's life ends. v2 says so with status 23; v1 has no such message. */
export async function expire(netopia: Netopia, payment: Payment, from: From): Promise<Ipn | undefined> {
  requireOpen(payment);
  payment.status = 23;
  payment.challenge = null;
  netopia.changed();
  if (payment.protocol === "v1") return undefined;
  return announce(netopia, payment, { ...eventOf(payment, "expired", "99", payment.amount, "Order expired") }, from);
}

/** Sets any v2 status and tells it: for those that only exist on demand. */
export async function setStatus(
  netopia: Netopia,
  payment: Payment,
  status: number,
  from: From,
  code = "0",
  message?: string,
) {
  if (payment.protocol === "v1") throw new ActError("99", "v1 has no status numbers; send an IPN with an action");
  payment.status = status;
  if ([3, 5].includes(status) && payment.captured === 0) {
    payment.authorized = payment.amount;
    payment.captured = payment.amount;
  }
  return announce(netopia, payment, eventOf(payment, "status", code, payment.amount, message), from);
}

/** The address that the payer goes back to, with the order id joined on. */
export function returnAddress(payment: Payment, address: string = payment.returnUrl): string {
  const [before, hash] = address.split("#", 2);
  const url = `${before}${before?.includes("?") ? "&" : "?"}orderId=${encodeURIComponent(payment.orderId)}`;
  return hash === undefined ? url : `${url}#${hash}`;
}
