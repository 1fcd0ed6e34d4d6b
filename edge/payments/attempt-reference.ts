// How an attempt is named when its processor is called about it.

import type { AttemptReference } from "../processors/contract.ts";
import type { Attempt } from "./story.ts";

/** Our number and theirs, once it was heard, and what was asked for. */
export function referenceOf(attempt: Attempt): AttemptReference {
  return {
    attemptId: attempt.id,
    amount: { minor: attempt.amountMinor, currency: attempt.currency },
    ...(attempt.processorReference ? { processorReference: attempt.processorReference } : {}),
  };
}
