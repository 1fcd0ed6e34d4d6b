// Reading orders: by their id, by our reference, in lists (revolut.md 4.3, 5.1).

import { fail, ok, type Result } from "../../result.ts";
import type { AttemptReference, Fault } from "../contract.ts";
import { isPaymentOrder, type Order, readOrder } from "./order.ts";
import { type Answer, type Context, exchange, lost, objectsOf, refusal } from "./wire.ts";

const LIST_LIMIT = 500; // 5.1
const MOST_ORDERS_OF_A_REFERENCE = 5;

/** Their id of the attempt's order: known, or found by our reference. */
export async function orderIdOf(attempt: AttemptReference, context: Context): Promise<Result<string, Fault>> {
  if (attempt.processorReference !== undefined) return ok(attempt.processorReference);
  const found = await findOrder(attempt, context);
  return found.ok ? ok(found.value.order.id) : found;
}

/** The attempt's order, and others under its reference that hold money, of which there should be none. */
export async function findOrder(
  attempt: AttemptReference,
  context: Context,
): Promise<Result<{ order: Order; others: Order[] }, Fault>> {
  const known = attempt.processorReference;
  if (known === undefined) return findByReference(attempt.attemptId, context);
  let order = await getOrder(known, context);
  // An event of a refund may have brought the refund's id; it names the order it gives back.
  if (order.ok && order.value.type === "refund" && order.value.relatedOrderId !== undefined) {
    order = await getOrder(order.value.relatedOrderId, context);
  }
  if (!order.ok) return order;
  const { reference } = order.value;
  const isOther = reference !== undefined && reference !== attempt.attemptId;
  if (isOther || !isPaymentOrder(order.value)) return fail({ kind: "malformed", detail: "answer_about_another_order" });
  return ok({ order: order.value, others: [] });
}

async function findByReference(
  reference: string,
  context: Context,
): Promise<Result<{ order: Order; others: Order[] }, Fault>> {
  const rows = await listOrders({ merchant_order_data_reference: reference }, context);
  if (!rows.ok) return rows;
  // The filter is theirs: a row that names another reference is not ours, whatever was asked.
  const mine = rows.value.filter((row) => isPaymentOrder(row) && (row.reference ?? reference) === reference);
  if (mine.length === 0) return fail({ kind: "rejected", detail: "no_such_order", processorCode: "404" });
  const whole: Order[] = [];
  for (const row of mine.slice(0, MOST_ORDERS_OF_A_REFERENCE)) {
    const order = await getOrder(row.id, context); // rows have no payments (5.1)
    if (!order.ok) return order;
    whole.push(order.value);
  }
  const ranks = ["completed", "authorised", "processing", "pending"];
  const rank = (order: Order) => (ranks.includes(order.state) ? ranks.indexOf(order.state) : ranks.length);
  const [order, ...rest] = whole.sort((a, b) => rank(a) - rank(b));
  if (!order) return fail({ kind: "rejected", detail: "no_such_order", processorCode: "404" });
  return ok({ order, others: rest.filter((one) => rank(one) <= 2) });
}

export async function getOrder(id: string, context: Context): Promise<Result<Order, Fault>> {
  const answered = await exchange(context, {
    method: "GET",
    path: `/api/orders/${encodeURIComponent(id)}`,
    effect: "read",
  });
  if (!answered.ok) return answered;
  if (answered.value.status === 404) return fail(notFound(answered.value));
  if (answered.value.status >= 400) return fail(refusal(answered.value));
  const order = readOrder(answered.value.json);
  if (!order) return fail({ kind: "malformed", detail: "answer_without_order" });
  return order.id === id ? ok(order) : fail({ kind: "malformed", detail: "answer_about_another_order" });
}

export async function listOrders(filter: Record<string, string>, context: Context): Promise<Result<Order[], Fault>> {
  const search = new URLSearchParams({ ...filter, limit: String(LIST_LIMIT) });
  const answered = await exchange(context, { method: "GET", path: `/api/orders?${search}`, effect: "read" });
  if (!answered.ok) return answered;
  if (answered.value.status >= 400) return fail(refusal(answered.value));
  if (!Array.isArray(answered.value.json.orders)) return fail(lost("read", "malformed", "answer_without_list"));
  return ok(
    objectsOf(answered.value.json.orders)
      .map(readOrder)
      .filter((one) => one !== null),
  );
}

function notFound(answer: Answer): Fault {
  return { kind: "rejected", detail: "no_such_order", processorCode: answer.code ?? "404" };
}
