// One HTTP exchange with Tochka: bearer token, company header, the envelope `Data`, and an answer or a fault (tochka-sbp.md 2.2, 9).

import { fail, ok, type Result } from "../../result.ts";
import type { CallContext, Fault, HttpAnswer, HttpRequest } from "../contract.ts";
import { asObject, type Json, objectsOf, parseObject, rateLimited, textOf } from "../read-json.ts";
import type { TochkaCredentials } from "./credentials.ts";

export { asObject, type Json, objectsOf, parseObject, textOf } from "../read-json.ts";

export type Context = CallContext<TochkaCredentials>;
/** An answer in JSON: a success with its `Data`, or a refusal (4xx, 424 among them) with their code. */
export type Answer = { status: number; json: Json; data: Json | null; code?: string; message: string };

type Exchange = {
  method: HttpRequest["method"];
  path: string;
  effect: HttpRequest["effect"];
  body?: Json;
  /** Instead of the user's access token. */
  token?: string;
  /** Instead of the chosen company. */
  customerCode?: string;
};

/** Calls the API. 2xx and refusals are answers; everything else is a fault. */
export async function exchange(context: Context, request: Exchange): Promise<Result<Answer, Fault>> {
  const token = request.token ?? context.credentials.accessToken;
  if (token === "") return fail({ kind: "bad_credentials", detail: "consent_missing" });
  const customerCode = request.customerCode ?? context.credentials.customerCode;
  return send(context, "api", request.path, {
    method: request.method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(customerCode === "" ? {} : { customercode: customerCode }),
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    effect: request.effect,
  });
}

/** Asks the OAuth server for tokens. What uses up a code or a refresh token is a write: its answer may be lost for good. */
export async function tokenRequest(
  context: Context,
  form: Record<string, string>,
  effect: HttpRequest["effect"],
): Promise<Result<Answer, Fault>> {
  const { clientId, clientSecret } = context.credentials;
  const all = { client_id: clientId, client_secret: clientSecret, ...form };
  return send(context, "oauth", "/token", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(all).toString(),
    effect,
  });
}

async function send(
  context: Context,
  host: "api" | "oauth",
  path: string,
  request: Omit<HttpRequest, "url">,
): Promise<Result<Answer, Fault>> {
  const base = context.hosts[host];
  if (!base) return fail({ kind: "unsupported", detail: `host_missing: ${host}` });
  const called = await context.call({
    ...request,
    url: `${base}${path}`,
    headers: { accept: "application/json", ...request.headers },
  });
  return called.ok ? sorted(called.value, request.effect, context.now) : called;
}

/** A refusal as a fault, for calls in which no refusal means anything else. */
export function refusal(answer: Answer, effect: HttpRequest["effect"] = "write"): Fault {
  // 424: a service behind them failed, or there is such a link already, or there is none (9).
  if (answer.status === 424) return lost(effect, "unreachable", "http_424");
  const detail = `http_${answer.status}${answer.message ? `: ${answer.message}` : ""}`;
  return { kind: "rejected", detail, ...(answer.code === undefined ? {} : { processorCode: answer.code }) };
}

/** After a write that may have been executed nothing is certain; after a read it is only trouble. */
export function lost(effect: HttpRequest["effect"], otherwise: "unreachable" | "malformed", detail: string): Fault {
  return { kind: effect === "write" ? "outcome_unknown" : otherwise, detail };
}

function sorted(answer: HttpAnswer, effect: HttpRequest["effect"], now: Date): Result<Answer, Fault> {
  const { status } = answer;
  const json = parseObject(answer.body);
  const [first] = objectsOf(json?.Errors);
  const code = textOf(first?.errorCode) ?? textOf(json?.code) ?? textOf(json?.error);
  const message = textOf(first?.message) ?? textOf(json?.message) ?? textOf(json?.error_description) ?? "";
  const withCode = code === undefined ? {} : { processorCode: code };
  if (status === 401 || (status === 403 && json)) {
    return fail({ kind: "bad_credentials", detail: `http_${status}: ${message}`, ...withCode });
  }
  if (status === 429) return fail(rateLimited(answer.headers, now));
  if (status === 501) return fail({ kind: "rejected", detail: `http_501: ${message}`, ...withCode });
  if (status >= 500 || status === 408) return fail(lost(effect, "unreachable", `http_${status}`));
  // Some failures of theirs have no body at all (9).
  if (status === 424 || status === 404)
    return ok({ status, json: json ?? {}, data: null, message, ...withCodeOf(code) });
  // A page instead of JSON: something stands in front of them and answers for them.
  if (!json) return fail(lost(effect, status === 403 ? "unreachable" : "malformed", `not_json: http_${status}`));
  if (status < 200 || (status >= 300 && status < 400)) return fail(lost(effect, "malformed", `http_${status}`));
  return ok({ status, json, data: asObject(json.Data), message, ...withCodeOf(code) });
}

function withCodeOf(code: string | undefined): { code?: string } {
  return code === undefined ? {} : { code };
}

/** A moment with its offset; undefined for anything else. */
export function dateOf(value: unknown): Date | undefined {
  const text = textOf(value);
  const date = text !== undefined && /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? new Date(text) : null;
  return date && !Number.isNaN(date.getTime()) ? date : undefined;
}

/** A field only when it has a value: absent and undefined are not the same to us. */
export function optional<K extends string, V>(name: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]?: V });
}
