// What people, partners and policies ask of a hold, as steps of an invoice's story. Pure: decided on a story, written by
// transition.ts; the call between the two steps is hold-commands.ts.

import type { Fault, Observation } from "../processors/contract.ts";
import { fail, ok, type Result } from "../result.ts";
import {
  beginCommand,
  hasOpenCommand,
  isCommandOf,
  loseCommand,
  NOT_REACHED,
  refuseCommand,
} from "./hold-command-row.ts";
import { observe } from "./observe.ts";
import { scheduleLook } from "./schedule-look.ts";
import type { HoldVerb } from "./states.ts";
import type { Step } from "./step.ts";
import type { Attempt } from "./story.ts";

export type HoldRefusal =
  | "attempt_not_found"
  | "not_authorized"
  | "not_supported"
  | "amount_over_hold"
  | "partial_not_supported"
  /** Something was asked of this hold already and its end is awaited. */
  | "hold_command_running"
  /** The processor was called and gave no answer that can be read; it is asked until it is known. */
  | "hold_outcome_unknown"
  | { fault: Fault };

export type HoldAsked = {
  attemptId: string;
  verb: HoldVerb;
  /** Minor units; left out: all of the hold. */
  amountMinor?: bigint;
  /** The same for a repeat of the same request: it finds what the first one did. */
  key?: string;
};

/** Writes down what is asked of a hold, unless its end is awaited of something else or the hold does not allow it. */
export function askOfHold(step: Step, { attemptId, verb, amountMinor, key }: HoldAsked): Result<Attempt, HoldRefusal> {
  const attempt = step.story.attempts.find((a) => a.id === attemptId);
  if (!attempt) return fail("attempt_not_found");
  if (attempt.state !== "authorized") return fail("not_authorized");
  const variant = step.story.connections.find((c) => c.id === attempt.connectionId)?.variant ?? "";
  const { canCapture, canCapturePart, canVoid } = step.context.abilitiesOf(attempt.processor, variant);
  if (!(verb === "capture" ? canCapture : canVoid)) return fail("not_supported");
  const sum = amountMinor ?? attempt.authorizedMinor;
  if (sum <= 0n || sum > attempt.authorizedMinor) return fail("amount_over_hold");
  if (sum < attempt.authorizedMinor && !canCapturePart) return fail("partial_not_supported");
  if (hasOpenCommand(attempt)) return fail("hold_command_running");
  beginCommand(step, attempt, {
    verb,
    amountMinor: sum,
    key: key ?? `${attempt.id}:${step.context.newId("request")}`,
  });
  return ok(attempt);
}

/**
 * Writes down what came of the call that a command stands for.
 * @param begun the attempt as the command was written; should another command stand there now, its end is its own
 * @param answer null when the processor has no such call
 */
export function endHoldCall(
  step: Step,
  begun: Attempt,
  answer: Result<Observation[], Fault> | null,
): Result<Attempt, HoldRefusal> {
  const attempt = step.story.attempts.find((a) => a.id === begun.id);
  if (!attempt) return fail("attempt_not_found");
  const isItsOwn = isCommandOf(attempt, begun);
  if (!answer) {
    if (isItsOwn) refuseCommand(step, attempt, { text: "not_supported" });
    return fail("not_supported");
  }
  if (answer.ok) {
    const key = begun.commandKey ?? begun.id;
    for (const observation of answer.value) observe(step, attempt, observation, { way: "command", key });
    if (isItsOwn && attempt.state === "authorized") loseCommand(step, attempt, "no_end_told");
    step.audit(begun.commandVerb === "capture" ? "attempt.capture" : "attempt.void", attempt.id, null, {
      amountMinor: (begun.commandMinor ?? 0n).toString(),
    });
    return ok(attempt);
  }
  const fault = answer.error;
  const isUnknown = fault.kind === "outcome_unknown" || fault.kind === "malformed";
  if (isItsOwn) {
    if (isUnknown) loseCommand(step, attempt, fault.detail);
    else {
      const code = fault.kind === "unreachable" ? NOT_REACHED : undefined;
      refuseCommand(step, attempt, {
        code: "processorCode" in fault ? fault.processorCode : code,
        text: fault.detail,
      });
    }
    step.patchAttempt(attempt, { nextLookAt: scheduleLook(step, attempt) });
  }
  return isUnknown ? fail("hold_outcome_unknown") : fail({ fault });
}
