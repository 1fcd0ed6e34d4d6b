// The truth line: each effect on an invoice's money as one step with its time and its proof, read from events and from
// what partners answered. The payer's page shows it under the link after payment; staff see the same with raw details.

import { and, asc, eq, gte, inArray, lt } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { events, invoices, webhookDeliveries } from "../../db/schema/index.ts";

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

/** Steps of an invoice in the order in which they became known. One round trip. */
export async function readTruthLine(db: Database, merchantId: string, invoiceId: string): Promise<TruthStep[]> {
  const ofInvoice = and(eq(events.merchantId, merchantId), eq(events.invoiceId, invoiceId));
  const [told, answers, fiscal] = await db.batch([
    db
      .select()
      .from(events)
      .where(and(ofInvoice, inArray(events.type, Object.keys(KIND_OF))))
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
  return steps;
}
