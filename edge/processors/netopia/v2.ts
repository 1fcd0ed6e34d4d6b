// v2: start, status, refund, and the unmeasured capture and void (netopia.md B3, B7, B8).

import { sameMoney } from "../../money.ts";
import { fail, ok, type Result } from "../../result.ts";
import type {
  AttemptReference,
  CallContext,
  CredentialCheck,
  Fault,
  Observation,
  Refund,
  StartAttempt,
  Started,
} from "../contract.ts";
import { textOf } from "../read-json.ts";
import { DECLINES, REFUSED_OPERATIONS } from "./codes.ts";
import type { V2Credentials } from "./credentials.ts";
import { descriptor } from "./descriptor.ts";
import { faultOfStart } from "./start-limits.ts";
import { post, type V2Answer } from "./v2-answer.ts";
import { startBody } from "./v2-start-body.ts";
import { amountNumber, jsonWithNumber, observationOf, readPayment } from "./v2-wire.ts";

type Context = CallContext<V2Credentials>;

const ORDER_CLOSED = 56;

/**
 * Opens a hosted page. An order that is already closed (56) is no fault: its payment is observed and the payer goes
 * straight back to us. A page on a foreign host is `malformed`: nobody is led there.
 */
export async function startV2(input: StartAttempt, context: Context): Promise<Result<Started, Fault>> {
  const variant = descriptor.variants.v2;
  if (!variant) return fail({ kind: "unsupported", detail: "variant_missing: v2" });
  const fault = faultOfStart(input, variant);
  if (fault) return fail(fault);
  const answered = await post(context, "/payment/card/start", startBody(input, context, variant), "write");
  if (!answered.ok) return answered;
  const answer = answered.value;
  const payment = readPayment(answer.payment, answer.error);
  if (answer.code === ORDER_CLOSED) {
    if (payment.status === null || !payment.ntpId) return fail({ kind: "outcome_unknown", detail: "order_closed" });
    // Here `error` is about the call, so the payment is read without it.
    const { seen } = observationOf({ ...payment, code: null, message: "" }, input.amount.currency);
    return ok({
      processorReference: payment.ntpId,
      observations: [seen],
      action: { kind: "go", url: input.returnUrl },
    });
  }
  const url = textOf(answer.payment.paymentURL);
  if (answer.httpStatus >= 400 || url === undefined) return fail(refused(answer));
  if (!payment.ntpId) return fail({ kind: "malformed", detail: "payment_without_id" });
  if (!context.mayLeadTo(url)) return fail({ kind: "malformed", detail: "payment_page_on_foreign_host" });
  return ok({
    processorReference: payment.ntpId,
    observations: [{ kind: "awaiting_payer", processorCode: textOf(answer.error?.code) ?? "101" }],
    action: { kind: "go", url },
  });
}

/** Asks for the payment. `error` describes the transaction here, not the call, so the status decides (B7). */
export async function queryV2(attempt: AttemptReference, context: Context): Promise<Result<Observation[], Fault>> {
  const body = JSON.stringify({
    posID: context.credentials.signature,
    ntpID: attempt.processorReference ?? "",
    orderID: attempt.attemptId,
  });
  const answered = await post(context, "/operation/status", body, "read");
  if (!answered.ok) return answered;
  const { payment: wire, order, error, code, httpStatus } = answered.value;
  const payment = readPayment(wire, error);
  if (payment.status === null) {
    if (code === 404 || httpStatus === 404)
      return fail({ kind: "rejected", detail: "no_such_order", processorCode: "404" });
    if (httpStatus >= 400 || (code !== null && code !== 0)) return fail(refused(answered.value));
    return fail({ kind: "malformed", detail: "answer_without_status" });
  }
  const orderId = textOf(order.orderID);
  const other =
    (orderId !== undefined && orderId !== attempt.attemptId) ||
    (attempt.processorReference !== undefined &&
      payment.ntpId !== undefined &&
      payment.ntpId !== attempt.processorReference);
  if (other) return fail({ kind: "malformed", detail: "answer_about_another_order" });
  return ok([observationOf(payment, attempt.amount.currency).seen]);
}

/**
 * Gives money back, in the currency of the start (B8). There is no idempotency key: whatever is not a clear yes or a
 * clear no is `outcome_unknown`, and the core asks before anyone tries again.
 */
export async function refundV2(refund: Refund, context: Context): Promise<Result<Observation[], Fault>> {
  const { attempt, amount } = refund;
  const impossible = faultOfOperation(attempt, amount);
  if (impossible) return fail(impossible);
  const body = jsonWithNumber({ ntpID: attempt.processorReference }, "amount", amountNumber(amount));
  const answered = await post(context, "/operation/credit", body, "write");
  if (!answered.ok) return answered;
  const { code, message, error, payment } = answered.value;
  const status = readPayment(payment, error).status;
  const said = { processorCode: textOf(error?.code) ?? String(code), ...(message ? { processorText: message } : {}) };
  if (code === 0 && (status === 8 || status === null))
    return ok([{ kind: "refund_succeeded", money: amount, ...said }]);
  const clearNo = code !== null && code !== 0 && isClearRefusal(code, message);
  if (clearNo) return ok([{ kind: "refund_failed", money: amount, ...reasonOf(code), ...said }]);
  return fail({ kind: "outcome_unknown", detail: `credit_answer: ${said.processorCode} ${message}`.trim() });
}

