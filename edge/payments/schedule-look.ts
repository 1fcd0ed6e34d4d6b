// When to ask the processor about an attempt again, by what its descriptor allows.

import type { Step } from "./step.ts";
import type { Attempt } from "./story.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;

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
  const { canQuery, shortestLookSeconds } = step.context.abilitiesOf(attempt.processor, variant);
  const after = (milliseconds: number) => new Date(now.getTime() + milliseconds);
  switch (attempt.state) {
    case "captured":
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
    case "in_review":
      return canQuery ? after(HOUR) : null;
    default:
      if (!canQuery) return attempt.expiresAt > now ? attempt.expiresAt : now;
      return after(pauseSeconds(attempt.looks, shortestLookSeconds) * SECOND);
  }
}
