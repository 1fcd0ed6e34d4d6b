// Whether a visit to a processor may be opened, by the pay-once rule, and what came of opening it, as steps of an invoice's
// story. Pure: decided on a story, written by transition.ts; the call between the two steps is start-attempt.ts.

import type { Connection } from "../merchants/connections.ts";
import { makesReceipts, variantOf } from "../processors/abilities.ts";
import type { Fault, Started } from "../processors/contract.ts";
import type { Result } from "../result.ts";
import { dueMinor } from "./amounts.ts";
import { observe, outcomeUnknown } from "./observe.ts";
import { scheduleLook } from "./schedule-look.ts";
import type { Step } from "./step.ts";
import type { Attempt, Story } from "./story.ts";

/** Why an attempt may not be started. */
export type StartRefusal =
  | "invoice_not_open"
  | "invoice_paid"
  | "invoice_cancelled"
  | "invoice_expired"
  | "card_not_accepted"
  | "point_of_sale_closed"
  | "payment_in_progress"
  | "other_attempt_open"
  | "amount_not_supported"
  | "currency_not_supported"
  | "method_not_offered"
  | "email_needed"
  | "processor_refused"
  | "processor_unreachable";

export type StartRequest = {
  merchantId: string;
  invoiceId: string;
  connection: Connection;
  method: string;
  payer: { name?: string; email?: string; phone?: string; address?: string };
  locale: string;
  /** The link to which the payer comes back: the invoice's own, or that of a hand-over. */
  linkToken: string;
  /** Names for the text of payment and receipt. */
  names: { shop: string; merchant: string };
  /** `payer`, or who starts it for them. */
  startedBy: string;
  /** The payer was told that another processor's page is still open, and goes on all the same. */
  isWarned?: boolean;
};

type Decision =
  | { kind: "refused"; why: StartRefusal }
  | { kind: "resume"; attempt: Attempt }
  | { kind: "start"; attempt: Attempt };

const FRESH_MS = 60_000;

/** An attempt of which nothing was heard yet. */
export const UNHEARD_OF = {
  state: "created",
  authorizedMinor: 0n,
  capturedMinor: 0n,
  looks: 0,
  processorReference: null,
  payerAction: null,
  dataKeyId: null,
  declineReason: null,
  processorCode: null,
  processorText: null,
  instrument: null,
  stateOccurredAt: null,
  settledMinor: null,
  settledCurrency: null,
  lastLookAt: null,
  returnedAt: null,
  holdUntil: null,
  isHoldEstimated: null,
  holdAlarmAt: null,
  holdPolicyAt: null,
  commandVerb: null,
  commandState: null,
  commandMinor: null,
  commandKey: null,
  commandBy: null,
  commandAt: null,
  commandCode: null,
  commandText: null,
} satisfies Partial<Attempt>;

/** Whether the invoice takes a payment at all, whatever the method. Null when it does. */
export function refusalOf(story: Pick<Story, "invoice" | "payments" | "settings">, now: Date): StartRefusal | null {
  const { invoice } = story;
  if (invoice.state === "draft") return "invoice_not_open";
  if (invoice.state === "cancelled") return "invoice_cancelled";
  if (invoice.state === "paid" || dueMinor(story) === 0n) return "invoice_paid";
  if (invoice.state === "authorized") return "payment_in_progress";
  if (invoice.expiresAt && invoice.expiresAt <= now) return "invoice_expired";
  if (!invoice.acceptsCard) return "card_not_accepted";
  if (!story.settings.isOpen) return "point_of_sale_closed";
  return null;
}

