// The story of one invoice: everything a step decides on, read in one round trip. Deciding code changes the story and
// notes each change; only transition.ts writes them down.

import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { fromJsonRow, type JsonRow } from "../../db/json-rows.ts";
import {
  attempts,
  collections,
  disputes,
  invoiceLines,
  invoices,
  payments,
  pointsOfSale,
  refunds,
  tries,
  webhookEndpoints,
} from "../../db/schema/index.ts";
import type { Outcome } from "./states.ts";

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
  /** The shop's own online cash register, and whether the shop is for tests. */
  registerId: string | null;
  isTestShop: boolean;
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
  /** The merchant's own status for each outcome that one was chosen for. */
  ownStatuses: { outcome: Outcome; id: string; name: string; tone: string }[];
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

/** An attempt of a merchant, whose invoice's story is wanted. */
export type StoryOfAttempt = { merchantId: string; attemptId: string };

/** Reads the stories that attempts belong to, in the order asked; null where there is no such attempt. One round trip. */
export async function readStoriesOfAttempts(db: Database, asked: StoryOfAttempt[]): Promise<(Story | null)[]> {
  const merchantIds = sql.param(asked.map(({ merchantId }) => merchantId));
  const attemptIds = sql.param(asked.map(({ attemptId }) => attemptId));
  return read(db, sql`plata_stories_of_attempts(${merchantIds}::text[], ${attemptIds}::text[])`);
}

/** Reads the story of an invoice, or null when the merchant has no such invoice. One round trip. */
export async function readStory(db: Database, merchantId: string, invoiceId: string): Promise<Story | null> {
  const [story] = await read(db, sql`plata_stories(array[${merchantId}], array[${invoiceId}])`);
  return story ?? null;
}

/** The functions that read stories are migration 0025's. */
async function read(db: Database, stories: SQL): Promise<(Story | null)[]> {
  const { rows } = await db.execute<{ story: StoredStory | null }>(sql`select story from ${stories} as story`);
  return rows.map(({ story }) => storyFrom(story));
}

/** A story as the database prints it. */
export type StoredStory = Record<
  "lines" | "attempts" | "tries" | "payments" | "refunds" | "disputes" | "collections",
  JsonRow[]
> &
  Pick<Story, "fiscalInvoiceId" | "fiscalSeriesId" | "connections" | "webhookEndpoints" | "ownStatuses"> & {
    invoice: JsonRow;
    pointOfSale: JsonRow;
    paidTwicePolicy: Settings["paidTwicePolicy"];
    timeZone: string;
    seen: string[];
  };

/** The story in what the database printed, or null when there is no such invoice. */
export function storyFrom(stored: StoredStory | null): Story | null {
  if (!stored) return null;
  const shop = fromJsonRow(pointsOfSale, stored.pointOfSale);
  return {
    invoice: fromJsonRow(invoices, stored.invoice),
    lines: stored.lines.map((row) => fromJsonRow(invoiceLines, row)),
    attempts: stored.attempts.map((row) => fromJsonRow(attempts, row)),
    tries: stored.tries.map((row) => fromJsonRow(tries, row)),
    payments: stored.payments.map((row) => fromJsonRow(payments, row)),
    refunds: stored.refunds.map((row) => fromJsonRow(refunds, row)),
    disputes: stored.disputes.map((row) => fromJsonRow(disputes, row)),
    collections: stored.collections.map((row) => fromJsonRow(collections, row)),
    seen: new Set(stored.seen),
    settings: {
      isOpen: shop.isOpen,
      cardOnAllInvoices: shop.cardOnAllInvoices,
      fiscalFromProforma: shop.fiscalFromProforma,
      recordCollection: shop.recordCollection,
      paidTwicePolicy: stored.paidTwicePolicy,
      timeZone: stored.timeZone,
      registerId: shop.registerId,
      isTestShop: shop.isTest,
    },
    fiscalInvoiceId: stored.fiscalInvoiceId,
    fiscalSeriesId: stored.fiscalSeriesId,
    connections: stored.connections,
    webhookEndpoints: stored.webhookEndpoints,
    ownStatuses: stored.ownStatuses,
  };
}
