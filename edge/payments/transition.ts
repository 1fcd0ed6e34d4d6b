// The only writer of invoices' stories. A step is decided on a story that was read; it is committed by one statement that
// takes the invoice's lock first and stops unless the invoice is still at the version it was decided on. The loser reads
// again and decides again, so nothing is done twice. Steps of several invoices may share that statement.

import { sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { type Database, sqlState } from "../../db/client.ts";
import { type JsonRow, jsonText, toJsonRow } from "../../db/json-rows.ts";
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
  tries,
} from "../../db/schema/index.ts";
import { Step, type StepContext } from "./step.ts";
import { type Invoice, type InvoiceLine, listenersOf, readStory, type Story, type WebhookListener } from "./story.ts";

const LOST = new Set(["PL409", "23505", "40001", "40P01"]);
const TRIES = 60;

/** Thrown when an invoice does not exist for this merchant. */
export class NoSuchInvoice extends Error {}

/**
 * Decides a step on the invoice's present story and commits it; repeats when another step came first.
 * @param decide pure; may be called several times, each time with a fresh story
 * @param known the story as it was just read, to spare the first reading; the step changes it
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
    try {
      await commit(db, [step]);
      return result;
    } catch (error) {
      if (turn >= TRIES || !LOST.has(sqlState(error) ?? "")) throw error;
      // Losers spread out, or fifty at once would run into each other again.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(turn, 10) * 8));
    }
  }
}

/**
 * Decides steps on stories that were just read, each of another invoice, and commits all of them in one statement or none.
 * @throws when two of them are of one invoice
 * @returns false when another step of one of the invoices came first: read and decide again
 */
export async function takeStepsTogether(
  db: Database,
  taken: { story: Story; context: StepContext; decide: (step: Step) => void }[],
): Promise<boolean> {
  if (new Set(taken.map(({ story }) => story.invoice.id)).size < taken.length) {
    throw new Error("two steps of one invoice would be decided on the same story");
  }
  const steps = taken.map(({ story, context, decide }) => {
    const step = new Step(story, context);
    decide(step);
    return step;
  });
  try {
    await commit(db, steps);
    return true;
  } catch (error) {
    if (LOST.has(sqlState(error) ?? "")) return false;
    throw error;
  }
}

/**
 * Commits what was noted on a story together with rows of its own beside the story, in one transaction: the version that
 * the story was read at guards both. Rows beside it have to be read after the story.
 * @returns false when another step came first: read and decide again
 */
export async function commitBeside(
  db: Database,
  step: Step,
  beside: [BatchItem<"pg">, ...BatchItem<"pg">[]],
): Promise<boolean> {
  try {
    await db.batch([statement(db, rowsOf([step])), ...beside]);
  } catch (error) {
    if (LOST.has(sqlState(error) ?? "")) return false;
    throw error;
  }
  tellOrdered([step]);
  return true;
}

/** Writes steps by one statement, and by that in one transaction. */
async function commit(db: Database, steps: Step[]): Promise<void> {
  const noted = steps.filter((step) => step.changes.length > 0);
  if (noted.length === 0) return;
  await statement(db, rowsOf(noted));
  tellOrdered(noted);
}

function tellOrdered(steps: Step[]): void {
  for (const step of steps) if (step.changes.some((change) => change.kind === "outbox")) step.context.onOrdered?.();
}

/** `plata_take_steps` (migration 0025) says what the JSON means. */
function statement(db: Database, rows: StepRows) {
  return db.execute(sql`select plata_take_steps(${jsonText(rows)}::jsonb)`);
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
  const rows: StepRows = {};
  addInvoice(rows, invoice, lines, seriesId);
  addChanges(rows, step);
  await statement(db, rows);
  tellOrdered([step]);
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
      registerId: null,
      isTestShop: true,
    },
    fiscalInvoiceId: null,
    fiscalSeriesId: null,
    connections: [],
    webhookEndpoints,
    ownStatuses: [],
  };
}

/** What `plata_take_steps` is handed: rows to add, patches by id, numbers to take. Absent means none. */
type List =
  | ("invoices" | "new_invoices" | "without_lines" | "lines" | "numbers")
  | ("new_attempts" | "attempts" | "new_refunds" | "refunds")
  | ("observations" | "tries" | "payments" | "collections" | "disputes")
  | ("attention" | "events" | "audit" | "outbox" | "ipns_done");
type StepRows = Partial<Record<List, JsonRow[]>>;

