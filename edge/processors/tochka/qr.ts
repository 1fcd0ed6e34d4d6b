// A dynamic QR of SBP: registering it, what became of it, giving money back (tochka-sbp.md 7, 10).

import { toDecimalText } from "../../money.ts";
import { fail, ok, type Result } from "../../result.ts";
import type {
  AttemptReference,
  Fault,
  Observation,
  Refund,
  RefundQuestion,
  StartAttempt,
  Started,
} from "../contract.ts";
import { kopecks, readKopecks } from "./amounts.ts";
import { declineReasonOf, kindOf, SBP_REFUND_STATUSES, SBP_STATUSES } from "./codes.ts";
import { PAGE_MINUTES } from "./descriptor.ts";
import { moscowDay } from "./law.ts";
import { isTheirId, readReference, toReference } from "./reference.ts";
import { purposeOf } from "./text.ts";
import { type Context, exchange, objectsOf, optional, refusal, textOf } from "./wire.ts";

/** Without dates the list has yesterday and today only (7.3). */
const LIST_DAYS = 366;
const DAY_MS = 24 * 3600 * 1000;

type Paid = { status: string; code?: string; message?: string; trxId?: string; refTransactionId?: string };

/**
 * Registers a code for one payment and shows it on our own page. There is no key against a second registration (14): what
 * is not a clear answer is `outcome_unknown`, and a code that we never heard of is never shown, so nobody pays it.
 */
export async function startQr(input: StartAttempt, context: Context): Promise<Result<Started, Fault>> {
  const { sbpMerchantId = "", accountId = "" } = context.credentials;
  const answered = await exchange(context, {
    method: "POST",
    // The account's slash is part of it; as %2F it stays one segment (7.1).
    path: `/sbp/v1.0/qr-code/merchant/${encodeURIComponent(sbpMerchantId)}/${encodeURIComponent(accountId)}`,
    effect: "write",
    body: {
      Data: {
        qrcType: "02",
        amount: kopecks(input.amount),
        currency: "RUB",
        paymentPurpose: purposeOf(input.description),
        ttl: PAGE_MINUTES,
        sourceName: "Plata",
        // Https only; without it the payer comes back by hand, and our page keeps asking.
        ...(/^https:\/\//.test(input.returnUrl) && input.returnUrl.length <= 2083
          ? { redirectUrl: input.returnUrl }
          : {}),
      },
    },
  });
  if (!answered.ok) return answered;
  if (answered.value.status >= 400) return fail(refusal(answered.value));
  const qrcId = textOf(answered.value.data?.qrcId);
  const payload = answered.value.data?.payload;
  if (!isTheirId(qrcId)) return fail({ kind: "outcome_unknown", detail: "qr_without_id" });
  if (typeof payload !== "string" || payload === "")
    return fail({ kind: "outcome_unknown", detail: "qr_without_payload" });
  // Shown byte for byte, but never when it would lead a payer elsewhere (10).
  if (!context.mayLeadTo(payload)) return fail({ kind: "malformed", detail: "qr_on_foreign_host" });
  const expiresAt = new Date(context.now.getTime() + PAGE_MINUTES * 60_000);
  return ok({
    processorReference: toReference({ rail: "qr", id: qrcId }),
    observations: [{ kind: "awaiting_payer", processorCode: "NotStarted" }],
    action: { kind: "show_qr", payload, expiresAt },
    expiresAt,
  });
}

/** What became of a code. That its time is over is for our own clock: no status says so (7.2). */
export async function queryQr(attempt: AttemptReference, context: Context): Promise<Result<Observation[], Fault>> {
  const found = await findPaid(attempt, context);
  if (!found.ok) return found;
  const { status, code, message, trxId } = found.value;
  const kind = kindOf(SBP_STATUSES, status);
  const seen: Observation = { kind, processorCode: status, method: "sbp", ...optional("reference", trxId) };
  switch (kind) {
    case "captured": {
      const sum = await sumOf(attempt, context);
      return sum.ok ? ok([{ ...seen, money: sum.value }]) : sum;
    }
    case "declined":
      // RQ00000 says that they processed our question, not why the payer's bank refused.
      return ok([
        {
          ...seen,
          declineReason: declineReasonOf(code),
          processorCode: code === undefined || code === "RQ00000" ? status : code,
          ...optional("processorText", message),
        },
      ]);
    case "not_understood":
      return ok([{ ...seen, processorText: `qr ${status}` }]);
    default:
      return ok([seen]);
  }
}

/** Gives money of a code back, by the number of its payment; that has to be asked for first (7.4). */
export async function refundQr(input: Refund, context: Context): Promise<Result<Observation[], Fault>> {
  const { attempt, amount } = input;
  const qrcId = readReference(attempt.processorReference)?.id ?? "";
  const [accountCode, bankCode] = (context.credentials.accountId ?? "").split("/");
  if (!accountCode || !bankCode) return fail({ kind: "bad_credentials", detail: "account_not_chosen" });
  const paid = await findPaid(attempt, context);
  if (!paid.ok) return paid;
  const { trxId, refTransactionId, status } = paid.value;
  if (trxId === undefined && refTransactionId === undefined) {
    return fail({ kind: "rejected", detail: `nothing_to_refund: ${status}` });
  }
  const answered = await exchange(context, {
    method: "POST",
    path: "/sbp/v1.0/refund",
    effect: "write",
    body: {
      Data: {
        bankCode,
        accountCode,
        amount: toDecimalText(amount),
        currency: "RUB",
        qrcId,
        ...(trxId === undefined ? { refTransactionId } : { trxId }),
      },
    },
  });
  if (!answered.ok) return answered;
  const { data, code, message } = answered.value;
  if (answered.value.status === 424) return fail(refusal(answered.value));
  if (answered.value.status >= 400) {
    return ok([
      {
        kind: "refund_failed",
        money: amount,
        processorCode: code ?? String(answered.value.status),
        processorText: message || "refused",
      },
    ]);
  }
  const requestId = textOf(data?.requestId);
  const told = textOf(data?.status);
  if (requestId === undefined || told === undefined) {
    return fail({ kind: "outcome_unknown", detail: "refund_answer_unread" });
  }
  return ok([refundSeen(told, amount, requestId, undefined)]);
}

