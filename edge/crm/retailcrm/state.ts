// How an invoice stands, in the CRM's words (retailcrm.md 5). Pure.

import type { crmInvoices } from "../../../db/schema/index.ts";
import { refundableMinor } from "../../payments/amounts.ts";
import { holdOf } from "../../payments/hold-deadline.ts";
import type { Abilities } from "../../payments/step.ts";
import type { Attempt, Refund, Story } from "../../payments/story.ts";
import { crmNumber, crmTime } from "./form.ts";
import { detailText } from "./words.ts";

/** With our invoice made; the row is there a moment earlier, to settle which one it will be. */
export type CrmInvoice = typeof crmInvoices.$inferSelect & { invoiceId: string };

/** The only words that are ever sent. */
export const CRM_STATUSES = ["pending", "waitingForCapture", "succeeded", "canceled", "refundSucceeded"] as const;
export type CrmStatus = (typeof CRM_STATUSES)[number];

/** What the CRM is told beside the invoice's names. */
export type CrmState = {
  status: CrmStatus;
  /** Captured, never merely held; absent while nothing was taken. */
  amount?: number;
  cancellationDetails?: string;
  paidAt?: string;
  expiredAt?: string;
  refundable: boolean;
  cancellable: boolean;
};
export type CrmRefund = { id: string; status: "succeeded" | "canceled"; amount: number; comment?: string };

export type Reading = {
  story: Story;
  invoice: CrmInvoice;
  language: string;
  timeZone: string;
  now: Date;
  abilitiesOf(processor: string, variant: string): Abilities;
};

/** Ends of a refund in which nothing went back. */
export const GIVEN_UP: readonly Refund["state"][] = ["failed", "rejected", "abandoned"];

const sum = (values: bigint[]) => values.reduce((total, value) => total + value, 0n);

/** The attempt whose money is held. */
export const heldOf = (story: Story): Attempt | undefined => story.attempts.find((a) => a.state === "authorized");

/** Money that was taken for the invoice and kept, before anything was given back. */
export const takenMinor = (story: Story): bigint =>
  sum(story.payments.filter((p) => p.isKept && p.amountMinor > 0n).map((p) => p.amountMinor));

/** What of it was given back. */
export const returnedMinor = (story: Story): bigint =>
  -sum(story.payments.filter((p) => p.isKept && p.amountMinor < 0n).map((p) => p.amountMinor));

/** The captured attempt from which something can be given back by a call. */
export function refundableAttempt({ story, abilitiesOf }: Pick<Reading, "story" | "abilitiesOf">): Attempt | undefined {
  return story.attempts.find((attempt) => {
    const variant = story.connections.find((c) => c.id === attempt.connectionId)?.variant ?? "";
    return refundableMinor(story, attempt) > 0n && abilitiesOf(attempt.processor, variant).canRefund;
  });
}

/** Whether money that must not stay is on its way back: then the invoice is told cancelled, not paid. */
function isBeingLetGo(reading: Reading): boolean {
  const { story, invoice } = reading;
  if (!invoice.cancelledAt) return false;
  const isRefused = story.refunds.some((refund) => GIVEN_UP.includes(refund.state));
  if (takenMinor(story) === 0n) return true;
  // Its refund is asked for by the report of its capture, which may come a moment after this one.
  return !isRefused && (story.refunds.length > 0 || refundableAttempt(reading) !== undefined);
}

/** The state to tell. */
export function crmState(reading: Reading): CrmState {
  const { story, invoice, language, timeZone, now } = reading;
  const { currency, expiresAt } = story.invoice;
  const taken = takenMinor(story);
  const held = heldOf(story);
  if (isBeingLetGo(reading)) {
    return {
      status: "canceled",
      cancellationDetails: cut(invoice.cancelReason ?? detailText("cancelled", language)),
      refundable: false,
      cancellable: false,
    };
  }
  if (taken > 0n) {
    const paidAt = story.payments.find((p) => p.isKept && p.amountMinor > 0n)?.occurredAt;
    const isAllBack = returnedMinor(story) >= taken;
    return {
      status: isAllBack ? "refundSucceeded" : "succeeded",
      amount: crmNumber(taken, currency),
      ...(paidAt ? { paidAt: crmTime(paidAt, timeZone) } : {}),
      refundable: !isAllBack && refundableAttempt(reading) !== undefined,
      cancellable: false,
    };
  }
  const canceled = (words: string): CrmState => ({
    status: "canceled",
    cancellationDetails: cut(words),
    refundable: false,
    cancellable: false,
  });
  if (held) {
    const until = holdOf(held)?.until;
    return {
      status: "waitingForCapture",
      ...(until ? { expiredAt: crmTime(until, timeZone) } : {}),
      refundable: false,
      cancellable: true,
    };
  }
  if (story.invoice.state === "cancelled") return canceled(detailText("cancelled", language));
  // A payment that is under way may still come in time.
  const isMoving = story.attempts.some((a) => a.state === "processing" || a.state === "in_review");
  if (expiresAt && expiresAt <= now && !isMoving) return canceled(detailText("expired", language));
  return {
    status: "pending",
    ...(expiresAt ? { expiredAt: crmTime(expiresAt, timeZone) } : {}),
    refundable: false,
    cancellable: true,
  };
}

const cut = (text: string): string => [...text].slice(0, 255).join("");

/** How refunds ended, the oldest first; those without an end are not told. */
export function endedRefunds(story: Story): CrmRefund[] {
  return [...story.refunds]
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || a.id.localeCompare(b.id))
    .flatMap((refund) => {
      const told = crmRefund(refund);
      return told ? [told] : [];
    });
}

/** A refund as the CRM is told of it; null while its end is not known. */
export function crmRefund(refund: Refund): CrmRefund | null {
  const isBack = refund.state === "succeeded";
  if (!isBack && !GIVEN_UP.includes(refund.state)) return null;
  const comment = refund.state === "failed" ? refund.processorText : refund.reason;
  return {
    id: refund.id,
    status: isBack ? "succeeded" : "canceled",
    amount: crmNumber(refund.amountMinor, refund.currency),
    ...(comment ? { comment: cut(comment) } : {}),
  };
}
