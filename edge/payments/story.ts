// The story of one invoice: everything a step decides on, read in one round trip. Deciding code changes the story and
// notes each change; only transition.ts writes them down.

import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import {
  attempts,
  collections,
  connections,
  disputes,
  invoiceLines,
  invoices,
  merchants,
  observations,
  payments,
  pointsOfSale,
  refunds,
  series,
  tries,
  webhookEndpoints,
} from "../../db/schema/index.ts";

export type Invoice = typeof invoices.$inferSelect;
export type InvoiceLine = typeof invoiceLines.$inferSelect;
export type Attempt = typeof attempts.$inferSelect;
export type Try = typeof tries.$inferSelect;
export type Payment = typeof payments.$inferSelect;
export type Refund = typeof refunds.$inferSelect;
export type Dispute = typeof disputes.$inferSelect;
export type Collection = typeof collections.$inferSelect;

/** What the merchant has switched on at the moment of the step. */
export type Settings = {
  isOpen: boolean;
  cardOnAllInvoices: boolean;
  fiscalFromProforma: boolean;
  recordCollection: boolean;
  paidTwicePolicy: "refund" | "ask";
};

export type Story = {
  invoice: Invoice;
  lines: InvoiceLine[];
  attempts: Attempt[];
  tries: Try[];
  payments: Payment[];
  refunds: Refund[];
  disputes: Dispute[];
  collections: Collection[];
  /** `<attempt id>|<digest>` of every observation that had its effect already. */
  seen: Set<string>;
  settings: Settings;
  /** The fiscal invoice made from this proforma, if there is one. */
  fiscalInvoiceId: string | null;
  /** Series from which a fiscal invoice would take its number. */
  fiscalSeriesId: string | null;
  connections: { id: string; processor: string; variant: string }[];
  /** Who wants to be told what: event names, or `*`. */
  webhookEndpoints: WebhookListener[];
};

export type WebhookListener = { id: string; eventTypes: string[] };

/** Endpoints of a point of sale that are told of its events. */
export function listenersOf(db: Database, merchantId: string, pointOfSale: string | SQL) {
  return db
    .select({ id: webhookEndpoints.id, eventTypes: webhookEndpoints.eventTypes })
    .from(webhookEndpoints)
    .where(
      and(
        eq(webhookEndpoints.merchantId, merchantId),
        sql`${webhookEndpoints.pointOfSaleId} = ${pointOfSale}`,
        isNull(webhookEndpoints.archivedAt),
      ),
    );
}

/** Reads the story of an invoice, or null when the merchant has no such invoice. One round trip. */
export async function readStory(db: Database, merchantId: string, invoiceId: string): Promise<Story | null> {
  const mine = <T extends { merchantId: typeof attempts.merchantId; invoiceId: typeof attempts.invoiceId }>(table: T) =>
    and(eq(table.merchantId, merchantId), eq(table.invoiceId, invoiceId));
  const ofMyAttempts = sql`(select id from ${attempts} where merchant_id = ${merchantId} and invoice_id = ${invoiceId})`;
  const [
    invoiceRows,
    lineRows,
    attemptRows,
    tryRows,
    seenRows,
    paymentRows,
    refundRows,
    disputeRows,
    collectionRows,
    fiscalRows,
    seriesRows,
    connectionRows,
    listenerRows,
  ] = await db.batch([
    db
      .select({ invoice: invoices, pointOfSale: pointsOfSale, paidTwicePolicy: merchants.paidTwicePolicy })
      .from(invoices)
      .innerJoin(pointsOfSale, eq(pointsOfSale.id, invoices.pointOfSaleId))
      .innerJoin(merchants, eq(merchants.id, invoices.merchantId))
      .where(and(eq(invoices.merchantId, merchantId), eq(invoices.id, invoiceId))),
    db
      .select()
      .from(invoiceLines)
      .where(and(eq(invoiceLines.merchantId, merchantId), eq(invoiceLines.invoiceId, invoiceId)))
      .orderBy(invoiceLines.position),
    db.select().from(attempts).where(mine(attempts)).orderBy(attempts.id),
    db
      .select()
      .from(tries)
      .where(and(eq(tries.merchantId, merchantId), sql`${tries.attemptId} in ${ofMyAttempts}`))
      .orderBy(tries.id),
    db
      .select({ attemptId: observations.attemptId, digest: observations.digest })
      .from(observations)
      .where(and(eq(observations.merchantId, merchantId), sql`${observations.attemptId} in ${ofMyAttempts}`)),
    db
      .select()
      .from(payments)
      .where(and(eq(payments.merchantId, merchantId), eq(payments.invoiceId, invoiceId)))
      .orderBy(payments.id),
    db
      .select()
      .from(refunds)
      .where(and(eq(refunds.merchantId, merchantId), eq(refunds.invoiceId, invoiceId)))
      .orderBy(refunds.id),
    db
      .select()
      .from(disputes)
      .where(and(eq(disputes.merchantId, merchantId), eq(disputes.invoiceId, invoiceId))),
    db
      .select()
      .from(collections)
      .where(
        and(
          eq(collections.merchantId, merchantId),
          sql`${collections.paymentId} in (select id from ${payments} where merchant_id = ${merchantId} and invoice_id = ${invoiceId})`,
        ),
      ),
    db
      .select({ id: invoices.id })
      .from(invoices)
      .where(and(eq(invoices.merchantId, merchantId), eq(invoices.proformaId, invoiceId))),
    db
      .select({ id: series.id })
      .from(series)
      .where(
        and(
          eq(series.merchantId, merchantId),
          eq(series.kind, "fiscal"),
          isNull(series.archivedAt),
          sql`${series.isTest} = (select is_test from ${invoices} where merchant_id = ${merchantId} and id = ${invoiceId})`,
        ),
      )
      .orderBy(series.id)
      .limit(1),
    db
      .select({ id: connections.id, processor: connections.processor, variant: connections.variant })
      .from(connections)
      .where(
        and(
          eq(connections.merchantId, merchantId),
          sql`${connections.id} in (select connection_id from ${attempts} where merchant_id = ${merchantId} and invoice_id = ${invoiceId})`,
        ),
      ),
    listenersOf(
      db,
      merchantId,
      sql`(select point_of_sale_id from ${invoices} where merchant_id = ${merchantId} and id = ${invoiceId})`,
    ),
  ]);
  const found = invoiceRows[0];
  if (!found) return null;
  return {
    invoice: found.invoice,
    lines: lineRows,
    attempts: attemptRows,
    tries: tryRows,
    payments: paymentRows,
    refunds: refundRows,
    disputes: disputeRows,
    collections: collectionRows,
    seen: new Set(seenRows.map((row) => `${row.attemptId}|${row.digest}`)),
    settings: {
      isOpen: found.pointOfSale.isOpen,
      cardOnAllInvoices: found.pointOfSale.cardOnAllInvoices,
      fiscalFromProforma: found.pointOfSale.fiscalFromProforma,
      recordCollection: found.pointOfSale.recordCollection,
      paidTwicePolicy: found.paidTwicePolicy,
    },
    fiscalInvoiceId: fiscalRows[0]?.id ?? null,
    fiscalSeriesId: seriesRows[0]?.id ?? null,
    connections: connectionRows,
    webhookEndpoints: listenerRows,
  };
}