/** What became of a refund, by its request's number; without one there is nothing that could be asked. */
export async function queryQrRefund(input: RefundQuestion, context: Context): Promise<Result<Observation[], Fault>> {
  const { amount, reference } = input;
  if (reference === undefined) return fail({ kind: "unsupported", detail: "refund_without_request_number" });
  const path = `/sbp/v1.0/refund/${encodeURIComponent(reference)}`;
  const answered = await exchange(context, { method: "GET", path, effect: "read" });
  if (!answered.ok) return answered;
  if (answered.value.status >= 400) return fail(refusal(answered.value, "read"));
  const told = textOf(answered.value.data?.status);
  if (told === undefined) return fail({ kind: "malformed", detail: "answer_without_status" });
  return ok([refundSeen(told, amount, reference, textOf(answered.value.data?.statusDescription))]);
}

function refundSeen(status: string, money: Refund["amount"], reference: string, text: string | undefined): Observation {
  const kind = kindOf(SBP_REFUND_STATUSES, status);
  const processorText = text ?? (kind === "not_understood" ? `refund ${status}` : undefined);
  return { kind, money, reference, processorCode: status, ...optional("processorText", processorText) };
}

/** The code's payment: by its status, which is seen for a day after the payment, and after that by the list (7.2, 7.3). */
async function findPaid(attempt: AttemptReference, context: Context): Promise<Result<Paid, Fault>> {
  const qrcId = readReference(attempt.processorReference)?.id ?? "";
  const answered = await exchange(context, {
    method: "GET",
    path: `/sbp/v1.0/qr-codes/${encodeURIComponent(qrcId)}/payment-status`,
    effect: "read",
  });
  if (!answered.ok) return answered;
  if (answered.value.status >= 400) return fail(refusal(answered.value, "read"));
  if (!Array.isArray(answered.value.data?.paymentList)) {
    return fail({ kind: "malformed", detail: "answer_without_list" });
  }
  // By its id, never by its place.
  const row = objectsOf(answered.value.data.paymentList).find((one) => textOf(one.qrcId) === qrcId);
  const status = textOf(row?.status);
  if (status !== undefined) {
    return ok({
      status,
      ...optional("code", textOf(row?.code)),
      ...optional("message", textOf(row?.message)),
      ...optional("trxId", textOf(row?.trxId)),
    });
  }
  return findInList(qrcId, textOf(row?.code), context);
}

async function findInList(qrcId: string, code: string | undefined, context: Context): Promise<Result<Paid, Fault>> {
  const search = new URLSearchParams({
    customerCode: context.credentials.customerCode,
    qrcId,
    fromDate: moscowDay(new Date(context.now.getTime() - LIST_DAYS * DAY_MS)),
    toDate: moscowDay(new Date(context.now.getTime() + DAY_MS)),
  });
  const path = `/sbp/v1.0/get-sbp-payments?${search}`;
  const answered = await exchange(context, { method: "GET", path, effect: "read" });
  if (!answered.ok) return answered;
  if (answered.value.status >= 400) return fail(refusal(answered.value, "read"));
  if (!answered.value.data) return fail({ kind: "malformed", detail: "answer_without_data" });
  const rows = objectsOf(answered.value.data.Payments).filter((one) => textOf(one.qrcId) === qrcId);
  // A code refused once can be paid later: what was taken counts before what was not.
  const row = rows.find((one) => kindOf(SBP_STATUSES, textOf(one.status) ?? "") === "captured") ?? rows.at(-1);
  const status = textOf(row?.status);
  if (status === undefined) {
    return fail({ kind: "rejected", detail: "no_such_payment", processorCode: code ?? "not_listed" });
  }
  return ok({
    status,
    ...optional("message", textOf(row?.message)),
    ...optional("refTransactionId", textOf(row?.refTransactionId)),
  });
}

/** The sum that a code stands for, read from the code itself: its payment names none (7.1, 7.2). */
async function sumOf(attempt: AttemptReference, context: Context): Promise<Result<AttemptReference["amount"], Fault>> {
  const qrcId = readReference(attempt.processorReference)?.id ?? "";
  const path = `/sbp/v1.0/qr-code/${encodeURIComponent(qrcId)}`;
  const answered = await exchange(context, { method: "GET", path, effect: "read" });
  if (!answered.ok) return answered;
  if (answered.value.status >= 400) return fail(refusal(answered.value, "read"));
  const { data } = answered.value;
  const sum = readKopecks(data?.amount);
  if (textOf(data?.qrcId) !== qrcId || !sum) return fail({ kind: "malformed", detail: "answer_without_sum" });
  return ok(sum);
}
