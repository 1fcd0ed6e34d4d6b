// An invoice's timeline for staff: every event with what the processor said that caused it, by which way, and with who was
// told of it and how they answered. Everything is scrubbed: no secret of a connection, no data of the payer.

import { and, asc, eq, inArray, isNotNull, sql } from "drizzle-orm";
import {
  connections,
  events,
  invoices,
  observations,
  outbox,
  webhookDeliveries,
  webhookEndpoints,
} from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { scrubText as scrubLine } from "../log.ts";
import { openStored } from "../merchants/connections.ts";
import { processorOf } from "../processors/registry.ts";
import { scrubText } from "../processors/scrub.ts";

const MOST_EVENTS = 500;
const TOPICS = ["webhook", "payment_received_mail", "invoice_link_mail", "refund"] as const;
type Topic = (typeof TOPICS)[number];

export type Said = Pick<
  typeof observations.$inferSelect,
  "id" | "source" | "kind" | "processorCode" | "processorText" | "reference" | "ipnId" | "occurredAt" | "recordedAt"
> & { minor: bigint | null; currency: string | null };

export type Told = {
  kind: "webhook" | "mail" | "processor_call";
  /** Host of a webhook's address; never its path, which may hold a secret. */
  host: string | null;
  state: "delivered" | "waiting" | "failed";
  /** Answers, oldest first. */
  answers: { status: number | null; at: Date; milliseconds: number }[];
  tries: number;
  nextTryAt: Date | null;
  deliveredAt: Date | null;
};

export type TimelineStep = typeof events.$inferSelect & { said: Said[]; told: Told[] };

/** The timeline of an invoice, oldest first, or null when the merchant has no such invoice. Three round trips. */
export async function readTimeline(
  context: Context,
  merchantId: string,
  invoiceId: string,
): Promise<TimelineStep[] | null> {
  const { db } = context;
  const [known, rows] = await db.batch([
    db
      .select()
      .from(invoices)
      .where(and(eq(invoices.merchantId, merchantId), eq(invoices.id, invoiceId))),
    db
      .select()
      .from(events)
      .where(and(eq(events.merchantId, merchantId), eq(events.invoiceId, invoiceId)))
      .orderBy(events.position)
      .limit(MOST_EVENTS),
  ]);
  const invoice = known[0];
  if (!invoice) return null;
  const attemptIds = [...new Set(rows.flatMap((row) => row.attemptId ?? []))];
  const ids = rows.map((row) => row.id);
  // Each row of the outbox by the key that it was ordered under: the index is on topic and key.
  const keys: Record<Topic, string[]> = {
    webhook: [],
    payment_received_mail: rows.flatMap(({ data }) => textOf(data.paymentId) ?? []),
    invoice_link_mail: rows.flatMap(({ data }) => textOf(data.outboxId) ?? []),
    refund: rows.flatMap(({ type, data }) => (type === "refund.requested" ? (textOf(data.refundId) ?? []) : [])),
  };
  const [heard, endpoints, answers, itsConnections] = await db.batch([
    db
      .select()
      .from(observations)
      .where(
        and(
          eq(observations.merchantId, merchantId),
          inArray(observations.attemptId, nonEmpty(attemptIds)),
          isNotNull(observations.eventIds),
        ),
      )
      .orderBy(asc(observations.id))
      .limit(2000),
    db
      .select({ id: webhookEndpoints.id, url: webhookEndpoints.url })
      .from(webhookEndpoints)
      .where(
        and(eq(webhookEndpoints.merchantId, merchantId), eq(webhookEndpoints.pointOfSaleId, invoice.pointOfSaleId)),
      ),
    db
      .select()
      .from(webhookDeliveries)
      .where(and(eq(webhookDeliveries.merchantId, merchantId), inArray(webhookDeliveries.eventId, nonEmpty(ids))))
      .orderBy(asc(webhookDeliveries.id))
      .limit(2000),
    db
      .select()
      .from(connections)
      .where(
        and(
          eq(connections.merchantId, merchantId),
          sql`${connections.id} in (select connection_id from attempts where merchant_id = ${merchantId} and invoice_id = ${invoiceId})`,
        ),
      ),
  ]);
  keys.webhook = endpoints.flatMap((endpoint) => ids.map((id) => `${endpoint.id}:${id}`));
  const ordered = await db
    .select()
    .from(outbox)
    .where(
      and(
        eq(outbox.merchantId, merchantId),
        sql`(${outbox.topic}, ${outbox.effectKey}) in (select * from unnest(${sql.param(
          TOPICS.flatMap((topic) => keys[topic].map(() => topic)),
        )}::text[], ${sql.param(TOPICS.flatMap((topic) => keys[topic]))}::text[]))`,
      ),
    )
    .orderBy(asc(outbox.id));
  const scrub = await scrubberOf(context, invoice, itsConnections);
  const hostOf = (endpointId: unknown) => {
    const url = endpoints.find((endpoint) => endpoint.id === endpointId)?.url;
    return url && URL.canParse(url) ? new URL(url).host : null;
  };
  return rows.map((row) => ({
    ...row,
    data: scrub.value(row.data) as Record<string, unknown>,
    said: heard
      .filter(({ eventIds }) => eventIds?.includes(row.id))
      .map((one) => ({
        id: one.id,
        source: one.source,
        kind: one.kind,
        processorCode: one.processorCode && scrub.text(one.processorCode),
        processorText: one.processorText && scrub.text(one.processorText),
        reference: one.reference && scrub.known(one.reference),
        ipnId: one.ipnId,
        minor: one.moneyMinor,
        currency: one.moneyCurrency,
        occurredAt: one.occurredAt,
        recordedAt: one.recordedAt,
      })),
    told: ordered
      .filter((order) => isAbout(order, row))
      .map(
        (order): Told => ({
          kind: order.topic === "webhook" ? "webhook" : order.topic === "refund" ? "processor_call" : "mail",
          host: order.topic === "webhook" ? hostOf(order.payload.endpointId) : null,
          state: order.deliveredAt ? "delivered" : order.failedAt ? "failed" : "waiting",
          answers: answers
            .filter((answer) => answer.outboxId === order.id)
            .map(({ status, at, milliseconds }) => ({ status, at, milliseconds })),
          tries: order.tries,
          nextTryAt: order.nextAttemptAt,
          deliveredAt: order.deliveredAt,
        }),
      ),
  }));
}

