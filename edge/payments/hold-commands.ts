// What may be done with a hold: take the money, or let it go. Only where the processor's variant declares it. First a row,
// then one call, then what the processor said; a second press finds the row and calls nobody.

import type { Context } from "../context.ts";
import { findConnection } from "../merchants/connections.ts";
import { fail, ok, type Result } from "../result.ts";
import { referenceOf } from "./attempt-reference.ts";
import { callProcessor } from "./call-processor.ts";
import { COMMAND_ALIVE_MS, hasOpenCommand } from "./hold-command-row.ts";
import { askOfHold, endHoldCall, type HoldRefusal } from "./hold-steps.ts";
import { lookAtAttempt } from "./look-at-attempt.ts";
import type { HoldVerb } from "./states.ts";
import type { Attempt } from "./story.ts";
import { readStory } from "./story.ts";
import { takeStep } from "./transition.ts";

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
  { attemptId, key, ...input }: Input,
  verb: HoldVerb,
  amountMinor: bigint | undefined,
): Promise<Result<Attempt, HoldRefusal>> {
  const asked = { attemptId, verb, ...(key ? { key } : {}), ...(amountMinor === undefined ? {} : { amountMinor }) };
  return takeStep(context.db, context.stepBy(input.actor), input, (step) => askOfHold(step, asked));
}

/** Makes the call that a row stands for, once, and writes down what came of it. */
async function call(context: Context, input: Input, begun: Attempt): Promise<Result<Attempt, HoldRefusal>> {
  const { commandVerb: verb, commandKey, commandMinor } = begun;
  const connection = await findConnection(context, input.merchantId, begun.connectionId);
  if (!connection || !commandKey || commandMinor === null) return fail("attempt_not_found");
  const answer = await callProcessor(context, connection, async ({ processor, callWith }) => {
    const attempt = referenceOf(begun);
    const amount = { minor: commandMinor, currency: begun.currency };
    const result =
      verb === "capture"
        ? await processor.captureAuthorization?.({ attempt, amount }, callWith(commandKey))
        : await processor.voidAuthorization?.(attempt, callWith(commandKey));
    return result ?? null;
  });
  return takeStep(context.db, context.stepBy(input.actor), input, (step) => endHoldCall(step, begun, answer));
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
