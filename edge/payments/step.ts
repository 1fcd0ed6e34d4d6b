// A step of an invoice's story: deciding code gets the story and this notebook, changes the first and writes what it
// did into the second. Pure: time, ids and abilities are handed in.

import type { AuditAction } from "../../db/schema/audit-actions.ts";
import type {
  attentionItems,
  auditEntries,
  collections,
  disputes,
  events,
  invoiceLines,
  invoices,
  observations,
  outbox,
  tries,
} from "../../db/schema/index.ts";
import type { AttentionKind } from "../../db/schema/payments.ts";
import type { IdKind } from "../ids.ts";
import type { Attempt, Invoice, Payment, Refund, Story } from "./story.ts";

type Row<T extends { $inferInsert: unknown }> = T["$inferInsert"];

/** A fiscal invoice to issue; its number is taken when the step is committed. */
export type FiscalIssue = {
  invoice: Omit<Row<typeof invoices>, "number" | "label">;
  lines: Row<typeof invoiceLines>[];
};

/** A notification whose news was taken. */
export type IpnDone = { id: string; attemptId: string; connectionId: string; receivedAt: Date; at: Date };

/** One thing to write; `transition.ts` knows how. */
export type Change =
  | { kind: "invoice"; patch: Partial<Invoice> }
  | { kind: "attempt_added"; row: Attempt }
  | { kind: "attempt"; id: string; patch: Partial<Attempt> }
  | { kind: "refund_added"; row: Refund }
  | { kind: "refund"; id: string; patch: Partial<Refund> }
  | { kind: "payment"; row: Payment }
  | { kind: "collection"; row: Row<typeof collections> }
  | { kind: "observation"; row: Row<typeof observations> }
  | { kind: "try"; row: Row<typeof tries> }
  | { kind: "dispute"; row: Row<typeof disputes> }
  | { kind: "fiscal_invoice"; issue: FiscalIssue }
  | { kind: "lines"; rows: Row<typeof invoiceLines>[] }
  | { kind: "issue_number"; seriesId: string }
  | { kind: "attention"; row: Row<typeof attentionItems> }
  | { kind: "event"; row: Omit<Row<typeof events>, "transactionId" | "position"> }
  | { kind: "audit"; row: Row<typeof auditEntries> }
  | { kind: "outbox"; row: Row<typeof outbox> }
  | ({ kind: "ipn_done" } & IpnDone);

/** What a processor's variant can do, as far as deciding needs it. */
export type Abilities = {
  canQuery: boolean;
  shortestLookSeconds: number;
  canRefund: boolean;
  /** Whether what became of a refund can be asked. */
  canQueryRefund?: boolean;
  /** Refunds made at the processor are told by nobody, and found by asking about what was captured. */
  findsRefunds?: boolean;
  /** Held money can be taken, a part of it can, and it can be let go, by a call of ours. */
  canCapture?: boolean;
  canCapturePart?: boolean;
  canVoid?: boolean;
  /** How long money is held when the processor does not say. */
  holdSeconds?: number;
};

export type StepContext = {
  now: Date;
  newId: (kind: IdKind) => string;
  /** An unguessable part of a link. */
  newToken: () => string;
  /** Who causes the step: `payer`, `member:…`, `api_key:…`, `processor:…`, `system`. */
  actor: string;
  requestId?: string;
  abilitiesOf(processor: string, variant: string): Abilities;
  /** Told once a committed step has ordered an effect outside. */
  onOrdered?(): void;
};

/** By which way a processor's news came. */
export type Source = {
  way: "notification" | "query" | "start" | "command" | "clock";
  /** The same for the same thing said again this way; distinguishes two IPNs that say the same. */
  key: string;
  ipnId?: string;
  /** The refund that a command's answer speaks of. */
  refundId?: string;
};

const DAY = 24 * 60 * 60 * 1000;

/** The notebook of one step. */
export class Step {
  readonly changes: Change[] = [];
  readonly story: Story;
  readonly context: StepContext;

  /** @param story belongs to the step from here on, and is changed by it */
  constructor(story: Story, context: StepContext) {
    this.story = story;
    this.context = context;
  }

  patchInvoice(patch: Partial<Invoice>): void {
    Object.assign(this.story.invoice, patch);
    this.changes.push({ kind: "invoice", patch });
  }

  addAttempt(row: Attempt): void {
    this.story.attempts.push(row);
    this.changes.push({ kind: "attempt_added", row: { ...row } });
  }