function add(rows: StepRows, list: List, row: JsonRow): void {
  const known = rows[list];
  if (known) known.push(row);
  else rows[list] = [row];
}

/** Patches of the same row become one; the later value of a column counts. */
function patch(rows: StepRows, list: "invoices" | "attempts" | "refunds", of: RowOf, values: JsonRow): void {
  const known = rows[list]?.find((one) => one.id === of.id);
  if (known) Object.assign(known.patch as JsonRow, values);
  else add(rows, list, { merchant_id: of.merchantId, id: of.id, patch: values });
}
type RowOf = { merchantId: string; id: string };

/** Of a dispute that moves more than once the last is written: one statement may write a row once. */
function addDispute(rows: StepRows, row: JsonRow): void {
  const known = rows.disputes?.find((one) => one.id === row.id);
  if (known) Object.assign(known, row);
  else add(rows, "disputes", row);
}

function addInvoice(
  rows: StepRows,
  invoice: RowOf & Partial<Invoice>,
  lines: Partial<InvoiceLine>[],
  seriesId: string | null,
): void {
  add(rows, "new_invoices", toJsonRow(invoices, invoice));
  for (const line of lines) add(rows, "lines", toJsonRow(invoiceLines, line));
  if (seriesId) addNumber(rows, invoice, seriesId);
}

function addNumber(rows: StepRows, { merchantId, id }: RowOf, seriesId: string): void {
  add(rows, "numbers", { merchant_id: merchantId, invoice_id: id, series_id: seriesId });
}

/** Steps as rows, each fitting only the version of its invoice that it was decided on. Locks are taken in the order of ids. */
function rowsOf(steps: Step[]): StepRows {
  const rows: StepRows = {};
  const inOrder = [...steps].sort((a, b) => (a.story.invoice.id < b.story.invoice.id ? -1 : 1));
  for (const step of inOrder) {
    const { invoice } = step.story;
    patch(rows, "invoices", invoice, { version: invoice.version + 1 });
    addChanges(rows, step);
  }
  return rows;
}

/** Sorts the notebook of a step into rows. */
function addChanges(rows: StepRows, { story: { invoice }, changes }: Step): void {
  const { merchantId } = invoice;
  for (const change of changes) {
    switch (change.kind) {
      case "invoice":
        patch(rows, "invoices", invoice, toJsonRow(invoices, change.patch));
        break;
      case "lines":
        add(rows, "without_lines", { merchant_id: merchantId, invoice_id: invoice.id });
        for (const row of change.rows) add(rows, "lines", toJsonRow(invoiceLines, row));
        break;
      case "issue_number":
        addNumber(rows, invoice, change.seriesId);
        break;
      case "fiscal_invoice":
        if (!change.issue.invoice.seriesId) throw new Error("a fiscal invoice needs a series");
        addInvoice(rows, change.issue.invoice, change.issue.lines, change.issue.invoice.seriesId);
        break;
      case "attempt_added":
        add(rows, "new_attempts", toJsonRow(attempts, change.row));
        break;
      case "attempt":
        patch(rows, "attempts", { merchantId, id: change.id }, toJsonRow(attempts, change.patch));
        break;
      case "refund_added":
        add(rows, "new_refunds", toJsonRow(refunds, change.row));
        break;
      case "refund":
        patch(rows, "refunds", { merchantId, id: change.id }, toJsonRow(refunds, change.patch));
        break;
      case "observation":
        add(rows, "observations", toJsonRow(observations, change.row));
        break;
      case "try":
        add(rows, "tries", toJsonRow(tries, change.row));
        break;
      case "payment":
        add(rows, "payments", toJsonRow(payments, change.row));
        break;
      case "collection":
        add(rows, "collections", toJsonRow(collections, change.row));
        break;
      case "dispute":
        addDispute(rows, toJsonRow(disputes, change.row));
        break;
      case "attention":
        add(rows, "attention", toJsonRow(attentionItems, change.row));
        break;
      case "event":
        add(rows, "events", toJsonRow(events, change.row));
        break;
      case "audit":
        add(rows, "audit", toJsonRow(auditEntries, change.row));
        break;
      case "outbox":
        add(rows, "outbox", { tries: 0, ...toJsonRow(outbox, change.row) });
        break;
      case "ipn_done":
        add(rows, "ipns_done", {
          merchant_id: merchantId,
          id: change.id,
          attempt_id: change.attemptId,
          connection_id: change.connectionId,
          received_at: change.receivedAt,
          processed_at: change.at,
        });
        break;
    }
  }
}
