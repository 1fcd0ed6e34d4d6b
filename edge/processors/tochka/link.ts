// Payment links: finding the operation, taking a hold, giving money back (tochka-sbp.md 6.3, 6.5, 6.6, 14).

import { sameMoney } from "../../money.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { AttemptReference, Fault, Observation, Refund, RefundQuestion } from "../contract.ts";
import { readRoubles, roubles } from "./amounts.ts";
import { moscowDay } from "./law.ts";
import { type Operation, observationsOf, readOperations, refundRows } from "./operation.ts";
import { readReference } from "./reference.ts";
import { type Context, dateOf, exchange, lost, optional, refusal, textOf } from "./wire.ts";

const PER_PAGE = 1000; // 6.3
const MOST_PAGES = 10;
const DAY_MS = 24 * 3600 * 1000;
/** How far back a link is looked for whose number we never heard. */
const LOOKUP_DAYS = 31;

/** What became of a link: by its number, or by our id in the list when the answer to its making was lost. */
export async function queryLink(attempt: AttemptReference, context: Context): Promise<Result<Observation[], Fault>> {
  const found = await findOperation(attempt, context);
  if (!found.ok) return found;
  const { operation, isLookedUp } = found.value;
  // Our id with another sum or at another outlet is not ours to adopt: a person has to see it (14).
  if (isLookedUp && !isAsAsked(operation, attempt, context)) {
    return ok([
      {
        kind: "not_understood",
        processorCode: "link_differs",
        processorText: `operation ${operation.id} has our id with another sum or outlet`,
      },
    ]);
  }
  return ok(observationsOf(operation));
}

/** Takes a hold: the whole of it, once (6.5). */
export async function captureLink(
  input: { attempt: AttemptReference; amount: AttemptReference["amount"] },
  context: Context,
): Promise<Result<Observation[], Fault>> {
  if (!sameMoney(input.amount, input.attempt.amount)) return fail({ kind: "rejected", detail: "capture_whole_only" });
  const id = await operationIdOf(input.attempt, context);
  if (!id.ok) return id;
  const path = `/acquiring/v1.0/payments/${id.value}/capture`;
  const answered = await exchange(context, { method: "POST", path, effect: "write" });
  if (!answered.ok) return answered;
  if (answered.value.status >= 400) return fail(refusal(answered.value));
  const { data } = answered.value;
  if (data?.result === false) return fail({ kind: "rejected", detail: "capture_refused" });
  if (data?.result !== true) return fail({ kind: "outcome_unknown", detail: "capture_answer_unread" });
  return ok([{ kind: "captured", money: input.amount, processorCode: "APPROVED" }]);
}

/** Gives money of a link back. 200 may say no; its end is read from the operation (6.6). */
export async function refundLink(input: Refund, context: Context): Promise<Result<Observation[], Fault>> {
  const { attempt, amount } = input;
  const id = await operationIdOf(attempt, context);
  if (!id.ok) return id;
  const answered = await exchange(context, {
    method: "POST",
    path: `/acquiring/v1.0/payments/${id.value}/refund`,
    effect: "write",
    body: { Data: { amount: roubles(amount) } },
  });
  if (!answered.ok) return answered;
  const { status, data, code, message } = answered.value;
  if (status === 424) return fail(refusal(answered.value));
  if (status >= 400 || data?.isRefund === false) {
    return ok([
      {
        kind: "refund_failed",
        money: amount,
        processorCode: code ?? (status >= 400 ? String(status) : "isRefund_false"),
        processorText: message || "refused",
      },
    ]);
  }
  const told = readRoubles(data?.amount);
  if (data?.isRefund !== true || (told && told.minor !== amount.minor)) {
    return fail({ kind: "outcome_unknown", detail: "refund_answer_unread" });
  }
  return ok([
    {
      kind: "refund_accepted",
      money: amount,
      ...optional("reference", textOf(data.orderId)),
      ...optional("occurredAt", dateOf(data.date)),
    },
  ]);
}

/**
 * What became of a refund. The ledger has its row from the start; it is finished when the operation is locked no more.
 * Without its number (the answer was lost) a row of the same sum is taken for it.
 */
