// From rows to the shapes of the API.

import type { z } from "@hono/zod-openapi";
import type { connections, ipns, pointsOfSale } from "../../db/schema/index.ts";
import type { HoldPolicy } from "../../db/schema/merchants.ts";
import { languageOf } from "../../messages/languages.ts";
import type { Context } from "../context.ts";
import { maskEmail, type Request } from "../merchants/authorization.ts";
import { notifyAddressOf } from "../merchants/doctor.ts";
import { refundableMinor } from "../payments/amounts.ts";
import { hasOpenCommand } from "../payments/hold-command-row.ts";
import { type HoldDeadline, holdOf } from "../payments/hold-deadline.ts";
import { TICKET_STATES } from "../payments/states.ts";
import type { Attempt, Invoice, InvoiceLine, Payment, Refund, Story, Try } from "../payments/story.ts";
import { abilitiesOf, variantOf } from "../processors/abilities.ts";
import type { CredentialField, Variant } from "../processors/contract.ts";
import type {
  AttemptSchema,
  ConnectionSchema,
  CredentialFieldSchema,
  HoldCommandSchema,
  HoldPlanSchema,
  InvoiceSchema,
  IpnSchema,
  PointOfSaleSchema,
  RefundSchema,
  TimelineStepSchema,
} from "./shapes.ts";
import type { TimelineStep } from "./timeline.ts";

/** A sum for the API. Minor units fit a JSON number exactly up to 2^53. */
export function showMoney(minor: bigint, currency: string): { minor: number; currency: string } {
  return { minor: Number(minor), currency };
}

const iso = (date: Date | null) => date?.toISOString() ?? null;

export type InvoiceExtras = {
  keptMinor: bigint;
  fiscalInvoice: { id: string; label: string | null } | null;
  isCollected: boolean;
  attempts: number;
  ownStatus: z.infer<typeof InvoiceSchema>["own_status"];
  /** An attempt that holds money for it now. */
  held: Attempt | null;
};

export function showInvoice(context: Context, invoice: Invoice, extras: InvoiceExtras): z.infer<typeof InvoiceSchema> {
  const due = invoice.amountMinor - extras.keptMinor;
  const hasLink = invoice.acceptsCard && invoice.state !== "draft";
  return {
    id: invoice.id,
    point_of_sale_id: invoice.pointOfSaleId,
    kind: invoice.kind,
    label: invoice.label,
    state: invoice.state,
    own_status: extras.ownStatus,
    outcome:
      invoice.outcome && invoice.outcomeAt
        ? {
            name: invoice.outcome,
            reason: invoice.outcomeReason,
            by: invoice.outcomeBy ?? "system",
            at: invoice.outcomeAt.toISOString(),
          }
        : null,
    is_test: invoice.isTest,
    is_expired: invoice.state === "open" && invoice.expiresAt !== null && invoice.expiresAt <= context.now,
    amount: showMoney(invoice.amountMinor, invoice.currency),
    paid: showMoney(invoice.paidMinor, invoice.currency),
    due: showMoney(due > 0n && invoice.proformaId === null ? due : 0n, invoice.currency),
    accepts_card: invoice.acceptsCard,
    payer_name: invoice.payerName,
    payer_email: invoice.payerEmail,
    payer_phone: invoice.payerPhone,
    payer_address: invoice.payerAddress,
    payer_tax_id: invoice.payerTaxId,
    beneficiary_name: invoice.beneficiaryName,
    methods: invoice.methods,
    locale: languageOf(invoice.locale),
    note: invoice.note,
    issued_on: invoice.issuedOn,
    due_on: invoice.dueOn,
    expires_at: iso(invoice.expiresAt),
    paid_at: iso(invoice.paidAt),
    cancelled_at: iso(invoice.cancelledAt),
    created_at: invoice.createdAt.toISOString(),
    link: hasLink ? linkOf(context, invoice) : null,
    proforma_id: invoice.proformaId,
    fiscal_invoice: extras.fiscalInvoice,
    collection: extras.isCollected ? "recorded" : "none",
    attempts: extras.attempts,
    held: extras.held
      ? {
          attempt_id: extras.held.id,
          amount: showMoney(extras.held.authorizedMinor, extras.held.currency),
          held_at: heldAt(extras.held).toISOString(),
          held_for_seconds: Math.max(0, Math.floor((context.now.getTime() - heldAt(extras.held).getTime()) / 1000)),
          hold: showHold(holdOf(extras.held)),
        }
      : null,
  };
}

