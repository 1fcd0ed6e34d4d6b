// The story of one invoice: everything a step decides on, read in one round trip. Deciding code changes the story and
// notes each change; only transition.ts writes them down.

import { and, eq, getTableColumns, isNull, type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
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
  /** Where the merchant's days begin and end. */
  timeZone: string;
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
  connections: {
    id: string;
    processor: string;
    variant: string;
    accountReference: string | null;
    /** Somebody wants to be told of each incoming payment. */
    notifies?: boolean;
  }[];
  /** Who wants to be told what: event names, or `*`. */
  webhookEndpoints: WebhookListener[];
};

export type WebhookListener = { id: string; eventTypes: string[] };

/** Endpoints of a point of sale that are told of its events. */
export function listenersOf(db: Database, merchantId: string, pointOfSaleId: string) {
  return db
    .select({ id: webhookEndpoints.id, eventTypes: webhookEndpoints.eventTypes })
    .from(webhookEndpoints)
    .where(
      and(
        eq(webhookEndpoints.merchantId, merchantId),
        eq(webhookEndpoints.pointOfSaleId, pointOfSaleId),
        isNull(webhookEndpoints.archivedAt),
      ),
    );
}

/** An invoice of a merchant: named by itself, or by an attempt of it. */
export type StoryOf = { merchantId: string } & ({ invoiceId: string } | { attemptId: string });

/** The statement that reads a story; `storyFrom` makes its row into one. One statement, so that it can share a round trip. */
export function selectStory(db: Database, of: StoryOf) {
  const { merchantId } = of;
  const id =
    "invoiceId" in of
      ? sql`${of.invoiceId}`
      : sql`(select invoice_id from ${attempts} where merchant_id = ${merchantId} and id = ${of.attemptId})`;
  const rowsOf = (table: PgTable, order: string) =>
    sql`(select coalesce(json_agg(t order by ${sql.raw(order)}), '[]') from ${table} t
         where t.merchant_id = i.merchant_id and t.invoice_id = i.id)`;
  const rowsOfAttempts = (table: PgTable, what: SQL) =>
    sql`(select coalesce(json_agg(${what} order by t.id), '[]') from ${table} t
         join ${attempts} a on a.merchant_id = t.merchant_id and a.id = t.attempt_id
         where t.merchant_id = i.merchant_id and a.invoice_id = i.id)`;
  return db.execute<{ story: StoredStory }>(sql`
    select json_build_object(
      'invoice', i, 'pointOfSale', p, 'paidTwicePolicy', m.paid_twice_policy, 'timeZone', m.time_zone,
      'lines', ${rowsOf(invoiceLines, "t.position")},
      'attempts', ${rowsOf(attempts, "t.id")},
      'tries', ${rowsOfAttempts(tries, sql`t`)},
      'seen', ${rowsOfAttempts(observations, sql`t.attempt_id || '|' || t.digest`)},
      'payments', ${rowsOf(payments, "t.id")},
      'refunds', ${rowsOf(refunds, "t.id")},
      'disputes', ${rowsOf(disputes, "t.id")},
      'collections', (select coalesce(json_agg(c order by c.id), '[]') from ${collections} c
        join ${payments} t on t.merchant_id = c.merchant_id and t.id = c.payment_id
        where c.merchant_id = i.merchant_id and t.invoice_id = i.id),
      'fiscalInvoiceId', (select f.id from ${invoices} f where f.merchant_id = i.merchant_id and f.proforma_id = i.id),
      'fiscalSeriesId', (select s.id from ${series} s where s.merchant_id = i.merchant_id and s.kind = 'fiscal'
        and s.archived_at is null and s.is_test = i.is_test order by s.id limit 1),
      'connections', (select coalesce(json_agg(json_build_object('id', c.id, 'processor', c.processor, 'variant', c.variant,
        'accountReference', c.account_reference,
        'notifies', c.notify_email is not null)), '[]') from ${connections} c where c.merchant_id = i.merchant_id
        and c.id in (select a.connection_id from ${attempts} a where a.merchant_id = i.merchant_id and a.invoice_id = i.id)),
      'webhookEndpoints', (select coalesce(json_agg(json_build_object('id', w.id, 'eventTypes', w.event_types)), '[]')
        from ${webhookEndpoints} w where w.merchant_id = i.merchant_id and w.point_of_sale_id = i.point_of_sale_id
        and w.archived_at is null)
    ) as story
    from ${invoices} i
    join ${pointsOfSale} p on p.merchant_id = i.merchant_id and p.id = i.point_of_sale_id
    join ${merchants} m on m.id = i.merchant_id
    where i.merchant_id = ${merchantId} and i.id = ${id}`);
}

type StoredRow = Record<string, unknown>;
type StoredStory = Record<
  "lines" | "attempts" | "tries" | "payments" | "refunds" | "disputes" | "collections",
  StoredRow[]
> &
  Pick<Story, "fiscalInvoiceId" | "fiscalSeriesId" | "connections" | "webhookEndpoints"> & {
    invoice: StoredRow;
    pointOfSale: StoredRow;
    paidTwicePolicy: Settings["paidTwicePolicy"];
    timeZone: string;
    seen: string[];
  };

/** A row as JSON, back in the form that the query builder gives: dates, big integers, names in our style. */
function decode<T extends PgTable>(table: T, row: StoredRow): T["$inferSelect"] {
  return Object.fromEntries(
    Object.entries(getTableColumns(table)).map(([key, column]) => {
      const value = row[column.name];
      return [key, value === null || value === undefined ? null : column.mapFromDriverValue(value)];
    }),
  ) as T["$inferSelect"];
}

/** The story in what `selectStory` read, or null when there is no such invoice. */
export function storyFrom(result: { rows: { story: StoredStory }[] }): Story | null {
  const stored = result.rows[0]?.story;
  if (!stored) return null;
  const shop = decode(pointsOfSale, stored.pointOfSale);
  return {
    invoice: decode(invoices, stored.invoice),
    lines: stored.lines.map((row) => decode(invoiceLines, row)),
    attempts: stored.attempts.map((row) => decode(attempts, row)),
    tries: stored.tries.map((row) => decode(tries, row)),
    payments: stored.payments.map((row) => decode(payments, row)),
    refunds: stored.refunds.map((row) => decode(refunds, row)),
    disputes: stored.disputes.map((row) => decode(disputes, row)),
    collections: stored.collections.map((row) => decode(collections, row)),
    seen: new Set(stored.seen),
    settings: {
      isOpen: shop.isOpen,
      cardOnAllInvoices: shop.cardOnAllInvoices,
      fiscalFromProforma: shop.fiscalFromProforma,
      recordCollection: shop.recordCollection,
      paidTwicePolicy: stored.paidTwicePolicy,
      timeZone: stored.timeZone,
    },
    fiscalInvoiceId: stored.fiscalInvoiceId,
    fiscalSeriesId: stored.fiscalSeriesId,
    connections: stored.connections,
    webhookEndpoints: stored.webhookEndpoints,
  };
}

/** Reads the story of an invoice, or null when the merchant has no such invoice. One round trip. */
export async function readStory(db: Database, merchantId: string, invoiceId: string): Promise<Story | null> {
  return storyFrom(await selectStory(db, { merchantId, invoiceId }));
}
