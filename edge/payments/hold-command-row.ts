// The row of what was asked of a hold: written before the processor is called, closed by what the processor says. While it
// is open nothing else may be asked of the hold, so two presses make one call; a call that died is asked about, not repeated.

import { OPEN_COMMAND_STATES } from "./states.ts";
import type { Step } from "./step.ts";
import type { Attempt } from "./story.ts";

/** Longer than any request lives: a command without an end at this age was cut off, and its hold may be asked about. */
export const COMMAND_ALIVE_MS = 120_000;
/** A command without an end for this long is put before a person; it is asked about all the same. */
const UNKNOWN_LONG_MS = 60 * 60_000;

/** Why a command was not done although the processor never said no: it was asked, and the hold stands. */
export const NOT_DONE = "not_done";
/** Why a command was not done: the processor was not reached, so it never heard of it. */
export const NOT_REACHED = "not_reached";

/** Whether something was asked of the hold and its end is not known. */
export function hasOpenCommand(attempt: Pick<Attempt, "commandState">): boolean {
  return attempt.commandState !== null && OPEN_COMMAND_STATES.includes(attempt.commandState);
}

/** Whether the command that stands there now is still the one that was begun. */
export function isCommandOf(attempt: Attempt, begun: Attempt): boolean {
  return attempt.commandKey === begun.commandKey && attempt.commandAt?.getTime() === begun.commandAt?.getTime();
}

/** Writes down what is going to be asked. `key` goes out as the idempotency key. */
export function beginCommand(
  step: Step,
  attempt: Attempt,
  asked: { verb: "capture" | "void"; amountMinor: bigint; key: string },
): void {
  const { now, actor } = step.context;
  step.patchAttempt(attempt, {
    commandVerb: asked.verb,
    commandState: "begun",
    commandMinor: asked.amountMinor,
    commandKey: asked.key,
    commandBy: actor,
    commandAt: now,
    commandCode: null,
    commandText: null,
    looks: 0,
    nextLookAt: new Date(now.getTime() + COMMAND_ALIVE_MS),
  });
  const data = { amountMinor: asked.amountMinor.toString(), currency: attempt.currency, processor: attempt.processor };
  if (asked.verb === "capture") step.event("attempt.capture_asked", data, { attemptId: attempt.id });
  else step.event("attempt.void_asked", data, { attemptId: attempt.id });
  step.audit(`attempt.${asked.verb}_asked`, attempt.id, null, { amountMinor: asked.amountMinor.toString() });
}

/** It was not done and the hold stands as before: the processor said no, in its words, or one of the codes above says why. */
export function refuseCommand(step: Step, attempt: Attempt, why: { code?: string | undefined; text: string }): void {
  if (!hasOpenCommand(attempt)) return;
  step.patchAttempt(attempt, {
    commandState: "refused",
    commandCode: why.code ?? null,
    commandText: why.text,
  });
  const data = {
    amountMinor: (attempt.commandMinor ?? 0n).toString(),
    currency: attempt.currency,
    processor: attempt.processor,
    text: why.text,
    ...(why.code ? { code: why.code } : {}),
  };
  if (attempt.commandVerb === "capture") step.event("attempt.capture_refused", data, { attemptId: attempt.id });
  else step.event("attempt.void_refused", data, { attemptId: attempt.id });
}

/** Called, and no answer that can be read: it is asked about from now on. */
export function loseCommand(step: Step, attempt: Attempt, detail: string): void {
  if (attempt.commandState !== "begun") return;
  step.patchAttempt(attempt, { commandState: "unknown", commandText: detail, looks: 0 });
  step.event(
    "attempt.command_unknown",
    { verb: attempt.commandVerb, processor: attempt.processor },
    { attemptId: attempt.id },
  );
}

/** The hold is over: what was asked of it is done, or something else came first. */
export function closeCommand(step: Step, attempt: Attempt): void {
  if (!hasOpenCommand(attempt)) return;
  const isDone = attempt.state === (attempt.commandVerb === "capture" ? "captured" : "voided");
  step.patchAttempt(attempt, {
    commandState: isDone ? "done" : "refused",
    commandCode: isDone ? null : "overtaken",
    commandText: null,
  });
}

/**
 * What an answer to our question means for a command without an end. Only a plain "still held", heard once nobody can be
 * calling any more, shows that it was not done; it may then be asked for again.
 */
export function settleCommand(step: Step, attempt: Attempt, isStillHeld: boolean): void {
  if (!hasOpenCommand(attempt) || !attempt.commandAt) return;
  const { now } = step.context;
  const age = now.getTime() - attempt.commandAt.getTime();
  if (isStillHeld && attempt.state === "authorized" && age >= COMMAND_ALIVE_MS) {
    refuseCommand(step, attempt, { code: NOT_DONE, text: "" });
    return;
  }
  if (attempt.commandState === "begun" && age >= COMMAND_ALIVE_MS) loseCommand(step, attempt, "cut_off");
  const oldAt = attempt.commandAt.getTime() + UNKNOWN_LONG_MS;
  const wasTold = attempt.lastLookAt !== null && attempt.lastLookAt.getTime() >= oldAt;
  if (now.getTime() < oldAt || wasTold) return;
  step.attention(
    "hold_command_unknown",
    { verb: attempt.commandVerb, since: attempt.commandAt.toISOString() },
    { attemptId: attempt.id, days: 1 },
  );
}
