// What an action of the CRM ends in, and how it is said: JSON in any case, words for a person in the account's language
// (retailcrm.md 3).

import type { HoldRefusal } from "../../payments/hold-steps.ts";
import type { Fault } from "../../processors/contract.ts";
import { type Refusal, refusalText } from "./words.ts";

export type Refused = { refusal: Refusal; values?: Record<string, string>; status?: 400 | 404 | 429 | 500 | 502 };
export type Outcome = { result?: Record<string, unknown> } | Refused;

export const refuse = (
  refusal: Refusal,
  values: Record<string, string> = {},
  status: Refused["status"] = 400,
): Refused => ({
  refusal,
  values,
  status,
});

/** A processor's refusal, with its own words and code, nothing of ours inside. */
export function refuseFor(fault: Fault): Refused {
  const code = "processorCode" in fault && fault.processorCode ? fault.processorCode : null;
  const text = code && !fault.detail.includes(code) ? `${fault.detail} [${code}]` : fault.detail;
  switch (fault.kind) {
    case "rejected":
    case "bad_credentials":
      return refuse("processor_refused", { text });
    case "unsupported":
      return refuse("not_supported");
    case "outcome_unknown":
    case "malformed":
      return refuse("unknown_yet", {}, 502);
    case "unreachable":
    case "rate_limited":
      return refuse("processor_unreachable", {}, 502);
  }
}

/** Why nothing was done with a hold, where it was not the processor who said so. */
export function refuseHold(refusal: Exclude<HoldRefusal, object>): Refused {
  switch (refusal) {
    case "amount_over_hold":
    case "not_supported":
    case "partial_not_supported":
      return refuse(refusal);
    case "hold_command_running":
    case "hold_outcome_unknown":
      return refuse("unknown_yet", {}, 502);
    case "attempt_not_found":
    case "not_authorized":
      return refuse("nothing_held");
  }
}

/** The bytes of an answer. */
export function toAnswer(outcome: Outcome, language: string): Response {
  if ("refusal" in outcome) {
    const errorMsg = refusalText(outcome.refusal, language, outcome.values);
    return Response.json({ success: false, errorMsg }, { status: outcome.status ?? 400, headers: NO_STORE });
  }
  return Response.json({ success: true, ...(outcome.result ? { result: outcome.result } : {}) }, { headers: NO_STORE });
}

const NO_STORE = { "cache-control": "no-store" };
