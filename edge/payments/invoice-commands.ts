// What a person or a partner does with an invoice: make it, change it, issue, cancel, convert, book money by hand.

import { and, eq, isNull } from "drizzle-orm";
import { sqlState } from "../../db/client.ts";
import { invoices, pointsOfSale, series } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { newToken } from "../ids.ts";
import { fail, ok, type Result } from "../result.ts";
import { dueMinor } from "./amounts.ts";
import { dayIn } from "./days.ts";
import { noteWentWrong } from "./own-status.ts";
import { bookCollection, issueFiscal, settleInvoice } from "./settle-invoice.ts";
import { nextInvoiceState, OPEN_ATTEMPT_STATES } from "./states.ts";
import { type Invoice, type InvoiceLine, type Payment, readStory } from "./story.ts";
import { commitNew, takeStep } from "./transition.ts";

export type LineInput = {
  description: string;
  quantity: number;
  unit?: string | null | undefined;
  unitPriceMinor: number;
  vatPercent: number;
};

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

/** Sum of a line in minor units: quantity in thousandths times unit price, halves up. */
export function lineAmountMinor(quantityMilli: number, unitPriceMinor: bigint): bigint {
  return (BigInt(quantityMilli) * unitPriceMinor + 500n) / 1000n;
}

function toLines(context: Context, merchantId: string, invoiceId: string, lines: LineInput[]): InvoiceLine[] {
  return lines.map((line, position) => {
    const quantityMilli = Math.round(line.quantity * 1000);
    const unitPriceMinor = BigInt(line.unitPriceMinor);
    return {
      id: context.newId("invoiceLine"),
      merchantId,
      invoiceId,
      position,
      description: line.description,
      quantityMilli,
      unit: line.unit ?? null,
      unitPriceMinor,
      vatBasisPoints: Math.round(line.vatPercent * 100),
      amountMinor: lineAmountMinor(quantityMilli, unitPriceMinor),
    };
  });
}

const sumOf = (lines: InvoiceLine[]) => lines.reduce((total, line) => total + line.amountMinor, 0n);

async function seriesFor(
  context: Context,
  merchantId: string,
  kind: "proforma" | "fiscal",
  isTest: boolean,
): Promise<string | null> {
  const rows = await context.db
    .select({ id: series.id })
    .from(series)
    .where(
      and(
        eq(series.merchantId, merchantId),
        eq(series.kind, kind),
        eq(series.isTest, isTest),
        isNull(series.archivedAt),
      ),
    )
    .orderBy(series.id)
    .limit(1);
  return rows[0]?.id ?? null;
}

/**
 * Makes an invoice; unless it is a draft it gets its number in the same transaction.
 * @param id the same for a repeat of the same request
 */
export async function createInvoice(
  context: Context,
  merchantId: string,
  actor: string,
  input: InvoiceInput,
  id: string = context.newId("invoice"),
): Promise<Result<string, InvoiceRefusal>> {
  const rows = await context.db
    .select()
    .from(pointsOfSale)
    .where(
      and(
        eq(pointsOfSale.merchantId, merchantId),
        eq(pointsOfSale.id, input.pointOfSaleId),
        isNull(pointsOfSale.archivedAt),
      ),
    );
  const pointOfSale = rows[0];
  if (!pointOfSale) return fail("not_found");
  const isTest = pointOfSale.isTest || (input.isTest ?? false);
  const seriesId = await seriesFor(context, merchantId, input.kind, isTest);
  if (!seriesId && !input.isDraft) return fail("no_series");
  const lines = toLines(context, merchantId, id, input.lines);
  const { now } = context;
  const invoice: Invoice = {
    id,
    merchantId,
    pointOfSaleId: input.pointOfSaleId,
    kind: input.kind,
    seriesId: null,
    number: null,
    label: null,
    state: input.isDraft ? "draft" : "open",
    isTest,
    currency: input.currency,
    amountMinor: sumOf(lines),
    paidMinor: 0n,
    acceptsCard: input.acceptsCard ?? pointOfSale.cardOnAllInvoices,
    methods: input.methods ?? null,
    onlyConnectionId: input.onlyConnectionId ?? null,
    crmInstallationId: input.crmInstallationId ?? null,
    beneficiaryName: input.beneficiaryName ?? null,
    payerName: input.payerName,
    payerEmail: input.payerEmail,
    payerPhone: input.payerPhone,
    payerAddress: input.payerAddress,
    payerTaxId: input.payerTaxId,
    locale: input.locale,
    note: input.note,
    issuedOn: input.isDraft ? null : await today(context, merchantId),
    dueOn: input.dueOn,
    expiresAt: input.expiresAt,
    linkToken: newToken(),
    proformaId: null,
    paidAt: null,
    cancelledAt: null,
    outcome: null,
    outcomeReason: null,
    outcomeBy: null,
    outcomeAt: null,
    ownStatusId: null,
    version: 1,
    createdBy: actor,
    createdAt: now,
    updatedAt: now,
    archivedAt: null,
  };
  try {
    await commitNew(context.db, context.stepBy(actor), invoice, lines, input.isDraft ? null : seriesId);
  } catch (error) {
    // A twin of the same request was faster: its invoice is this one.
    if (sqlState(error) !== "23505" || !(await readStory(context.db, merchantId, id))) throw error;
  }
  return ok(id);
}

