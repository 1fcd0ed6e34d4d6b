// Access by a person's consent: app token, consent, the bank's form, code, tokens that rotate (tochka-sbp.md 3.2).

import { fail, ok, type Result } from "../../result.ts";
import type { Authorization, Authorized, Fault } from "../contract.ts";
import type { TochkaCredentials } from "./credentials.ts";
import {
  type Answer,
  type Context,
  dateOf,
  exchange,
  type Json,
  objectsOf,
  refusal,
  textOf,
  tokenRequest,
} from "./wire.ts";

const ALL = ["card", "sbp", "t_pay", "instalments"];

/** What is asked for, and which methods cannot work without it (1, 3.1, 4). */
export const PERMISSIONS: { id: string; methods: string[] }[] = [
  { id: "ReadCustomerData", methods: ALL },
  { id: "ReadAcquiringData", methods: ALL },
  { id: "MakeAcquiringOperation", methods: ALL },
  { id: "ManageWebhookData", methods: ALL },
  { id: "ReadSBPData", methods: ["sbp"] },
  { id: "EditSBPData", methods: ["sbp"] },
  { id: "ReadAccountsBasic", methods: ["sbp"] },
  { id: "ReadAccountsDetail", methods: ["sbp"] },
];

/** The identical list in every step (3.2); no more than the permissions need. */
const SCOPE = "accounts customers sbp acquiring";
const REFRESH_DAYS = 30;
const DAY_SECONDS = 24 * 3600;

export const authorization: Authorization<TochkaCredentials> = { permissions: PERMISSIONS, begin, finish, renew };

/** A token of the application itself, for consents and, where a user's is refused, for webhooks (8.1). */
export async function appToken(context: Context): Promise<Result<string, Fault>> {
  const answered = await tokenRequest(context, { grant_type: "client_credentials", scope: SCOPE }, "read");
  if (!answered.ok) return answered;
  if (answered.value.status >= 400) return fail(refused(answered.value));
  const token = textOf(answered.value.json.access_token);
  return token === undefined ? fail({ kind: "malformed", detail: "answer_without_token" }) : ok(token);
}

async function begin(
  input: { state: string; redirectUri: string },
  context: Context,
): Promise<Result<{ url: string }, Fault>> {
  const base = context.hosts.consent;
  if (!base) return fail({ kind: "unsupported", detail: "host_missing: consent" });
  const token = await appToken(context);
  if (!token.ok) return token;
  const answered = await exchange(context, {
    method: "POST",
    path: "/consent/v1.0/consents",
    effect: "read", // one consent more that nobody gives is nothing
    token: token.value,
    customerCode: "",
    body: { Data: { permissions: PERMISSIONS.map((permission) => permission.id) } },
  });
  if (!answered.ok) return answered;
  if (answered.value.status >= 400) return fail(refusal(answered.value, "read"));
  const consentId = textOf(consentsOf(answered.value.data)[0]?.consentId);
  if (consentId === undefined) return fail({ kind: "malformed", detail: "answer_without_consent" });
  const search = new URLSearchParams({
    client_id: context.credentials.clientId,
    response_type: "code",
    state: input.state,
    redirect_uri: input.redirectUri,
    scope: SCOPE,
    consent_id: consentId,
  });
  return ok({ url: `${base}/authorize?${search}` });
}

async function finish(
  input: { code: string; redirectUri: string },
  context: Context,
): Promise<Result<Authorized<TochkaCredentials>, Fault>> {
  return authorized(context, {
    grant_type: "authorization_code",
    scope: SCOPE,
    code: input.code,
    redirect_uri: input.redirectUri,
  });
}

/** The old pair is dead as soon as they have answered: what comes back has to be kept before anything else. */
async function renew(context: Context): Promise<Result<Authorized<TochkaCredentials>, Fault>> {
  const { refreshToken } = context.credentials;
  if (refreshToken === "") return fail({ kind: "bad_credentials", detail: "consent_missing" });
  return authorized(context, { grant_type: "refresh_token", refresh_token: refreshToken });
}

async function authorized(
  context: Context,
  form: Record<string, string>,
): Promise<Result<Authorized<TochkaCredentials>, Fault>> {
  const answered = await tokenRequest(context, form, "write");
  if (!answered.ok) return answered;
  if (answered.value.status >= 400) return fail(refused(answered.value));
  const { json } = answered.value;
  const accessToken = textOf(json.access_token);
  const refreshToken = textOf(json.refresh_token);
  if (accessToken === undefined || refreshToken === undefined) {
    return fail({ kind: "outcome_unknown", detail: "answer_without_tokens" });
  }
  const seconds = typeof json.expires_in === "number" && json.expires_in > 0 ? json.expires_in : DAY_SECONDS;
  const now = context.now.getTime();
  const credentials = { ...context.credentials, accessToken, refreshToken };
  const granted = await grantedBy({ ...context, credentials });
  return ok({
    credentials,
    expiresAt: new Date(now + seconds * 1000),
    renewableUntil: new Date(now + REFRESH_DAYS * DAY_SECONDS * 1000),
    granted: granted ?? [],
    missing: granted ? PERMISSIONS.map((one) => one.id).filter((id) => !granted.includes(id)) : [],
  });
}

/**
 * What was ticked, by the newest consent in force. Null when it cannot be read: the tokens are worth keeping all the same,
 * and the check of the connection finds what is missing.
 */
async function grantedBy(context: Context): Promise<string[] | null> {
  const answered = await exchange(context, {
    method: "GET",
    path: "/consent/v1.0/consents",
    effect: "read",
    customerCode: "",
  });
  if (!answered.ok || answered.value.status >= 400) return null;
  const inForce = consentsOf(answered.value.data)
    .filter((one) => textOf(one.status) === "Authorised" && one.isValid !== false)
    .filter((one) => (textOf(one.clientId) ?? context.credentials.clientId) === context.credentials.clientId)
    .sort((a, b) => madeAt(a) - madeAt(b)); // of two of one second, the later in their list
  const words = inForce.at(-1)?.permissions;
  return Array.isArray(words) ? words.filter((word): word is string => typeof word === "string") : null;
}

function madeAt(consent: Json): number {
  return (dateOf(consent.statusUpdateDateTime) ?? dateOf(consent.creationDateTime))?.getTime() ?? 0;
}

/** Consents of an answer: the guide shows one object, the specification a list (3.2). */
function consentsOf(data: Json | null): Json[] {
  if (!data) return [];
  return Array.isArray(data.Consent) ? objectsOf(data.Consent) : [data];
}

/** No from the OAuth server: these credentials, this code or this refresh token are good no more. */
function refused({ status, code, message }: Answer): Fault {
  const detail = `http_${status}${message ? `: ${message}` : ""}`;
  return { kind: "bad_credentials", detail, ...(code === undefined ? {} : { processorCode: code }) };
}
