// Giving money back, whole or in parts (uapay.md 9).

import { fail, ok, type Result } from "../../result.ts";
import type { Fault, Observation, Refund } from "../contract.ts";
import { faultOfAmount, findPayment, operate, paymentAfter, wordOf } from "./calls.ts";
import { kindOfOne } from "./invoice.ts";
import { optional } from "./json.ts";
import type { Context } from "./wire.ts";

/**
 * Reverses a sum. It is always named, also when it is the whole: without one they would give back whatever is left. Never
 * sent again by itself: a lost answer is `outcome_unknown`. A clear no is the refund's end, told with their words.
 */
export async function refund(input: Refund, context: Context): Promise<Result<Observation[], Fault>> {
  const { attempt, amount } = input;
  const impossible = faultOfAmount(attempt, amount);
  if (impossible) return fail(impossible);
  const taken = await findPayment(attempt, context);
  if (!taken.ok) return taken;
  const { session, invoice, payment, paymentId } = taken.value;
  const wasReversed = kindOfOne(payment) === "refund_succeeded";
  if (kindOfOne(payment) !== "captured" && !wasReversed) {
    return fail({ kind: "rejected", detail: `nothing_captured: ${wordOf(payment)}` });
  }
  const done = await operate(session, "reverse", invoice, paymentId, { data: { amount: Number(amount.minor) } });
  if (!done.ok) {
    const { error } = done;
    if (error.kind !== "rejected") return done;
    return ok([
      {
        kind: "refund_failed",
        money: amount,
        processorText: error.detail,
        ...optional("processorCode", error.processorCode),
      },
    ]);
  }
  const after = await paymentAfter(session, invoice, paymentId);
  const isReversed = after !== null && kindOfOne(after) === "refund_succeeded";
  // The whole is back only when it reads so; of a part the state may say nothing, and their yes is all there is.
  const isWhole = !wasReversed && payment.amount?.minor === amount.minor;
  if (isWhole && after !== null && !isReversed) {
    return fail({ kind: "outcome_unknown", detail: `not_reversed_yet: ${wordOf(after)}` });
  }
  return ok([
    {
      kind: "refund_succeeded",
      money: amount,
      processorCode: wordOf(after) || "REVERSED",
      // Reversals have no number. The payment's own stands for the one that made it read "reversed": what is told of that
      // later is then known to be this one, and is taken for no other.
      ...(isReversed && !wasReversed ? { reference: paymentId } : {}),
      ...optional("occurredAt", isReversed ? after.reversedAt : undefined),
    },
  ]);
}
