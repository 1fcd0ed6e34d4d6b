// A step that moves receipts: decided on the invoice's story and on its receipts, written with the story's events in one
// transaction, and thrown away whole when anything of the invoice changed meanwhile.

import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { attentionItems, receipts } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { Step } from "../payments/step.ts";
import { readStory, type Story } from "../payments/story.ts";
import { commitBeside, NoSuchInvoice } from "../payments/transition.ts";

export type Receipt = typeof receipts.$inferSelect;

const TURNS = 60;
const RECEIPT_TROUBLES = ["receipt_failed", "receipt_unknown", "receipt_pending_long"] as const;

/** The notebook of one step. */
export class ReceiptStep {
  readonly step: Step;
  /** All receipts of the invoice, oldest first; changed by the step. */
  readonly receipts: Receipt[];
  readonly #context: Context;
  readonly statements: BatchItem<"pg">[] = [];

  constructor(context: Context, step: Step, rows: Receipt[]) {
    this.#context = context;
    this.step = step;
    this.receipts = rows;
  }

  get story(): Story {
    return this.step.story;
  }

  find(id: string): Receipt | undefined {
    return this.receipts.find((receipt) => receipt.id === id);
  }

  add(row: Receipt): void {
    this.receipts.push(row);
    this.statements.push(this.#context.db.insert(receipts).values(row));
  }

  patch(receipt: Receipt, patch: Partial<Receipt>): void {
    Object.assign(receipt, patch, { updatedAt: this.#context.now });
    this.statements.push(
      this.#context.db
        .update(receipts)
        .set({ ...patch, updatedAt: this.#context.now })
        .where(and(eq(receipts.merchantId, receipt.merchantId), eq(receipts.id, receipt.id))),
    );
  }

  /** Notes what happened with a receipt, for the timeline and for whoever listens. */
  event(type: string, receipt: Receipt, data: Record<string, unknown> = {}): void {
    this.step.event(
      type,
      {
        receiptId: receipt.id,
        receiptKind: receipt.kind,
        amountMinor: receipt.amountMinor.toString(),
        currency: receipt.currency,
        ...(receipt.service ? { service: receipt.service } : {}),
        ...data,
      },
      { attemptId: receipt.attemptId },
    );
  }

  attention(kind: (typeof RECEIPT_TROUBLES)[number], receipt: Receipt): void {
    this.step.attention(
      kind,
      { receiptId: receipt.id, receiptKind: receipt.kind, reason: receipt.fault, text: receipt.faultText },
      { attemptId: receipt.attemptId, days: 1 },
    );
  }

  /** What a person was asked to look at is over. */
  settle(receipt: Receipt): void {
    const { db, now } = this.#context;
    this.statements.push(
      db
        .update(attentionItems)
        .set({ resolvedAt: now, resolvedBy: "system" })
        .where(
          and(
            eq(attentionItems.merchantId, receipt.merchantId),
            eq(attentionItems.invoiceId, receipt.invoiceId),
            inArray(attentionItems.kind, [...RECEIPT_TROUBLES]),
            sql`${attentionItems.detail} ->> 'receiptId' = ${receipt.id}`,
            isNull(attentionItems.resolvedAt),
          ),
        ),
    );
  }
}

/**
 * Decides on an invoice's receipts and commits it; repeats when another step came first.
 * @param decide pure; may be called several times, each time with what stands there now
 */
export async function stepReceipts<T>(
  context: Context,
  actor: string,
  of: { merchantId: string; invoiceId: string },
  decide: (notes: ReceiptStep) => T,
): Promise<T> {
  for (let turn = 1; turn <= TURNS; turn++) {
    // In this order: receipts that are newer than the story cannot be written with its version.
    const story = await readStory(context.db, of.merchantId, of.invoiceId);
    if (!story) throw new NoSuchInvoice(of.invoiceId);
    const rows = await context.db
      .select()
      .from(receipts)
      .where(and(eq(receipts.merchantId, of.merchantId), eq(receipts.invoiceId, of.invoiceId)))
      .orderBy(receipts.id);
    const notes = new ReceiptStep(context, new Step(story, context.stepBy(actor)), rows);
    const result = decide(notes);
    const [first, ...more] = notes.statements;
    if (!first) return result;
    if (await commitBeside(context.db, notes.step, [first, ...more])) return result;
    // Losers spread out, or many at once would run into each other again.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(turn, 10) * 8));
  }
  throw new Error("the invoice is being changed too fast");
}
