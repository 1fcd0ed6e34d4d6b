// The only writer of an invoice's story. A step is decided on a story that was read; it is committed by
// one statement that takes the invoice's lock first and stops unless the invoice is still at the version it was decided on. The loser reads again and decides again, so nothing is done twice.

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
import type { Change, StepContext } from "./step.ts";
import { Step } from "./step.ts";
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
    const { merchantId, id: invoiceId, version } = story.invoice;
    const step = new Step(story, context);
    const result = decide(step);
    if (step.changes.length === 0) return result;
    try {
      await write(db, { merchantId, invoiceId, version }, stepOf(step.changes));
      if (step.changes.some((change) => change.kind === "outbox")) context.onOrdered?.();
      return result;
    } catch (error) {
      if (turn >= TRIES || !LOST.has(sqlState(error) ?? "")) throw error;
      // Losers spread out, or fifty at once would run into each other again.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(turn, 10) * 8));
    }
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
  version: number,
  beside: [BatchItem<"pg">, ...BatchItem<"pg">[]],
): Promise<boolean> {
  const { merchantId, id: invoiceId } = step.story.invoice;
  try {
    await db.batch([statement(db, { merchantId, invoiceId, version }, stepOf(step.changes)), ...beside]);
  } catch (error) {
    if (LOST.has(sqlState(error) ?? "")) return false;
    throw error;
  }
  if (step.changes.some((change) => change.kind === "outbox")) step.context.onOrdered?.();
  return true;
}

/** One statement, and by that one transaction. */
async function write(
  db: Database,
  of: { merchantId: string; invoiceId: string; version: number | null },
  step: StepRows,
): Promise<void> {
  await statement(db, of, step);
}

/** `plata_take_step` (migration 0022) says what the JSON means. */
function statement(
  db: Database,
  of: { merchantId: string; invoiceId: string; version: number | null },
  step: StepRows,
) {
  return db.execute(
    sql`select plata_take_step(${of.merchantId}, ${of.invoiceId}, ${of.version}, ${jsonText(step)}::jsonb)`,
  );
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
  await write(
    db,
    { merchantId: invoice.merchantId, invoiceId: invoice.id, version: null },
    { ...stepOf(step.changes), new_invoices: [newInvoice(invoice, lines, seriesId)] },
  );
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

/** What `plata_take_step` is handed: rows to add, patches by id, numbers to take. Absent means none. */
type StepRows = {
  invoice?: JsonRow;
  lines?: JsonRow[];
  new_invoices?: { invoice: JsonRow; lines: JsonRow[]; series_id: string | null }[];
  series_id?: string;
  new_attempts?: JsonRow[];
  attempts?: { id: string; patch: JsonRow }[];
  new_refunds?: JsonRow[];
  refunds?: { id: string; patch: JsonRow }[];
  observations?: JsonRow[];
  tries?: JsonRow[];
  payments?: JsonRow[];
  collections?: JsonRow[];
  disputes?: JsonRow[];
  attention?: JsonRow[];
  events?: JsonRow[];
  audit?: JsonRow[];
  outbox?: JsonRow[];
  ipns_done?: JsonRow[];
};

function newInvoice(invoice: Partial<Invoice>, lines: Partial<InvoiceLine>[], seriesId: string | null) {
  return {
    invoice: toJsonRow(invoices, invoice),
    lines: lines.map((line) => toJsonRow(invoiceLines, line)),
    series_id: seriesId,
  };
}

/** Sorts the notebook of a step into rows. Patches of the same row become one; the later value of a column counts. */
function stepOf(changes: Change[]): StepRows {
  const step: StepRows = {};
  const add = <K extends keyof StepRows>(kind: K, row: StepRows[K] extends (infer R)[] | undefined ? R : never) => {
    const list = (step[kind] ?? []) as unknown[];
    list.push(row);
    (step as Record<string, unknown>)[kind] = list;
  };
  const patch = (kind: "attempts" | "refunds", id: string, values: JsonRow) => {
    const known = step[kind]?.find((one) => one.id === id);
    if (known) Object.assign(known.patch, values);
    else add(kind, { id, patch: values });
  };
  for (const change of changes) {
    switch (change.kind) {
      case "invoice":
        step.invoice = { ...step.invoice, ...toJsonRow(invoices, change.patch) };
        break;
      case "lines":
        step.lines = change.rows.map((row) => toJsonRow(invoiceLines, row));
        break;
      case "issue_number":
        step.series_id = change.seriesId;
        break;
      case "fiscal_invoice":
        if (!change.issue.invoice.seriesId) throw new Error("a fiscal invoice needs a series");
        add("new_invoices", newInvoice(change.issue.invoice, change.issue.lines, change.issue.invoice.seriesId));
        break;
      case "attempt_added":
        add("new_attempts", toJsonRow(attempts, change.row));
        break;
      case "attempt":
        patch("attempts", change.id, toJsonRow(attempts, change.patch));
        break;
      case "refund_added":
        add("new_refunds", toJsonRow(refunds, change.row));
        break;
      case "refund":
        patch("refunds", change.id, toJsonRow(refunds, change.patch));
        break;
      case "observation":
        add("observations", toJsonRow(observations, change.row));
        break;
      case "try":
        add("tries", toJsonRow(tries, change.row));
        break;
      case "payment":
        add("payments", toJsonRow(payments, change.row));
        break;
      case "collection":
        add("collections", toJsonRow(collections, change.row));
        break;
      case "dispute":
        add("disputes", toJsonRow(disputes, change.row));
        break;
      case "attention":
        add("attention", toJsonRow(attentionItems, change.row));
        break;
      case "event":
        add("events", toJsonRow(events, change.row));
        break;
      case "audit":
        add("audit", toJsonRow(auditEntries, change.row));
        break;
      case "outbox":
        add("outbox", { tries: 0, ...toJsonRow(outbox, change.row) });
        break;
      case "ipn_done": {
        const { id, attemptId, connectionId, receivedAt, at } = change;
        add("ipns_done", { id, attempt_id: attemptId, connection_id: connectionId, received_at: receivedAt, at });
        break;
      }
    }
  }
  return step;
}
