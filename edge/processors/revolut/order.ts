// An order as Revolut tells it, and what it means to an attempt or a refund (revolut.md 4.3, 4.4, 5.5, 6, 13).

import { isCurrency, type Money } from "../../money.ts";
import type { Observation } from "../contract.ts";
import { declineReasonOf, kindOf, ORDER_STATES, PAYMENT_STATES, REFUND_ORDER_STATES } from "./codes.ts";
import { asObject, type Json, objectsOf, textOf } from "./wire.ts";

export type Payment = {
  id?: string;
  state: string;
  amount: Money | null;
  authorised: Money | null;
  settled: Money | null;
  reason?: string;
  changedAt?: Date;
  method?: string;
  instrument?: string;
  /** When an authorisation that nobody captured is released. */
  captureDeadline?: Date;
  /** Of a refund: the number that the payer's bank knows it by. */
  arn?: string;
};

export type Order = {
  id: string;
  type: string;
  state: string;
  amount: Money | null;
  refunded: Money | null;
  isManual: boolean | null;
  reference?: string;
  relatedOrderId?: string;
  createdAt?: Date;
  updatedAt?: Date;
  /** Oldest change first: the order of the array is not promised (4.4). */
  payments: Payment[];
};

/** Reads an order; null when it lacks what every order has. Unknown fields are nothing to us (1). */
export function readOrder(json: Json): Order | null {
  const id = textOf(json.id);
  const state = textOf(json.state);
  const type = textOf(json.type);
  if (id === undefined || state === undefined || type === undefined) return null;
  const captureMode = textOf(json.capture_mode);
  return {
    id,
    type,
    state,
    amount: moneyOf(json.amount, json.currency),
    refunded: moneyOf(json.refunded_amount, json.currency),
    isManual: captureMode === undefined ? null : captureMode === "manual",
    ...optional("reference", textOf(asObject(json.merchant_order_data)?.reference)),
    ...optional("relatedOrderId", textOf(json.related_order_id)),
    ...optional("createdAt", dateOf(json.created_at)),
    ...optional("updatedAt", dateOf(json.updated_at)),
    payments: objectsOf(json.payments)
      .map(readPayment)
      .sort((a, b) => (a.changedAt?.getTime() ?? 0) - (b.changedAt?.getTime() ?? 0)),
  };
}

/** Whether an order is one that a payer pays (4.3). */
export function isPaymentOrder(order: Order): boolean {
  return order.type === "payment" || order.type === "payment_request";
}

/**
 * What an order says of its attempt. The refused tries are told one by one beside it; where money moved they come after
 * it, because there they are history.
 */
export function observationsOf(order: Order): Observation[] {
  const kind = kindOf(ORDER_STATES, order.state);
  const tries = order.payments.filter((one) => kindOf(PAYMENT_STATES, one.state) === "declined").map(declined);
  const strange = order.payments
    .filter((one) => kindOf(PAYMENT_STATES, one.state) === "not_understood")
    .map((one) => notUnderstood(`payment ${one.state}`, one.state, one.changedAt));
  const plain: Observation = { kind, processorCode: order.state, ...optional("occurredAt", order.updatedAt) };
  switch (kind) {
    case "awaiting_payer":
      // After a refusal the page stays open: the order waits, the try is what there is to tell (6, 13).
      return [...(tries.length > 0 ? tries : [plain]), ...strange];
    case "processing": {
      // The newest try decides: an older one may be stuck in its challenge for ever (4.4).
      const isChallenged = order.payments.at(-1)?.state === "authentication_challenge";
      return [{ ...plain, ...(isChallenged ? { kind: "awaiting_payer" as const } : {}) }, ...strange];
    }
    case "authorized": {
      // In automatic mode the capture follows by itself within moments (6): no hold that anybody could decide on.
      if (order.isManual === false) return [{ ...plain, kind: "processing" }, ...tries, ...strange];
      const held = newest(order, "authorized");
      return [
        {
          ...withPayment(plain, held, held?.authorised ?? held?.amount ?? order.amount),
          ...optional("holdUntil", held?.captureDeadline),
        },
        ...tries,
        ...strange,
      ];
    }
    case "captured": {
      const taken = newest(order, "captured") ?? newest(order, "processing");
      return [withPayment(plain, taken, capturedMoney(order, taken)), ...tries, ...strange];
    }
    case "expired": {
      // "Failed" is documented for unpaid orders only; with money in it nothing is concluded (13).
      const hasMoney = order.payments.some((one) =>
        ["authorized", "captured"].includes(kindOf(PAYMENT_STATES, one.state)),
      );
      if (hasMoney) return [notUnderstood("order failed with a successful payment", order.state, order.updatedAt)];
      return [...tries, plain, ...strange];
    }
    case "voided":
      return [plain, ...tries, ...strange];
    default:
      return [notUnderstood(`order ${order.state}`, order.state, order.updatedAt)];
  }
}

