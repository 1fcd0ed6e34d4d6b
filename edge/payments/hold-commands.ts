// What may be done with a hold: take the money, or let it go. Only where the processor's variant declares it. First a row,
// then one call, then what the processor said; a second press finds the row and calls nobody.

import type { Context } from "../context.ts";
import { findConnection, openConnection } from "../merchants/connections.ts";
import { variantOf } from "../processors/abilities.ts";
import type { Fault } from "../processors/contract.ts";
import { fail, ok, type Result } from "../result.ts";
import { askedMoney } from "./amounts.ts";
import { beginCommand, COMMAND_ALIVE_MS, hasOpenCommand, loseCommand, refuseCommand } from "./hold-command-row.ts";
import { lookAtAttempt } from "./look-at-attempt.ts";
import { observe } from "./observe.ts";
import { scheduleLook } from "./schedule-look.ts";
import type { HoldVerb } from "./states.ts";
import type { Attempt } from "./story.ts";
import { readStory } from "./story.ts";
import { takeStep } from "./transition.ts";

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

type Input = {
  merchantId: string;
  invoiceId: string;
  attemptId: string;
  actor: string;
  /** The same for a repeat of the same request: it finds what the first one did. */
  key?: string;
};

/** Writes the row, unless one is open or the hold does not allow it. */
function begin(
  context: Context,
  input: Input,
  verb: HoldVerb,
  amountMinor: bigint | undefined,
): Promise<Result<Attempt, HoldRefusal>> {
  return takeStep<Result<Attempt, HoldRefusal>>(context.db, context.stepBy(input.actor), input, (step) => {
    const attempt = step.story.attempts.find((a) => a.id === input.attemptId);
    if (!attempt) return fail("attempt_not_found");
    if (attempt.state !== "authorized") return fail("not_authorized");
    const name = step.story.connections.find((c) => c.id === attempt.connectionId)?.variant ?? "";
    const variant = variantOf(attempt.processor, name);
    if (!(verb === "capture" ? variant?.capture.byApi : variant?.void.byApi)) return fail("not_supported");
    const sum = amountMinor ?? attempt.authorizedMinor;
    if (sum <= 0n || sum > attempt.authorizedMinor) return fail("amount_over_hold");
    if (sum < attempt.authorizedMinor && !variant?.capture.partial) return fail("partial_not_supported");
    if (hasOpenCommand(attempt)) return fail("hold_command_running");
    beginCommand(step, attempt, {
      verb,
      amountMinor: sum,
      key: input.key ?? `${attempt.id}:${step.context.newId("request")}`,
    });
    return ok(attempt);
  });
}

/** Makes the call that a row stands for, once, and writes down what came of it. */
async function call(context: Context, input: Input, begun: Attempt): Promise<Result<Attempt, HoldRefusal>> {
  const { commandVerb: verb, commandKey, commandMinor } = begun;
  const connection = await findConnection(context, input.merchantId, begun.connectionId);
  if (!connection || !commandKey || commandMinor === null) return fail("attempt_not_found");
  const open = await openConnection(context, connection);
  const reference = {
    attemptId: begun.id,
    amount: askedMoney(begun),
    ...(begun.processorReference ? { processorReference: begun.processorReference } : {}),
  };
  const how = open.callWith(commandKey);
  const answer =
    verb === "capture"
      ? await open.processor.captureAuthorization?.(
          { attempt: reference, amount: { minor: commandMinor, currency: begun.currency } },
          how,
        )
      : await open.processor.voidAuthorization?.(reference, how);
  return takeStep<Result<Attempt, HoldRefusal>>(context.db, context.stepBy(input.actor), input, (step) => {
    const mine = step.story.attempts.find((a) => a.id === begun.id);
    if (!mine) return fail("attempt_not_found");
    if (!answer) {
      refuseCommand(step, mine, { text: "not_supported" });
      return fail("not_supported");
    }
    if (answer.ok) {
      for (const observation of answer.value) observe(step, mine, observation, { way: "command", key: commandKey });
      if (mine.state === "authorized") loseCommand(step, mine, "no_end_told");
      step.audit(verb === "capture" ? "attempt.capture" : "attempt.void", mine.id, null, {
        amountMinor: commandMinor.toString(),
      });
      return ok(mine);
    }
    const fault = answer.error;
    if (fault.kind === "outcome_unknown" || fault.kind === "malformed") {
      loseCommand(step, mine, fault.detail);
      step.patchAttempt(mine, { nextLookAt: scheduleLook(step, mine) });
      return fail("hold_outcome_unknown");
    }
    refuseCommand(step, mine, {
      code: "processorCode" in fault ? fault.processorCode : undefined,
      text: fault.detail,
    });
    step.patchAttempt(mine, { nextLookAt: scheduleLook(step, mine) });
    return fail({ fault });
  });
}

/**
 * Asks for something of a hold. A command of ours that was cut off before its end is asked about first: the processor says
 * whether it was done, and only when it was not is it asked for again.
 */
async function command(
  context: Context,
  input: Input,
  verb: HoldVerb,
  amountMinor?: bigint,
): Promise<Result<Attempt, HoldRefusal>> {
  const begun = await begin(context, input, verb, amountMinor);
  if (begun.ok) return call(context, input, begun.value);
  if (begun.error !== "hold_command_running") return begun;
  const before = await attemptOf(context, input);
  const isCutOff = before?.commandAt && context.now.getTime() - before.commandAt.getTime() >= COMMAND_ALIVE_MS;
  if (!before || !isCutOff) return begun;
  await lookAtAttempt(context, input.merchantId, input.attemptId);
  const after = await attemptOf(context, input);
  if (!after) return fail("attempt_not_found");
  if (after.state === (verb === "capture" ? "captured" : "voided")) return ok(after);
  if (after.state !== "authorized") return fail("not_authorized");
  if (hasOpenCommand(after)) return begun;
  const again = await begin(context, input, verb, amountMinor);
  return again.ok ? call(context, input, again.value) : again;
}

async function attemptOf(context: Context, input: Input): Promise<Attempt | undefined> {
  const story = await readStory(context.db, input.merchantId, input.invoiceId);
  return story?.attempts.find((a) => a.id === input.attemptId);
}

/** Takes held money, all of it or a part, once. A failed capture leaves the hold as it was and keeps the processor's words. */
export function captureAuthorization(
  context: Context,
  input: Input & { amountMinor?: bigint },
): Promise<Result<Attempt, HoldRefusal>> {
  return command(context, input, "capture", input.amountMinor);
}

/** Lets a hold go. */
export function voidAuthorization(context: Context, input: Input): Promise<Result<Attempt, HoldRefusal>> {
  return command(context, input, "void");
}
