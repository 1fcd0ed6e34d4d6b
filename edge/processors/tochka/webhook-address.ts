// Our notification address at the bank: one for all events of an application (tochka-sbp.md 8.1). Bodies without `Data`.

import { fail, ok, type Result } from "../../result.ts";
import type { Fault, HttpRequest, Registered } from "../contract.ts";
import type { TochkaCredentials } from "./credentials.ts";
import { appToken } from "./oauth.ts";
import { type Answer, type Context, exchange, type Json, refusal, textOf } from "./wire.ts";

/** Events that say that money came. */
export const EVENTS = ["acquiringInternetPayment", "incomingSbpPayment"];

export type Standing = { address: string; events: string[] };

/**
 * Reads what stands there, and writes only what is missing. An address that is not ours is replaced only when asked to:
 * somebody else's system would hear no more. While it is written the bank sends a sample of every event, and registers
 * nothing unless each is answered with 200.
 */
export async function registerNotifications(
  input: { address: string; replace: boolean },
  context: Context,
): Promise<Result<Registered<TochkaCredentials>, Fault>> {
  const { address, replace } = input;
  const read = await readStanding(context);
  if (!read.ok) return read;
  const standing = read.value;
  const isOurs = standing?.address === address;
  if (standing && isOurs && EVENTS.every((event) => standing.events.includes(event))) {
    return ok({ outcome: "already_registered", address });
  }
  if (standing && !isOurs && !replace) return ok({ outcome: "other_address_kept", address: standing.address });
  // Events that somebody takes at this same address stay.
  const webhooksList = [...new Set([...(isOurs ? (standing?.events ?? []) : []), ...EVENTS])];
  const written = await manage(context, standing ? "POST" : "PUT", { webhooksList, url: address });
  if (!written.ok) return written;
  if (written.value.status >= 400) return fail(refusal(written.value));
  return ok({ outcome: "registered", address });
}

/** The one address that hears of payments, or none: an address without our events hears nothing. */
export async function readRegistered(context: Context): Promise<Result<string[], Fault>> {
  const read = await readStanding(context);
  if (!read.ok) return read;
  const { address, events } = read.value ?? { address: "", events: [] };
  return ok(EVENTS.every((event) => events.includes(event)) ? [address] : []);
}

/** What is registered; null when nothing is. */
export async function readStanding(context: Context): Promise<Result<Standing | null, Fault>> {
  const answered = await manage(context, "GET");
  if (!answered.ok) return answered;
  const { status, data } = answered.value;
  if (status === 404) return ok(null);
  if (status >= 400) return fail(refusal(answered.value, "read"));
  if (!data) return fail({ kind: "malformed", detail: "answer_without_data" });
  const address = textOf(data.url);
  const events = Array.isArray(data.webhooksList) ? data.webhooksList.filter((one) => typeof one === "string") : [];
  return ok(address === undefined ? null : { address, events });
}

/** Whose token it wants is not settled (8.1): the user's, and where that is refused the application's. */
async function manage(context: Context, method: HttpRequest["method"], body?: Json): Promise<Result<Answer, Fault>> {
  const request = {
    method,
    path: `/webhook/v1.0/${encodeURIComponent(context.credentials.clientId)}`,
    effect: method === "GET" ? "read" : "write",
    ...(body === undefined ? {} : { body }),
  } as const;
  const asUser = await exchange(context, request);
  if (asUser.ok || asUser.error.kind !== "bad_credentials" || context.credentials.accessToken === "") return asUser;
  const token = await appToken(context);
  if (!token.ok) return asUser;
  const asApp = await exchange(context, { ...request, token: token.value });
  return asApp.ok || asApp.error.kind !== "bad_credentials" ? asApp : asUser;
}