  patchAttempt(attempt: Attempt, patch: Partial<Attempt>): void {
    Object.assign(attempt, patch, { updatedAt: this.context.now });
    this.changes.push({ kind: "attempt", id: attempt.id, patch: { ...patch, updatedAt: this.context.now } });
  }

  addRefund(row: Refund): void {
    this.story.refunds.push(row);
    this.changes.push({ kind: "refund_added", row: { ...row } });
  }

  patchRefund(refund: Refund, patch: Partial<Refund>): void {
    Object.assign(refund, patch, { updatedAt: this.context.now });
    this.changes.push({ kind: "refund", id: refund.id, patch: { ...patch, updatedAt: this.context.now } });
  }

  addPayment(row: Payment): void {
    this.story.payments.push(row);
    this.changes.push({ kind: "payment", row });
  }

  addCollection(row: Row<typeof collections>): void {
    this.story.collections.push(row as Story["collections"][number]);
    this.changes.push({ kind: "collection", row });
  }

  addTry(row: Row<typeof tries>): void {
    this.story.tries.push({
      declineReason: null,
      processorCode: null,
      processorText: null,
      method: null,
      instrument: null,
      occurredAt: null,
      ...row,
    } as Story["tries"][number]);
    this.changes.push({ kind: "try", row });
  }

  push(change: Change): void {
    this.changes.push(change);
  }

  /** Notes that something happened: the timeline is read from these, and who listens is told of them by the outbox. */
  event(
    type: string,
    data: Record<string, unknown> = {},
    about: { attemptId?: string; occurredAt?: Date | null } = {},
  ): void {
    const { invoice, webhookEndpoints } = this.story;
    const id = this.context.newId("event");
    this.changes.push({
      kind: "event",
      row: {
        id,
        merchantId: invoice.merchantId,
        type,
        invoiceId: invoice.id,
        attemptId: about.attemptId ?? null,
        actor: this.context.actor,
        isTest: invoice.isTest,
        data,
        occurredAt: about.occurredAt ?? this.context.now,
        recordedAt: this.context.now,
      },
    });
    for (const { id: endpointId, eventTypes } of webhookEndpoints) {
      if (!eventTypes.includes("*") && !eventTypes.includes(type)) continue;
      this.outbox("webhook", `${endpointId}:${id}`, { endpointId, eventId: id });
    }
    // Once for a step, whatever happened in it: the CRM is told how things stand, not what happened.
    const isOrdered = this.changes.some((change) => change.kind === "outbox" && change.row.topic === "crm_invoice");
    if (invoice.crmInstallationId && !isOrdered) this.outbox("crm_invoice", id, { invoiceId: invoice.id });
  }

  /** Puts something before a person, to be looked at within `days`. */
  attention(
    kind: AttentionKind,
    detail: Record<string, unknown>,
    about: { attemptId?: string; days?: number } = {},
  ): void {
    const { now, newId } = this.context;
    this.changes.push({
      kind: "attention",
      row: {
        id: newId("attention"),
        merchantId: this.story.invoice.merchantId,
        kind,
        invoiceId: this.story.invoice.id,
        attemptId: about.attemptId ?? null,
        detail,
        dueAt: new Date(now.getTime() + (about.days ?? 2) * DAY),
        createdAt: now,
      },
    });
    this.event("attention.raised", { kind, ...detail }, { attemptId: about.attemptId });
  }

  audit(action: AuditAction, subject: string, before: unknown, after: unknown): void {
    const { now, newId, actor, requestId } = this.context;
    this.changes.push({
      kind: "audit",
      row: {
        id: newId("audit"),
        merchantId: this.story.invoice.merchantId,
        actor,
        action,
        subject,
        before,
        after,
        requestId: requestId ?? null,
        at: now,
      },
    });
  }

  /** Orders the fiscal receipt of money that moved for an attempt, where the shop's own register makes it. */
  receipt(attempt: Attempt, of: { paymentId: string } | { refundId: string }): void {
    if (attempt.receiptBy !== "register") return;
    const subject = "paymentId" in of ? of.paymentId : of.refundId;
    this.outbox("receipt", subject, { ...of, invoiceId: this.story.invoice.id });
  }

  /** Orders an effect outside; the same effect key orders it once. */
  outbox(topic: string, effectKey: string, payload: Record<string, unknown>): void {
    const { now, newId } = this.context;
    this.changes.push({
      kind: "outbox",
      row: {
        id: newId("outbox"),
        merchantId: this.story.invoice.merchantId,
        topic,
        effectKey,
        payload,
        nextAttemptAt: now,
        createdAt: now,
      },
    });
  }
}
