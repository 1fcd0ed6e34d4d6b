// What an observation does to an invoice's story. One door for anything a processor says, by whatever way it came.

import type { Observation } from "../processors/contract.ts";
import { dueMinor, refundableMinor } from "./amounts.ts";
import { closeCommand } from "./hold-command-row.ts";
import { firstHoldAlarm, holdDeadline, holdPolicyDue } from "./hold-deadline.ts";
import { requestRefund } from "./move-refund.ts";
import { finishEarlyRefunds, refundObserved } from "./observe-refund.ts";
import { noteHeld, noteReleased, noteWentWrong } from "./own-status.ts";
import type { LateCause } from "./payment-notes.ts";
import { scheduleLook } from "./schedule-look.ts";
import { bookCollection, moveInvoice, settleInvoice } from "./settle-invoice.ts";
import { type AttemptEvent, type DisputeState, nextAttemptState, nextDisputeState } from "./states.ts";
import type { Source, Step } from "./step.ts";
import type { Attempt, Invoice, Payment, Story } from "./story.ts";

/** What an observation did. */
export type Effect = "changed" | "nothing" | "duplicate";

/** Whether an observation of this kind was ever heard about any attempt of a story (`seen`), whatever it did. */
export function hasHeard(seen: Story["seen"], kind: Observation["kind"]): boolean {
  return [...seen].some((digest) => digest.includes(`:${kind}:`));
}

/** Applies one observation about an attempt. Effects are unique per observation. */
export function observe(step: Step, attempt: Attempt, observation: Observation, source: Source): Effect {
  const digest = `${source.way}:${source.key}:${observation.kind}:${observation.money?.minor ?? ""}:${observation.reference ?? ""}:${observation.processorCode ?? ""}`;
  const seenAs = `${attempt.id}|${digest}`;
  if (step.story.seen.has(seenAs)) return "duplicate";
  step.story.seen.add(seenAs);

  const before = step.changes.length;
  const changed = apply(step, attempt, observation, source);
  const { now, newId } = step.context;
  const caused = step.changes.slice(before).flatMap((change) => (change.kind === "event" ? [change.row.id] : []));
  step.changes.splice(before, 0, {
    kind: "observation",
    row: {
      id: newId("observation"),
      merchantId: attempt.merchantId,
      attemptId: attempt.id,
      digest,
      source: source.way,
      ipnId: source.ipnId ?? null,
      kind: observation.kind,
      moneyMinor: observation.money?.minor ?? null,
      moneyCurrency: observation.money?.currency ?? null,
      declineReason: observation.declineReason ?? null,
      processorCode: observation.processorCode ?? null,
      processorText: observation.processorText ?? null,
      reference: observation.reference ?? null,
      method: observation.method ?? null,
      instrument: observation.instrument ?? null,
      changedState: changed,
      eventIds: caused.length > 0 ? caused : null,
      occurredAt: observation.occurredAt ?? null,
      recordedAt: now,
    },
  });
  return changed ? "changed" : "nothing";
}

/** The fault "outcome unknown" of a call about an attempt: it is asked about until final, never guessed failed. */
export function outcomeUnknown(step: Step, attempt: Attempt, detail: string): void {
  moveAttempt(step, attempt, "outcome_unknown", { kind: "processing", processorText: detail });
}

function apply(step: Step, attempt: Attempt, observation: Observation, source: Source): boolean {
  switch (observation.kind) {
    case "awaiting_payer":
    case "processing":
    case "in_review":
    case "expired":
      return moveAttempt(step, attempt, observation.kind, observation);
    case "authorized":
      return authorized(step, attempt, observation, source);
    case "captured":
      return captured(step, attempt, observation, source);
    case "voided":
      return voided(step, attempt, observation, source);
    case "declined":
      return declined(step, attempt, observation, source);
    case "refund_accepted":
    case "refund_succeeded":
    case "refund_failed":
      return refundObserved(step, attempt, observation, source);
    case "dispute_opened":
    case "dispute_won":
    case "dispute_lost":
      return disputeObserved(step, attempt, observation);
    case "not_understood":
      step.attention(
        "not_understood",
        { code: observation.processorCode ?? null, text: observation.processorText ?? null },
        { attemptId: attempt.id },
      );
      return false;
  }
}

