// The only writer of an invoice's story. A step is decided on a story that was read; it is committed in one
// non-interactive transaction whose first statement takes the invoice's lock and stops unless the invoice is still at
// the version it was decided on. The loser reads again and decides again, so nothing is done twice.

import { and, eq, sql } from "drizzle-orm";
import { type Database, runTogether, type Statement, sqlState } from "../../db/client.ts";
import {
  attempts,
  attentionItems,
  auditEntries,
  collections,
  disputes,
  events,
  invoiceLines,
  invoices,
  observations,
  outbox,
  payments,
  refunds,
  series,
  tries,
} from "../../db/schema/index.ts";
import type { Change, FiscalIssue } from "./step.ts";
import { Step, type StepContext } from "./step.ts";
import { type Invoice, type InvoiceLine, listenersOf, readStory, type Story, type WebhookListener } from "./story.ts";

const LOST = new Set(["PL409", "23505", "40001", "40P01"]);
const TRIES = 60;

/** Thrown when an invoice does not exist for this merchant. */
export class NoSuchInvoice extends Error {}

/**
 * Decides a step on the invoice's present story and commits it; repeats when another step came first.
 * @param decide pure; may be called several times, each time with a fresh story
 * @returns what `decide` returned for the decision that was committed
 */
export async function takeStep<T>(
  db: Database,
  context: StepContext,
  of: { merchantId: string; invoiceId: string },
  decide: (step: Step) => T,
): Promise<T> {
  for (let turn = 1; ; turn++) {
    const story = await readStory(db, of.merchantId, of.invoiceId);
    if (!story) throw new NoSuchInvoice(of.invoiceId);
    const step = new Step(story, context);
    const result = decide(step);
    if (step.changes.length === 0) return result;
    try {
      await commit(db, story, step.changes);
      if (step.changes.some((change) => change.kind === "outbox")) context.onOrdered?.();
      return result;
    } catch (error) {
      if (turn >= TRIES || !LOST.has(sqlState(error) ?? "")) throw error;
      // Losers spread out, or fifty at once would run into each other again.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(turn, 10) * 8));
    }
  }
}

async function commit(db: Database, before: Story, changes: Change[]): Promise<void> {
  const { merchantId, id, version } = before.invoice;
  const lock = db.execute(sql`select plata_lock_invoice(${merchantId}, ${id}, ${version})`);
  await runTogether(db, [
    lock as unknown as Statement,
    ...changes.flatMap((change) => toStatements(db, before, change)),
  ]);
}

/** Writes a new invoice with its lines, its first event and, unless it stays a draft, its number. */
export async function commitNew(
  db: Database,
  context: StepContext,
  invoice: Invoice,
  lines: InvoiceLine[],
  seriesId: string | null,
): Promise<void> {
  const listeners = await listenersOf(db, invoice.merchantId, invoice.pointOfSaleId);
  const step = new Step(emptyStory(invoice, lines, listeners), context);
  step.event("invoice.created", {
    kind: invoice.kind,
    amountMinor: invoice.amountMinor.toString(),
    currency: invoice.currency,
  });
  if (seriesId) step.event("invoice.issued");
  step.audit("invoice.created", invoice.id, null, { kind: invoice.kind, acceptsCard: invoice.acceptsCard });
  await runTogether(db, [
    db.insert(invoices).values(invoice),
    db.insert(invoiceLines).values(lines),
    ...(seriesId ? [issueNumber(db, invoice.merchantId, invoice.id, seriesId)] : []),
    ...step.changes.flatMap((change) => toStatements(db, step.story, change)),
  ]);
  if (step.changes.some((change) => change.kind === "outbox")) context.onOrdered?.();
}

function emptyStory(invoice: Invoice, lines: InvoiceLine[], webhookEndpoints: WebhookListener[]): Story {
  return {
    invoice,
    lines,
    attempts: [],
    tries: [],
    payments: [],
    refunds: [],
    disputes: [],
    collections: [],
    seen: new Set(),
    settings: {
      isOpen: true,
      cardOnAllInvoices: false,
      fiscalFromProforma: false,
      recordCollection: false,
      paidTwicePolicy: "ask",
    },
    fiscalInvoiceId: null,
    fiscalSeriesId: null,
    connections: [],
    webhookEndpoints,
  };
}

function toStatements(db: Database, story: Story, change: Change): Statement[] {
  const { merchantId, id: invoiceId } = story.invoice;
  switch (change.kind) {
    case "invoice":
      return [
        db
          .update(invoices)
          .set(change.patch)
          .where(and(eq(invoices.merchantId, merchantId), eq(invoices.id, invoiceId))),
      ];
    case "lines":
      return [
        db
          .delete(invoiceLines)
          .where(and(eq(invoiceLines.merchantId, merchantId), eq(invoiceLines.invoiceId, invoiceId))),
        db.insert(invoiceLines).values(change.rows),
      ];
    case "issue_number":
      return [issueNumber(db, merchantId, invoiceId, change.seriesId)];
    case "attempt_added":
      return [db.insert(attempts).values(change.row)];
    case "attempt":
      return [
        db
          .update(attempts)
          .set(change.patch)
          .where(and(eq(attempts.merchantId, merchantId), eq(attempts.id, change.id))),
      ];
    case "refund_added":
      return [db.insert(refunds).values(change.row)];
    case "refund":
      return [
        db
          .update(refunds)
          .set(change.patch)
          .where(and(eq(refunds.merchantId, merchantId), eq(refunds.id, change.id))),
      ];
    case "payment":
      return [db.insert(payments).values(change.row)];
    case "collection":
      return [db.insert(collections).values(change.row)];
    case "observation":
      return [db.insert(observations).values(change.row)];
    case "try":
      return [db.insert(tries).values(change.row)];
    case "dispute":
      return [
        db
          .insert(disputes)
          .values(change.row)
          .onConflictDoUpdate({
            target: [disputes.merchantId, disputes.attemptId],
            set: { state: change.row.state, closedAt: change.row.closedAt ?? null },
          }),
      ];
    case "fiscal_invoice":
      return issueFiscalInvoice(db, change.issue);
    case "attention":
      return [db.insert(attentionItems).values(change.row)];
    case "event":
      return [db.insert(events).values(change.row)];
    case "audit":
      return [db.insert(auditEntries).values(change.row)];
    case "outbox":
      return [db.insert(outbox).values(change.row).onConflictDoNothing()];
  }
}

/** Takes the series' next number for an invoice, in the step's own transaction: no gaps, no doubles. */
function issueNumber(db: Database, merchantId: string, invoiceId: string, seriesId: string): Statement {
  return db.execute(sql`
    with taken as (
      update ${series} set next_number = next_number + 1 where merchant_id = ${merchantId} and id = ${seriesId}
      returning next_number - 1 as number, prefix
    )
    update ${invoices} set series_id = ${seriesId}, number = taken.number,
      label = taken.prefix || lpad(taken.number::text, 6, '0')
    from taken where ${invoices.merchantId} = ${merchantId} and ${invoices.id} = ${invoiceId}`) as unknown as Statement;
}

function issueFiscalInvoice(db: Database, issue: FiscalIssue): Statement[] {
  const { merchantId, id, seriesId } = issue.invoice;
  if (!seriesId) throw new Error("a fiscal invoice needs a series");
  return [
    db.insert(invoices).values(issue.invoice),
    db.insert(invoiceLines).values(issue.lines),
    issueNumber(db, merchantId, id, seriesId),
  ];
}