export async function queryLinkRefund(input: RefundQuestion, context: Context): Promise<Result<Observation[], Fault>> {
  const found = await findOperation(input.attempt, context);
  if (!found.ok) return found;
  const { operation } = found.value;
  const isOther = (id: string | undefined) => id !== undefined && input.otherReferences?.includes(id);
  const row = refundRows(operation).find((one) =>
    input.reference === undefined
      ? one.amount?.minor === input.amount.minor && !isOther(one.id)
      : one.id === input.reference,
  );
  const isDone = operation.status === "REFUNDED" || operation.status === "REFUNDED_PARTIALLY";
  if (!row && isDone) return fail({ kind: "rejected", detail: "no_such_refund" });
  return ok([
    {
      kind: row && isDone ? "refund_succeeded" : "refund_accepted",
      money: input.amount,
      processorCode: operation.status,
      ...optional("reference", row?.id ?? input.reference),
      ...optional("occurredAt", row?.at),
    },
  ]);
}

async function operationIdOf(attempt: AttemptReference, context: Context): Promise<Result<string, Fault>> {
  const known = readReference(attempt.processorReference);
  if (known?.rail === "link") return ok(known.id);
  const found = await findByOurId(attempt, context);
  if (!found.ok) return found;
  if (!isAsAsked(found.value, attempt, context)) return fail({ kind: "malformed", detail: "link_differs" });
  return ok(found.value.id);
}

async function findOperation(
  attempt: AttemptReference,
  context: Context,
): Promise<Result<{ operation: Operation; isLookedUp: boolean }, Fault>> {
  const known = readReference(attempt.processorReference);
  if (known?.rail !== "link") {
    const found = await findByOurId(attempt, context);
    return found.ok ? ok({ operation: found.value, isLookedUp: true }) : found;
  }
  const path = `/acquiring/v1.0/payments/${known.id}`;
  const answered = await exchange(context, { method: "GET", path, effect: "read" });
  if (!answered.ok) return answered;
  const { status, data } = answered.value;
  // 424 is how an unknown number is answered, and a failure behind them too (9): the list tells which.
  if (status === 424 || status === 404) {
    const found = await findByOurId(attempt, context);
    return found.ok ? ok({ operation: found.value, isLookedUp: true }) : found;
  }
  if (status >= 400) return fail(refusal(answered.value, "read"));
  if (!data) return fail({ kind: "malformed", detail: "answer_without_data" });
  const operation = readOperations(data).find((one) => one.id === known.id);
  if (!operation) return fail({ kind: "malformed", detail: "answer_without_operation" });
  if (!isOurs(operation, attempt, context))
    return fail({ kind: "malformed", detail: "answer_about_another_operation" });
  return ok({ operation, isLookedUp: false });
}

/** Looks through the company's operations of the last weeks for the one that carries our id (14). */
async function findByOurId(attempt: AttemptReference, context: Context): Promise<Result<Operation, Fault>> {
  const { customerCode } = context.credentials;
  const now = context.now.getTime();
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const search = new URLSearchParams({
      customerCode,
      fromDate: moscowDay(new Date(now - LOOKUP_DAYS * DAY_MS)),
      toDate: moscowDay(new Date(now + DAY_MS)),
      page: String(page),
      perPage: String(PER_PAGE),
    });
    const path = `/acquiring/v1.0/payments?${search}`;
    const answered = await exchange(context, { method: "GET", path, effect: "read" });
    if (!answered.ok) return answered;
    const { status, data, json } = answered.value;
    if (status >= 400) return fail(refusal(answered.value, "read"));
    if (!data) return fail(lost("read", "malformed", "answer_without_data"));
    const found = readOperations(data).find((one) => one.paymentLinkId === attempt.attemptId);
    if (found) return ok(found);
    const { totalPages } = (json.Meta ?? {}) as { totalPages?: unknown };
    if (!(Number(totalPages) > page)) break;
  }
  return fail({ kind: "rejected", detail: "no_such_operation", processorCode: "404" });
}

/** Whether an operation that was asked for by number is the attempt's: by our id in it, else by whose it is. */
function isOurs(operation: Operation, attempt: AttemptReference, context: Context): boolean {
  if (operation.paymentLinkId !== undefined) return operation.paymentLinkId === attempt.attemptId;
  const { customerCode, merchantId } = context.credentials;
  return operation.customerCode === customerCode && (operation.merchantId ?? merchantId) === merchantId;
}

function isAsAsked(operation: Operation, attempt: AttemptReference, context: Context): boolean {
  const isSameOutlet = (operation.merchantId ?? context.credentials.merchantId) === context.credentials.merchantId;
  return isSameOutlet && operation.amount !== null && sameMoney(operation.amount, attempt.amount);
}