/** The payer's address of an invoice: under 60 characters on a usual host. */
export function linkOf(context: Context, invoice: Pick<Invoice, "linkToken">): string {
  return `${context.env.WEB_ORIGIN}/i/${invoice.linkToken}`;
}

export function showLine(line: InvoiceLine) {
  return {
    description: line.description,
    quantity: line.quantityMilli / 1000,
    unit: line.unit,
    unit_price_minor: Number(line.unitPriceMinor),
    vat_percent: line.vatBasisPoints / 100,
    amount_minor: Number(line.amountMinor),
  };
}

export function showTry(row: Try) {
  return {
    id: row.id,
    outcome: row.outcome,
    reason: row.declineReason,
    processor_code: row.processorCode,
    processor_text: row.processorText,
    instrument: row.instrument,
    at: (row.occurredAt ?? row.recordedAt).toISOString(),
  };
}

/** When the money began to be held; of an attempt that holds none, when its state was reached. */
export function heldAt(attempt: Attempt): Date {
  return attempt.stateOccurredAt ?? attempt.createdAt;
}

/** What may be done with a hold now: nothing while something was asked of it and has no end. */
export function holdAbilities(attempt: Attempt, variant: Variant | undefined) {
  const isFree = attempt.state === "authorized" && !hasOpenCommand(attempt);
  return {
    can_capture: isFree && (variant?.capture.byApi ?? false),
    can_capture_part: variant?.capture.partial ?? false,
    can_void: isFree && (variant?.void.byApi ?? false),
    can_look: variant?.statusQuery.available ?? false,
  };
}

export function showCommand(attempt: Attempt): z.infer<typeof HoldCommandSchema> | null {
  const { commandVerb, commandState, commandMinor, commandBy, commandAt } = attempt;
  if (!commandVerb || !commandState || commandMinor === null || !commandBy || !commandAt) return null;
  return {
    verb: commandVerb,
    state: commandState,
    amount: showMoney(commandMinor, attempt.currency),
    by: commandBy,
    at: commandAt.toISOString(),
    code: attempt.commandCode,
    text: attempt.commandText,
  };
}

/** What the clock will do with a hold that nobody decides on; null where nothing is held or no end is known. */
export function showPlan(attempt: Attempt, policy: HoldPolicy | null): z.infer<typeof HoldPlanSchema> | null {
  if (attempt.state !== "authorized" || !attempt.holdPolicyAt || policy === null) return null;
  return { does: policy, at: attempt.holdPolicyAt.toISOString() };
}