/** Whether to start, resume or refuse, by the pay-once rule. */
export function decideStart(step: Step, request: StartRequest, attempt: { id: string; secretHash: string }): Decision {
  const { story, context } = step;
  const { now } = context;
  const refusal = refusalOf(story, now);
  if (refusal) return { kind: "refused", why: refusal };
  // A receipt without an address would go nowhere.
  const receiptBy = receiptMaker(story, request.connection);
  if (!request.payer.email && receiptBy === "register") {
    return { kind: "refused", why: "email_needed" };
  }
  const amountMinor = dueMinor(story);
  for (const other of story.attempts) {
    if (other.state === "processing" || other.state === "in_review" || other.state === "authorized") {
      return { kind: "refused", why: "payment_in_progress" };
    }
    // A twin of this very request is calling the processor right now.
    if (other.state === "created" && now.getTime() - other.createdAt.getTime() < FRESH_MS) {
      return { kind: "refused", why: "payment_in_progress" };
    }
  }
  const variant = variantOf(request.connection.processor, request.connection.variant);
  if (!variant?.methods.some((method) => method.id === request.method))
    return { kind: "refused", why: "method_not_offered" };
  const only = story.invoice.onlyConnectionId;
  if (only && only !== request.connection.id) return { kind: "refused", why: "method_not_offered" };
  if (!variant.currencies.includes(story.invoice.currency)) return { kind: "refused", why: "currency_not_supported" };
  if (amountMinor < variant.limits.smallestMinor || amountMinor > variant.limits.largestMinor) {
    return { kind: "refused", why: "amount_not_supported" };
  }
  // The same page is opened again rather than a second one: a processor takes one order once.
  const pages = openPages(story.attempts, now);
  const open = pages.find((other) => isSamePage(other, request, amountMinor));
  if (open) return { kind: "resume", attempt: open };
  // Another page may still be paid; most cannot be closed from here, so the payer is warned first.
  if (!request.isWarned && pages.length > 0) return { kind: "refused", why: "other_attempt_open" };

  const row: Attempt = {
    ...UNHEARD_OF,
    id: attempt.id,
    merchantId: request.merchantId,
    invoiceId: request.invoiceId,
    connectionId: request.connection.id,
    processor: request.connection.processor,
    method: request.method,
    isTest: story.invoice.isTest,
    currency: story.invoice.currency,
    amountMinor,
    captureMode: variant.capture.manual ? request.connection.captureMode : "automatic",
    secretHash: attempt.secretHash,
    startedBy: request.startedBy,
    createdAt: now,
    updatedAt: now,
    expiresAt: new Date(now.getTime() + variant.limits.attemptLifetimeSeconds * 1000),
    nextLookAt: new Date(now.getTime() + FRESH_MS),
    receiptBy,
    receiptEmail: receiptBy === "register" ? (request.payer.email ?? null) : null,
  };
  step.addAttempt(row);
  if (!story.connections.some((c) => c.id === request.connection.id)) {
    story.connections.push({
      id: request.connection.id,
      processor: request.connection.processor,
      variant: request.connection.variant,
      accountReference: request.connection.accountReference,
      notifies: request.connection.notifyEmail !== null,
    });
  }
  step.event(
    "attempt.started",
    { processor: row.processor, method: row.method, amountMinor: row.amountMinor.toString(), currency: row.currency },
    { attemptId: row.id },
  );
  // A receipt is sent by e-mail; whoever looks for it later finds why there is none.
  if (!request.payer.email) step.event("attempt.without_email", { processor: row.processor }, { attemptId: row.id });
  return { kind: "start", attempt: row };
}

/** What an online cash register of Russia makes receipts of. */
export const RECEIPT_CURRENCY = "RUB";

/**
 * Who makes the fiscal receipt, settled for good as the attempt begins: the processor where its connection says so, else the
 * shop's register. Never both. A test payment of a live shop has none: it would be a real one.
 */
export function receiptMaker(
  { invoice, settings }: Pick<Story, "invoice" | "settings">,
  connection: Pick<Connection, "processor" | "options">,
): Attempt["receiptBy"] {
  if (makesReceipts(connection.processor, connection.options)) return "processor";
  const isRegisters =
    settings.registerId !== null && invoice.currency === RECEIPT_CURRENCY && invoice.isTest === settings.isTestShop;
  return isRegisters ? "register" : null;
}

/** Whether the open page of an attempt is what is asked for. */
export function isSamePage(attempt: Attempt, request: StartRequest, amountMinor: bigint): boolean {
  return (
    attempt.state === "awaiting_payer" &&
    attempt.connectionId === request.connection.id &&
    attempt.method === request.method &&
    attempt.amountMinor === amountMinor
  );
}

/** Attempts whose payer was led to a page that can still be paid. */
export function openPages(attempts: Attempt[], now: Date): Attempt[] {
  return attempts.filter(
    (attempt) =>
      (attempt.state === "awaiting_payer" || attempt.state === "unresolved") &&
      attempt.payerAction !== null &&
      attempt.expiresAt > now,
  );
}

/** What an opened page is: sealed, for whoever comes back to it. */
type SealedAction = { sealed: string; dataKeyId: string };

/** Writes down what came of the call that opens a page; `sealed` is what the payer does next, when it did open one. */
export function endStart(
  step: Step,
  attemptId: string,
  answer: Result<Started, Fault>,
  sealed: SealedAction | null,
): void {
  const mine = step.story.attempts.find((a) => a.id === attemptId);
  if (!mine) throw new Error("the attempt that was just added is gone");
  if (!answer.ok) {
    recordFault(step, mine, answer.error);
    return;
  }
  if (!sealed) return;
  const { processorReference, observations, expiresAt } = answer.value;
  step.patchAttempt(mine, {
    processorReference: processorReference ?? mine.processorReference,
    payerAction: sealed.sealed,
    dataKeyId: sealed.dataKeyId,
    ...(expiresAt ? { expiresAt } : {}),
  });
  observations.forEach((observation, index) => {
    observe(step, mine, observation, { way: "start", key: String(index) });
  });
  if (mine.state === "created") observe(step, mine, { kind: "awaiting_payer" }, { way: "start", key: "answered" });
  step.patchAttempt(mine, { nextLookAt: scheduleLook(step, mine) });
}

/** A call that gave no answer about money: either nothing happened there, or nobody knows. */
function recordFault(step: Step, attempt: Attempt, fault: Fault): void {
  if (fault.kind === "outcome_unknown" || fault.kind === "malformed") {
    outcomeUnknown(step, attempt, fault.detail);
    return;
  }
  const code = "processorCode" in fault ? fault.processorCode : undefined;
  observe(
    step,
    attempt,
    {
      kind: "declined",
      declineReason: "processor_error",
      processorText: `${fault.kind}: ${fault.detail}`,
      ...(code ? { processorCode: code } : {}),
    },
    { way: "start", key: "fault" },
  );
}