/** Moves an attempt by its table and notes what the processor told beside it. */
function moveAttempt(step: Step, attempt: Attempt, event: AttemptEvent, observation: Observation): boolean {
  const from = attempt.state;
  const to = nextAttemptState(from, event, attempt.stateOccurredAt, observation.occurredAt);
  if (!to) {
    if (event === from) noteSameNews(step, attempt, observation);
    return false;
  }
  step.patchAttempt(attempt, {
    state: to,
    stateOccurredAt: observation.occurredAt ?? null,
    processorCode: observation.processorCode ?? (to === "captured" ? null : attempt.processorCode),
    processorText: observation.processorText ?? (to === "captured" ? null : attempt.processorText),
    declineReason: to === "declined" ? (observation.declineReason ?? "declined") : null,
    ...(observation.method ? { method: observation.method } : {}),
    ...(observation.instrument ? { instrument: observation.instrument } : {}),
    ...(from === "authorized" ? { holdAlarmAt: null, holdPolicyAt: null } : {}),
    looks: 0,
  });
  closeCommand(step, attempt);
  step.patchAttempt(attempt, { nextLookAt: scheduleLook(step, attempt) });
  step.event(
    `attempt.${to}`,
    {
      from,
      processor: attempt.processor,
      ...(to === "declined" ? { reason: attempt.declineReason } : {}),
      ...(observation.processorCode ? { code: observation.processorCode } : {}),
    },
    { attemptId: attempt.id, occurredAt: observation.occurredAt },
  );
  return true;
}

/** The same news again: its newest time is what later news is compared with, and one way may tell what another did not. */
function noteSameNews(step: Step, attempt: Attempt, { occurredAt, instrument }: Observation): void {
  const isNewer = occurredAt && (!attempt.stateOccurredAt || occurredAt > attempt.stateOccurredAt);
  if (isNewer) step.patchAttempt(attempt, { stateOccurredAt: occurredAt });
  if (instrument && !attempt.instrument) step.patchAttempt(attempt, { instrument });
}

function noteTry(
  step: Step,
  attempt: Attempt,
  outcome: "accepted" | "declined",
  observation: Observation,
  source: Source,
): void {
  const code = observation.processorCode ?? null;
  // The same try may be told by a notification and found by a query; it is shown once.
  const told = step.story.tries.some(
    (t) =>
      t.attemptId === attempt.id &&
      t.outcome === outcome &&
      (outcome === "accepted" || (t.processorCode === code && t.source !== source.way)),
  );
  if (told) return;
  step.addTry({
    id: step.context.newId("try"),
    merchantId: attempt.merchantId,
    attemptId: attempt.id,
    outcome,
    source: source.way,
    declineReason: outcome === "declined" ? (observation.declineReason ?? "declined") : null,
    processorCode: code,
    processorText: observation.processorText ?? null,
    method: observation.method ?? attempt.method,
    instrument: observation.instrument ?? null,
    occurredAt: observation.occurredAt ?? null,
    recordedAt: step.context.now,
  });
}

function declined(step: Step, attempt: Attempt, observation: Observation, source: Source): boolean {
  const moved = moveAttempt(step, attempt, "declined", observation);
  if (moved || attempt.state === "declined") {
    noteWentWrong(step, observation.declineReason ?? "declined", attempt.id);
    noteTry(step, attempt, "declined", observation, source);
    if (!moved) {
      // Another decline on the same page: the newest reason is the one that helps the payer.
      step.patchAttempt(attempt, {
        declineReason: observation.declineReason ?? "declined",
        processorCode: observation.processorCode ?? null,
        processorText: observation.processorText ?? null,
      });
    }
    return true;
  }
  // A decline after money moved is a try that the history shows and the state ignores.
  noteTry(step, attempt, "declined", observation, source);
  return false;
}

function authorized(step: Step, attempt: Attempt, observation: Observation, source: Source): boolean {
  if (isForeign(step, attempt, observation.money)) return false;
  const moved = moveAttempt(step, attempt, "authorized", observation);
  if (attempt.state === "authorized") noteHold(step, attempt, observation, moved);
  if (!moved) return false;
  const held = observation.money?.minor ?? attempt.amountMinor;
  step.patchAttempt(attempt, { authorizedMinor: held });
  markOtherSum(step, attempt, held);
  noteTry(step, attempt, "accepted", observation, source);
  moveInvoice(step, "held");
  noteHeld(step, attempt.id);
  return true;
}

