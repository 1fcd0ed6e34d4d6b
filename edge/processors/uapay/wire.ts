// One HTTP exchange with UAPAY: signed out, signed back, and an answer or a fault; and the session that each needs (uapay.md 3, 4).

import { fail, ok, type Result } from "../../result.ts";
import type { CallContext, Fault, HttpAnswer, HttpRequest } from "../contract.ts";
import type { UapayCredentials } from "./credentials.ts";
import { asObject, type Json, parseObject, textOf } from "./json.ts";
import { readToken, signToken } from "./token.ts";

export type Context = CallContext<UapayCredentials>;

/** A session of the shop, for the calls of one task: an adapter keeps nothing between tasks. */
export type Session = { context: Context; id: string };

/** A no of theirs: their code, their words, and the fields they name, such as "params.clientId REQUIRED". */
export type Refusal = { code?: string; message: string; fields: string[] };

/** Claims of an answer whose signature is right, or a refusal, which nobody signs (3.3). */
export type Answer = { claims: Json; refusal?: undefined } | { claims?: undefined; refusal: Refusal };

type Message = { method: string; effect: HttpRequest["effect"]; params?: Json; data?: Json };

/** Opens a session: that proves shop id and key, and moves nothing (4). */
export async function openSession(context: Context): Promise<Result<Session, Fault>> {
  const { shopId } = context.credentials;
  const answered = await exchange(context, {
    method: "sessions/create",
    effect: "read",
    params: { clientId: shopId },
  });
  if (!answered.ok) return answered;
  const { claims, refusal } = answered.value;
  if (refusal) return fail(faultOfSession(refusal));
  const id = textOf(claims.id);
  return id === undefined ? fail({ kind: "malformed", detail: "session_without_id" }) : ok({ context, id });
}

/** Calls a method within a session. */
export async function call(session: Session, message: Message): Promise<Result<Answer, Fault>> {
  return exchange(session.context, { ...message, params: { sessionId: session.id, ...message.params } });
}

/** A refusal as a fault. A clock that differs and an ended session are no no: nothing happened there, and the next try is signed anew (3.1). */
export function faultOf(refusal: Refusal): Fault {
  if (isClock(refusal)) return { kind: "unreachable", detail: `clock_refused: ${describe(refusal)}` };
  // Which code an ended session has is not known (4): what names it is one, and the next try opens another.
  if (/session/i.test([refusal.code, refusal.message, ...refusal.fields].join(" "))) {
    return { kind: "unreachable", detail: `session_refused: ${describe(refusal)}` };
  }
  const { code } = refusal;
  return { kind: "rejected", detail: describe(refusal), ...(code === undefined ? {} : { processorCode: code }) };
}

/** Whether they refused because our clocks differ by more than twenty seconds. */
export function isClock(refusal: Refusal): boolean {
  return refusal.code === "TIMELIMIT_ERROR";
}

/** Their words for people: the message, else the code, with the fields they name. */
export function describe({ code, message, fields }: Refusal): string {
  const said = message || code || "refused";
  return fields.length === 0 ? said : `${said} (${fields.join(", ")})`;
}

/** After a write that may have been executed nothing is certain; after a read it is only trouble. */
export function lost(effect: HttpRequest["effect"], otherwise: "unreachable" | "malformed", detail: string): Fault {
  return { kind: effect === "write" ? "outcome_unknown" : otherwise, detail };
}

/** A session takes nothing but shop id and signature: whatever else is refused is one of them (the codes are unknown, 17). */
function faultOfSession(refusal: Refusal): Fault {
  if (isClock(refusal)) return faultOf(refusal);
  const { code } = refusal;
  const isOurs = code === "FORMAT_ERROR" && !refusal.fields.some((field) => field.includes("clientId"));
  return {
    kind: isOurs ? "rejected" : "bad_credentials",
    detail: describe(refusal),
    ...(code === undefined ? {} : { processorCode: code }),
  };
}

async function exchange(context: Context, message: Message): Promise<Result<Answer, Fault>> {
  const base = context.hosts.api;
  if (!base) return fail({ kind: "unsupported", detail: "host_missing: api" });
  const { secretKey } = context.credentials;
  // Signed for every request by itself: the clock may differ by twenty seconds, so yesterday's token is of no use (3.1).
  const claims: Json = {
    params: message.params ?? {},
    ...(message.data === undefined ? {} : { data: message.data }),
    iat: Math.floor(context.now.getTime() / 1000),
  };
  const called = await context.call({
    method: "POST",
    url: `${base}/${message.method}`,
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ ...claims, token: signToken(claims, secretKey) }),
    effect: message.effect,
  });
  return called.ok ? sorted(called.value, message.effect, context) : called;
}

/** Judged by what the body says: which HTTP status a refusal has is not documented (3.3). */
function sorted(answer: HttpAnswer, effect: HttpRequest["effect"], context: Context): Result<Answer, Fault> {
  const { status } = answer;
  const json = parseObject(answer.body);
  if (status === 429) return fail(rateLimited(answer.headers, context.now));
  if (status >= 500 || status === 408) return fail(lost(effect, "unreachable", `http_${status}`));
  // A page instead of JSON: something stands in front of them and answers for them.
  if (!json) return fail(lost(effect, status === 403 ? "unreachable" : "malformed", `not_json: http_${status}`));
  const error = asObject(json.error);
  const token = asObject(json.data)?.token;
  // "No" beside signed fields and without an error contradicts itself: what was done is not known.
  if (!error && textOf(json.status) === "0" && token !== undefined) {
    return fail(lost(effect, "malformed", "answer_contradicts_itself"));
  }
  if (error || textOf(json.status) === "0") {
    const refusal = readRefusal(error ?? {});
    if (status === 401 || status === 403) {
      const code = refusal.code === undefined ? {} : { processorCode: refusal.code };
      return fail({ kind: "bad_credentials", detail: describe(refusal), ...code });
    }
    return ok({ refusal });
  }
  if (status < 200 || status >= 300) return fail(lost(effect, "malformed", `http_${status}`));
  if (textOf(json.status) !== "1") return fail(lost(effect, "malformed", "answer_without_status"));
  // Whoever answers without a signature is not known to be UAPAY (3.2).
  if (typeof token !== "string") return fail(lost(effect, "malformed", "answer_unsigned"));
  const read = readToken(token, context.credentials.secretKey);
  return read.ok ? ok({ claims: read.claims }) : fail(lost(effect, "malformed", `answer_${read.reason}`));
}

function readRefusal(error: Json): Refusal {
  const code = textOf(error.code);
  const fields = Object.entries(asObject(error.fields) ?? {}).flatMap(([part, inner]) => {
    const named = asObject(inner);
    return named
      ? Object.entries(named).map(([name, why]) => `${part}.${name} ${textOf(why) ?? ""}`.trim())
      : [`${part} ${textOf(inner) ?? ""}`.trim()];
  });
  return { message: textOf(error.message) ?? "", fields, ...(code === undefined ? {} : { code }) };
}

/** No limit is documented, but where one is told it is heard. */
function rateLimited(headers: Headers, now: Date): Fault {
  const said = headers.get("retry-after") ?? "";
  const at = /^\s*\d{1,7}\s*$/.test(said) ? now.getTime() + Number(said) * 1000 : Date.parse(said);
  return { kind: "rate_limited", detail: "http_429", ...(at > now.getTime() ? { until: new Date(at) } : {}) };
}
