// Our notification address at Revolut: listed, and registered for every event that speaks of an order (revolut.md 8.1).

import { fail, ok, type Result } from "../../result.ts";
import type { Fault, Registered } from "../contract.ts";
import { EVENTS } from "./codes.ts";
import type { RevolutCredentials } from "./credentials.ts";
import { type Answer, type Context, exchange, type Json, objectsOf, refusal, textOf } from "./wire.ts";

/** What we are told of: orders and their payments. A dispute's event leads to nothing of ours. */
const WANTED = Object.keys(EVENTS).filter((event) => EVENTS[event] === "order");

/** Addresses that events are sent to now, ours or not. */
export async function readRegistered(context: Context): Promise<Result<string[], Fault>> {
  const listed = await call(context, "GET", "/api/webhooks");
  if (!listed.ok) return listed;
  return ok(objectsOf(listed.value.json.webhooks).flatMap((webhook) => textOf(webhook.url) ?? []));
}

/**
 * Registers our address beside whatever else is registered: an account has up to ten, and all of them are told. A
 * registration of ours that stands already is completed, and its secret read again, because each has one of its own.
 */
export async function registerNotifications(
  { address }: { address: string; replace: boolean },
  context: Context,
): Promise<Result<Registered<RevolutCredentials>, Fault>> {
  const listed = await call(context, "GET", "/api/webhooks");
  if (!listed.ok) return listed;
  const ours = objectsOf(listed.value.json.webhooks).find((webhook) => textOf(webhook.url) === address);
  const id = textOf(ours?.id);
  const path = id === undefined ? "/api/webhooks" : `/api/webhooks/${encodeURIComponent(id)}`;
  const known = Array.isArray(ours?.events) ? ours.events : [];
  const isWhole = id !== undefined && WANTED.every((event) => known.includes(event));
  const answered = isWhole
    ? await call(context, "GET", path)
    : id === undefined
      ? await call(context, "POST", path, { url: address, events: WANTED })
      : await call(context, "PATCH", path, { events: [...new Set([...known, ...WANTED])] });
  if (!answered.ok) return answered;
  const secret = textOf(answered.value.json.signing_secret);
  if (secret === undefined) return fail({ kind: "malformed", detail: "webhook_without_secret" });
  const { credentials } = context;
  const isKept = credentials.webhookSecrets.includes(secret);
  return ok({
    outcome: isWhole && isKept ? "already_registered" : "registered",
    address,
    ...(isKept ? {} : { credentials: { ...credentials, webhookSecrets: [secret, ...credentials.webhookSecrets] } }),
  });
}

async function call(
  context: Context,
  method: "GET" | "POST" | "PATCH",
  path: string,
  body?: Json,
): Promise<Result<Answer, Fault>> {
  const effect = method === "GET" ? "read" : "write";
  const answered = await exchange(context, { method, path, effect, ...(body === undefined ? {} : { body }) });
  if (!answered.ok) return answered;
  return answered.value.status >= 400 ? fail(refusal(answered.value)) : answered;
}
