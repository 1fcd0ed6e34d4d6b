// The catalogue of misbehaviour, and the rules by which a planted fault strikes.
import type { Fault, TochkaState } from "./state.ts";

type Group = "timing" | "content" | "token" | "api" | "refund" | "sbp" | "oauth";
type Entry = { group: Group; sentence: string };

/** Every fault with what it does. `timing` strikes an event, `content` and `token` one sending, `api` one call. */
export const faultCatalogue = {
  lost: { group: "timing", sentence: "The webhook is never sent." },
  late: { group: "timing", sentence: "The first sending waits for delaySeconds (default 240) of the sandbox clock." },
  duplicate: { group: "timing", sentence: "The same body is sent again, times (default 1), one after the other." },
  at_once: { group: "timing", sentence: "The same body is sent times (default 2) at the same moment." },
  out_of_order: { group: "timing", sentence: "The webhook waits until the next one of the same operation was sent." },
  replay: { group: "timing", sentence: "The same bytes come again after delaySeconds (default 3600)." },
  before_browser: { group: "timing", sentence: "The webhook is sent before the payer goes back." },
  after_browser: {
    group: "timing",
    sentence: "The webhook is sent delaySeconds (default 2) after the payer went back; never when nobody does.",
  },

  other_amount: { group: "content", sentence: "The amount is one kopeck lower, well signed." },
  other_customer: { group: "content", sentence: "It names another company, well signed." },
  other_merchant: { group: "content", sentence: "It names another shop, well signed." },
  other_operation: { group: "content", sentence: "It names an operation that nobody made, well signed." },
  other_qrc: { group: "content", sentence: "It names a QR code that nobody made, well signed." },
  other_link_id: { group: "content", sentence: "It names another paymentLinkId, well signed." },
  no_link_id: { group: "content", sentence: "There is no paymentLinkId, as before March 2026 (genuine)." },
  unknown_status: { group: "content", sentence: "The status is a word that no list has." },
  unknown_type: { group: "content", sentence: "The paymentType is digitalRuble (genuine)." },
  unknown_event: { group: "content", sentence: "The webhookType is one that no list has." },
  extra_claims: { group: "content", sentence: "There are claims that nobody documented (genuine)." },
  two_decimals: { group: "content", sentence: "The amount is written with two decimals always (genuine)." },
  compact_claims: { group: "content", sentence: "The claims are compact and not escaped (genuine)." },
  sample: { group: "content", sentence: "The documentation's sample comes instead." },
  not_json: { group: "content", sentence: "The claims are no JSON, well signed." },

  tampered_payload: { group: "token", sentence: "The claims differ from what was signed." },
  tampered_signature: { group: "token", sentence: "A byte of the signature differs." },
  wrong_key: { group: "token", sentence: "Signed by a stranger's key." },
  alg_none: { group: "token", sentence: "The token says alg none and has no signature." },
  alg_hs256: { group: "token", sentence: "The token is an HMAC keyed with the public key's PEM text." },
  alg_ps256: { group: "token", sentence: "Signed by the right key with PS256." },
  alg_rs512: { group: "token", sentence: "Signed by the right key with RS512." },
  jwk_header: { group: "token", sentence: "Signed by a stranger who sends the key in the header." },
  jku_header: { group: "token", sentence: "Signed by a stranger who names the key's address in the header." },
  crit_header: { group: "token", sentence: "The header demands with crit what nobody knows." },
  bare_json: { group: "token", sentence: "The claims come as bare JSON." },
  two_parts: { group: "token", sentence: "The token has no signature part." },
  empty_body: { group: "token", sentence: "The body is empty." },
  trailing_newline: { group: "token", sentence: "A line break follows the token (genuine)." },
  content_type_json: { group: "token", sentence: "Content-Type is application/json (genuine)." },
  content_type_none: { group: "token", sentence: "There is no Content-Type (genuine)." },

  slow: { group: "api", sentence: "The API answers after ms (default 30000) of real time." },
  api_cut: { group: "api", sentence: "The connection is cut and nothing was done." },
  api_hang: { group: "api", sentence: "The API never answers and does nothing." },
  api_400: { group: "api", sentence: "The API answers 400." },
  api_401: { group: "api", sentence: "The API answers 401." },
  api_403: { group: "api", sentence: "The API answers 403, forbidden by consent." },
  api_424: { group: "api", sentence: "The API answers 424 and does nothing." },
  api_429: { group: "api", sentence: "The API answers 429 with Retry-After." },
  api_500: { group: "api", sentence: "The API answers 500 with its JSON." },
  api_501: { group: "api", sentence: "The API answers 501." },
  api_502_html: { group: "api", sentence: "The API answers 502 with an HTML page, as the proxy before it does." },
  api_503: { group: "api", sentence: "The API answers 503 with an empty body." },
  api_non_json: { group: "api", sentence: "The API answers 200 with a body that is no JSON." },
  api_no_data: { group: "api", sentence: "The call is done; the answer is 200 without Data." },
  answer_lost: { group: "api", sentence: "The call is done; then the connection is cut." },
  answer_500: { group: "api", sentence: "The call is done; the answer is 500." },
  numeric_code: { group: "api", sentence: "Refusals have a number for a code (genuine)." },
  string_amounts: { group: "api", sentence: "Amounts are text like 1234.00 (genuine)." },
  flat_operation: { group: "api", sentence: "read: Operation is one object and no array." },
  other_operation_read: { group: "api", sentence: "read: the answer is about another operation." },
  other_amount_read: { group: "api", sentence: "read: the amount is one kopeck lower." },
  unknown_status_read: { group: "api", sentence: "read: the status is a word that no list has." },
  unknown_type_read: { group: "api", sentence: "read: the paymentType is digitalRuble (genuine)." },
  foreign_link: { group: "api", sentence: "create: paymentLink is on a foreign host." },
  no_link: { group: "api", sentence: "create: there is no paymentLink." },
  paid_before_answer: { group: "api", sentence: "create: the link is paid and told before the answer goes out." },
  quoted_active: { group: "api", sentence: 'retailers: isActive is the text "true" (genuine).' },
  no_qr_image: { group: "api", sentence: "qr_register: there is no image, though it was asked for (genuine)." },
  foreign_payload: { group: "api", sentence: "qr_register: the payload is on a foreign host." },
  shuffled_rows: { group: "api", sentence: "qr_status: a stranger's row stands first (genuine)." },
  unknown_status_qr: { group: "api", sentence: "qr_status: the status is a word that no list has." },

  refund_refused: { group: "refund", sentence: "The refund of a link is answered with isRefund false." },
  refund_stuck: { group: "refund", sentence: "The refund stays where it is (ON-REFUND, WaitingForAccept)." },
  refund_fails: { group: "refund", sentence: "The refund is accepted and fails later." },

  sbp_stuck: { group: "sbp", sentence: "The payment of a QR code stays InProgress." },

  oauth_wrong_state: { group: "oauth", sentence: "The way back carries another state." },
  oauth_no_state: { group: "oauth", sentence: "The way back carries no state." },
  oauth_partial: { group: "oauth", sentence: "Whatever was ticked, the last permission is not granted." },
} as const satisfies Record<string, Entry>;

