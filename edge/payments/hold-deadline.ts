// When a hold on a payer's money ends by itself, and when a person is told before that. The one place that reckons it.

const HOUR_MS = 3600 * 1000;

/** A hold's end: told by the processor, or reckoned from its usual time. */
export type HoldDeadline = { until: Date; isEstimated: boolean };

/** Hours before the end at which a person is told, the earliest first. */
export const HOLD_ALARM_HOURS = [48, 24] as const;
export type HoldAlarmHours = (typeof HOLD_ALARM_HOURS)[number];

/**
 * The end of a hold, or null when nobody can say.
 * @param told by the processor; it counts before any reckoning
 * @param authorizedAt when the money was held, by the processor's clock where it told
 * @param holdSeconds how long the processor usually holds (its descriptor); real seconds, whatever the clocks on the wall do
 */
export function holdDeadline(input: {
  told?: Date | undefined;
  authorizedAt: Date;
  holdSeconds?: number | undefined;
}): HoldDeadline | null {
  const { told, authorizedAt, holdSeconds } = input;
  if (told) return { until: told, isEstimated: false };
  if (holdSeconds === undefined) return null;
  return { until: new Date(authorizedAt.getTime() + holdSeconds * 1000), isEstimated: true };
}

/** The next moment after `now` at which a person is to be told of this end, or null when all has been told. */
export function nextHoldAlarm(until: Date, now: Date): Date | null {
  for (const hours of HOLD_ALARM_HOURS) {
    const at = new Date(until.getTime() - hours * HOUR_MS);
    if (at > now) return at;
  }
  return null;
}

/** What a person is to be told now: the nearest border that was passed; null before the first, and after the end. */
export function holdAlarmNow(until: Date, now: Date): HoldAlarmHours | null {
  const left = until.getTime() - now.getTime();
  if (left <= 0) return null;
  return HOLD_ALARM_HOURS.findLast((hours) => left <= hours * HOUR_MS) ?? null;
}

/** When the first alarm of a hold that begins now is due: at once for one that is shorter than its first border. */
export function firstHoldAlarm(until: Date, now: Date): Date | null {
  if (until <= now) return null;
  return holdAlarmNow(until, now) === null ? nextHoldAlarm(until, now) : now;
}

/** Hours before the end at which the merchant's policy is carried out; earlier where the end is only reckoned. */
const POLICY_HOURS = { told: 12, estimated: 24 } as const;

/** When the policy for a hold that nobody decided on is carried out: never after half of what is left of a short one. */
export function holdPolicyDue(hold: HoldDeadline, now: Date): Date {
  const usual = hold.until.getTime() - POLICY_HOURS[hold.isEstimated ? "estimated" : "told"] * HOUR_MS;
  const middle = now.getTime() + Math.max(0, hold.until.getTime() - now.getTime()) / 2;
  return new Date(Math.max(usual, middle));
}

/** The hold that an attempt stands for now; null when it holds nothing, or when nobody knows how long. */
export function holdOf(attempt: {
  state: string;
  holdUntil: Date | null;
  isHoldEstimated: boolean | null;
}): HoldDeadline | null {
  if (attempt.state !== "authorized" || !attempt.holdUntil) return null;
  return { until: attempt.holdUntil, isEstimated: attempt.isHoldEstimated ?? true };
}
