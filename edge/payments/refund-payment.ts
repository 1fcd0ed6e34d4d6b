// Giving captured money back: first a row, then the call, then what the processor said.

import { and, eq } from "drizzle-orm";
import { merchants, refunds } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { findConnection } from "../merchants/connections.ts";
import type { Fault, Observation } from "../processors/contract.ts";
import type { Result } from "../result.ts";
import { referenceOf } from "./attempt-reference.ts";
import { callProcessor } from "./call-processor.ts";
import { moveRefund } from "./move-refund.ts";
import { observe } from "./observe.ts";
import { askRefund, type RefundAsked, type RefundRefusal } from "./refund-steps.ts";
import type { Step } from "./step.ts";
import type { Attempt, Refund } from "./story.ts";
import { takeStep } from "./transition.ts";

/**
 * Asks for a refund of an attempt's captured money; the call itself is made by the outbox. Above the merchant's sum it
 * waits for a second person first (`awaiting_approval`).
 */
export async function refundPayment(
  context: Context,
  input: {
    merchantId: string;
    invoiceId: string;
    actor: string;
  } & Omit<RefundAsked, "approvalSums">,
): Promise<Result<Refund, RefundRefusal>> {
  const sums = (
    await context.db
      .select({ sums: merchants.refundApproval })
      .from(merchants)
      .where(eq(merchants.id, input.merchantId))
  )[0]?.sums;
  const result = await takeStep(context.db, context.stepBy(input.actor), input, (step) =>
    askRefund(step, { ...input, approvalSums: sums ?? {} }),
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
  const begun = await takeStep(context.db, context.stepBy("system"), of, (step) => beginCall(step, refundId));
  if (!begun) return "done";
  const { refund, attempt, wasTried, triedAt } = begun;
  const connection = await findConnection(context, merchantId, attempt.connectionId);
  if (!connection) return "done";
  const answer = await callProcessor(context, connection, async (open) => {
    const asked = {
      attempt: referenceOf(attempt),
      amount: { minor: refund.amountMinor, currency: refund.currency },
      ...(refund.reason ? { reason: refund.reason } : {}),
    };
    return (await open.processor.refundCapture?.(asked, open.callWith(refund.id))) ?? null;
  });
  return takeStep(context.db, context.stepBy(`processor:${attempt.processor}`), of, (step) =>
    endCall(step, refundId, answer, { wasTried, triedAt }),
  );
}

/** What is known of a refund as its call begins. */
type Call = { wasTried: boolean; triedAt: Date };

/** Writes down that the processor is being called, before it is; null when there is nothing to call for. */
export function beginCall(step: Step, refundId: string): (Call & { refund: Refund; attempt: Attempt }) | null {
  const refund = step.story.refunds.find((r) => r.id === refundId);
  const attempt = step.story.attempts.find((a) => a.id === refund?.attemptId);
  if (!refund || !attempt) return null;
  if (refund.state === "sent") {
    // A call was begun and its end never recorded: what became of it is not known.
    moveRefund(step, refund, "outcome_unknown");
    return null;
  }
  if (refund.state !== "requested" && refund.state !== "not_sent") return null;
  const wasTried = refund.state === "not_sent";
  const triedAt = refund.updatedAt;
  moveRefund(step, refund, "call_started", { isQuiet: wasTried });
  return { refund, attempt, wasTried, triedAt };
}

/** Writes down what came of the call; null when the processor has none. */
export function endCall(
  step: Step,
  refundId: string,
  answer: Result<Observation[], Fault> | null,
  { wasTried, triedAt }: Call,
): "done" | "again" {
  const mine = step.story.refunds.find((r) => r.id === refundId);
  const its = step.story.attempts.find((a) => a.id === mine?.attemptId);
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
    moveRefund(step, mine, "not_sent", { isQuiet: wasTried, processorText: fault.detail });
    tellOfNotSent(step, mine, triedAt);
    return "again";
  }
  moveRefund(step, mine, "refund_failed", {
    processorText: fault.detail,
    ...("processorCode" in fault && fault.processorCode ? { processorCode: fault.processorCode } : {}),
  });
  return "done";
}

/** A refund that does not reach its processor for this long is put before a person; it is tried all the same. */
const NOT_SENT_LONG_MS = 60 * 60_000;

/** Once, at the first try after that time. */
function tellOfNotSent(step: Step, refund: Refund, triedAt: Date): void {
  const longAt = refund.createdAt.getTime() + NOT_SENT_LONG_MS;
  if (step.context.now.getTime() < longAt || triedAt.getTime() >= longAt) return;
  step.attention("refund_not_sent", { refundId: refund.id }, { attemptId: refund.attemptId, days: 1 });
}