type Ordered = typeof outbox.$inferSelect;

function isAbout(order: Ordered, event: typeof events.$inferSelect): boolean {
  switch (order.topic as Topic) {
    case "webhook":
      return order.payload.eventId === event.id;
    case "payment_received_mail":
      return event.type === "payment.captured" && event.data.paymentId === order.effectKey;
    case "invoice_link_mail":
      return event.data.outboxId === order.effectKey;
    case "refund":
      return event.type === "refund.requested" && event.data.refundId === order.effectKey;
    default:
      return false;
  }
}

const textOf = (value: unknown) => (typeof value === "string" ? value : undefined);
/** A list that matches nothing rather than an empty one, which no statement can hold. */
const nonEmpty = (list: string[]) => (list.length > 0 ? list : [""]);

type Scrubber = { known(text: string): string; text(text: string): string; value(value: unknown): unknown };

/** Hides what the connections keep secret and what the payer told of themselves, and whatever looks like a secret. */
async function scrubberOf(
  context: Context,
  invoice: typeof invoices.$inferSelect,
  rows: (typeof connections.$inferSelect)[],
): Promise<Scrubber> {
  const secrets: string[] = [];
  const names = { fields: [] as string[], headers: [] as string[] };
  for (const row of rows) {
    const descriptor = processorOf(row.processor)?.descriptor;
    names.fields.push(...(descriptor?.scrub.fields ?? []));
    names.headers.push(...(descriptor?.scrub.headers ?? []));
    const open = await openStored(context, row).catch(() => null);
    if (open) secrets.push(...secretsIn(open.callWith("timeline").credentials, descriptor?.publicFields ?? []));
  }
  const { payerName, payerEmail, payerPhone, payerAddress, payerTaxId, beneficiaryName } = invoice;
  const personal = [payerName, payerEmail, payerPhone, payerAddress, payerTaxId, beneficiaryName].flatMap((text) =>
    text && text.trim().length >= 3 ? text.trim() : [],
  );
  const hidden = [
    ...secrets.map((text) => [text, "[secret]"] as const),
    ...personal.map((text) => [text, "[payer]"] as const),
  ].sort(([a], [b]) => b.length - a.length);
  const known = (text: string) => hidden.reduce((clean, [secret, word]) => replaceAll(clean, secret, word), text);
  const text = (raw: string) => scrubLine(scrubText(known(raw), names));
  const value = (inner: unknown): unknown => {
    if (typeof inner === "string") return isOurId(inner) ? inner : text(inner);
    if (Array.isArray(inner)) return inner.map(value);
    if (inner && typeof inner === "object")
      return Object.fromEntries(Object.entries(inner).map(([key, one]) => [key, value(one)]));
    return inner;
  };
  return { known, text, value };
}

/** Ids, sums and moments of our own making hold nothing to hide. */
const isOurId = (text: string) => /^([a-z]{3}_[0-9A-Z]{26}|-?\d{1,12}|\d{4}-\d\d-\d\dT[\d:.]+Z)$/.test(text);

function secretsIn(credentials: unknown, publicFields: string[]): string[] {
  if (typeof credentials === "string") return credentials.length >= 6 ? [credentials] : [];
  if (Array.isArray(credentials)) return credentials.flatMap((one) => secretsIn(one, []));
  if (!credentials || typeof credentials !== "object") return [];
  return Object.entries(credentials).flatMap(([name, one]) =>
    publicFields.includes(name) || name === "protocol" ? [] : secretsIn(one, []),
  );
}

function replaceAll(text: string, part: string, word: string): string {
  return text.replace(new RegExp(part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi"), word);
}
