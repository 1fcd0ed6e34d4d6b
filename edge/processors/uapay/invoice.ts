// An invoice and its payments as UAPAY tells them, and what they mean to an attempt (uapay.md 7, 8, 10, 11).

import type { Money } from "../../money.ts";
import type { Observation } from "../contract.ts";
import {
  APPROVALS,
  APPROVED_IN_PART,
  CODE_FIELDS,
  declineReasonOf,
  IN_PROGRESS,
  INVOICE_STATUSES,
  kindOf,
  kindOfPayment,
} from "./codes.ts";
import { asObject, dateOf, type Json, kopecks, objectsOf, optional, textOf } from "./json.ts";

export type Payment = {
  id?: string;
  status?: string;
  paymentStatus?: string;
  amount: Money | null;
  code?: string;
  createdAt?: Date;
  paidAt?: Date;
  reversedAt?: Date;
  updatedAt?: Date;
  instrument?: string;
};

export type Invoice = {
  id: string;
  state?: string;
  /** PAY takes the money at once, HOLD in two steps. */
  type?: string;
  amount: Money | null;
  shopId?: string;
  /** Our attempt, where it comes back: as the invoice's external id, or in what we sent along. */
  attemptId?: string;
  /** Oldest first. */
  payments: Payment[];
};

/** Reads what `invoices/show` tells; null when it has no id. */
export function readInvoice(json: Json): Invoice | null {
  const id = textOf(json.id);
  if (id === undefined) return null;
  const payments = objectsOf(json.payments).map(readPayment);
  return {
    id,
    ...optional("state", textOf(json.invoiceStatus)),
    ...optional("type", textOf(json.type)),
    amount: kopecks(json.amount),
    ...optional("shopId", textOf(json.clientId)),
    ...optional("attemptId", textOf(json.externalId) ?? attemptSentAlong(json.extraInfo)),
    payments: payments.sort((a, b) => timeOf(a) - timeOf(b)),
  };
}

/** Reads a payment from a list, or from a notification, whose older form has other names (7). */
export function readPayment(json: Json): Payment {
  const masked = textOf(json.cardFromMasked) ?? textOf(json.cardPanMasked) ?? "";
  const code = CODE_FIELDS.map((name) => textOf(json[name])).find((one) => one !== undefined);
  return {
    ...optional("id", textOf(json.paymentId) ?? textOf(json.id)),
    ...optional("status", textOf(json.status)),
    ...optional("paymentStatus", textOf(json.paymentStatus)),
    amount: kopecks(json.amount, json.currency),
    ...optional("code", code !== undefined && /^\d$/.test(code) ? `0${code}` : code),
    ...optional("createdAt", dateOf(json.createdAt) ?? dateOf(json.createDate)),
    ...optional("paidAt", dateOf(json.paidAt) ?? dateOf(json.payDate)),
    ...optional("reversedAt", dateOf(json.reversedAt)),
    ...optional("updatedAt", dateOf(json.updatedAt)),
    // Six and four digits joined, or with a mask between: of either only the ends are kept.
    ...optional(
      "instrument",
      /^\d[\dxX*. -]{4,24}\d{4}$/.test(masked) ? `${masked[0]}****${masked.slice(-4)}` : undefined,
    ),
  };
}

/** The kind of a payment, its bank's code heard where the payment was refused: of a hold that is let go it is old news. */
export function kindOfOne(payment: Payment): Observation["kind"] {
  const kind = kindOfPayment(payment.status, payment.paymentStatus);
  if (kind !== "declined" || payment.paymentStatus === "CANCELED") return kind;
  if (payment.code === IN_PROGRESS) return "processing";
  // A yes beside a no: nobody can tell which of them is true.
  return isApproval(payment.code) ? "not_understood" : kind;
}

function isApproval(code: string | undefined): boolean {
  return code !== undefined && [...APPROVALS, APPROVED_IN_PART].includes(code);
}

/** The payment that speaks for its invoice: one with money first, then one that holds it, then the newest (8). */
export function spokesman(invoice: Invoice): Payment | undefined {
  const ranks = ["captured", "refund_succeeded", "authorized"];
  for (const kind of ranks) {
    const found = invoice.payments.findLast((one) => kindOfOne(one) === kind);
    if (found) return found;
  }
  return invoice.payments.at(-1);
}

