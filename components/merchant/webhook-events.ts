// The events that a webhook may be chosen for, by what they are about.

export const WEBHOOK_EVENTS = {
  invoice: [
    "invoice.created",
    "invoice.issued",
    "invoice.updated",
    "invoice.link_sent",
    "invoice.authorized",
    "invoice.paid",
    "invoice.fiscal_issued",
    "invoice.reopened",
    "invoice.open",
    "invoice.cancelled",
    "invoice.own_status_set",
  ],
  attempt: [
    "attempt.started",
    "attempt.without_email",
    "attempt.awaiting_payer",
    "attempt.processing",
    "attempt.in_review",
    "attempt.unresolved",
    "attempt.authorized",
    "attempt.captured",
    "attempt.declined",
    "attempt.expired",
    "attempt.voided",
    "attempt.capture_asked",
    "attempt.capture_refused",
    "attempt.void_asked",
    "attempt.void_refused",
    "attempt.command_unknown",
    "attempt.hold_policy",
  ],
  payment: ["payment.captured", "payment.paid_twice", "payment.recorded", "collection.recorded"],
  refund: [
    "refund.requested",
    "refund.sent",
    "refund.accepted",
    "refund.unresolved",
    "refund.succeeded",
    "refund.failed",
    "refund.awaiting_approval",
    "refund.rejected",
    "refund.not_sent",
    "refund.abandoned",
  ],
  dispute: ["dispute.opened", "dispute.won", "dispute.lost", "attention.raised"],
} as const satisfies Record<string, readonly string[]>;

/** The key of an event's words. */
export const eventKey = (type: string) => `events.${type.replace(".", "_")}`;
