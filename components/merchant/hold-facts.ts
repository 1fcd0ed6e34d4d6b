// What the box of a hold is made from; read on the server and in the browser alike.
import type { Attempt, Held } from "./shapes.ts";

/** What the box is made from: of an attempt, or of a row of the list of held money. */
export type HoldFacts = Pick<
  Held,
  | "attempt_id"
  | "amount"
  | "held_at"
  | "hold"
  | "plan"
  | "command"
  | "processor"
  | "can_capture"
  | "can_capture_part"
  | "can_void"
>;

/** Of an attempt what the box of its hold is made from. */
export function holdFactsOf(attempt: Attempt): HoldFacts {
  return {
    attempt_id: attempt.id,
    amount: attempt.authorized,
    held_at: attempt.held_at ?? attempt.updated_at,
    hold: attempt.hold,
    plan: attempt.plan,
    command: attempt.command,
    processor: attempt.processor,
    can_capture: attempt.can_capture,
    can_capture_part: attempt.can_capture_part,
    can_void: attempt.can_void,
  };
}