/** @param policy for held money that nobody decides on, where the reader wants to know */
export function showAttempt(
  story: Story,
  attempt: Attempt,
  policy: HoldPolicy | null = null,
): z.infer<typeof AttemptSchema> {
  const variantName = story.connections.find((c) => c.id === attempt.connectionId)?.variant ?? "";
  const variant = variantOf(attempt.processor, variantName);
  const refundable = refundableMinor(story, attempt);
  const isHeld = attempt.state === "authorized";
  return {
    id: attempt.id,
    invoice_id: attempt.invoiceId,
    connection_id: attempt.connectionId,
    processor: attempt.processor,
    method: attempt.method,
    state: attempt.state,
    amount: showMoney(attempt.amountMinor, attempt.currency),
    authorized: showMoney(attempt.authorizedMinor, attempt.currency),
    captured: showMoney(attempt.capturedMinor, attempt.currency),
    settled:
      attempt.settledMinor !== null && attempt.settledCurrency
        ? showMoney(attempt.settledMinor, attempt.settledCurrency)
        : null,
    reason: attempt.declineReason,
    processor_code: attempt.processorCode,
    processor_text: attempt.processorText,
    processor_reference: attempt.processorReference,
    instrument: attempt.instrument,
    is_test: attempt.isTest,
    created_at: attempt.createdAt.toISOString(),
    updated_at: attempt.updatedAt.toISOString(),
    expires_at: attempt.expiresAt.toISOString(),
    next_look_at: iso(attempt.nextLookAt),
    tries: story.tries.filter((t) => t.attemptId === attempt.id).map(showTry),
    can_refund: refundable > 0n && abilitiesOf(attempt.processor, variantName).canRefund,
    refundable: showMoney(refundable, attempt.currency),
    ...holdAbilities(attempt, variant),
    held_at: isHeld ? heldAt(attempt).toISOString() : null,
    command: showCommand(attempt),
    plan: showPlan(attempt, policy),
    hold: showHold(holdOf(attempt)),
  };
}

export function showHold(hold: HoldDeadline | null) {
  return hold ? { until: hold.until.toISOString(), is_estimated: hold.isEstimated } : null;
}

/** The payer's page of a refund; null while it is not promised to anybody. */
export function ticketOf(context: Context, invoice: Pick<Invoice, "linkToken">, refund: Refund): string | null {
  if (!TICKET_STATES.includes(refund.state)) return null;
  return `${linkOf(context, invoice)}/refunds/${refund.id}`;
}

export function showRefund(
  context: Context,
  invoice: Pick<Invoice, "linkToken">,
  refund: Refund,
): z.infer<typeof RefundSchema> {
  return {
    id: refund.id,
    invoice_id: refund.invoiceId,
    attempt_id: refund.attemptId,
    state: refund.state,
    amount: showMoney(refund.amountMinor, refund.currency),
    reason: refund.reason,
    origin: refund.origin,
    requested_by: refund.requestedBy,
    decision:
      refund.decidedBy && refund.decidedAt
        ? { by: refund.decidedBy, at: refund.decidedAt.toISOString(), note: refund.decisionNote }
        : null,
    processor_reference: refund.processorReference,
    bank_reference: refund.bankReference ? { kind: refund.bankReferenceKind, value: refund.bankReference } : null,
    ticket: ticketOf(context, invoice, refund),
    next_look_at: iso(refund.nextLookAt),
    processor_code: refund.processorCode,
    processor_text: refund.processorText,
    created_at: refund.createdAt.toISOString(),
    updated_at: refund.updatedAt.toISOString(),
    occurred_at: iso(refund.occurredAt),
  };
}

export function showTimelineStep(step: TimelineStep): z.infer<typeof TimelineStepSchema> {
  return {
    id: step.id,
    type: step.type,
    invoice_id: step.invoiceId,
    attempt_id: step.attemptId,
    actor: step.actor,
    data: step.data,
    occurred_at: step.occurredAt.toISOString(),
    recorded_at: step.recordedAt.toISOString(),
    said: step.said.map((one) => ({
      id: one.id,
      source: one.source,
      kind: one.kind,
      money: one.minor !== null && one.currency ? showMoney(one.minor, one.currency) : null,
      processor_code: one.processorCode,
      processor_text: one.processorText,
      reference: one.reference,
      ipn_id: one.ipnId,
      occurred_at: iso(one.occurredAt),
      recorded_at: one.recordedAt.toISOString(),
    })),
    told: step.told.map((one) => ({
      kind: one.kind,
      host: one.host,
      state: one.state,
      answers: one.answers.map((reply) => ({ ...reply, at: reply.at.toISOString() })),
      tries: one.tries,
      next_try_at: iso(one.nextTryAt),
      delivered_at: iso(one.deliveredAt),
    })),
  };
}