async function today(context: Context, merchantId: string): Promise<string> {
  const merchant = await context.db.query.merchants.findFirst({
    columns: { timeZone: true },
    where: (t, { eq: is }) => is(t.id, merchantId),
  });
  return dayIn(merchant?.timeZone ?? "UTC", context.now);
}

export type InvoiceEdit = Partial<Omit<InvoiceInput, "kind" | "pointOfSaleId" | "isDraft" | "isTest">>;

/** Fields of an issued fiscal invoice that may still change: who is told and how it may be paid, not what it says. */
const AFTER_ISSUE = new Set(["payerEmail", "payerPhone", "acceptsCard", "methods", "expiresAt", "locale"]);

/** Changes an invoice. The link stays; sums may not change once money moved or is moving. */
export async function editInvoice(
  context: Context,
  merchantId: string,
  invoiceId: string,
  actor: string,
  edit: InvoiceEdit,
): Promise<Result<string, InvoiceRefusal>> {
  return takeStep<Result<string, InvoiceRefusal>>(
    context.db,
    context.stepBy(actor),
    { merchantId, invoiceId },
    (step) => {
      const { invoice } = step.story;
      if (invoice.state === "cancelled") return fail("invoice_cancelled");
      const { lines: lineInputs, ...fields } = edit;
      const touched = Object.entries(fields).filter(([, value]) => value !== undefined);
      const isIssuedFiscal = invoice.kind === "fiscal" && invoice.state !== "draft";
      if (isIssuedFiscal && (lineInputs || touched.some(([name]) => !AFTER_ISSUE.has(name))))
        return fail("invoice_final");
      const changesSum =
        lineInputs !== undefined || (fields.currency !== undefined && fields.currency !== invoice.currency);
      if (
        changesSum &&
        (step.story.payments.length > 0 ||
          step.story.attempts.some((a) => OPEN_ATTEMPT_STATES.includes(a.state) || a.state === "authorized"))
      ) {
        return fail("invoice_has_money");
      }
      const patch: Partial<Invoice> = { ...Object.fromEntries(touched), updatedAt: context.now };
      const before = Object.fromEntries(touched.map(([name]) => [name, plain(invoice[name as keyof Invoice])]));
      if (lineInputs) {
        const lines = toLines(context, merchantId, invoiceId, lineInputs);
        patch.amountMinor = sumOf(lines);
        step.push({ kind: "lines", rows: lines });
        step.story.lines = lines;
      }
      step.patchInvoice(patch);
      step.event("invoice.updated", { fields: [...touched.map(([name]) => name), ...(lineInputs ? ["lines"] : [])] });
      step.audit(
        "invoice.updated",
        invoiceId,
        before,
        Object.fromEntries(touched.map(([name, value]) => [name, plain(value)])),
      );
      return ok(invoiceId);
    },
  );
}

const plain = (value: unknown) =>
  typeof value === "bigint" ? value.toString() : value instanceof Date ? value.toISOString() : value;

/** Gives a draft its number and opens its link. */
export async function issueInvoice(
  context: Context,
  merchantId: string,
  invoiceId: string,
  actor: string,
): Promise<Result<string, InvoiceRefusal>> {
  const issuedOn = await today(context, merchantId);
  const rows = await context.db
    .select({ kind: invoices.kind, isTest: invoices.isTest })
    .from(invoices)
    .where(and(eq(invoices.merchantId, merchantId), eq(invoices.id, invoiceId)));
  const known = rows[0];
  if (!known) return fail("not_found");
  const seriesId = await seriesFor(context, merchantId, known.kind, known.isTest);
  if (!seriesId) return fail("no_series");
  return takeStep<Result<string, InvoiceRefusal>>(
    context.db,
    context.stepBy(actor),
    { merchantId, invoiceId },
    (step) => {
      const to = nextInvoiceState(step.story.invoice.state, "issued");
      if (!to) return fail("conflict");
      step.patchInvoice({ state: to, issuedOn, updatedAt: context.now });
      step.push({ kind: "issue_number", seriesId });
      step.event("invoice.issued");
      step.audit("invoice.issued", invoiceId, { state: "draft" }, { state: to });
      return ok(invoiceId);
    },
  );
}

/**
 * Cancels an invoice without money; its link then says so. A running attempt that still brings money is marked late.
 * @param evenUnderWay also while a payment is under way, for callers who let go what still comes
 */
