// What a person or a partner does with an invoice: make it, change it, issue, cancel, convert, book money by hand.

import { and, eq, isNull } from "drizzle-orm";
import { sqlState } from "../../db/client.ts";
import { invoices, pointsOfSale, series } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { newToken } from "../ids.ts";
import { fail, ok, type Result } from "../result.ts";
import { dayIn } from "./days.ts";
import { sumOf, toLines } from "./invoice-lines.ts";
import {
  bookByHand,
  cancel,
  changeInvoice,
  collect,
  convert,
  type InvoiceEdit,
  type InvoiceInput,
  type InvoiceRefusal,
  issueDraft,
  type ManualPayment,
} from "./invoice-steps.ts";
import { type Invoice, readStory } from "./story.ts";
import { commitNew, takeStep } from "./transition.ts";

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

/** Changes an invoice. The link stays; sums may not change once money moved or is moving. */
export function editInvoice(
  context: Context,
  merchantId: string,
  invoiceId: string,
  actor: string,
  edit: InvoiceEdit,
): Promise<Result<string, InvoiceRefusal>> {
  return takeStep(context.db, context.stepBy(actor), { merchantId, invoiceId }, (step) => changeInvoice(step, edit));
}

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
  return takeStep(context.db, context.stepBy(actor), { merchantId, invoiceId }, (step) =>
    issueDraft(step, seriesId, issuedOn),
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
  return takeStep(context.db, context.stepBy(actor), { merchantId, invoiceId }, (step) => cancel(step, evenUnderWay));
}

/** Makes the fiscal invoice of a proforma by hand. */
export async function convertProforma(
  context: Context,
  merchantId: string,
  invoiceId: string,
  actor: string,
): Promise<Result<string, InvoiceRefusal>> {
  return takeStep(context.db, context.stepBy(actor), { merchantId, invoiceId }, (step) => convert(step));
}

/** Books money that came by another way (cash, transfer), marked manual. */
export async function recordManualPayment(
  context: Context,
  merchantId: string,
  invoiceId: string,
  actor: string,
  input: ManualPayment,
): Promise<Result<string, InvoiceRefusal>> {
  return takeStep(context.db, context.stepBy(actor), { merchantId, invoiceId }, (step) => bookByHand(step, input));
}

/** Books a payment as a collection by hand, when the merchant did not have it done by itself. */
export async function recordCollection(
  context: Context,
  merchantId: string,
  invoiceId: string,
  paymentId: string,
  actor: string,
): Promise<Result<string, InvoiceRefusal>> {
  return takeStep(context.db, context.stepBy(actor), { merchantId, invoiceId }, (step) => collect(step, paymentId));
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