export function showPayment(
  payment: Payment,
  about: { label: string | null; payerName: string | null },
  collection: { id: string; invoiceId: string; bookedBy: string; bookedAt: Date } | null,
) {
  return {
    id: payment.id,
    invoice_id: payment.invoiceId,
    invoice_label: about.label,
    payer_name: about.payerName,
    attempt_id: payment.attemptId,
    source: payment.source,
    processor: payment.processor,
    method: payment.method,
    amount: showMoney(payment.amountMinor, payment.currency),
    is_kept: payment.isKept,
    is_test: payment.isTest,
    reference: payment.reference,
    occurred_at: payment.occurredAt.toISOString(),
    collection: collection
      ? {
          id: collection.id,
          invoice_id: collection.invoiceId,
          booked_by: collection.bookedBy,
          booked_at: collection.bookedAt.toISOString(),
        }
      : null,
  };
}

/** A field of the form that an adapter's credentials are typed into. */
export function showField({ accept, example, ...field }: CredentialField): z.infer<typeof CredentialFieldSchema> {
  return { ...field, accept: accept ?? [], example: example ?? null };
}

export function showConnection(
  context: Context,
  row: typeof connections.$inferSelect,
  { warnings, request }: { warnings: string[]; request: Request | null },
): z.infer<typeof ConnectionSchema> {
  return {
    id: row.id,
    point_of_sale_id: row.pointOfSaleId,
    processor: row.processor,
    variant: row.variant,
    environment: row.environment,
    name: row.name,
    status: row.status,
    public_fields: row.publicFields,
    last_check: row.lastCheck,
    verified_at: iso(row.verifiedAt),
    last_notification_at: iso(row.lastNotificationAt),
    created_at: row.createdAt.toISOString(),
    notification_address: notifyAddressOf(context, row),
    warnings,
    consent:
      row.authorizationState === "not_needed"
        ? null
        : {
            state: row.authorizationState,
            sent_to: request ? maskEmail(request.sentTo) : null,
            sent_at: iso(request?.createdAt ?? null),
            link_until: iso(request?.expiresAt ?? null),
            granted: row.permissions?.granted ?? [],
            missing: row.permissions?.missing ?? [],
            access_until: iso(row.accessExpiresAt),
            renewable_until: iso(row.renewableUntil),
          },
    diagnosis: row.diagnosis,
  };
}

export function showPointOfSale(row: typeof pointsOfSale.$inferSelect): z.infer<typeof PointOfSaleSchema> {
  return {
    id: row.id,
    name: row.name,
    site: row.site,
    activity: row.activity,
    is_test: row.isTest,
    is_open: row.isOpen,
    sender_name: row.senderName,
    sender_email: row.senderEmail,
    card_on_all_invoices: row.cardOnAllInvoices,
    fiscal_from_proforma: row.fiscalFromProforma,
    record_collection: row.recordCollection,
    method_order: row.methodOrder,
    frame_origins: row.frameOrigins,
    brand_color: row.brandColor,
    logo: row.logo,
  };
}

export function showIpn(row: Omit<typeof ipns.$inferSelect, "sealed" | "head">): z.infer<typeof IpnSchema> {
  const reading = row.reading as { observations?: z.infer<typeof IpnSchema>["observations"] } | null;
  return {
    id: row.id,
    connection_id: row.connectionId,
    processor: row.processor,
    attempt_id: row.attemptId,
    verdict: row.verdict,
    reason: row.reason,
    state: row.state,
    size_bytes: row.sizeBytes,
    sha256: row.sha256,
    answer_status: row.answerStatus,
    received_at: row.receivedAt.toISOString(),
    processed_at: iso(row.processedAt),
    next_try_at: iso(row.nextTryAt),
    observations: reading?.observations ?? [],
  };
}
