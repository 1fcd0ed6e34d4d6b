// What people and partners do to an invoice, as steps of its story. Pure: decided on a story, written by transition.ts.

import { fail, ok, type Result } from "../result.ts";
import { dueMinor } from "./amounts.ts";
import { type LineInput, sumOf, toLines } from "./invoice-lines.ts";
import { noteWentWrong } from "./own-status.ts";
import { bookCollection, issueFiscal, settleInvoice } from "./settle-invoice.ts";
import { nextInvoiceState, OPEN_ATTEMPT_STATES } from "./states.ts";
import type { Step } from "./step.ts";
import type { Invoice, Payment } from "./story.ts";

export type InvoiceInput = {
  kind: "proforma" | "fiscal";
  pointOfSaleId: string;
  currency: string;
  lines: LineInput[];
  payerName: string;
  payerEmail: string | null;
  payerPhone: string | null;
  payerAddress: string | null;
  payerTaxId: string | null;
  acceptsCard?: boolean | undefined;
  /** Methods offered on this link, in this order; null or absent for all that the point of sale offers. */
  methods?: string[] | null | undefined;
  /** The one connection that may take its money, and the CRM installation that follows it. */
  onlyConnectionId?: string | undefined;
  crmInstallationId?: string | undefined;
  /** For whom it is, when not for the payer. */
  beneficiaryName?: string | null | undefined;
  dueOn: string | null;
  expiresAt: Date | null;
  locale: string;
  note: string | null;
  isDraft: boolean;
  isTest?: boolean | undefined;
};

export type InvoiceRefusal =
  | "not_found"
  | "no_series"
  | "invoice_final"
  | "invoice_has_money"
  | "invoice_cancelled"
  | "invoice_not_open"
  | "invoice_paid"
  | "conflict";

export type InvoiceEdit = Partial<Omit<InvoiceInput, "kind" | "pointOfSaleId" | "isDraft" | "isTest">>;

/** Fields of an issued fiscal invoice that may still change: who is told and how it may be paid, not what it says. */
const AFTER_ISSUE = new Set(["payerEmail", "payerPhone", "acceptsCard", "methods", "expiresAt", "locale"]);

/** Changes an invoice. The link stays; sums may not change once money moved or is moving. */
export function changeInvoice(step: Step, edit: InvoiceEdit): Result<string, InvoiceRefusal> {
  const { invoice } = step.story;
  if (invoice.state === "cancelled") return fail("invoice_cancelled");
  const { lines: lineInputs, ...fields } = edit;
  const touched = Object.entries(fields).filter(([, value]) => value !== undefined);
  const isIssuedFiscal = invoice.kind === "fiscal" && invoice.state !== "draft";
  if (isIssuedFiscal && (lineInputs || touched.some(([name]) => !AFTER_ISSUE.has(name)))) return fail("invoice_final");
  const changesSum =
    lineInputs !== undefined || (fields.currency !== undefined && fields.currency !== invoice.currency);
  if (
    changesSum &&
    (step.story.payments.length > 0 ||
      step.story.attempts.some((a) => OPEN_ATTEMPT_STATES.includes(a.state) || a.state === "authorized"))
  ) {
    return fail("invoice_has_money");
  }
  const patch: Partial<Invoice> = { ...Object.fromEntries(touched), updatedAt: step.context.now };
  const before = Object.fromEntries(touched.map(([name]) => [name, plain(invoice[name as keyof Invoice])]));
  if (lineInputs) {
    const lines = toLines(step.context, invoice.merchantId, invoice.id, lineInputs);
    patch.amountMinor = sumOf(lines);
    step.push({ kind: "lines", rows: lines });
    step.story.lines = lines;
  }
  step.patchInvoice(patch);
  step.event("invoice.updated", { fields: [...touched.map(([name]) => name), ...(lineInputs ? ["lines"] : [])] });
  step.audit(
    "invoice.updated",
    invoice.id,
    before,
    Object.fromEntries(touched.map(([name, value]) => [name, plain(value)])),
  );
  return ok(invoice.id);
}

const plain = (value: unknown) =>
  typeof value === "bigint" ? value.toString() : value instanceof Date ? value.toISOString() : value;