/** What a refund order says. Its payment is asked first: it may be declined while the order is still processing (5.5). */
export function refundObservationOf(order: Order, money: Money): Observation {
  const last = order.payments.at(-1);
  const seen = {
    money,
    reference: order.id,
    processorCode: last?.reason ?? order.state,
    ...optional("processorText", last?.state),
    ...optional("occurredAt", order.updatedAt),
    ...(last?.arn === undefined ? {} : { bankReference: { kind: "arn" as const, value: last.arn } }),
  };
  const told = last === undefined ? null : kindOf(PAYMENT_STATES, last.state);
  if (last && (told === "declined" || told === "voided")) {
    return { ...seen, kind: "refund_failed", declineReason: declineReasonOf(last.state, last.reason) };
  }
  const kind = kindOf(REFUND_ORDER_STATES, order.state);
  return { ...seen, kind, ...(kind === "not_understood" ? { processorText: `refund order ${order.state}` } : {}) };
}

/** Minor units with their currency; null when absent or no whole number (3). */
export function moneyOf(amount: unknown, currency: unknown): Money | null {
  const code = textOf(currency);
  if (!Number.isSafeInteger(amount) || code === undefined || !isCurrency(code)) return null;
  return { minor: BigInt(Number(amount)), currency: code };
}

function readPayment(json: Json): Payment {
  const method = asObject(json.payment_method);
  const type = textOf(method?.type);
  const last4 = textOf(method?.card_last_four);
  const first = textOf(method?.card_bin)?.slice(0, 1) ?? "";
  return {
    ...optional("id", textOf(json.id)),
    state: textOf(json.state) ?? "",
    amount: moneyOf(json.amount, json.currency),
    authorised: moneyOf(json.authorised_amount, json.currency),
    settled: moneyOf(json.settled_amount, json.settled_currency),
    ...optional("reason", textOf(json.decline_reason)),
    ...optional("changedAt", dateOf(json.updated_at) ?? dateOf(json.created_at)),
    ...optional("method", type === undefined ? undefined : methodOf(type)),
    ...optional("captureDeadline", dateOf(method?.capture_deadline)),
    ...optional("arn", textOf(method?.arn)),
    ...(last4 !== undefined && /^\d{4}$/.test(last4) ? { instrument: `${first}****${last4}` } : {}),
  };
}

/** Wallets pay by card; an account, a direct debit and what may come are another way (4.4). */
function methodOf(type: string): string {
  return ["card", "apple_pay", "google_pay", "revolut_pay_card"].includes(type) ? "card" : "other";
}

/** The newest payment whose state means that kind. */
function newest(order: Order, kind: Observation["kind"]): Payment | undefined {
  return order.payments.findLast((one) => kindOf(PAYMENT_STATES, one.state) === kind);
}

/**
 * The captured sum. After a partial capture it is not documented which field shows it (13), so of those that speak of it
 * the smallest is believed: the core counts totals, and a sum that is too large would be money that never came.
 */
function capturedMoney(order: Order, taken: Payment | undefined): Money | null {
  const currency = order.amount?.currency ?? taken?.amount?.currency;
  const told = [order.amount, taken?.amount, ...(order.isManual === true ? [taken?.settled] : [])].filter(
    (money): money is Money => money?.currency === currency && money !== undefined && money !== null,
  );
  return told.reduce<Money | null>((least, money) => (least && least.minor <= money.minor ? least : money), null);
}

function declined(payment: Payment): Observation {
  return {
    kind: "declined",
    declineReason: declineReasonOf(payment.state, payment.reason),
    processorCode: payment.reason ?? payment.state,
    processorText: payment.state,
    ...detailsOf(payment),
  };
}

function withPayment(plain: Observation, payment: Payment | undefined, money: Money | null): Observation {
  return {
    ...plain,
    ...(money ? { money } : {}),
    ...(payment ? detailsOf(payment) : {}),
  };
}

function detailsOf(payment: Payment): Partial<Observation> {
  return {
    ...optional("reference", payment.id),
    ...optional("occurredAt", payment.changedAt),
    ...optional("method", payment.method),
    ...optional("instrument", payment.instrument),
  };
}

function notUnderstood(processorText: string, processorCode: string, occurredAt: Date | undefined): Observation {
  return { kind: "not_understood", processorCode, processorText, ...optional("occurredAt", occurredAt) };
}

function dateOf(value: unknown): Date | undefined {
  const text = textOf(value);
  const date = text !== undefined && /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? new Date(text) : null;
  return date && !Number.isNaN(date.getTime()) ? date : undefined;
}

/** An object with one member, or none when there is no value. */
function optional<K extends string, V>(name: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]?: V });
}
