// "Refund": gives captured money back, all that remains or a part. The call itself is the outbox's; its end is waited for as
// long as a person waits (retailcrm.md 3.4, 7).

import type { Context } from "../../context.ts";
import { refundPayment } from "../../payments/refund-payment.ts";
import type { Attempt, Refund, Story } from "../../payments/story.ts";
import { type Outcome, type Refused, refuse } from "./answer.ts";
import { readCrmNumber } from "./form.ts";
import { actorOf, type Installation } from "./installations.ts";
import { readReading } from "./invoices.ts";
import { type CrmInvoice, crmRefund, GIVEN_UP, refundableAttempt, takenMinor } from "./state.ts";

/** The same sum asked for again within this time is the same press. */
const SAME_PRESS_MS = 30_000;
const WAIT_MS = 150;

/** @param patienceMs how long to wait for the processor's end of it */
export async function refund(
  context: Context,
  row: Installation,
  invoice: CrmInvoice,
  asked: { amount?: number | string | null | undefined },
  patienceMs = 8_000,
): Promise<Outcome> {
  const reading = await readReading(context, row, invoice);
  const { story } = reading;
  if (takenMinor(story) <= 0n) return refuse("nothing_paid");
  const hasAmount = asked.amount !== undefined && asked.amount !== null;
  const money = hasAmount ? readCrmNumber(asked.amount, story.invoice.currency) : null;
  if (hasAmount && (!money || money.minor <= 0n)) return refuse("bad_amount");
  const attempt = refundableAttempt(reading) ?? lastTaken(story);
  if (!attempt) return refuse("refund_not_supported");
  const actor = actorOf(row);
  /** A second press of the same button: the same sum a moment ago, or "the rest" when that press has taken all of it. */
  const isRepeatOf = (one: Refund, left: bigint) =>
    one.requestedBy === actor &&
    !GIVEN_UP.includes(one.state) &&
    context.now.getTime() - one.createdAt.getTime() <= SAME_PRESS_MS &&
    (money ? one.amountMinor === money.minor : left === 0n);
  const asks = await refundPayment(context, {
    merchantId: row.merchantId,
    invoiceId: invoice.invoiceId,
    attemptId: attempt.id,
    ...(money ? { amountMinor: money.minor } : {}),
    reason: null,
    actor,
    isRepeatOf,
  });
  if (!asks.ok) {
    const words = {
      attempt_not_found: "nothing_paid",
      nothing_captured: "nothing_paid",
      amount_over_refundable: "amount_over_refundable",
      refund_not_supported: "refund_not_supported",
      partial_not_supported: "partial_not_supported",
    } as const;
    return refuse(words[asks.error as keyof typeof words] ?? "refund_not_supported");
  }
  return ended(context, row, invoice, asks.value.id, patienceMs);
}

function lastTaken(story: Story): Attempt | undefined {
  return story.attempts.findLast((attempt) => attempt.capturedMinor > 0n);
}

async function ended(
  context: Context,
  row: Installation,
  invoice: CrmInvoice,
  id: string,
  patienceMs: number,
): Promise<{ result: Record<string, unknown> } | Refused> {
  for (let waited = 0; ; waited += WAIT_MS) {
    const { story } = await readReading(context, row, invoice);
    const mine = story.refunds.find((one) => one.id === id);
    const told = mine ? crmRefund(mine) : null;
    if (mine?.state === "failed")
      return refuse("refund_failed", { text: [mine.processorText, mine.processorCode].filter(Boolean).join(" ") });
    if (mine?.state === "awaiting_approval") return refuse("awaiting_approval");
    if (told) return { result: told };
    if (waited >= patienceMs) return refuse("unknown_yet", {}, 502);
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
}