export type FaultName = keyof typeof faultCatalogue;

/** Names of all faults. */
export const faultNames = Object.keys(faultCatalogue) as [FaultName, ...FaultName[]];

const onlyAt: { [name in FaultName]?: readonly string[] } = {
  flat_operation: ["read"],
  other_operation_read: ["read"],
  other_amount_read: ["read"],
  unknown_status_read: ["read"],
  unknown_type_read: ["read"],
  foreign_link: ["create", "create_with_receipt"],
  no_link: ["create", "create_with_receipt"],
  paid_before_answer: ["create", "create_with_receipt"],
  quoted_active: ["retailers"],
  no_qr_image: ["qr_register"],
  foreign_payload: ["qr_register"],
  shuffled_rows: ["qr_status"],
  unknown_status_qr: ["qr_status"],
};

export type Where = {
  client?: string | null;
  customerCode?: string | null;
  references?: readonly (string | null)[];
  operation?: string;
  event?: string;
};

/** Takes the faults of some groups that strike here and counts each down. */
export function takeFaults(state: TochkaState, where: Where, groups: readonly Group[]): Fault[] {
  const struck = state.faults.filter((fault) => {
    if (!groups.includes(faultCatalogue[fault.fault].group)) return false;
    if (fault.client && fault.client !== where.client) return false;
    if (fault.customerCode && fault.customerCode !== where.customerCode) return false;
    if (fault.reference && !where.references?.includes(fault.reference)) return false;
    if (fault.operation && fault.operation !== where.operation) return false;
    if (fault.event && fault.event !== where.event) return false;
    const only = onlyAt[fault.fault];
    if (only && !only.includes(where.operation ?? "")) return false;
    return fault.left === null || fault.left > 0;
  });
  for (const fault of struck) if (fault.left !== null) fault.left -= 1;
  state.faults = state.faults.filter((fault) => fault.left !== 0);
  return struck;
}
