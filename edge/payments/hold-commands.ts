// What may be done with a hold: take the money, or let it go. Only where the processor's variant declares it.

import type { Context } from "../context.ts";
import { findConnection, openConnection } from "../merchants/connections.ts";
import type { Fault } from "../processors/contract.ts";
import { fail, ok, type Result } from "../result.ts";
import { askedMoney } from "./amounts.ts";
import { observe } from "./observe.ts";
import type { Attempt } from "./story.ts";
import { readStory } from "./story.ts";
import { takeStep } from "./transition.ts";

export type HoldRefusal =
  | "attempt_not_found"
  | "not_authorized"
  | "not_supported"
  | "amount_over_hold"
  | { fault: Fault };

type Input = { merchantId: string; invoiceId: string; attemptId: string; actor: string };

async function heldAttempt(context: Context, input: Input): Promise<Result<Attempt, HoldRefusal>> {
  const story = await readStory(context.db, input.merchantId, input.invoiceId);
  const attempt = story?.attempts.find((a) => a.id === input.attemptId);
  if (!attempt) return fail("attempt_not_found");
  if (attempt.state !== "authorized") return fail("not_authorized");
  return ok(attempt);
}

async function act(
  context: Context,
  input: Input,
  attempt: Attempt,
  verb: "capture" | "void",
  amountMinor: bigint,
): Promise<Result<Attempt, HoldRefusal>> {
  const connection = await findConnection(context, input.merchantId, attempt.connectionId);
  if (!connection) return fail("attempt_not_found");
  const open = await openConnection(context, connection);
  const variant = open.processor.descriptor.variants[connection.variant];
  const reference = {
    attemptId: attempt.id,
    amount: askedMoney(attempt),
    ...(attempt.processorReference ? { processorReference: attempt.processorReference } : {}),
  };
  const call = open.callWith(`${attempt.id}:${verb}`);
  const answer =
    verb === "capture"
      ? variant?.capture.byApi
        ? await open.processor.captureAuthorization?.(
            { attempt: reference, amount: { minor: amountMinor, currency: attempt.currency } },
            call,
          )
        : undefined
      : variant?.void.byApi
        ? await open.processor.voidAuthorization?.(reference, call)
        : undefined;
  if (!answer) return fail("not_supported");
  if (!answer.ok) return fail({ fault: answer.error });
  return takeStep<Result<Attempt, HoldRefusal>>(context.db, context.stepBy(input.actor), input, (step) => {
    const mine = step.story.attempts.find((a) => a.id === attempt.id);
    if (!mine) return fail("attempt_not_found");
    for (const observation of answer.value) observe(step, mine, observation, { way: "command", key: verb });
    step.audit(`attempt.${verb}`, attempt.id, null, { amountMinor: amountMinor.toString() });
    return ok(mine);
  });
}

/** Takes held money, all of it or a part. A failed capture leaves the hold as it was. */
export async function captureAuthorization(context: Context, input: Input & { amountMinor?: bigint }) {
  const held = await heldAttempt(context, input);
  if (!held.ok) return held;
  const amountMinor = input.amountMinor ?? held.value.authorizedMinor;
  if (amountMinor <= 0n || amountMinor > held.value.authorizedMinor) return fail<HoldRefusal>("amount_over_hold");
  return act(context, input, held.value, "capture", amountMinor);
}

/** Lets a hold go. */
export async function voidAuthorization(context: Context, input: Input) {
  const held = await heldAttempt(context, input);
  if (!held.ok) return held;
  return act(context, input, held.value, "void", held.value.authorizedMinor);
}
