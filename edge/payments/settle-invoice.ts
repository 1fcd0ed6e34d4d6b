// Bringing an invoice in line with its payments: sums, state, the fiscal invoice of a paid proforma, collections.

import { keptMinor, movedMinor } from "./amounts.ts";
import { dayIn } from "./days.ts";
import { noteMoney } from "./own-status.ts";
import { nextInvoiceState } from "./states.ts";
import type { Step } from "./step.ts";
import type { Payment } from "./story.ts";

export function moveInvoice(step: Step, event: Parameters<typeof nextInvoiceState>[1]): boolean {
  const { invoice } = step.story;
  const to = nextInvoiceState(invoice.state, event);
  if (!to) return false;
  const { now } = step.context;
  step.patchInvoice({ state: to, updatedAt: now, ...(to === "paid" ? { paidAt: now } : {}) });
  step.event(event === "uncovered" ? "invoice.reopened" : `invoice.${to}`, {});
  return true;
}

/** Brings the invoice's sums and state in line with its payments; a proforma that is now paid may become fiscal. */
export function settleInvoice(step: Step): void {
  const { story } = step;
  step.patchInvoice({ paidMinor: movedMinor(story), updatedAt: step.context.now });
  noteMoney(step);
  const isCovered = keptMinor(story) >= story.invoice.amountMinor && story.invoice.amountMinor > 0n;
  if (isCovered && moveInvoice(step, "covered") && story.settings.fiscalFromProforma) issueFiscal(step);
  if (!isCovered) moveInvoice(step, story.invoice.cancelledAt ? "uncovered_cancelled" : "uncovered");
}

/** Makes the fiscal invoice of a proforma, once; the payment stays with the proforma and is linked, never copied. */
export function issueFiscal(step: Step): string | null {
  const { story } = step;
  const { now, newId, actor } = step.context;
  if (story.invoice.kind !== "proforma" || story.fiscalInvoiceId) return story.fiscalInvoiceId;
  if (!story.fiscalSeriesId) return null;
  const id = newId("invoice");
  const { number: _number, label: _label, ...proforma } = story.invoice;
  step.push({
    kind: "fiscal_invoice",
    issue: {
      invoice: {
        ...proforma,
        id,
        kind: "fiscal",
        crmInstallationId: null,
        seriesId: story.fiscalSeriesId,
        state: story.invoice.state === "paid" ? "paid" : "open",
        paidMinor: 0n,
        acceptsCard: false,
        linkToken: step.context.newToken(),
        proformaId: story.invoice.id,
        issuedOn: dayIn(story.settings.timeZone, now),
        expiresAt: null,
        // Its money, and what becomes of it, stay with the proforma.
        outcome: null,
        outcomeReason: null,
        outcomeBy: null,
        outcomeAt: null,
        ownStatusId: null,
        version: 1,
        createdBy: actor,
        createdAt: now,
        updatedAt: now,
      },
      lines: story.lines.map((line) => ({ ...line, id: newId("invoiceLine"), invoiceId: id })),
    },
  });
  story.fiscalInvoiceId = id;
  step.event("invoice.fiscal_issued", { fiscalInvoiceId: id });
  return id;
}

/** Books a payment as a collection, once. */
export function bookCollection(step: Step, payment: Payment, bookedBy: string): boolean {
  const { story, context } = step;
  if (story.collections.some((c) => c.paymentId === payment.id)) return false;
  const collection = {
    id: context.newId("collection"),
    merchantId: payment.merchantId,
    paymentId: payment.id,
    invoiceId: story.fiscalInvoiceId ?? story.invoice.id,
    currency: payment.currency,
    amountMinor: payment.amountMinor,
    isTest: payment.isTest,
    bookedBy,
    bookedAt: context.now,
  };
  step.addCollection(collection);
  step.event("collection.recorded", { collectionId: collection.id, paymentId: payment.id, bookedBy });
  return true;
}
