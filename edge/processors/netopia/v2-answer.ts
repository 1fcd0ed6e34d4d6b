// v2: an HTTP answer is either JSON that speaks of the order, or a fault that says what to do (netopia.md B1, B2, B7).

import { fail, ok, type Result } from "../../result.ts";
import type { CallContext, Fault, HttpAnswer, HttpRequest } from "../contract.ts";
import { asObject, type Json, parseObject, textOf } from "../read-json.ts";
import { codeNumber } from "./codes.ts";
import type { V2Credentials } from "./credentials.ts";

export type V2Answer = {
  httpStatus: number;
  error: Json | null;
  code: number | null;
  message: string;
  payment: Json;
  order: Json;
};

/** POSTs JSON text to a path of the interface and sorts the answer. The key travels without a scheme word (B2). */
export async function post(
  context: CallContext<V2Credentials>,
  path: string,
  body: string,
  effect: HttpRequest["effect"],
): Promise<Result<V2Answer, Fault>> {
  const base = context.hosts.v2;
  if (!base) return fail({ kind: "unsupported", detail: "host_missing: v2" });
  const called = await context.call({
    method: "POST",
    url: `${base}${path}`,
    headers: {
      authorization: context.credentials.apiKey,
      "content-type": "application/json",
      accept: "application/json",
    },
    body,
    effect,
  });
  return called.ok ? read(called.value, effect, context.now) : called;
}

function read(answer: HttpAnswer, effect: HttpRequest["effect"], now: Date): Result<V2Answer, Fault> {
  const { status } = answer;
  const json = parseObject(answer.body);
  const error = asObject(json?.error);
  const codeField = error?.code ?? json?.code; // 401 comes flat, all others under `error`
  const code = codeNumber(codeField);
  const message = textOf(error?.message ?? json?.message) ?? "";
  const processorCode = textOf(codeField);
  const withCode = processorCode === undefined ? {} : { processorCode };
  if (status === 401 || (code === 401 && !error)) {
    return fail({ kind: "bad_credentials", detail: "api_key_refused", ...withCode });
  }
  // The live edge turns some data centres away with a page: trouble on the way, not with the key (B1).
  if (status === 403 && !json) return fail({ kind: "unreachable", detail: "http_403_page" });
  if (status === 429) return fail(rateLimited(answer.headers, now));
  if (status >= 500) return fail(lost(effect, "unreachable", `http_${status}`));
  if (!json) return fail(lost(effect, "malformed", `not_json: http_${status}`));
  if (status === 400 && code === 99 && !/order|amount|price|credit/i.test(message)) {
    return fail({ kind: "bad_credentials", detail: `signature_refused: ${message}`, ...withCode });
  }
  if (status < 200 || (status >= 300 && status < 400)) return fail(lost(effect, "malformed", `http_${status}`));
  if (status >= 400 && !error && code === null) return fail({ kind: "rejected", detail: `http_${status}: ${message}` });
  const payment = asObject(json.payment) ?? {};
  return ok({ httpStatus: status, error, code, message, payment, order: asObject(json.order) ?? {} });
}

/** After a write that may have been executed nothing is certain; after a read it is only trouble. */
function lost(effect: HttpRequest["effect"], otherwise: "unreachable" | "malformed", detail: string): Fault {
  return { kind: effect === "write" ? "outcome_unknown" : otherwise, detail };
}

function rateLimited(headers: Headers, now: Date): Fault {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  const until = Number.isFinite(seconds) && seconds > 0 ? new Date(now.getTime() + seconds * 1000) : null;
  return { kind: "rate_limited", detail: "http_429", ...(until ? { until } : {}) };
}
