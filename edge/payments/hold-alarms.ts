// Telling a person that held money is about to go back by itself: two days before and one day before, once each.

import { and, asc, isNotNull, lte } from "drizzle-orm";
import { attempts } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { holdAlarmNow, nextHoldAlarm } from "./hold-deadline.ts";
import type { Step } from "./step.ts";
import type { Attempt } from "./story.ts";
import { takeStep } from "./transition.ts";

const DAY_MS = 24 * 3600 * 1000;

/** Raises what is due for one attempt and notes when the next one is. */
export function raiseHoldAlarm(step: Step, attempt: Attempt): void {
  const { now } = step.context;
  if (!attempt.holdAlarmAt || attempt.holdAlarmAt > now) return;
  const until = attempt.holdUntil;
  if (attempt.state !== "authorized" || !until) {
    step.patchAttempt(attempt, { holdAlarmAt: null });
    return;
  }
  step.patchAttempt(attempt, { holdAlarmAt: nextHoldAlarm(until, now) });
  const hours = holdAlarmNow(until, now);
  if (!hours) return;
  step.attention(
    hours === 48 ? "hold_ends_48h" : "hold_ends_24h",
    { until: until.toISOString(), isEstimated: attempt.isHoldEstimated ?? true },
    { attemptId: attempt.id, days: (until.getTime() - now.getTime()) / DAY_MS },
  );
}

/** Attempts whose alarm is due, the most urgent first. */
export function dueHoldAlarms({ db, now }: Context, limit: number) {
  return db
    .select({ id: attempts.id, merchantId: attempts.merchantId, invoiceId: attempts.invoiceId })
    .from(attempts)
    .where(and(isNotNull(attempts.holdAlarmAt), lte(attempts.holdAlarmAt, now)))
    .orderBy(asc(attempts.holdAlarmAt))
    .limit(limit);
}

/** Raises the alarm of one attempt under its invoice's lock. */
export async function tellOfHold(
  context: Context,
  of: { id: string; merchantId: string; invoiceId: string },
): Promise<void> {
  await takeStep(context.db, context.stepBy("system"), of, (step) => {
    const attempt = step.story.attempts.find((a) => a.id === of.id);
    if (attempt) raiseHoldAlarm(step, attempt);
  });
}