/** Takes a reserved sum. The request is presumed, not measured (B8): attached only when the descriptor says so. */
export async function captureV2(
  input: { attempt: AttemptReference; amount: AttemptReference["amount"] },
  context: Context,
): Promise<Result<Observation[], Fault>> {
  const impossible = faultOfOperation(input.attempt, input.amount);
  if (impossible) return fail(impossible);
  const members = { ntpID: input.attempt.processorReference };
  const body = jsonWithNumber(members, "amount", amountNumber(input.amount));
  const answered = await post(context, "/operation/capture", body, "write");
  return operated(answered, [3, 5], { kind: "captured", money: input.amount });
}

/** Releases a reservation; presumed like `captureV2`. */
export async function voidV2(attempt: AttemptReference, context: Context): Promise<Result<Observation[], Fault>> {
  const impossible = faultOfOperation(attempt, attempt.amount);
  if (impossible) return fail(impossible);
  const body = JSON.stringify({ ntpID: attempt.processorReference });
  const answered = await post(context, "/operation/void", body, "write");
  return operated(answered, [4], { kind: "voided", money: attempt.amount });
}

/** Opens an unpaid page: that proves key and signature and moves no money. The page is then looked at once. */
export async function checkV2(probe: StartAttempt, context: Context): Promise<Result<CredentialCheck, Fault>> {
  const started = await startV2(probe, context);
  if (!started.ok) {
    const { kind, detail } = started.error;
    if (kind === "bad_credentials") {
      // The key is refused with 401; a key that is fine but a point of sale that is not (yet) theirs, with code 99 (B2).
      const isKeyFine = started.error.processorCode === "99";
      return ok({
        steps: [
          isKeyFine
            ? { id: "credentials_accepted", outcome: "passed" }
            : { id: "credentials_accepted", outcome: "failed", detail },
          isKeyFine
            ? { id: "point_of_sale_accepted", outcome: "failed", detail }
            : { id: "point_of_sale_accepted", outcome: "skipped" },
          { id: "page_answered", outcome: "skipped" },
        ],
      });
    }
    if (kind !== "rejected" && kind !== "malformed") return started;
    return ok({
      steps: [
        { id: "credentials_accepted", outcome: kind === "malformed" ? "passed" : "skipped" },
        { id: "point_of_sale_accepted", outcome: kind === "malformed" ? "passed" : "skipped" },
        { id: "page_answered", outcome: "failed", detail },
      ],
    });
  }
  const { action } = started.value;
  const page = action.kind === "go" ? await context.call({ method: "GET", url: action.url, effect: "read" }) : null;
  // A page on a host that is the payer's alone cannot be asked from here: then a person opens it.
  const answered = page?.ok ? page.value.status < 400 : null;
  return ok({
    steps: [
      { id: "credentials_accepted", outcome: "passed" },
      { id: "point_of_sale_accepted", outcome: "passed" },
      answered === null
        ? { id: "page_answered", outcome: "needs_person" }
        : { id: "page_answered", outcome: answered ? "passed" : "failed" },
    ],
    action,
  });
}

function operated(
  answered: Result<V2Answer, Fault>,
  statuses: number[],
  seen: Observation,
): Result<Observation[], Fault> {
  if (!answered.ok) return answered;
  const { code, message, error, payment } = answered.value;
  const status = readPayment(payment, error).status;
  if (code === 0 && status !== null && statuses.includes(status))
    return ok([{ ...seen, processorCode: String(status) }]);
  if (code !== null && code !== 0 && REFUSED_OPERATIONS[code] !== undefined) return fail(refused(answered.value));
  return fail({ kind: "outcome_unknown", detail: `operation_answer: ${code} ${message}`.trim() });
}

function faultOfOperation(attempt: AttemptReference, amount: AttemptReference["amount"]): Fault | null {
  if (!attempt.processorReference) return { kind: "rejected", detail: "processor_reference_missing" };
  if (amount.currency !== attempt.amount.currency) {
    return { kind: "rejected", detail: `currency_differs: ${amount.currency}, not ${attempt.amount.currency}` };
  }
  return amount.minor > 0n || sameMoney(amount, attempt.amount)
    ? null
    : { kind: "rejected", detail: "amount_not_positive" };
}

/** 99 is also their word for "something went wrong", which is no answer about the money; 56 means it was done before. */
function isClearRefusal(code: number, message: string): boolean {
  if (code === 99) return /invalid credit amount/i.test(message);
  return (
    code !== ORDER_CLOSED && (code === 404 || DECLINES[code] !== undefined || REFUSED_OPERATIONS[code] !== undefined)
  );
}

function reasonOf(code: number): Pick<Observation, "declineReason"> {
  const reason = DECLINES[code];
  return reason === undefined ? {} : { declineReason: reason };
}

function refused(answer: V2Answer): Fault {
  const processorCode = textOf(answer.error?.code);
  const detail = answer.message || "answer_without_page";
  const noWord = answer.code === null || answer.code === 0 || answer.code === 101;
  if (answer.httpStatus < 400 && noWord) return { kind: "malformed", detail };
  return { kind: "rejected", detail, ...(processorCode === undefined ? {} : { processorCode }) };
}
