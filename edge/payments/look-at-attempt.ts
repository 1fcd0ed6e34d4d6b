// Asking a processor what became of an attempt: by the clock, after a hint, when the browser is back, when a person asks.

import { and, eq } from "drizzle-orm";
import { attempts } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { findConnection } from "../merchants/connections.ts";
import type { Fault, Observation } from "../processors/contract.ts";
import type { Result } from "../result.ts";
import { referenceOf } from "./attempt-reference.ts";
import { callProcessor } from "./call-processor.ts";
import { settleCommand } from "./hold-command-row.ts";
import { observe } from "./observe.ts";
import { scheduleLook } from "./schedule-look.ts";
import { OPEN_ATTEMPT_STATES } from "./states.ts";
import type { Step } from "./step.ts";
import type { Attempt } from "./story.ts";
import { takeStep } from "./transition.ts";

/** What came of asking. */
export type Look =
  | { kind: "answered"; observations: number }
  | { kind: "cannot_ask" }
  | { kind: "fault"; fault: Fault };

/** What came of asking; `answer` is null when nobody can be asked. */
export function lookOf(answer: Result<Observation[], Fault> | null): Look {
  if (!answer) return { kind: "cannot_ask" };
  return answer.ok ? { kind: "answered", observations: answer.value.length } : { kind: "fault", fault: answer.error };
}

/** By the schedule, because somebody with a right asked, or beside the way. */
export type LookCause = "schedule" | "asked" | "aside";

const SHORTEST_ASIDE_MS = 5_000;
/** An attempt without an end for this long is put before a person; it is asked about all the same. */
const PENDING_LONG_MS = 60 * 60_000;

/**
 * Asks about one attempt and records the answer. An attempt whose time is over, and about which the processor says
 * nothing stronger than that it waits, expires; where nobody can be asked it expires by the clock alone.
 * A look "aside" (a hint, a doubled notification: anybody may cause those) is not made again within seconds, not made of
 * what is captured, and leaves the schedule as it is.
 */
export async function lookAtAttempt(
  context: Context,
  merchantId: string,
  attemptId: string,
  cause: LookCause = "asked",
): Promise<Look> {
  const rows = await context.db
    .select()
    .from(attempts)
    .where(and(eq(attempts.merchantId, merchantId), eq(attempts.id, attemptId)));
  const attempt = rows[0];
  if (!attempt) return { kind: "cannot_ask" };
  if (cause === "aside") {
    const isFresh = attempt.lastLookAt && context.now.getTime() - attempt.lastLookAt.getTime() < SHORTEST_ASIDE_MS;
    if (isFresh || attempt.state === "captured") return { kind: "cannot_ask" };
  }
  const connection = await findConnection(context, merchantId, attempt.connectionId);
  if (!connection) return { kind: "cannot_ask" };
  const answer = await callProcessor(context, connection, async (open) => {
    const { queryAttempt } = open.processor;
    if (!open.processor.descriptor.variants[connection.variant]?.statusQuery.available || !queryAttempt) return null;
    return queryAttempt(referenceOf(attempt), open.callWith(attemptId));
  });
  const canAsk = answer !== null;
  const of = { merchantId, invoiceId: attempt.invoiceId };
  await takeStep(context.db, context.stepBy(canAsk ? `processor:${attempt.processor}` : "system"), of, (step) => {
    const mine = step.story.attempts.find((a) => a.id === attemptId);
    if (!mine) return;
    for (const observation of answer?.ok ? answer.value : [])
      observe(step, mine, observation, { way: "query", key: keyOf(observation) });
    // A clear refusal ("no such order": we died before the call that would have opened it) tells no more than silence.
    const isSilent = !answer || answer.ok || answer.error.kind === "rejected";
    if (
      isSilent &&
      mine.expiresAt <= context.now &&
      OPEN_ATTEMPT_STATES.includes(mine.state) &&
      mine.state !== "in_review"
    ) {
      observe(step, mine, { kind: "expired" }, { way: "clock", key: mine.expiresAt.toISOString() });
    }
    settleCommand(step, mine, answer?.ok === true && answer.value.some((one) => one.kind === "authorized"));
    alarmWhenOld(step, mine);
    if (cause === "aside") {
      if (canAsk) step.patchAttempt(mine, { lastLookAt: context.now });
      return;
    }
    const looks = mine.looks + 1;
    mine.looks = looks;
    step.patchAttempt(mine, { looks, lastLookAt: context.now, nextLookAt: scheduleLook(step, mine) });
  });
  return lookOf(answer);
}

/** Once, at the first look after the time is over. */
function alarmWhenOld(step: Step, attempt: Attempt): void {
  if (attempt.state !== "processing" && attempt.state !== "unresolved" && attempt.state !== "in_review") return;
  const oldAt = attempt.createdAt.getTime() + PENDING_LONG_MS;
  const wasTold = attempt.lastLookAt !== null && attempt.lastLookAt.getTime() >= oldAt;
  if (step.context.now.getTime() < oldAt || wasTold) return;
  step.attention(
    "pending_long",
    { state: attempt.state, since: attempt.createdAt.toISOString() },
    { attemptId: attempt.id, days: 1 },
  );
}

// A query says the same thing many times; it is one observation as long as it stays the same.
function keyOf(observation: Observation): string {
  return observation.occurredAt?.toISOString() ?? "";
}
