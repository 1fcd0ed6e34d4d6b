// Telling a partner: one signed POST, no redirects, a time limit; every telling leaves a row with answer and time.

import { and, eq } from "drizzle-orm";
import { events, webhookDeliveries, webhookEndpoints } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import type { OutboxRow } from "../outbox/deliver.ts";
import { addressFault } from "./address.ts";
import { signedHeaders, type WebhookSecret } from "./signature.ts";

const TIMEOUT_MS = 10_000;
const ANSWER_LENGTH = 500;

const boundTo = (endpointId: string) => `webhook_endpoints|${endpointId}|secrets`;

export type Endpoint = typeof webhookEndpoints.$inferSelect;

/** Seals an endpoint's secrets for its row. */
export function sealSecrets(context: Context, merchantId: string, endpointId: string, secrets: WebhookSecret[]) {
  return context.vault.seal(merchantId, JSON.stringify(secrets), boundTo(endpointId));
}

/** Opens an endpoint's secrets, newest first. */
export async function openSecrets(context: Context, endpoint: Endpoint): Promise<WebhookSecret[]> {
  const value = { sealed: endpoint.secrets, dataKeyId: endpoint.dataKeyId };
  return JSON.parse(await context.vault.open(endpoint.merchantId, value, boundTo(endpoint.id))) as WebhookSecret[];
}

/** Delivers one event to one endpoint. Anything but a 2xx is a failure and is repeated by the outbox. */
export async function deliverWebhook(context: Context, row: OutboxRow): Promise<{ done: boolean; text: string }> {
  const { endpointId, eventId } = row.payload as { endpointId: string; eventId: string };
  const { db, now } = context;
  const [endpointRows, eventRows] = await db.batch([
    db
      .select()
      .from(webhookEndpoints)
      .where(and(eq(webhookEndpoints.merchantId, row.merchantId), eq(webhookEndpoints.id, endpointId))),
    db
      .select()
      .from(events)
      .where(and(eq(events.merchantId, row.merchantId), eq(events.id, eventId))),
  ]);
  const endpoint = endpointRows[0];
  const event = eventRows[0];
  if (!endpoint || !event || endpoint.archivedAt) return { done: true, text: "endpoint gone" };
  if (!endpoint.isEnabled) return { done: false, text: "endpoint switched off; kept" };
  const body = JSON.stringify({
    type: event.type,
    timestamp: event.recordedAt.toISOString(),
    data: {
      event_id: event.id,
      invoice_id: event.invoiceId,
      attempt_id: event.attemptId,
      is_test: event.isTest,
      occurred_at: event.occurredAt.toISOString(),
      ...event.data,
    },
  });
  const headers = await signedHeaders(event.id, now, body, await openSecrets(context, endpoint));
  const { status, text, milliseconds } = await post(context, endpoint.url, headers, body);
  const isTold = status !== null && status >= 200 && status < 300;
  await db.batch([
    db.insert(webhookDeliveries).values({
      id: context.newId("delivery"),
      merchantId: row.merchantId,
      endpointId,
      outboxId: row.id,
      eventId,
      status,
      answer: text,
      milliseconds,
      at: now,
    }),
    db
      .update(webhookEndpoints)
      .set({ failingSince: isTold ? null : (endpoint.failingSince ?? now) })
      .where(and(eq(webhookEndpoints.merchantId, row.merchantId), eq(webhookEndpoints.id, endpointId))),
  ]);
  return { done: isTold, text: status === null ? text : `${status}` };
}

async function post(context: Context, url: string, headers: Record<string, string>, body: string) {
  const fault = addressFault(url, context.env.ENVIRONMENT === "development");
  if (fault) return { status: null, text: fault, milliseconds: 0 };
  const began = performance.now();
  const spent = () => Math.round(performance.now() - began);
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = (await readStart(answer)).slice(0, ANSWER_LENGTH);
    return { status: answer.status, text, milliseconds: spent() };
  } catch (error) {
    const text = error instanceof Error && error.name === "TimeoutError" ? "no answer within 10 s" : "no connection";
    return { status: null, text, milliseconds: spent() };
  }
}

/** The beginning of an answer; the rest of however much is not read. */
async function readStart(answer: Response): Promise<string> {
  const reader = answer.body?.getReader();
  if (!reader) return "";
  const { value } = await reader.read();
  await reader.cancel().catch(() => {});
  return value ? new TextDecoder().decode(value.subarray(0, ANSWER_LENGTH * 4)) : "";
}
