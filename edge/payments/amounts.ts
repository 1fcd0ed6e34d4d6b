// Sums of a story, always recomputed from the payments, never carried along.

import { CLAIMING_REFUND_STATES } from "./states.ts";
import type { Attempt, Story } from "./story.ts";

const sum = (values: bigint[]) => values.reduce((total, value) => total + value, 0n);

/** All money that moved for the invoice, minor units: what came in less what went back, kept or not. */
export function movedMinor(story: Pick<Story, "payments">): bigint {
  return sum(story.payments.map((payment) => payment.amountMinor));
}

/** The same of some payments alone: of one attempt, of those that count towards the invoice or of those that do not. */
export function movedMinorOf(
  payments: Story["payments"],
  { attemptId, isKept }: { attemptId?: string | null; isKept: boolean },
): bigint {
  const chosen = payments.filter(
    (one) => one.isKept === isKept && (attemptId === undefined || one.attemptId === attemptId),
  );
  return movedMinor({ payments: chosen });
}

/** Money that counts towards the invoice: without second captures and what was refunded of them. */
export function keptMinor(story: Pick<Story, "payments">): bigint {
  return movedMinorOf(story.payments, { isKept: true });
}

/** What is still owed, never negative. */
export function dueMinor(story: Pick<Story, "payments" | "invoice">): bigint {
  const due = story.invoice.amountMinor - keptMinor(story);
  return due > 0n ? due : 0n;
}

/** What of an attempt's captured money may still be refunded: refunds under way count as gone. */
export function refundableMinor(story: Pick<Story, "refunds">, attempt: Attempt): bigint {
  const claimed = sum(
    story.refunds
      .filter((refund) => refund.attemptId === attempt.id && CLAIMING_REFUND_STATES.includes(refund.state))
      .map((refund) => refund.amountMinor),
  );
  return attempt.capturedMinor - claimed;
}
