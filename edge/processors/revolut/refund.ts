// Giving money back, and what became of it: a refund is an order of its own (revolut.md 5.5).

import { fail, ok, type Result } from "../../result.ts";
import type { AttemptReference, Fault, Observation, Refund, RefundQuestion } from "../contract.ts";
import { getOrder, listOrders, orderIdOf } from "./lookup.ts";
import { type Order, readOrder, refundObservationOf } from "./order.ts";
import { refundReference } from "./reference.ts";
import { type Context, exchange } from "./wire.ts";

/**
 * Gives money back. 201 is not success: the refund is an order of its own that takes up to two days (5.5). A 400 may hide
 * an order that exists and was declined, a 409 one that was made before: both are looked up by our reference.
 */
export async function refund(input: Refund, context: Context): Promise<Result<Observation[], Fault>> {
  const { attempt, amount } = input;
  const impossible = faultOfAmount(attempt, amount);
  if (impossible) return fail(impossible);
  const orderId = await orderIdOf(attempt, context);
  if (!orderId.ok) return orderId;
  const reference = refundReference(attempt.attemptId, context.idempotencyKey);
  const answered = await exchange(context, {
    method: "POST",
    path: `/api/orders/${encodeURIComponent(orderId.value)}/refund`,
    effect: "write",
    idempotencyKey: context.idempotencyKey,
    body: {
      amount: Number(amount.minor),
      currency: amount.currency,
      // No description: the payer may see it (5.5), and a reason is written for staff.
      merchant_order_data: { reference },
    },
  });
  if (!answered.ok) return answered;
  const { status } = answered.value;
  if (status < 400) {
    const order = readOrder(answered.value.json);
    if (order?.type !== "refund") return fail({ kind: "outcome_unknown", detail: "answer_without_refund" });
    return ok([refundObservationOf(order, amount)]);
  }
  if (status === 400 || status === 409) {
    const made = await refundByReference(input, reference, context);
    if (made.ok && made.value) return ok([refundObservationOf(made.value, amount)]);
    // Conflict with what? Until that is known, nothing is.
    if (status === 409) return fail({ kind: "outcome_unknown", detail: "refund_conflict" });
  }
  const { code, message } = answered.value;
  return ok([
    {
      kind: "refund_failed",
      money: amount,
      processorCode: code ?? String(status),
      processorText: message || "refused",
    },
  ]);
}

/**
 * Asks what became of a refund, by the id of its order, else by our reference.
 * `context.idempotencyKey` must be the one that the refund was sent with.
 */
export async function queryRefund(input: RefundQuestion, context: Context): Promise<Result<Observation[], Fault>> {
  const { attempt, amount, reference } = input;
  const found =
    reference === undefined
      ? await refundByReference(input, refundReference(attempt.attemptId, context.idempotencyKey), context)
      : await getOrder(reference, context);
  if (!found.ok) return found;
  const order = found.value;
  if (!order) return fail({ kind: "rejected", detail: "no_such_refund", processorCode: "404" });
  const isOther =
    attempt.processorReference !== undefined &&
    order.relatedOrderId !== undefined &&
    order.relatedOrderId !== attempt.processorReference;
  if (order.type !== "refund" || isOther) return fail({ kind: "malformed", detail: "answer_about_another_order" });
  return ok([refundObservationOf(order, amount)]);
}

/** The finished refunds of an order, ours and those made in the dashboard: refunds are orders that name it (5.5). */
export async function refundsOf(order: Order, context: Context): Promise<Result<Observation[], Fault>> {
  const from = order.createdAt?.toISOString();
  const rows = await listOrders({ state: "completed", ...(from === undefined ? {} : { from }) }, context);
  if (!rows.ok) return rows;
  const mine = rows.value.filter((row) => row.type === "refund" && row.relatedOrderId === order.id);
  const seen = mine.flatMap((row) => (row.amount ? [refundObservationOf(row, row.amount)] : []));
  const found = seen.reduce((sum, one) => sum + (one.money?.minor ?? 0n), 0n);
  // Not all in the page of the list: that money went back is known, which refund it was is not.
  if (order.refunded && found < order.refunded.minor) {
    seen.push({
      kind: "refund_succeeded",
      processorCode: "refunded_amount",
      processorText: "refunded in part or whole",
    });
  }
  return ok(seen);
}

async function refundByReference(
  input: Refund,
  reference: string,
  context: Context,
): Promise<Result<Order | null, Fault>> {
  const rows = await listOrders({ merchant_order_data_reference: reference }, context);
  if (!rows.ok) return rows;
  const row = rows.value.find(
    (one) =>
      one.type === "refund" &&
      (one.reference ?? reference) === reference &&
      (one.amount === null || one.amount.minor === input.amount.minor),
  );
  return row ? getOrder(row.id, context) : ok(null);
}

export function faultOfAmount(attempt: AttemptReference, amount: AttemptReference["amount"]): Fault | null {
  if (amount.currency !== attempt.amount.currency) {
    return { kind: "rejected", detail: `currency_differs: ${amount.currency}, not ${attempt.amount.currency}` };
  }
  if (amount.minor <= 0n) return { kind: "rejected", detail: "amount_not_positive" };
  return amount.minor <= BigInt(Number.MAX_SAFE_INTEGER) ? null : { kind: "rejected", detail: "amount_too_large" };
}