/** When the hold ends: reckoned as it begins, corrected whenever the processor tells. */
function noteHold(step: Step, attempt: Attempt, observation: Observation, isNew: boolean): void {
  if (!isNew && !observation.holdUntil) return;
  const { now } = step.context;
  const variant = step.story.connections.find((c) => c.id === attempt.connectionId)?.variant ?? "";
  const hold = holdDeadline({
    told: observation.holdUntil,
    authorizedAt: observation.occurredAt ?? now,
    holdSeconds: step.context.abilitiesOf(attempt.processor, variant).holdSeconds,
  });
  if (attempt.holdUntil?.getTime() === hold?.until.getTime() && !isNew) return;
  step.patchAttempt(attempt, {
    holdUntil: hold?.until ?? null,
    isHoldEstimated: hold?.isEstimated ?? null,
    holdAlarmAt: hold ? firstHoldAlarm(hold.until, now) : null,
    holdPolicyAt: hold ? holdPolicyDue(hold, now) : null,
  });
}

function voided(step: Step, attempt: Attempt, observation: Observation, source: Source): boolean {
  const held = attempt.state === "authorized";
  const isByCommand = source.way === "command";
  if (!moveAttempt(step, attempt, "voided", observation)) {
    // The processor's own news of what a person ordered came before the answer to the order.
    if (isByCommand && attempt.state === "voided") noteReleased(step, attempt.id, true);
    return false;
  }
  if (held && !step.story.attempts.some((other) => other.state === "authorized")) moveInvoice(step, "released");
  noteReleased(step, attempt.id, isByCommand);
  return true;
}

/** Money in another currency than was asked moves nothing here and is put before a person. */
function isForeign(step: Step, attempt: Attempt, told: Observation["money"]): boolean {
  if (!told || told.currency === attempt.currency) return false;
  step.attention(
    "currency_mismatch",
    { asked: attempt.currency, told: told.currency, minor: told.minor.toString() },
    { attemptId: attempt.id, days: 1 },
  );
  return true;
}

/** Another sum than was asked counts as it came, and is put before a person. */
function markOtherSum(step: Step, attempt: Attempt, told: bigint): void {
  if (told === attempt.amountMinor) return;
  const kind = told < attempt.amountMinor ? "paid_short" : "paid_over";
  step.attention(kind, { asked: attempt.amountMinor.toString(), told: told.toString() }, { attemptId: attempt.id });
}

function captured(step: Step, attempt: Attempt, observation: Observation, source: Source): boolean {
  const told = observation.money;
  if (isForeign(step, attempt, told)) return false;
  const fromState = attempt.state;
  const moved = moveAttempt(step, attempt, "captured", observation);
  // The processor states the total it took; only what exceeds what we know of is new money.
  const total = told?.minor ?? (attempt.capturedMinor > 0n ? attempt.capturedMinor : attempt.amountMinor);
  const added = total - attempt.capturedMinor;
  if (added <= 0n) return moved;
  const wasDue = dueMinor(step.story);
  step.patchAttempt(attempt, { capturedMinor: total });
  step.patchAttempt(attempt, { nextLookAt: scheduleLook(step, attempt) });
  noteTry(step, attempt, "accepted", observation, source);
  if (!told) step.attention("amount_unknown", { assumed: total.toString() }, { attemptId: attempt.id });
  else if (attempt.captureMode === "automatic" && fromState !== "authorized") markOtherSum(step, attempt, total);
  receive(step, {
    attempt,
    amountMinor: added,
    wasDue,
    reference: attempt.processorReference,
    occurredAt: observation.occurredAt ?? step.context.now,
    isLate: fromState === "expired" || fromState === "voided",
  });
  const isHeldElsewhere = step.story.attempts.some((other) => other.state === "authorized");
  if (step.story.invoice.state === "authorized" && !isHeldElsewhere) moveInvoice(step, "released");
  return true;
}

