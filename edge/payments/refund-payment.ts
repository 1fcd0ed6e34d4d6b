// Giving captured money back: first a row, then the call, then what the processor said.

import { and, eq } from "drizzle-orm";
import { refunds } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { findConnection, openConnection } from "../merchants/connections.ts";
import { fail, ok, type Result } from "../result.ts";
import { askedMoney, refundableMinor } from "./amounts.ts";
import { observe } from "./observe.ts";
import { moveRefund, requestRefund } from "./refund-steps.ts";
import type { Refund } from "./story.ts";
import { takeStep } from "./transition.ts";

export type RefundRefusal =
  | "attempt_not_found"
  | "nothing_captured"
  | "amount_over_refundable"
  | "refund_not_supported"
  | "partial_not_supported";

/** Asks for a refund of an attempt's captured money; the call itself is made by the outbox. */
export async function refundPayment(
  context: Context,
  input: {
    merchantId: string;
    invoiceId: string;
    attemptId: string;
    amountMinor?: bigint;
    reason: string | null;
    actor: string;
    /** The same for a repeat of the same request, which gives nothing back. */
    id?: string;
  },
): Promise<Result<Refund, RefundRefusal>> {
  const result = await takeStep<Result<Refund, RefundRefusal>>(
    context.db,
    context.stepBy(input.actor),
    input,
    (step) => {
      const known = step.story.refunds.find((r) => r.id === input.id);
      if (known) return ok(known);
      const attempt = step.story.attempts.find((a) => a.id === input.attemptId);
      if (!attempt) return fail("attempt_not_found");
      if (attempt.capturedMinor === 0n) return fail("nothing_captured");
      const variant = step.story.connections.find((c) => c.id === attempt.connectionId)?.variant ?? "";
      if (!step.context.abilitiesOf(attempt.processor, variant).canRefund) return fail("refund_not_supported");
      const left = refundableMinor(step.story, attempt);
      const amountMinor = input.amountMinor ?? left;
      if (amountMinor <= 0n || amountMinor > left) return fail("amount_over_refundable");
      const refund = requestRefund(step, attempt, {
        ...(input.id ? { id: input.id } : {}),
        amountMinor,
        reason: input.reason,
        origin: "requested",
      });
      step.audit("refund.requested", refund.id, null, { amountMinor: amountMinor.toString(), reason: input.reason });
      return ok(refund);
    },
  );
  if (result.ok) await context.wake({ kind: "due" });
  return result;
}

/**
 * Sends a requested refund to its processor. Called by the outbox; safe to call again: a refund that was sent before and
 * has no known outcome is not sent twice, because most processors have no idempotency key for it.
 */
export async function sendRefund(context: Context, merchantId: string, refundId: string): Promise<"done" | "again"> {
  const rows = await context.db
    .select()
    .from(refunds)
    .where(and(eq(refunds.merchantId, merchantId), eq(refunds.id, refundId)));
  const row = rows[0];
  if (!row) return "done";
  const of = { merchantId, invoiceId: row.invoiceId };
  const begun = await takeStep(context.db, context.stepBy("system"), of, (step) => {
    const refund = step.story.refunds.find((r) => r.id === refundId);
    const attempt = step.story.attempts.find((a) => a.id === refund?.attemptId);
    if (!refund || !attempt) return null;
    if (refund.state === "sent") {
      // A call was begun and its end never recorded: what became of it is not known.
      moveRefund(step, refund, "outcome_unknown");
      return null;
    }
    if (refund.state !== "requested") return null;
    moveRefund(step, refund, "call_started");
    return { refund, attempt };
  });
  if (!begun) return "done";
  const { refund, attempt } = begun;
  const connection = await findConnection(context, merchantId, attempt.connectionId);
  if (!connection) return "done";
  const open = await openConnection(context, connection);
  const answer = await open.processor.refundCapture?.(
    {
      attempt: {
        attemptId: attempt.id,
        amount: askedMoney(attempt),
        ...(attempt.processorReference ? { processorReference: attempt.processorReference } : {}),
      },
      amount: { minor: refund.amountMinor, currency: refund.currency },
      ...(refund.reason ? { reason: refund.reason } : {}),
    },
    open.callWith(refund.id),
  );
  return takeStep(context.db, context.stepBy(`processor:${attempt.processor}`), of, (step) => {
    const mine = step.story.refunds.find((r) => r.id === refundId);
    const its = step.story.attempts.find((a) => a.id === attempt.id);
    if (!mine || !its) return "done";
    if (!answer) {
      moveRefund(step, mine, "refund_failed", { processorText: "refunds are made in the processor's console" });
      return "done";
    }
    if (answer.ok) {
      for (const observation of answer.value)
        observe(step, its, observation, { way: "command", key: refundId, refundId });
      return "done";
    }
    const fault = answer.error;
    if (fault.kind === "outcome_unknown" || fault.kind === "malformed") {
      moveRefund(step, mine, "outcome_unknown");
      return "done";
    }
    if (fault.kind === "unreachable" || fault.kind === "rate_limited") {
      moveRefund(step, mine, "not_sent");
      return "again";
    }
    moveRefund(step, mine, "refund_failed", {
      processorText: fault.detail,
      ...("processorCode" in fault && fault.processorCode ? { processorCode: fault.processorCode } : {}),
    });
    return "done";
  });
}
