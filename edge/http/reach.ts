// What a principal may reach: rows of its merchant, and with an API key only those of the key's own point of sale. One
// condition per kind of row; lists use it in their query, and routes with an id are checked with it before they run.

import { and, eq, inArray, or, type SQL } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import {
  apiKeys,
  attempts,
  attentionItems,
  auditEntries,
  connections,
  crmInstallations,
  events,
  invoices,
  ipns,
  payments,
  pointsOfSale,
  receipts,
  refunds,
  webhookDeliveries,
  webhookEndpoints,
} from "../../db/schema/index.ts";
import type { Context as House } from "../context.ts";
import type { Principal } from "../merchants/permissions.ts";

const TABLES = {
  invoice: invoices,
  attempt: attempts,
  payment: payments,
  refund: refunds,
  receipt: receipts,
  connection: connections,
  ipn: ipns,
  attention: attentionItems,
  api_key: apiKeys,
  point_of_sale: pointsOfSale,
  event: events,
  webhook_endpoint: webhookEndpoints,
  webhook_delivery: webhookDeliveries,
  crm_installation: crmInstallations,
  audit: auditEntries,
} as const satisfies Record<string, PgTable>;

/** Kinds of rows that are somebody's. */
export type Reachable = keyof typeof TABLES;

/** The condition under which a row of a kind is the principal's. */
export function within(house: House, principal: Principal, kind: Reachable): SQL | undefined {
  const table = TABLES[kind];
  const { merchantId, pointOfSaleId } = principal;
  return and(eq(table.merchantId, merchantId), pointOfSaleId ? ofPointOfSale(house, kind, pointOfSaleId) : undefined);
}

function ofPointOfSale({ db }: House, kind: Reachable, pointOfSaleId: string): SQL | undefined {
  const itsInvoices = db.select({ id: invoices.id }).from(invoices).where(eq(invoices.pointOfSaleId, pointOfSaleId));
  const itsConnections = db
    .select({ id: connections.id })
    .from(connections)
    .where(eq(connections.pointOfSaleId, pointOfSaleId));
  switch (kind) {
    case "invoice":
      return eq(invoices.pointOfSaleId, pointOfSaleId);
    case "attempt":
      return inArray(attempts.invoiceId, itsInvoices);
    case "payment":
      return inArray(payments.invoiceId, itsInvoices);
    case "refund":
      return inArray(refunds.invoiceId, itsInvoices);
    case "receipt":
      return inArray(receipts.invoiceId, itsInvoices);
    case "connection":
      return eq(connections.pointOfSaleId, pointOfSaleId);
    case "ipn":
      return inArray(ipns.connectionId, itsConnections);
    case "attention":
      return or(
        inArray(attentionItems.invoiceId, itsInvoices),
        inArray(attentionItems.connectionId, itsConnections),
        inArray(
          attentionItems.ipnId,
          db.select({ id: ipns.id }).from(ipns).where(inArray(ipns.connectionId, itsConnections)),
        ),
      );
    case "api_key":
      return eq(apiKeys.pointOfSaleId, pointOfSaleId);
    case "point_of_sale":
      return eq(pointsOfSale.id, pointOfSaleId);
    case "event":
      return inArray(events.invoiceId, itsInvoices);
    case "webhook_endpoint":
      return eq(webhookEndpoints.pointOfSaleId, pointOfSaleId);
    case "audit": {
      // An entry belongs to the shop whose row it is about; what is about the merchant is for members alone.
      const about = [
        itsInvoices,
        itsConnections,
        db.select({ id: attempts.id }).from(attempts).where(inArray(attempts.invoiceId, itsInvoices)),
        db.select({ id: payments.id }).from(payments).where(inArray(payments.invoiceId, itsInvoices)),
        db.select({ id: refunds.id }).from(refunds).where(inArray(refunds.invoiceId, itsInvoices)),
        db.select({ id: receipts.id }).from(receipts).where(inArray(receipts.invoiceId, itsInvoices)),
        db.select({ id: ipns.id }).from(ipns).where(inArray(ipns.connectionId, itsConnections)),
        db.select({ id: apiKeys.id }).from(apiKeys).where(eq(apiKeys.pointOfSaleId, pointOfSaleId)),
        db
          .select({ id: webhookEndpoints.id })
          .from(webhookEndpoints)
          .where(eq(webhookEndpoints.pointOfSaleId, pointOfSaleId)),
        db
          .select({ id: crmInstallations.id })
          .from(crmInstallations)
          .where(eq(crmInstallations.pointOfSaleId, pointOfSaleId)),
      ];
      return or(eq(auditEntries.subject, pointOfSaleId), ...about.map((ids) => inArray(auditEntries.subject, ids)));
    }
    case "crm_installation":
      return eq(crmInstallations.pointOfSaleId, pointOfSaleId);
    case "webhook_delivery":
      return inArray(
        webhookDeliveries.endpointId,
        db
          .select({ id: webhookEndpoints.id })
          .from(webhookEndpoints)
          .where(eq(webhookEndpoints.pointOfSaleId, pointOfSaleId)),
      );
  }
}

/** Whether a row with this id is the principal's. */
export async function reaches(house: House, principal: Principal, kind: Reachable, id: string): Promise<boolean> {
  const table = TABLES[kind];
  const rows = await house.db
    .select({ id: table.id })
    .from(table)
    .where(and(eq(table.id, id), within(house, principal, kind)))
    .limit(1);
  return rows.length > 0;
}
