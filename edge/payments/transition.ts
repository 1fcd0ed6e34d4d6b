// The only writer of an invoice's story. A step is decided on a story that was read; it is committed in one
// non-interactive transaction whose first statement takes the invoice's lock and stops unless the invoice is still at
// the version it was decided on. The loser reads again and decides again, so nothing is done twice.

import { and, eq, isNull, lt, or, sql } from "drizzle-orm";
import { type Database, runTogether, type Statement, sqlState } from "../../db/client.ts";
import {
  attempts,
  attentionItems,
  auditEntries,
  collections,
  connections,
  disputes,
  events,
  invoiceLines,
  invoices,
  ipns,
  observations,
  outbox,
  payments,
  refunds,
  series,
  tries,
} from "../../db/schema/index.ts";
import type { Change, FiscalIssue, IpnDone } from "./step.ts";
import { Step, type StepContext } from "./step.ts";
import { type Invoice, type InvoiceLine, listenersOf, readStory, type Story, type WebhookListener } from "./story.ts";

const LOST = new Set(["PL409", "23505", "40001", "40P01"]);
const TRIES = 60;

/** Thrown when an invoice does not exist for this merchant. */
export class NoSuchInvoice extends Error {}

/**
 * Decides a step on the invoice's present story and commits it; repeats when another step came first.
 * @param decide pure; may be called several times, each time with a fresh story
 * @param known the story as it was just read, to spare the first reading
 * @returns what `decide` returned for the decision that was committed
 */
export async function takeStep<T>(
  db: Database,
  context: StepContext,
  of: { merchantId: string; invoiceId: string },
  decide: (step: Step) => T,
  known?: Story,
): Promise<T> {
  for (let turn = 1; ; turn++) {
    const story = turn === 1 && known ? known : await readStory(db, of.merchantId, of.invoiceId);
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
  await runTogether(db, [lock as unknown as Statement, ...toStatements(db, before, changes)]);
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
    ...toStatements(db, step.story, step.changes),
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
      timeZone: "UTC",
    },
    fiscalInvoiceId: null,
    fiscalSeriesId: null,
    connections: [],
    webhookEndpoints,
  };
}

/** Patches of the same row become one; the later value of a column counts. */
function folded<T>(patches: { id: string; patch: T }[]): { id: string; patch: T }[] {
  const byId = new Map<string, T>();
  for (const { id, patch } of patches) byId.set(id, { ...byId.get(id), ...patch } as T);
  return [...byId].map(([id, patch]) => ({ id, patch }));
}

type RowOf = { [C in Extract<Change, { row: unknown }> as C["kind"]]: C["row"] };

/** All changes as few statements: one insert per table, one update per row, in the order that foreign keys want. */
function toStatements(db: Database, story: Story, changes: Change[]): Statement[] {
  const { merchantId, id: invoiceId } = story.invoice;
  const of = <K extends Change["kind"]>(kind: K) =>
    changes.filter((c): c is Extract<Change, { kind: K }> => c.kind === kind);
  const rows = <K extends keyof RowOf>(kind: K): RowOf[K][] =>
    changes.flatMap((c) => (c.kind === kind ? [(c as Extract<Change, { row: unknown }>).row as RowOf[K]] : []));
  const some = <R>(list: R[], insert: (list: R[]) => Statement): Statement[] => (list.length > 0 ? [insert(list)] : []);
  const invoicePatch = Object.assign({}, ...of("invoice").map((change) => change.patch)) as Partial<Invoice>;
  return [
    ...some(of("invoice"), () =>
      db
        .update(invoices)
        .set(invoicePatch)
        .where(and(eq(invoices.merchantId, merchantId), eq(invoices.id, invoiceId))),
    ),
    ...of("lines").flatMap((change) => [
      db
        .delete(invoiceLines)
        .where(and(eq(invoiceLines.merchantId, merchantId), eq(invoiceLines.invoiceId, invoiceId))),
      db.insert(invoiceLines).values(change.rows),
    ]),
    ...of("issue_number").map((change) => issueNumber(db, merchantId, invoiceId, change.seriesId)),
    ...some(rows("attempt_added"), (list) => db.insert(attempts).values(list)),
    ...folded(of("attempt")).map(({ id, patch }) =>
      db
        .update(attempts)
        .set(patch)
        .where(and(eq(attempts.merchantId, merchantId), eq(attempts.id, id))),
    ),
    ...some(rows("refund_added"), (list) => db.insert(refunds).values(list)),
    ...folded(of("refund")).map(({ id, patch }) =>
      db
        .update(refunds)
        .set(patch)
        .where(and(eq(refunds.merchantId, merchantId), eq(refunds.id, id))),
    ),
    ...some(rows("observation"), (list) => db.insert(observations).values(list)),
    ...some(rows("try"), (list) => db.insert(tries).values(list)),
    ...some(rows("payment"), (list) => db.insert(payments).values(list)),
    ...of("fiscal_invoice").flatMap((change) => issueFiscalInvoice(db, change.issue)),
    ...some(rows("collection"), (list) => db.insert(collections).values(list)),
    ...of("dispute").map((change) =>
      db
        .insert(disputes)
        .values(change.row)
        .onConflictDoUpdate({
          target: [disputes.merchantId, disputes.attemptId],
          set: { state: change.row.state, closedAt: change.row.closedAt ?? null },
        }),
    ),
    ...some(rows("attention"), (list) => db.insert(attentionItems).values(list)),
    ...some(rows("event"), (list) => db.insert(events).values(list)),
    ...some(rows("audit"), (list) => db.insert(auditEntries).values(list)),
    ...some(rows("outbox"), (list) => db.insert(outbox).values(list).onConflictDoNothing()),
    ...of("ipn_done").flatMap((change) => markDone(db, merchantId, change)),
  ];
}

const HEARD_MS = 60_000;

/** The notification whose news the step took is done in the same transaction, and its connection was heard. */
function markDone(db: Database, merchantId: string, done: IpnDone): Statement[] {
  const { id, attemptId, connectionId, receivedAt, at } = done;
  return [
    db
      .update(ipns)
      .set({ state: "processed", processedAt: at, nextTryAt: null, attemptId, reason: null })
      .where(eq(ipns.id, id)),
    // To the minute only: all notifications of a connection would otherwise wait for this one row.
    db
      .update(connections)
      .set({ lastNotificationAt: receivedAt })
      .where(
        and(
          eq(connections.merchantId, merchantId),
          eq(connections.id, connectionId),
          or(
            isNull(connections.lastNotificationAt),
            lt(connections.lastNotificationAt, new Date(receivedAt.getTime() - HEARD_MS)),
          ),
        ),
      ),
  ];
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
