// When the payer can expect money that was given back: by what the processor's documentation tells for the method, else by
// what is usual. A promise of nobody, so it is shown as "usually by".

import type { Variant } from "../processors/contract.ts";

const DAY_MS = 24 * 3600 * 1000;

/**
 * Usual days to the payer's account where the processor's documentation tells none. Cards: five to ten working days, as
 * processors tell their payers (Stripe, Solidgate: "5-10 business days, depending on the bank"), which is at most two weeks.
 */
const USUAL_DAYS: Record<string, readonly [number, number]> = { card: [5, 14], sbp: [0, 1] };

export type Arrival = { from: Date; to: Date; isProcessors: boolean };

/** Between which days the money is usually there, counted from when it was sent; null where nobody can say. */
export function refundArrival(variant: Variant | undefined, method: string, sentAt: Date): Arrival | null {
  const told = variant?.refund.arrivalDays?.[method];
  const days = told ?? USUAL_DAYS[method];
  if (!days) return null;
  const [from, to] = days;
  return {
    from: new Date(sentAt.getTime() + from * DAY_MS),
    to: new Date(sentAt.getTime() + to * DAY_MS),
    isProcessors: told !== undefined,
  };
}
