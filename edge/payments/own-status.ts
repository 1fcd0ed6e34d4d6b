// The merchant's own status of an invoice: what became of it moves by a table of a few outcomes, and where the merchant
// chose a status for the outcome, the invoice takes it in the same step.

import { keptMinor } from "./amounts.ts";
import { nextOutcome, type OutcomeEvent } from "./states.ts";
import type { Step } from "./step.ts";

/** Reasons beside those of a decline. */
export const OUTCOME_REASONS = ["hold_ended", "cancelled_by_member"] as const;

/** Whether a person (or a partner's program for them) acts, and not a processor, the payer or the clock. */
const isPerson = (actor: string) => /^(member|api_key|crm):/.test(actor);

/** Moves the outcome by its table, sets the status that was chosen for it, and writes the line of the timeline. */
function noteOutcome(step: Step, event: OutcomeEvent, reason: string | null = null, attemptId?: string): void {
  const { invoice } = step.story;
  const to = nextOutcome(invoice.outcome, event);
  if (!to) return;
  if (to === invoice.outcome) {
    // The same again: the newest reason is the one that helps.
    if (reason !== invoice.outcomeReason) step.patchInvoice({ outcomeReason: reason });
    return;
  }
  const { actor, now } = step.context;
  const status = step.story.ownStatuses.find((one) => one.outcome === to);
  step.patchInvoice({
    outcome: to,
    outcomeReason: reason,
    outcomeBy: actor,
    outcomeAt: now,
    updatedAt: now,
    ...(status ? { ownStatusId: status.id } : {}),
  });
  if (!status) return;
  step.event(
    "invoice.own_status_set",
    {
      outcome: to,
      own_status: { id: status.id, name: status.name, tone: status.tone },
      ...(reason ? { outcomeReason: reason } : {}),
    },
    attemptId ? { attemptId } : {},
  );
}

const isHeld = (step: Step) => step.story.attempts.some((attempt) => attempt.state === "authorized");

/** Money came or went: brings the outcome in line with the sums that count. */
export function noteMoney(step: Step): void {
  const { invoice, payments } = step.story;
  const kept = keptMinor(step.story);
  const hasGivenBack = payments.some((payment) => payment.isKept && payment.amountMinor < 0n);
  if (kept >= invoice.amountMinor && invoice.amountMinor > 0n) {
    noteOutcome(step, "covered");
    return;
  }
  // A hold is what waits for a person, whatever part of the sum moves meanwhile.
  if (isHeld(step) && invoice.outcome === "held") return;
  if (hasGivenBack) {
    // Money whose coming and going are heard of at once was there all the same.
    if (invoice.outcome === null || ["held", "rejected", "cancelled"].includes(invoice.outcome)) {
      const came = payments
        .filter((payment) => payment.isKept && payment.amountMinor > 0n)
        .reduce((sum, payment) => sum + payment.amountMinor, 0n);
      noteOutcome(step, came >= invoice.amountMinor ? "covered" : "part_paid");
    }
    noteOutcome(step, kept > 0n ? "part_given_back" : "given_back");
  } else if (kept > 0n) noteOutcome(step, "part_paid");
  if (isHeld(step)) noteOutcome(step, "held");
}

export function noteHeld(step: Step, attemptId: string): void {
  noteOutcome(step, "held", null, attemptId);
}

/** A hold was let go: by a person, or by the processor. With money there already, the money is what counts. */
export function noteReleased(step: Step, attemptId: string, isByCommand: boolean): void {
  if (keptMinor(step.story) > 0n) {
    noteMoney(step);
    return;
  }
  if (isHeld(step)) return;
  const isRejected = isByCommand && isPerson(step.context.actor);
  if (isRejected) noteOutcome(step, "rejected", null, attemptId);
  else noteOutcome(step, "went_wrong", "hold_ended", attemptId);
}

/** A payment failed, or the invoice was cancelled. What was paid or is held stays so. */
export function noteWentWrong(step: Step, reason: string, attemptId?: string): void {
  if (keptMinor(step.story) > 0n || isHeld(step)) return;
  noteOutcome(step, "went_wrong", reason, attemptId);
}
