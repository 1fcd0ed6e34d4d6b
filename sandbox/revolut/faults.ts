// The catalogue of misbehaviour, and the rules by which a planted fault strikes.
import type { Fault, RevolutState } from "./state.ts";

type Group = "timing" | "content" | "signature" | "api" | "refund";
type Entry = { group: Group; sentence: string };

/** Every fault with what it does. `timing` strikes an event, `content` and `signature` one sending, `api` one call. */
export const faultCatalogue = {
  lost: { group: "timing", sentence: "The notification is never sent." },
  late: { group: "timing", sentence: "The first sending waits for delaySeconds (default 3600) of the sandbox clock." },
  duplicate: { group: "timing", sentence: "The notification is sent again, freshly signed, times (default 1)." },
  out_of_order: { group: "timing", sentence: "The notification waits until the order's next one has been sent." },
  replay: { group: "timing", sentence: "The same bytes and headers come again after delaySeconds (default 360)." },
  before_browser: { group: "timing", sentence: "The notification is sent before the payer goes back." },
  after_browser: {
    group: "timing",
    sentence: "The notification of a success is sent delaySeconds (default 2) after the payer went back.",
  },

  other_order: { group: "content", sentence: "It names an order id that nobody made." },
  other_reference: { group: "content", sentence: "It names another reference." },
  no_reference: { group: "content", sentence: "The reference is left out (genuine)." },
  unknown_event: { group: "content", sentence: "The event is one that no list has." },
  wrong_event: { group: "content", sentence: "It says ORDER_COMPLETED, whatever happened." },
  extra_fields: { group: "content", sentence: "It has fields that nobody documented (genuine)." },
  escaped_unicode: { group: "content", sentence: "Other letters than ASCII are escaped (genuine)." },
  malformed_json: { group: "content", sentence: "The body is no JSON, under a valid signature." },

  tampered_body: { group: "signature", sentence: "One byte of the body differs from what was signed." },
  reserialised_body: {
    group: "signature",
    sentence: "The body was written again with other spacing after it was signed.",
  },
  tampered_signature: { group: "signature", sentence: "One digit of the signature differs." },
  old_timestamp: { group: "signature", sentence: "Signed 6 minutes ago (delaySeconds for another age)." },
  future_timestamp: { group: "signature", sentence: "Signed 6 minutes ahead of time (delaySeconds for another)." },
  seconds_timestamp: { group: "signature", sentence: "The timestamp counts seconds and is signed so." },
  other_timestamp: { group: "signature", sentence: "The timestamp is fresh, the signature is for an older one." },
  wrong_secret: { group: "signature", sentence: "Signed with a stranger's secret." },
  missing_header: { group: "signature", sentence: "The Revolut-Signature header is missing." },
  missing_timestamp: { group: "signature", sentence: "The Revolut-Request-Timestamp header is missing." },
  empty_signature: { group: "signature", sentence: "The Revolut-Signature header is empty." },
  upper_case_hex: { group: "signature", sentence: "The digits of the signature are upper-case." },
  no_version_label: { group: "signature", sentence: "The signature stands without v1=." },
  other_label: { group: "signature", sentence: "The signature is labelled v2." },
  stripe_layout: { group: "signature", sentence: "The header has the layout of another processor: t=…,v1=…" },
  two_signatures: { group: "signature", sentence: "A stranger's entry stands before the right one (genuine)." },
  spaced_signatures: { group: "signature", sentence: "The entries are separated by comma and blank (genuine)." },
  header_lower_case: { group: "signature", sentence: "The header names are lower-case (genuine)." },
  content_type_text: { group: "signature", sentence: "Content-Type is text/plain (genuine)." },
  content_type_none: { group: "signature", sentence: "There is no Content-Type (genuine)." },

  slow: { group: "api", sentence: "The API answers after ms (default 3000) of real time." },
  api_400_integer: { group: "api", sentence: "The API answers 400 with an integer for a code." },
  api_401: { group: "api", sentence: "The API answers 401." },
  api_403: { group: "api", sentence: "The API answers 403." },
  api_429: { group: "api", sentence: "The API answers 429, without Retry-After." },
  api_500: { group: "api", sentence: "The API answers 500." },
  api_503: { group: "api", sentence: "The API answers 503 with an HTML page, as the proxy before it does." },
  api_hang: { group: "api", sentence: "The API never answers and does nothing." },
  api_non_json: { group: "api", sentence: "The API answers 200 with a body that is no JSON." },
  foreign_checkout_url: { group: "api", sentence: "create: checkout_url is on a foreign host." },
  no_checkout_url: { group: "api", sentence: "create: there is no checkout_url." },
  create_200: { group: "api", sentence: "create: the answer has status 200 instead of 201 (genuine)." },
  paid_before_answer: { group: "api", sentence: "create: the order is paid and told before the answer goes out." },
  unknown_state: { group: "api", sentence: "retrieve: the order's state is one that no list has." },
  unknown_reason: { group: "api", sentence: "retrieve: every decline reason is one that no list has." },
  no_reason: { group: "api", sentence: "retrieve: decline reasons are left out (genuine)." },
  other_amount: { group: "api", sentence: "retrieve: the amount is one minor unit lower." },
  other_currency: { group: "api", sentence: "retrieve: the currency is another one." },
  no_payments: { group: "api", sentence: "retrieve: payments are left out." },
  shuffled_payments: { group: "api", sentence: "retrieve: payments come in reversed order (genuine)." },
  timeout_after: { group: "api", sentence: "The operation (no GET) is done, but the answer never comes." },

  refund_declined: { group: "refund", sentence: "The refund is declined; the refund order exists all the same." },
  refund_fails: { group: "refund", sentence: "The refund is accepted and fails later." },
  refund_stuck: { group: "refund", sentence: "The refund is accepted and stays in processing." },
} as const satisfies Record<string, Entry>;

export type FaultName = keyof typeof faultCatalogue;

/** Names of all faults. */
export const faultNames = Object.keys(faultCatalogue) as [FaultName, ...FaultName[]];

const onlyAt: { [name in FaultName]?: string } = {
  foreign_checkout_url: "create",
  no_checkout_url: "create",
  create_200: "create",
  paid_before_answer: "create",
  unknown_state: "retrieve",
  unknown_reason: "retrieve",
  no_reason: "retrieve",
  other_amount: "retrieve",
  other_currency: "retrieve",
  no_payments: "retrieve",
  shuffled_payments: "retrieve",
};
const readOnly = ["retrieve", "list", "payments", "payment", "webhook_list", "webhook_read"];

/** Takes the faults of some groups that strike here and counts each down. */
export function takeFaults(
  state: RevolutState,
  where: { account: string; orderId?: string; reference?: string | null; operation?: string; event?: string },
  groups: readonly Group[],
): Fault[] {
  const struck = state.faults.filter((fault) => {
    if (!groups.includes(faultCatalogue[fault.fault].group)) return false;
    if (fault.account && fault.account !== where.account) return false;
    if (fault.orderId && fault.orderId !== where.orderId) return false;
    if (fault.reference && fault.reference !== where.reference) return false;
    if (fault.operation && fault.operation !== where.operation) return false;
    if (fault.event && fault.event !== where.event) return false;
    const only = onlyAt[fault.fault];
    if (only && only !== where.operation) return false;
    if (fault.fault === "timeout_after" && readOnly.includes(where.operation ?? "")) return false;
    return fault.left === null || fault.left > 0;
  });
  for (const fault of struck) if (fault.left !== null) fault.left -= 1;
  state.faults = state.faults.filter((fault) => fault.left !== 0);
  return struck;
}
