// One HTTP exchange with Revolut: the pinned version on every call, and an answer that is JSON or a fault (revolut.md 1, 2, 11).

import { fail, ok, type Result } from "../../result.ts";
import type { CallContext, Fault, HttpAnswer, HttpRequest } from "../contract.ts";
import { type Json, parseObject, rateLimited, textOf } from "../read-json.ts";
import type { RevolutCredentials } from "./credentials.ts";

export { asObject, type Json, objectsOf, parseObject, textOf } from "../read-json.ts";

/** Sent on every call: a missing header would mean the oldest shapes (1). */
export const API_VERSION = "2026-04-20";

export type Context = CallContext<RevolutCredentials>;
/** An answer in JSON: a success, or a refusal (4xx) with their code, which may be a number (11). */
export type Answer = { status: number; json: Json; code?: string; message: string };

type Exchange = {
  method: HttpRequest["method"];
  path: string;
  effect: HttpRequest["effect"];
  body?: Json;
  idempotencyKey?: string;
};

/** Sends one request and sorts the answer. 2xx and refusals with a body are answers; everything else is a fault. */
export async function exchange(context: Context, request: Exchange): Promise<Result<Answer, Fault>> {
  const base = context.hosts.api;
  if (!base) return fail({ kind: "unsupported", detail: "host_missing: api" });
  const called = await context.call({
    method: request.method,
    url: `${base}${request.path}`,
    headers: {
      authorization: `Bearer ${context.credentials.secretKey}`,
      "revolut-api-version": API_VERSION,
      accept: "application/json",
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
      ...(request.idempotencyKey === undefined ? {} : { "idempotency-key": request.idempotencyKey }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    effect: request.effect,
  });
  return called.ok ? sorted(called.value, request.effect, context.now) : called;
}

/** A refusal as a fault, for calls in which no refusal means anything else. */
export function refusal(answer: Answer): Fault {
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
  const code = textOf(json?.code);
  const message = textOf(json?.message) ?? "";
  const withCode = code === undefined ? {} : { processorCode: code };
  if (status === 401) return fail({ kind: "bad_credentials", detail: "secret_key_refused", ...withCode });
  if (status === 403 && json) return fail({ kind: "bad_credentials", detail: `http_403: ${message}`, ...withCode });
  if (status === 429) return fail(rateLimited(answer.headers, now));
  if (status >= 500 || status === 408) return fail(lost(effect, "unreachable", `http_${status}`));
  // A page instead of JSON: something stands in front of them and answers for them (11).
  if (!json) return fail(lost(effect, status === 403 ? "unreachable" : "malformed", `not_json: http_${status}`));
  if (status < 200 || (status >= 300 && status < 400)) return fail(lost(effect, "malformed", `http_${status}`));
  return ok({ status, json, message, ...(code === undefined ? {} : { code }) });
}
