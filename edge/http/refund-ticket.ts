// What a payer may know of a refund: how far it has come, when the money is expected, and which number their bank can look
// for. Found by the invoice's link; what is promised to nobody (not allowed yet, given up) does not exist here.

import { and, eq, sql } from "drizzle-orm";
import { events } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { refundArrival } from "../payments/refund-arrival.ts";
import { type RefundState, TICKET_STATES } from "../payments/states.ts";
import type { Refund } from "../payments/story.ts";
import { variantOf } from "../processors/abilities.ts";
import { BANK_REFERENCE_KINDS } from "../processors/contract.ts";
import { processorOf } from "../processors/registry.ts";
import { Brand, brandOf, type Found, PayerMerchant, showMerchant } from "./payer-view.ts";
import { Problem } from "./problem.ts";
import { z } from "./setting.ts";
import { MoneySchema } from "./shapes.ts";
import { showMoney } from "./show.ts";

export const REFUND_STAGES = ["asked", "sent", "accepted", "returned"] as const;
export type RefundStage = (typeof REFUND_STAGES)[number];
export const TICKET_ENDS = ["under_way", "checking", "returned", "failed"] as const;

export const RefundTicket = z.object({
  state: z.enum(TICKET_ENDS),
  /** Grows with every change: an open page compares it. */
  version: z.number().int(),
  amount: MoneySchema,
  /** Each with its time where one is known; a stage that later news implies is done without one. */
  stages: z.array(z.object({ stage: z.enum(REFUND_STAGES), is_done: z.boolean(), at: z.string().nullable() })),
  /** Between which days the money is usually there; null where nobody can say, or at its end. */
  expected: z.object({ from: z.string(), to: z.string() }).nullable(),
  /** What the payer's bank is asked with. */
  reference: z.object({ kind: z.enum([...BANK_REFERENCE_KINDS, "processor", "ours"]), value: z.string() }),
  instrument: z.string().nullable(),
  processor_name: z.string(),
  /** Given back by the merchant outside the processor. */
  is_outside: z.boolean(),
  is_test: z.boolean(),
  invoice: z.object({ kind: z.enum(["proforma", "fiscal"]), label: z.string(), locale: z.string() }),
  brand: Brand,
  merchant: PayerMerchant,
});
export type RefundTicketShape = z.infer<typeof RefundTicket>;

/** How far a state has come: the last stage that is done. */
const REACHED: Partial<Record<RefundState, RefundStage>> = {
  requested: "asked",
  not_sent: "asked",
  sent: "asked",
  unresolved: "sent",
  failed: "sent",
  accepted: "accepted",
  succeeded: "returned",
};

const STAGE_OF: Record<string, RefundStage> = {
  "refund.requested": "asked",
  "refund.awaiting_approval": "asked",
  "refund.sent": "sent",
  "refund.accepted": "accepted",
  "refund.succeeded": "returned",
};

/** The ticket of a refund of the link's invoice, or 404. */
export async function refundTicket(context: Context, found: Found, refundId: string): Promise<RefundTicketShape> {
  const { story, merchant } = found;
  const { invoice } = story;
  const refund = story.refunds.find((one) => one.id === refundId);
  const attempt = story.attempts.find((one) => one.id === refund?.attemptId);
  if (!refund || !attempt || !TICKET_STATES.includes(refund.state)) throw new Problem("not_found");
  const told = await context.db
    .select({ type: events.type, at: events.recordedAt, occurredAt: events.occurredAt })
    .from(events)
    .where(
      and(
        eq(events.merchantId, invoice.merchantId),
        eq(events.invoiceId, invoice.id),
        sql`${events.data} ->> 'refundId' = ${refund.id}`,
      ),
    )
    .orderBy(events.position)
    .limit(100);
  const timeOf = (stage: RefundStage): Date | null => {
    const first = told.find(({ type }) => STAGE_OF[type] === stage);
    return first ? (stage === "returned" ? first.occurredAt : first.at) : null;
  };
  const reached = REFUND_STAGES.indexOf(REACHED[refund.state] ?? "asked");
  const variantName = story.connections.find((one) => one.id === attempt.connectionId)?.variant ?? "";
  const sentAt = timeOf("returned") ?? timeOf("accepted") ?? timeOf("sent") ?? refund.createdAt;
  const isOutside = refund.origin === "manual";
  const arrival =
    isOutside || refund.state === "failed"
      ? null
      : refundArrival(variantOf(attempt.processor, variantName), attempt.method, sentAt);
  return {
    state:
      refund.state === "succeeded"
        ? "returned"
        : refund.state === "failed"
          ? "failed"
          : refund.state === "unresolved"
            ? "checking"
            : "under_way",
    version: invoice.version,
    amount: showMoney(refund.amountMinor, refund.currency),
    stages: REFUND_STAGES.map((stage, index) => ({
      stage,
      is_done: index <= reached,
      at: index <= reached ? (timeOf(stage)?.toISOString() ?? null) : null,
    })),
    expected: arrival ? { from: arrival.from.toISOString(), to: arrival.to.toISOString() } : null,
    reference: referenceOf(refund),
    // A handed-over page is anybody's: it names no card.
    instrument: found.handOver ? null : attempt.instrument,
    processor_name: processorOf(attempt.processor)?.descriptor.name ?? attempt.processor,
    is_outside: isOutside,
    is_test: invoice.isTest,
    invoice: { kind: invoice.kind, label: invoice.label ?? "", locale: invoice.locale },
    brand: brandOf(found.pointOfSale),
    merchant: showMerchant(merchant),
  };
}

/** The number that helps most at a bank: the acquirer's, else the processor's, else ours. */
function referenceOf(refund: Refund): RefundTicketShape["reference"] {
  if (refund.bankReference) return { kind: refund.bankReferenceKind ?? "processor", value: refund.bankReference };
  if (refund.processorReference) return { kind: "processor", value: refund.processorReference };
  return { kind: "ours", value: refund.id };
}