/** Gives a draft its number, from a series, and opens its link. */
export function issueDraft(step: Step, seriesId: string, issuedOn: string): Result<string, InvoiceRefusal> {
  const { invoice } = step.story;
  const to = nextInvoiceState(invoice.state, "issued");
  if (!to) return fail("conflict");
  step.patchInvoice({ state: to, issuedOn, updatedAt: step.context.now });
  step.push({ kind: "issue_number", seriesId });
  step.event("invoice.issued");
  step.audit("invoice.issued", invoice.id, { state: "draft" }, { state: to });
  return ok(invoice.id);
}

/** Cancels an invoice without money; a running attempt that still brings money is marked late. */
export function cancel(step: Step, evenUnderWay: boolean): Result<string, InvoiceRefusal> {
  const { invoice, attempts } = step.story;
  if (invoice.state === "cancelled") return ok(invoice.id);
  if (invoice.kind === "fiscal" && invoice.state !== "draft") return fail("invoice_final");
  const isUnderWay = attempts.some((a) => a.state === "processing" || a.state === "in_review");
  if (invoice.paidMinor !== 0n || (isUnderWay && !evenUnderWay)) return fail("invoice_has_money");
  const to = nextInvoiceState(invoice.state, "cancelled");
  if (!to) return fail("invoice_has_money");
  const before = invoice.state;
  step.patchInvoice({ state: to, cancelledAt: step.context.now, updatedAt: step.context.now });
  step.event("invoice.cancelled");
  noteWentWrong(step, "cancelled_by_member");
  step.audit("invoice.cancelled", invoice.id, { state: before }, { state: to });
  return ok(invoice.id);
}

/** Makes the fiscal invoice of a proforma. */
export function convert(step: Step): Result<string, InvoiceRefusal> {
  const { invoice, fiscalSeriesId } = step.story;
  if (invoice.kind !== "proforma" || invoice.state === "draft") return fail("conflict");
  if (invoice.state === "cancelled") return fail("invoice_cancelled");
  if (!fiscalSeriesId) return fail("no_series");
  const known = step.story.fiscalInvoiceId;
  const id = issueFiscal(step);
  if (!id) return fail("conflict");
  if (!known) step.audit("invoice.fiscal_issued", invoice.id, null, { fiscalInvoiceId: id });
  return ok(id);
}

export type ManualPayment = {
  /** The same for a repeat of the same request, which books nothing. */
  id?: string;
  amountMinor: bigint;
  method: string;
  reference: string | null;
  occurredAt: Date;
};

/** Books money that came by another way, marked manual. */
export function bookByHand(step: Step, input: ManualPayment): Result<string, InvoiceRefusal> {
  const { invoice } = step.story;
  if (step.story.payments.some((p) => p.id === input.id)) return ok(input.id ?? "");
  if (invoice.state === "draft") return fail("invoice_not_open");
  if (invoice.state === "cancelled") return fail("invoice_cancelled");
  if (dueMinor(step.story) === 0n) return fail("invoice_paid");
  if (input.amountMinor > dueMinor(step.story)) return fail("conflict");
  const payment: Payment = {
    id: input.id ?? step.context.newId("payment"),
    merchantId: invoice.merchantId,
    invoiceId: invoice.id,
    attemptId: null,
    refundId: null,
    source: "manual",
    processor: null,
    method: input.method,
    currency: invoice.currency,
    amountMinor: input.amountMinor,
    isKept: true,
    isTest: invoice.isTest,
    reference: input.reference,
    occurredAt: input.occurredAt,
    recordedAt: step.context.now,
  };
  step.addPayment(payment);
  step.event("payment.recorded", {
    paymentId: payment.id,
    amountMinor: payment.amountMinor.toString(),
    currency: payment.currency,
  });
  step.audit("payment.recorded", payment.id, null, {
    amountMinor: payment.amountMinor.toString(),
    method: input.method,
  });
  settleInvoice(step);
  bookCollection(step, payment, step.context.actor);
  return ok(payment.id);
}

/** Books a payment as a collection, when that is not done by itself. */
export function collect(step: Step, paymentId: string): Result<string, InvoiceRefusal> {
  const bookedBy = step.context.actor;
  const payment = step.story.payments.find((p) => p.id === paymentId);
  if (!payment) return fail("not_found");
  if (bookCollection(step, payment, bookedBy)) step.audit("collection.recorded", paymentId, null, { bookedBy });
  return ok(paymentId);
}
