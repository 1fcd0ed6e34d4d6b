// What news about refunds does: of those asked for here, and of those made at the processor, before or after their capture.

import type { Observation } from "../processors/contract.ts";
import { refundableMinor } from "./amounts.ts";
import { bankReferenceOf, moveRefund, newRefund } from "./move-refund.ts";
import { CLAIMING_REFUND_STATES, nextRefundState, UNHEARD_REFUND_STATES } from "./states.ts";
import type { Source, Step } from "./step.ts";
import type { Attempt, Refund } from "./story.ts";

export function refundObserved(step: Step, attempt: Attempt, observation: Observation, source: Source): boolean {
  const kind = observation.kind as "refund_accepted" | "refund_succeeded" | "refund_failed";
  if (source.refundId && isOfAnother(step, attempt, observation, source.refundId)) return false;
  const known = findRefund(step, attempt, observation, source);
  if (known) {
    if (known.state === "succeeded") {
      const isNamed = known.processorReference === null && observation.reference;
      if (isNamed) step.patchRefund(known, { processorReference: observation.reference });
      if (known.bankReference === null && observation.bankReference)
        step.patchRefund(known, bankReferenceOf(observation));
    }
    // Money cannot go back before it came: such news waits for that of the capture.
    if (kind === "refund_succeeded" && attempt.capturedMinor === 0n) return false;
    return kind === "refund_succeeded"
      ? succeed(step, attempt, known, observation)
      : moveRefund(step, known, kind, observation);
  }
  if (kind !== "refund_succeeded") return false;
  // Made at the processor, not by us: it is booked with how it was found.
  if (!observation.money) {
    const claimed = step.story.refunds.some(
      (r) => r.attemptId === attempt.id && CLAIMING_REFUND_STATES.includes(r.state),
    );
    if (claimed) return false; // says "refunded" without a sum, and our own refunds explain it
    step.attention(
      "refund_amount_unknown",
      { text: observation.processorText ?? null },
      { attemptId: attempt.id, days: 1 },
    );
    return false;
  }
  const isEarly = attempt.capturedMinor === 0n;
  // Money that went back without us is the truth: what only we know of has to make room for it.
  const unheard = step.story.refunds
    .filter((r) => r.attemptId === attempt.id && UNHEARD_REFUND_STATES.includes(r.state))
    .reduce((sum, r) => sum + r.amountMinor, 0n);
  const limit = refundableMinor(step.story, attempt) + unheard + (isEarly ? attempt.amountMinor : 0n);
  if (observation.money.currency !== attempt.currency || observation.money.minor > limit) {
    step.attention(
      "refund_over_captured",
      { told: observation.money.minor.toString(), currency: observation.money.currency },
      { attemptId: attempt.id, days: 1 },
    );
    return false;
  }
  const refund = newRefund(step, attempt, {
    state: "accepted",
    amountMinor: observation.money.minor,
    origin: source.way === "query" ? "query" : "notification",
    occurredAt: observation.occurredAt ?? null,
  });
  if (isEarly) {
    // The capture it gives back was not heard of yet; it is booked when that news comes.
    step.addRefund({ ...refund, processorReference: observation.reference ?? null });
    step.event(
      "refund.accepted",
      { refundId: refund.id, amountMinor: refund.amountMinor.toString(), currency: refund.currency },
      { attemptId: attempt.id, occurredAt: observation.occurredAt },
    );
    return true;
  }
  step.addRefund(refund);
  return succeed(step, attempt, refund, observation);
}

/** Refunds whose news came before that of the capture they give back; what exceeds the capture waits for a person. */
export function finishEarlyRefunds(step: Step, attempt: Attempt): void {
  for (const refund of step.story.refunds) {
    if (refund.attemptId !== attempt.id || refund.state !== "accepted" || !isFound(refund)) continue;
    succeed(step, attempt, refund, {
      occurredAt: refund.occurredAt ?? step.context.now,
      ...(refund.processorReference ? { reference: refund.processorReference } : {}),
    });
  }
}

/** Made at the processor and heard of; only such a one can be older than its capture. */
const isFound = ({ origin }: Refund) => origin === "notification" || origin === "query";

/** Takes a processor's word that money went back: never more than came, and what only we know of makes room for it. */
function succeed(step: Step, attempt: Attempt, refund: Refund, told: Parameters<typeof moveRefund>[3]): boolean {
  if (!nextRefundState(refund.state, "refund_succeeded")) return false;
  const back = step.story.refunds
    .filter((r) => r.attemptId === attempt.id && r.state === "succeeded")
    .reduce((sum, r) => sum + r.amountMinor, 0n);
  if (back + refund.amountMinor > attempt.capturedMinor) {
    const detail = { refundId: refund.id, told: refund.amountMinor.toString(), currency: refund.currency };
    step.attention("refund_over_captured", detail, { attemptId: attempt.id, days: 1 });
    return false;
  }
  moveRefund(step, refund, "refund_succeeded", told);
  makeRoom(step, attempt);
  return true;
}

/** Gives up refunds that no processor has heard of and that would give back more than is left, the newest first. */
function makeRoom(step: Step, attempt: Attempt): void {
  for (const refund of step.story.refunds.toReversed()) {
    if (refundableMinor(step.story, attempt) >= 0n) return;
    if (refund.attemptId !== attempt.id || !UNHEARD_REFUND_STATES.includes(refund.state)) continue;
    moveRefund(step, refund, "given_up", { note: "given_back_elsewhere" });
  }
}

/** Whether the answer to a question about one refund names another one: an equal sum was taken for it. */
function isOfAnother(step: Step, attempt: Attempt, { reference }: Observation, refundId: string): boolean {
  return (
    reference !== undefined &&
    step.story.refunds.some(
      (r) => r.attemptId === attempt.id && r.id !== refundId && r.processorReference === reference,
    )
  );
}

/** The refund an observation speaks of: named by us, by reference, by sum and time, else the oldest still under way. */
function findRefund(step: Step, attempt: Attempt, observation: Observation, source: Source): Refund | undefined {
  const ours = step.story.refunds.filter((r) => r.attemptId === attempt.id);
  const { money } = observation;
  const isItsSum = (r: Refund) => money?.minor === r.amountMinor && money.currency === r.currency;
  return (
    ours.find((r) => r.id === source.refundId) ??
    ours.find((r) => observation.reference !== undefined && r.processorReference === observation.reference) ??
    ours.find(
      (r) =>
        r.state === "succeeded" &&
        isItsSum(r) &&
        observation.occurredAt !== undefined &&
        r.occurredAt?.getTime() === observation.occurredAt.getTime(),
    ) ??
    ours.find(
      (r) =>
        ["requested", "sent", "not_sent", "accepted", "unresolved"].includes(r.state) &&
        (r.processorReference === null || observation.reference === undefined) &&
        (money === undefined || isItsSum(r)),
    ) ??
    // Our own refund succeeded by the call's answer, or was entered by hand; the first news of the same sum names it.
    ours.find(
      (r) =>
        r.state === "succeeded" &&
        r.processorReference === null &&
        (r.origin === "requested" || r.origin === "paid_twice" || r.origin === "manual") &&
        isItsSum(r),
    )
  );
}
