// The truth line: each effect on an invoice's money as one step with its time and its proof, read from events and from
// what partners answered. The payer's page shows it under the link after payment; staff see the same with raw details.

import { and, asc, eq, gte, inArray, isNull, lt, or, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { attentionItems, events, invoices, webhookDeliveries } from "../../db/schema/index.ts";
import { LATE_CAUSES, type Marks } from "./payment-notes.ts";

export const TRUTH_KINDS = [
  "held",
  "captured",
  "paid",
  "paid_twice",
  "merchant_told",
  "fiscal_made",
  "receipt_made",
  "return_receipt_made",
  "refund_requested",
  "refund_sent",
  "refund_succeeded",
  "refund_failed",
  "refund_unresolved",
  "released",
  "reopened",
] as const;
export type TruthKind = (typeof TRUTH_KINDS)[number];

export type TruthStep = {
  kind: TruthKind;
  at: Date;
  /** What shows that it is so: who said it, an answer's status, a document's number. */
  proof: { processor?: string; status?: number; label?: string; url?: string };
  amountMinor?: string;
};

const KIND_OF: Record<string, TruthKind> = {
  "attempt.authorized": "held",
  "payment.captured": "captured",
  "payment.paid_twice": "paid_twice",
  "invoice.paid": "paid",
  "invoice.fiscal_issued": "fiscal_made",
  "refund.requested": "refund_requested",
  "refund.sent": "refund_sent",
  "refund.accepted": "refund_sent",
  "refund.succeeded": "refund_succeeded",
  "refund.failed": "refund_failed",
  "refund.unresolved": "refund_unresolved",
  "attempt.voided": "released",
  "invoice.reopened": "reopened",
  "receipt.registered": "receipt_made",
};

const text = (value: unknown) => (typeof value === "string" ? value : undefined);

/** What was noted beside the money, each by an event that put it before a person. */
const MARK_KINDS = ["paid_late", "currency_mismatch"];

/** Steps of an invoice in the order in which they became known, and what was noted beside them. One round trip. */
export async function readTruthLine(
  db: Database,
  merchantId: string,
  invoiceId: string,
): Promise<{ steps: TruthStep[]; marks: Marks }> {
  const ofInvoice = and(eq(events.merchantId, merchantId), eq(events.invoiceId, invoiceId));
  const isMark = and(eq(events.type, "attention.raised"), inArray(sql`${events.data} ->> 'kind'`, MARK_KINDS));
  const [told, answers, fiscal, mismatches] = await db.batch([
    db
      .select()
      .from(events)
      .where(and(ofInvoice, or(inArray(events.type, Object.keys(KIND_OF)), isMark)))
      .orderBy(asc(events.position))
      .limit(100),
    db
      .select({ at: webhookDeliveries.at, status: webhookDeliveries.status })
      .from(webhookDeliveries)
      .innerJoin(
        events,
        and(eq(events.merchantId, webhookDeliveries.merchantId), eq(events.id, webhookDeliveries.eventId)),
      )
      .where(
        and(
          ofInvoice,
          eq(events.type, "invoice.paid"),
          gte(webhookDeliveries.status, 200),
          lt(webhookDeliveries.status, 300),
        ),
      )
      .orderBy(asc(webhookDeliveries.id))
      .limit(1),
    db
      .select({ label: invoices.label })
      .from(invoices)
      .where(and(eq(invoices.merchantId, merchantId), eq(invoices.proformaId, invoiceId))),
    // Those that nobody has settled yet.
    db
      .select({ attemptId: attentionItems.attemptId })
      .from(attentionItems)
      .where(
        and(
          eq(attentionItems.merchantId, merchantId),
          isNull(attentionItems.resolvedAt),
          eq(attentionItems.invoiceId, invoiceId),
          eq(attentionItems.kind, "currency_mismatch"),
        ),
      ),
  ]);
  const steps = told.flatMap(({ type, data, occurredAt, recordedAt }): TruthStep[] => {
    const known = KIND_OF[type];
    if (!known) return [];
    const isReturn = type === "receipt.registered" && data.receiptKind === "return";
    const kind = isReturn ? "return_receipt_made" : known;
    const processor = text(data.processor);
    const label = kind === "fiscal_made" ? (fiscal[0]?.label ?? undefined) : text(data.numbers);
    const url = text(data.url);
    const amountMinor = text(data.amountMinor);
    // What a processor says happened when it says; what we did when we did it.
    const at = kind === "captured" || kind === "held" ? occurredAt : recordedAt;
    return [
      {
        kind,
        at,
        proof: { ...(processor ? { processor } : {}), ...(label ? { label } : {}), ...(url ? { url } : {}) },
        ...(amountMinor ? { amountMinor } : {}),
      },
    ];
  });
  const answer = answers[0];
  if (answer?.status) {
    const paidIndex = steps.findIndex((step) => step.kind === "paid");
    steps.splice(paidIndex + 1, 0, { kind: "merchant_told", at: answer.at, proof: { status: answer.status } });
  }
  const open = new Set(mismatches.map((one) => one.attemptId));
  return {
    steps,
    marks: marksIn(
      told.filter(({ type }) => type === "attention.raised"),
      open,
    ),
  };
}

function marksIn(told: (typeof events.$inferSelect)[], openMismatches: Set<string | null>): Marks {
  const marks: Marks = { late: new Map(), otherCurrency: [] };
  for (const { data, attemptId, recordedAt } of told) {
    const cause = LATE_CAUSES.find((one) => one === data.cause);
    const paymentId = text(data.paymentId);
    if (cause && paymentId) marks.late.set(paymentId, cause);
    const currency = text(data.told);
    const minor = text(data.minor);
    if (data.kind !== "currency_mismatch" || !attemptId || !currency || !minor) continue;
    const isKnown = marks.otherCurrency.some((one) => one.attemptId === attemptId);
    if (!isKnown && openMismatches.has(attemptId)) {
      marks.otherCurrency.push({ attemptId, told: { minor: BigInt(minor), currency }, at: recordedAt });
    }
  }
  return marks;
}
