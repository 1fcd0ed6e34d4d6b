// When to ask the processor about an attempt again, by what its descriptor allows.

import { refundableMinor } from "./amounts.ts";
import { hasOpenCommand } from "./hold-command-row.ts";
import { ASKED_REFUND_STATES } from "./states.ts";
import type { Step } from "./step.ts";
import type { Attempt, Refund } from "./story.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
/** For how long a captured attempt is asked whether money was given back at the processor. */
const REFUNDS_LOOKED_FOR = 90 * DAY;
/** From this age on a refund without an end is asked about once a day. */
const REFUND_OLD = 7 * DAY;

/** Seconds between one look and the next, as long as nothing is heard: 5, 15, 45, 135 … at most an hour. */
function pauseSeconds(looks: number, shortest: number): number {
  return Math.min(Math.max(5 * 3 ** looks, shortest), 3600);
}

/**
 * The next moment to look at an attempt, or null when nothing is open.
 * A processor without a status query is not asked: its attempt only expires by our clock.
 */
export function scheduleLook(step: Step, attempt: Attempt): Date | null {
  const { now } = step.context;
  const variant = step.story.connections.find((c) => c.id === attempt.connectionId)?.variant ?? "";
  const { canQuery, shortestLookSeconds, findsRefunds } = step.context.abilitiesOf(attempt.processor, variant);
  const after = (milliseconds: number) => new Date(now.getTime() + milliseconds);
  switch (attempt.state) {
    case "captured": {
      // Daily for two weeks, then weekly; a person may ask at any time.
      const isOver = now.getTime() - attempt.createdAt.getTime() > REFUNDS_LOOKED_FOR;
      if (!canQuery || !findsRefunds || isOver || refundableMinor(step.story, attempt) === 0n) return null;
      return after(attempt.looks < 14 ? DAY : 7 * DAY);
    }
    case "voided":
      return null;
    case "expired":
      // Silence is not a proof: an expired attempt is asked about a few more times, then left to late notifications.
      return canQuery && attempt.looks < 3 ? after(HOUR * 6 ** attempt.looks) : null;
    case "declined":
      // The payer may still try again on the same page.
      return attempt.expiresAt > now
        ? canQuery
          ? after(Math.max(60, shortestLookSeconds) * SECOND)
          : attempt.expiresAt
        : null;
    case "authorized":
      // What was asked of the hold and has no end is asked about soon.
      if (canQuery && hasOpenCommand(attempt)) return after(pauseSeconds(attempt.looks, shortestLookSeconds) * SECOND);
      return canQuery ? after(HOUR) : null;
    case "in_review":
      return canQuery ? after(HOUR) : null;
    default:
      if (!canQuery) return attempt.expiresAt > now ? attempt.expiresAt : now;
      return after(pauseSeconds(attempt.looks, shortestLookSeconds) * SECOND);
  }
}

/** The next moment to ask about a refund, or null when it is final, not sent, or nobody can be asked. */
export function scheduleRefundLook(step: Step, refund: Refund): Date | null {
  if (!ASKED_REFUND_STATES.includes(refund.state)) return null;
  const attempt = step.story.attempts.find((a) => a.id === refund.attemptId);
  if (!attempt) return null;
  const variant = step.story.connections.find((c) => c.id === attempt.connectionId)?.variant ?? "";
  const { canQuery, canQueryRefund, shortestLookSeconds } = step.context.abilitiesOf(attempt.processor, variant);
  // News that waits for its capture is not ours to ask about: it ends with the capture.
  if (refund.state === "accepted" && refund.origin === "notification") return null;
  if (!canQuery && !canQueryRefund) return null;
  const { now } = step.context;
  const isOld = now.getTime() - refund.createdAt.getTime() > REFUND_OLD;
  return new Date(now.getTime() + (isOld ? DAY : pauseSeconds(refund.looks, shortestLookSeconds) * SECOND));
}