/** Books money that moved in: kept when something was still owed, else marked as paid twice. */
function receive(
  step: Step,
  input: {
    attempt: Attempt;
    amountMinor: bigint;
    wasDue: bigint;
    reference: string | null;
    occurredAt: Date;
    isLate: boolean;
  },
): void {
  const { story, context } = step;
  const { attempt } = input;
  const { invoice } = story;
  const isKept = input.wasDue > 0n;
  const payment: Payment = {
    id: context.newId("payment"),
    merchantId: attempt.merchantId,
    invoiceId: attempt.invoiceId,
    attemptId: attempt.id,
    refundId: null,
    source: "attempt",
    processor: attempt.processor,
    method: attempt.method,
    currency: attempt.currency,
    amountMinor: input.amountMinor,
    isKept,
    isTest: attempt.isTest,
    reference: input.reference,
    occurredAt: input.occurredAt,
    recordedAt: context.now,
  };
  step.addPayment(payment);
  step.event(
    isKept ? "payment.captured" : "payment.paid_twice",
    {
      paymentId: payment.id,
      amountMinor: payment.amountMinor.toString(),
      currency: payment.currency,
      processor: attempt.processor,
    },
    { attemptId: attempt.id, occurredAt: input.occurredAt },
  );
  const notifies = story.connections.find((connection) => connection.id === attempt.connectionId)?.notifies ?? false;
  if (isKept && notifies) step.outbox("payment_received_mail", payment.id, { paymentId: payment.id });
  step.receipt(attempt, { paymentId: payment.id });
  // Before its early refunds: what goes back may cover or uncover the invoice.
  const cause = lateCause(invoice, input);
  const { state } = invoice;
  finishEarlyRefunds(step, attempt);
  if (isKept && cause) {
    step.attention(
      "paid_late",
      { state, cause, paymentId: payment.id, amountMinor: payment.amountMinor.toString() },
      { attemptId: attempt.id },
    );
  }
  if (!isKept) paidTwice(step, attempt, payment);
  if (isKept && input.amountMinor > input.wasDue) {
    step.attention(
      "paid_over",
      { owed: input.wasDue.toString(), paid: input.amountMinor.toString() },
      { attemptId: attempt.id },
    );
  }
  step.audit("payment.confirmed", payment.id, null, {
    amountMinor: payment.amountMinor.toString(),
    currency: payment.currency,
    settings: {
      recordCollection: story.settings.recordCollection,
      fiscalFromProforma: story.settings.fiscalFromProforma,
    },
  });
  settleInvoice(step);
  if (isKept && story.settings.recordCollection) bookCollection(step, payment, "system");
}

/** What was over when money came, if anything was. */
function lateCause(invoice: Invoice, came: { occurredAt: Date; isLate: boolean }): LateCause | null {
  if (invoice.state === "cancelled") return "cancelled";
  if (invoice.expiresAt !== null && invoice.expiresAt <= came.occurredAt) return "expired";
  return came.isLate ? "attempt_over" : null;
}

/** A second capture: its refund starts at once where processor and merchant allow, else a person has to act. */
function paidTwice(step: Step, attempt: Attempt, payment: Payment): void {
  const variant = step.story.connections.find((c) => c.id === attempt.connectionId)?.variant ?? "";
  const abilities = step.context.abilitiesOf(attempt.processor, variant);
  const left = refundableMinor(step.story, attempt);
  const amountMinor = left < payment.amountMinor ? left : payment.amountMinor;
  const refunds = abilities.canRefund && step.story.settings.paidTwicePolicy === "refund" && amountMinor > 0n;
  step.attention(
    "paid_twice",
    { paymentId: payment.id, amountMinor: payment.amountMinor.toString(), refundStarted: refunds },
    { attemptId: attempt.id, days: 1 },
  );
  if (refunds) requestRefund(step, attempt, { amountMinor, reason: "paid_twice", origin: "paid_twice" });
}

function disputeObserved(step: Step, attempt: Attempt, observation: Observation): boolean {
  const kind = observation.kind as "dispute_opened" | "dispute_won" | "dispute_lost";
  const { now, newId } = step.context;
  const known = step.story.disputes.find((d) => d.attemptId === attempt.id);
  const opened: DisputeState = kind === "dispute_opened" ? "opened" : kind === "dispute_won" ? "won" : "lost";
  const to = known ? nextDisputeState(known.state, kind) : opened;
  if (!to) return false;
  const disputed = observation.money ?? {
    minor: known?.amountMinor ?? attempt.capturedMinor,
    currency: known?.currency ?? attempt.currency,
  };
  const row = {
    id: known?.id ?? newId("dispute"),
    merchantId: attempt.merchantId,
    attemptId: attempt.id,
    invoiceId: attempt.invoiceId,
    state: to,
    currency: disputed.currency,
    amountMinor: disputed.minor,
    isTest: attempt.isTest,
    openedAt: known?.openedAt ?? observation.occurredAt ?? now,
    closedAt: to === "opened" ? null : now,
  };
  if (known) Object.assign(known, row);
  else step.story.disputes.push(row);
  step.push({ kind: "dispute", row });
  step.event(
    `dispute.${to}`,
    { processor: attempt.processor },
    { attemptId: attempt.id, occurredAt: observation.occurredAt },
  );
  step.attention("dispute", { state: to }, { attemptId: attempt.id, days: 1 });
  return true;
}