export async function cancelInvoice(
  context: Context,
  merchantId: string,
  invoiceId: string,
  actor: string,
  evenUnderWay = false,
): Promise<Result<string, InvoiceRefusal>> {
  return takeStep<Result<string, InvoiceRefusal>>(
    context.db,
    context.stepBy(actor),
    { merchantId, invoiceId },
    (step) => {
      const { invoice, attempts } = step.story;
      if (invoice.state === "cancelled") return ok(invoiceId);
      if (invoice.kind === "fiscal" && invoice.state !== "draft") return fail("invoice_final");
      const isUnderWay = attempts.some((a) => a.state === "processing" || a.state === "in_review");
      if (invoice.paidMinor !== 0n || (isUnderWay && !evenUnderWay)) return fail("invoice_has_money");
      const to = nextInvoiceState(invoice.state, "cancelled");
      if (!to) return fail("invoice_has_money");
      const before = invoice.state;
      step.patchInvoice({ state: to, cancelledAt: context.now, updatedAt: context.now });
      step.event("invoice.cancelled");
      noteWentWrong(step, "cancelled_by_member");
      step.audit("invoice.cancelled", invoiceId, { state: before }, { state: to });
      return ok(invoiceId);
    },
  );
}

/** Makes the fiscal invoice of a proforma by hand. */
export async function convertProforma(
  context: Context,
  merchantId: string,
  invoiceId: string,
  actor: string,
): Promise<Result<string, InvoiceRefusal>> {
  return takeStep<Result<string, InvoiceRefusal>>(
    context.db,
    context.stepBy(actor),
    { merchantId, invoiceId },
    (step) => {
      const { invoice, fiscalSeriesId } = step.story;
      if (invoice.kind !== "proforma" || invoice.state === "draft") return fail("conflict");
      if (invoice.state === "cancelled") return fail("invoice_cancelled");
      if (!fiscalSeriesId) return fail("no_series");
      const known = step.story.fiscalInvoiceId;
      const id = issueFiscal(step);
      if (!id) return fail("conflict");
      if (!known) step.audit("invoice.fiscal_issued", invoiceId, null, { fiscalInvoiceId: id });
      return ok(id);
    },
  );
}

export type ManualPayment = {
  /** The same for a repeat of the same request, which books nothing. */
  id?: string;
  amountMinor: bigint;
  method: string;
  reference: string | null;
  occurredAt: Date;
};

/** Books money that came by another way (cash, transfer), marked manual. */
export async function recordManualPayment(
  context: Context,
  merchantId: string,
  invoiceId: string,
  actor: string,
  input: ManualPayment,
): Promise<Result<string, InvoiceRefusal>> {
  return takeStep<Result<string, InvoiceRefusal>>(
    context.db,
    context.stepBy(actor),
    { merchantId, invoiceId },
    (step) => {
      const { invoice } = step.story;
      if (step.story.payments.some((p) => p.id === input.id)) return ok(input.id ?? "");
      if (invoice.state === "draft") return fail("invoice_not_open");
      if (invoice.state === "cancelled") return fail("invoice_cancelled");
      if (dueMinor(step.story) === 0n) return fail("invoice_paid");
      if (input.amountMinor > dueMinor(step.story)) return fail("conflict");
      const payment: Payment = {
        id: input.id ?? context.newId("payment"),
        merchantId,
        invoiceId,
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
        recordedAt: context.now,
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
      bookCollection(step, payment, actor);
      return ok(payment.id);
    },
  );
}

/** Books a payment as a collection by hand, when the merchant did not have it done by itself. */
export async function recordCollection(
  context: Context,
  merchantId: string,
  invoiceId: string,
  paymentId: string,
  actor: string,
): Promise<Result<string, InvoiceRefusal>> {
  return takeStep<Result<string, InvoiceRefusal>>(
    context.db,
    context.stepBy(actor),
    { merchantId, invoiceId },
    (step) => {
      const payment = step.story.payments.find((p) => p.id === paymentId);
      if (!payment) return fail("not_found");
      if (bookCollection(step, payment, actor)) step.audit("collection.recorded", paymentId, null, { bookedBy: actor });
      return ok(paymentId);
    },
  );
}

/** Orders the mail with the payer's link; the timeline shows when and, later, how it went. */
export async function sendLink(
  context: Context,
  merchantId: string,
  invoiceId: string,
  actor: string,
  order: { outboxId: string; email: string },
): Promise<void> {
  await takeStep(context.db, context.stepBy(actor), { merchantId, invoiceId }, (step) => {
    step.push({
      kind: "outbox",
      row: {
        id: order.outboxId,
        merchantId,
        topic: "invoice_link_mail",
        effectKey: order.outboxId,
        payload: { invoiceId, email: order.email },
        nextAttemptAt: context.now,
        createdAt: context.now,
      },
    });
    step.event("invoice.link_sent", { outboxId: order.outboxId });
  });
}