/** What an invoice says of its attempt: by the payment that speaks for it, then by those that were refused before. */
export function observationsOf(invoice: Invoice): Observation[] {
  const speaks = spokesman(invoice);
  const isOver = invoice.state !== undefined && kindOf(INVOICE_STATUSES, invoice.state) === "expired";
  const strange =
    invoice.state !== undefined && kindOf(INVOICE_STATUSES, invoice.state) === "not_understood"
      ? [notUnderstood(`invoice ${invoice.state}`, invoice.state)]
      : [];
  if (!speaks) {
    const kind = isOver ? "expired" : "awaiting_payer";
    return strange.length > 0 ? strange : [{ kind, ...optional("processorCode", invoice.state) }];
  }
  const others = invoice.payments.filter((one) => one !== speaks);
  const history = others.filter((one) => kindOfOne(one) === "declined").flatMap((one) => tell(one, invoice));
  const told = tell(speaks, invoice);
  // A one-time invoice is paid once: a second payment with money in it is for a person to see (5).
  const second = others
    .filter((one) => ["captured", "authorized"].includes(kindOfOne(one)))
    .map((one) => notUnderstood(`another payment with money under this invoice: ${one.id ?? ""}`, "second_payment"));
  const isRefused = told[0]?.kind === "declined";
  const end: Observation[] =
    isOver && isRefused ? [{ kind: "expired", ...optional("processorCode", invoice.state) }] : [];
  return isRefused ? [...history, ...told, ...end, ...strange] : [...told, ...history, ...second, ...strange];
}

/** What one payment says. `invoice` is what is known of its invoice; a notification knows the type at most. */
export function tell(payment: Payment, invoice: Pick<Invoice, "type"> & { amount?: Money | null }): Observation[] {
  const kind = kindOfOne(payment);
  const isHold = invoice.type === "HOLD";
  const isRead = invoice.amount !== undefined;
  const word = payment.paymentStatus ?? payment.status ?? "";
  const plain: Observation = {
    kind,
    processorCode: kind === "declined" && payment.code !== undefined && !isApproval(payment.code) ? payment.code : word,
    ...optional("occurredAt", payment.updatedAt ?? payment.paidAt ?? payment.createdAt),
    ...optional("instrument", payment.instrument),
  };
  const paid = { ...plain, method: "card", ...optional("occurredAt", payment.paidAt ?? payment.updatedAt) };
  switch (kind) {
    case "captured": {
      const isPart = payment.code === APPROVED_IN_PART && payment.amount?.minor === invoice.amount?.minor;
      if (isPart) return [notUnderstood("approved for a part of the sum, which is not told", APPROVED_IN_PART)];
      if (!isHold) return [{ ...paid, ...optional("money", payment.amount) }];
      // Whether the sum of a hold becomes the taken one is not documented: only a smaller one is surely that (9, 16).
      if (!isRead) return [];
      const isLess = payment.amount && invoice.amount && payment.amount.minor < invoice.amount.minor;
      return [{ ...plain, method: "card", ...(isLess ? { money: payment.amount } : {}) } as Observation];
    }
    case "authorized":
      return [{ ...paid, ...optional("money", payment.amount) }];
    case "refund_succeeded": {
      // How much went back is not told, nor which reversal it was; a reversed hold may never have been taken (9, 10).
      const back: Observation = {
        kind,
        processorCode: word,
        ...optional("reference", payment.id),
        ...optional("occurredAt", payment.reversedAt),
      };
      if (isHold) return [{ ...plain, kind: "voided" }, back];
      // A notification is told as what it says; that the money came before is read in the invoice.
      return isRead ? [{ ...paid, kind: "captured", ...optional("money", payment.amount) }, back] : [back];
    }
    case "declined": {
      // Of a hold: it was let go, or the payer left. Both words hold only where nothing was held; "voided" is right for both.
      if (word === "CANCELED" && isHold) return [{ ...plain, kind: "voided" }];
      return [{ ...plain, declineReason: declineReasonOf(word, payment.code), processorText: word }];
    }
    case "not_understood":
      return [
        notUnderstood(`payment ${payment.status ?? "–"} / ${payment.paymentStatus ?? "–"}`, payment.code ?? word),
      ];
    default:
      return [plain];
  }
}

export function notUnderstood(processorText: string, processorCode: string): Observation {
  return { kind: "not_understood", processorCode, processorText };
}

/** An object in what `show` tells, text in a notification (14). */
function attemptSentAlong(extraInfo: unknown): string | undefined {
  const given = typeof extraInfo === "string" ? parsed(extraInfo) : extraInfo;
  return textOf(asObject(given)?.attempt);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function timeOf(payment: Payment): number {
  return (payment.createdAt ?? payment.updatedAt ?? payment.paidAt)?.getTime() ?? 0;
}
