// Errors as RFC 9457 problem details: one table from stable code to status and words. Codes never change meaning.

import { z } from "@hono/zod-openapi";

export const PROBLEMS = {
  invalid_request: [400, "The request has a field that cannot be used."],
  unauthenticated: [401, "Sign in, or send an API key as a Bearer token."],
  forbidden: [403, "This key or role may not do that."],
  not_found: [404, "There is nothing here for you."],
  conflict: [409, "The thing is not in a state that allows this."],
  idempotency_conflict: [409, "The same idempotency key was used with another request."],
  idempotency_running: [409, "The first request with this idempotency key is still running."],
  too_large: [413, "The request is larger than 64 kB."],
  unsupported_media_type: [415, "Send JSON."],
  rate_limited: [429, "Too many requests; try again in a minute."],
  processor_refused: [422, "The processor refused the request."],
  processor_unreachable: [502, "The processor did not answer; nothing was lost."],
  internal: [500, "Something broke on our side; it was recorded."],
  hand_over_expired: [410, "The time of this short link is over; the invoice itself is not changed."],
  // Why an attempt may not start.
  invoice_not_open: [409, "The invoice is a draft."],
  invoice_paid: [409, "The invoice is paid."],
  invoice_cancelled: [409, "The invoice was cancelled."],
  invoice_expired: [409, "The invoice is past its validity; extend it to take a payment."],
  card_not_accepted: [409, "Card payment is not accepted for this invoice."],
  point_of_sale_closed: [409, "The point of sale is closed."],
  payment_in_progress: [409, "A payment of this invoice is being processed."],
  other_attempt_open: [409, "A payment at another processor was begun and may still be finished there."],
  amount_not_supported: [409, "The processor does not take this amount."],
  currency_not_supported: [409, "The processor does not take this currency."],
  method_not_offered: [409, "This method is not offered for the invoice."],
  // Why a refund may not start.
  attempt_not_found: [404, "There is no such attempt."],
  nothing_captured: [409, "Nothing was taken, so nothing can be given back."],
  amount_over_refundable: [409, "The sum is more than what can still be given back."],
  refund_not_supported: [409, "Refunds of this connection are made in the processor's console."],
  partial_not_supported: [409, "This processor gives back only the whole sum."],
  not_authorized: [409, "There is no hold to act on."],
  not_supported: [409, "The processor does not offer this; act in its console and its notification will tell."],
  amount_over_hold: [409, "The sum is more than what is held."],
  hold_command_running: [409, "Something was asked of this hold already; its end is awaited."],
  hold_outcome_unknown: [502, "The processor did not say whether it was done; it is asked until that is known."],
  not_awaiting_approval: [409, "This refund waits for nobody's approval."],
  own_refund: [409, "Another person than the one who asked for a refund has to allow it."],
  refund_under_way: [409, "The refund has reached the processor, or may have; it cannot be given up."],
  invoice_final: [409, "An issued fiscal invoice cannot be changed; correct it by a storno."],
  invoice_has_money: [409, "The invoice has money or a running payment."],
  trial_used: [409, "The trial of this extra was used already; write to support."],
  status_in_use: [409, "An outcome leads to this status; choose another for it first."],
  nothing_to_deliver: [409, "Nothing of this invoice was paid ahead and waits to be handed over."],
  receipt_not_failed: [409, "Only a receipt that failed or is not known can be sent again."],
  not_checked: [
    409,
    "Look in the register's cabinet first: it may have this receipt. Confirm with is_checked if it has none.",
  ],
  no_series: [409, "There is no document series for this kind of invoice."],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

export type FieldFault = { field: string; code: string; message: string };

/** Thrown anywhere in a handler; `toResponse` makes the answer. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly fields: FieldFault[];
  readonly headers: Record<string, string>;

  constructor(code: ProblemCode, detail?: string, fields: FieldFault[] = [], headers: Record<string, string> = {}) {
    super(detail ?? PROBLEMS[code][1]);
    this.code = code;
    this.fields = fields;
    this.headers = headers;
  }
}

/** Shape of a problem as it travels. */
export const ProblemSchema = z
  .object({
    type: z.string().openapi({ example: "https://plata.dev/problems/invalid_request" }),
    title: z.string(),
    status: z.number().int(),
    code: z.string().openapi({ description: "Stable; never changes meaning." }),
    detail: z.string(),
    instance: z.string().openapi({ description: "Id of this request." }),
    errors: z.array(z.object({ field: z.string(), code: z.string(), message: z.string() })).optional(),
  })
  .openapi("Problem");

/** The HTTP answer of a problem. */
export function toResponse(problem: Problem, requestId: string): Response {
  const [status, title] = PROBLEMS[problem.code];
  const body = {
    type: `https://plata.dev/problems/${problem.code}`,
    title,
    status,
    code: problem.code,
    detail: problem.message,
    instance: requestId,
    ...(problem.fields.length > 0 ? { errors: problem.fields } : {}),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...problem.headers },
  });
}

/** Faults of a schema, each named by its field's path. A message that is a bare word is a code of ours. */
export function fieldFaults(error: {
  issues: readonly { path: readonly PropertyKey[]; message: string; code?: string; keys?: readonly string[] }[];
}): FieldFault[] {
  const nameOf = (path: readonly PropertyKey[]) => path.map(String).join(".") || "(body)";
  return error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" && issue.keys
      ? issue.keys.map((key) => ({
          field: nameOf([...issue.path, key.slice(0, 80)]),
          code: "unknown_field",
          message: "unknown_field",
        }))
      : {
          field: nameOf(issue.path),
          code: /^[a-z0-9_]+$/.test(issue.message) ? issue.message : (issue.code ?? "invalid"),
          message: issue.message,
        },
  );
}
