// What we ask about an order and do with it: read, capture, cancel; and the check of a key (revolut.md 5.3, 5.4, 13).

import { fail, ok, type Result } from "../../result.ts";
import type { AttemptReference, CredentialCheck, Fault, Observation } from "../contract.ts";
import { findOrder, orderIdOf } from "./lookup.ts";
import { type Order, observationsOf, readOrder } from "./order.ts";
import { faultOfAmount, refundsOf } from "./refund.ts";
import { type Context, exchange, type Json, refusal } from "./wire.ts";

/** Asks for the order, by its id or by our reference, and for the refunds of one that has some. */
export async function query(attempt: AttemptReference, context: Context): Promise<Result<Observation[], Fault>> {
  const found = await findOrder(attempt, context);
  if (!found.ok) return found;
  const { order, others } = found.value;
  const seen = observationsOf(order);
  if (order.refunded && order.refunded.minor > 0n) {
    const refunds = await refundsOf(order, context);
    if (!refunds.ok) return refunds;
    seen.push(...refunds.value);
  }
  // One attempt, one order: a second one with money in it is for a person to see.
  for (const other of others) {
    seen.push({
      kind: "not_understood",
      processorCode: `second_order: ${other.state}`,
      processorText: `another order with this reference: ${other.id}`,
    });
  }
  return ok(seen);
}

/** Takes a held sum, all or a part, once; the rest is released. The same sum again is answered like the first time (5.3). */
export async function capture(
  input: { attempt: AttemptReference; amount: AttemptReference["amount"] },
  context: Context,
): Promise<Result<Observation[], Fault>> {
  const { attempt, amount } = input;
  const impossible = faultOfAmount(attempt, amount);
  if (impossible) return fail(impossible);
  const operated = await operate(attempt, "capture", context, { amount: Number(amount.minor) });
  if (!operated.ok) return operated;
  const order = operated.value;
  if (order.state !== "completed") return fail({ kind: "outcome_unknown", detail: `capture_answer: ${order.state}` });
  const [seen] = observationsOf(order);
  // The sum is the one we asked for: which field of the answer shows a partial capture is not documented (13).
  return ok([{ kind: "captured", processorCode: order.state, ...detailsOf(seen), money: amount }]);
}

/** Releases a held sum by cancelling the order (5.4). */
export async function cancel(attempt: AttemptReference, context: Context): Promise<Result<Observation[], Fault>> {
  const operated = await operate(attempt, "cancel", context);
  if (!operated.ok) return operated;
  const order = operated.value;
  if (order.state !== "cancelled") return fail({ kind: "outcome_unknown", detail: `cancel_answer: ${order.state}` });
  const [seen] = observationsOf(order);
  return ok([{ kind: "voided", processorCode: order.state, ...detailsOf(seen) }]);
}

/** Reads one row of the order list: that proves the key, and changes nothing. */
export async function check(context: Context): Promise<Result<CredentialCheck, Fault>> {
  const answered = await exchange(context, { method: "GET", path: "/api/orders?limit=1", effect: "read" });
  if (!answered.ok) {
    const { kind, detail } = answered.error;
    if (kind !== "bad_credentials") return answered;
    return ok({
      steps: [
        { id: "processor_answered", outcome: "passed" },
        { id: "credentials_accepted", outcome: "failed", detail },
      ],
    });
  }
  const isRefused = answered.value.status >= 400;
  return ok({
    steps: [
      isRefused
        ? { id: "processor_answered", outcome: "failed", detail: refusal(answered.value).detail }
        : { id: "processor_answered", outcome: "passed" },
      { id: "credentials_accepted", outcome: isRefused ? "skipped" : "passed" },
    ],
  });
}

/** Captures or cancels, and reads the order that is answered. */
async function operate(
  attempt: AttemptReference,
  verb: "capture" | "cancel",
  context: Context,
  body?: Json,
): Promise<Result<Order, Fault>> {
  const orderId = await orderIdOf(attempt, context);
  if (!orderId.ok) return orderId;
  const answered = await exchange(context, {
    method: "POST",
    path: `/api/orders/${encodeURIComponent(orderId.value)}/${verb}`,
    effect: "write",
    ...(body === undefined ? {} : { body }),
  });
  if (!answered.ok) return answered;
  if (answered.value.status >= 400) return fail(refusal(answered.value));
  const order = readOrder(answered.value.json);
  if (!order || order.id !== orderId.value) return fail({ kind: "outcome_unknown", detail: `${verb}_answer_unread` });
  return ok(order);
}

function detailsOf(seen: Observation | undefined): Partial<Observation> {
  if (!seen) return {};
  const { reference, occurredAt, method, instrument } = seen;
  return {
    ...(reference === undefined ? {} : { reference }),
    ...(occurredAt === undefined ? {} : { occurredAt }),
    ...(method === undefined ? {} : { method }),
    ...(instrument === undefined ? {} : { instrument }),
  };
}
