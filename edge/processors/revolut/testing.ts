// The other side of Revolut's wire for tests: truthful signing and answers, written apart from the adapter.

import { createHmac } from "node:crypto";
import type { NotificationRequest } from "../contract.ts";
import type { RevolutCredentials } from "./credentials.ts";

export const ATTEMPT = "INV77-2";
/** Ids look like UUIDs whose version digit is "a" (revolut.md 4.1). */
export const ORDER = "6a204d3c-58c1-a7d2-9c15-3f0e8b6a1d42";
export const REFUND_ORDER = "6a204e90-0b7e-a1c4-8d33-92c4f5e07a16";
export const SECRET = "fixture-secret-0123456789abcdef";
export const WEBHOOK_SECRET = "wsk_fixtureFixtureFixtureFixture01";
export const OLD_WEBHOOK_SECRET = "wsk_fixtureFixtureFixtureFixture00";
export const FOREIGN_WEBHOOK_SECRET = "wsk_somebodyElseSomebodyElse000000";
export const NOTIFY_URL = "https://pay.example.test/ipn/con_1";
/** When the signed messages of the tests leave Revolut: a second before the suite's clock. */
export const SENT_AT = new Date("2026-11-21T12:14:59Z");

export const credentials: RevolutCredentials = {
  secretKey: "sk_fixtureFixtureFixtureFixtureFixture01",
  publicKey: "pk_fixtureFixtureFixtureFixtureFixture01",
  webhookSecrets: [WEBHOOK_SECRET, OLD_WEBHOOK_SECRET],
};

export type Signing = { secrets?: string[]; timestamp?: string; headers?: Record<string, string | null> };

/** The signature header of a body, one entry for each secret (revolut.md 8.4). */
export function signatureOf(body: Uint8Array, timestamp: string, secrets: string[]): string {
  return secrets
    .map((secret) => `v1=${createHmac("sha256", secret).update(`v1.${timestamp}.`).update(body).digest("hex")}`)
    .join(",");
}

/** A webhook, signed; its body is an object or exact text. A header that is null is left out. */
export function webhook(body: object | string, how: Signing = {}): NotificationRequest {
  const bytes = new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
  const timestamp = how.timestamp ?? String(SENT_AT.getTime());
  const all: Record<string, string | null> = {
    "content-type": "application/json",
    "revolut-request-timestamp": timestamp,
    "revolut-signature": signatureOf(bytes, timestamp, how.secrets ?? [WEBHOOK_SECRET]),
    ...how.headers,
  };
  const headers = new Headers();
  for (const [name, value] of Object.entries(all)) if (value !== null) headers.set(name, value);
  return { method: "POST", url: NOTIFY_URL, headers, body: bytes };
}

/** The thin body of an order's event (revolut.md 8.3). */
export function event(name: string, change: object = {}): object {
  return { event: name, order_id: ORDER, merchant_order_ext_ref: ATTEMPT, ...change };
}
