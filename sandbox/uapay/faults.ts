// The catalogue of misbehaviour, and the rules by which a planted fault strikes.
import type { Fault, UapayState } from "./state.ts";

export type Group = "timing" | "content" | "token" | "api" | "answer" | "read" | "money";
type Entry = { group: Group; sentence: string };

/** Every fault with what it does. `timing` strikes an event, `content` and `token` one sending, the rest one call. */
export const faultCatalogue = {
  lost: { group: "timing", sentence: "The callback is never sent." },
  late: { group: "timing", sentence: "The first sending waits for delaySeconds (default 300) of the sandbox clock." },
  duplicate: { group: "timing", sentence: "The same callback is sent again, times (default 1), one after the other." },
  at_once: { group: "timing", sentence: "The same callback is sent times (default 2) at the same moment." },
  out_of_order: { group: "timing", sentence: "The callback waits until the invoice's next one was sent." },
  replay: { group: "timing", sentence: "The same bytes come again after delaySeconds (default 3600)." },
  before_browser: { group: "timing", sentence: "The callback is sent before the payer goes back." },
  after_browser: {
    group: "timing",
    sentence: "The callback is sent delaySeconds (default 2) after the payer went back; never when nobody does.",
  },

  other_amount: { group: "content", sentence: "The amount is one kopeck lower, well signed." },
  other_invoice: { group: "content", sentence: "It names an invoice that nobody made, well signed." },
  other_external_id: { group: "content", sentence: "It names an externalId that nobody made, well signed." },
  other_payment: { group: "content", sentence: "It names a payment that nobody made, well signed." },
  always_finished: { group: "content", sentence: "It says FINISHED whatever happened, well signed." },
  unknown_status: { group: "content", sentence: "status is a word that no list has." },
  unknown_payment_status: { group: "content", sentence: "paymentStatus is a word that no list has." },
  no_external_id: { group: "content", sentence: "There is no externalId (genuine)." },
  legacy_names: { group: "content", sentence: "The names are those of the older orders API (genuine)." },
  extra_claims: { group: "content", sentence: "There are claims that nobody documented (genuine)." },
  no_iat: { group: "content", sentence: "There is no iat (genuine)." },
  old_iat: { group: "content", sentence: "iat is delaySeconds (default 100000) older (genuine: retries come late)." },
  escaped_slashes: { group: "content", sentence: "Slashes are written \\/ (genuine)." },
  escaped_unicode: { group: "content", sentence: "Other letters than ASCII are written \\uXXXX (genuine)." },
  not_json: { group: "content", sentence: "The claims are no JSON, well signed." },

  tampered_payload: { group: "token", sentence: "The claims differ from what was signed." },
  reserialised_payload: { group: "token", sentence: "The claims were written again with blanks after signing." },
  tampered_signature: { group: "token", sentence: "A byte of the signature differs." },
  wrong_key: { group: "token", sentence: "Signed with a stranger's key." },
  other_shop_key: { group: "token", sentence: "Signed with the key of another shop, if there is one." },
  decoded_key: { group: "token", sentence: "Signed with the key decoded from base64." },
  alg_none: { group: "token", sentence: "The token says alg none and has no signature." },
  alg_none_case: { group: "token", sentence: "The token says alg nOnE and has no signature." },
  alg_hs384: { group: "token", sentence: "Signed by the right key with HS384." },
  alg_hs512: { group: "token", sentence: "Signed by the right key with HS512." },
  alg_lower_case: { group: "token", sentence: "The token says hs256." },
  alg_rs256: { group: "token", sentence: "The token says RS256, signed by a stranger's key pair." },
  alg_lie: { group: "token", sentence: "The token says RS256 but is an HMAC by the right key." },
  two_parts: { group: "token", sentence: "The token has no signature part." },
  four_parts: { group: "token", sentence: "The token has a fourth part." },
  no_typ: { group: "token", sentence: "The token's header has no typ (genuine)." },
  no_token: { group: "token", sentence: "The body is {}." },
  token_number: { group: "token", sentence: "token is a number." },
  bare_claims: { group: "token", sentence: "The claims come in clear and there is no token." },
  bare_token: { group: "token", sentence: "The body is the token without JSON around it." },
  broken_json: { group: "token", sentence: "The body is JSON cut off in the middle." },
  empty_body: { group: "token", sentence: "The body is empty." },
  extra_fields: { group: "token", sentence: "Beside the token stand the claims in clear, saying FINISHED (genuine)." },
  content_type_text: { group: "token", sentence: "Content-Type is text/plain (genuine)." },
  content_type_none: { group: "token", sentence: "There is no Content-Type (genuine)." },

  slow: { group: "api", sentence: "The API waits ms (default 30000) of real time before it begins." },
  api_cut: { group: "api", sentence: "The connection is cut and nothing was done." },
  api_hang: { group: "api", sentence: "The API never answers and does nothing." },
  api_403_html: { group: "api", sentence: "The API answers 403 with an HTML page, as an edge filter does." },
  api_429: { group: "api", sentence: "The API answers 429 with Retry-After." },
  api_500: { group: "api", sentence: "The API answers 500 with an error body." },
  api_502_html: { group: "api", sentence: "The API answers 502 with an HTML page, as the proxy before it does." },
  api_503: { group: "api", sentence: "The API answers 503 with an empty body." },
  api_non_json: { group: "api", sentence: "The API answers 200 with a body that is no JSON." },
  api_empty: { group: "api", sentence: "The API answers 200 with {}." },
  api_timelimit: { group: "api", sentence: "The API answers TIMELIMIT_ERROR." },
  api_unknown_error: { group: "api", sentence: "The API answers an error of a code that no list has." },
  bare_error: { group: "api", sentence: "The API answers an error of nothing but a code, without status." },
  session_lost: { group: "api", sentence: "The session has ended before its time." },

  answer_lost: { group: "answer", sentence: "The call is done; then the connection is cut." },
  answer_hang: { group: "answer", sentence: "The call is done; the answer never comes." },
  answer_slow: { group: "answer", sentence: "The call is done; the answer waits ms (default 30000) of real time." },
  answer_500: { group: "answer", sentence: "The call is done; the answer is 500." },
  answer_502_html: { group: "answer", sentence: "The call is done; the proxy answers 502 with an HTML page." },
  answer_tokenless: { group: "answer", sentence: "The call is done; data holds the fields in clear and no token." },
  answer_wrong_key: { group: "answer", sentence: "The call is done; the answer is signed with a stranger's key." },
  answer_tampered: { group: "answer", sentence: "The call is done; the answer's claims differ from what was signed." },
  answer_alg_none: { group: "answer", sentence: "The call is done; the answer says alg none." },
  answer_hs512: { group: "answer", sentence: "The call is done; the answer is signed with HS512." },
  answer_other: { group: "answer", sentence: "The call is done; the answer is about another invoice, well signed." },
  answer_no_fields: { group: "answer", sentence: "The call is done; the token holds iat alone." },
  answer_status_0: { group: "answer", sentence: "The call is done; status is 0 beside a token." },
  status_text: { group: "answer", sentence: 'status is the text "1" (genuine).' },
  iat_number: { group: "answer", sentence: "The answer's iat is a number (genuine)." },
  iat_missing: { group: "answer", sentence: "The answer has no iat (genuine)." },
  foreign_page: { group: "answer", sentence: "create: paymentPageUrl is on a foreign host." },
  script_page: { group: "answer", sentence: "create: paymentPageUrl is a javascript: address." },
  no_page: { group: "answer", sentence: "create: there is no paymentPageUrl." },
  paid_before_answer: { group: "answer", sentence: "create: it is paid and told before the answer goes out." },

  other_amount_read: { group: "read", sentence: "A read shows amounts one kopeck lower." },
  unknown_status_read: { group: "read", sentence: "A read shows a status that no list has." },
  unknown_payment_status_read: { group: "read", sentence: "A read shows a paymentStatus that no list has." },
  unknown_invoice_status: { group: "read", sentence: "A read shows an invoiceStatus that no list has." },
  unpaid_hold: { group: "read", sentence: "A read shows HOLDED with the status NEW." },
  no_payments: { group: "read", sentence: "A read has no payments." },
  rejected_first: { group: "read", sentence: "A read has a REJECTED payment before the others (genuine)." },
  amount_text: { group: "read", sentence: "Amounts are decimal text (genuine)." },
  dates_numbers: { group: "read", sentence: "Dates are milliseconds, as the documentation calls them (genuine)." },

  operation_refused: {
    group: "money",
    sentence: "complete, cancel or reverse is refused with a message; nothing moves.",
  },
  operation_delayed: {
    group: "money",
    sentence: "complete, cancel or reverse succeeds and comes into force after delaySeconds (default 60).",
  },
  operation_idle: { group: "money", sentence: "complete, cancel or reverse succeeds, but nothing ever moves." },
} as const satisfies Record<string, Entry>;

export type FaultName = keyof typeof faultCatalogue;

/** Names of all faults. */
export const faultNames = Object.keys(faultCatalogue) as [FaultName, ...FaultName[]];

const reads = ["show", "list", "payment", "check"];
const onlyAt: { [name in FaultName]?: readonly string[] } = {
  foreign_page: ["create"],
  script_page: ["create"],
  no_page: ["create"],
  paid_before_answer: ["create"],
  answer_other: ["create", ...reads],
};

export type Where = {
  clientId?: string | null;
  references?: readonly string[];
  operation?: string | null;
  event?: string;
};

/** Takes the faults of some groups that strike here and counts each down. */
export function takeFaults(state: UapayState, where: Where, groups: readonly Group[]): Fault[] {
  const operation = where.operation ?? "";
  const struck = state.faults.filter((fault) => {
    const { group } = faultCatalogue[fault.fault];
    if (!groups.includes(group)) return false;
    if (group === "read" && !reads.includes(operation)) return false;
    if (fault.clientId && fault.clientId !== where.clientId) return false;
    if (fault.reference && !where.references?.includes(fault.reference)) return false;
    if (fault.operation && fault.operation !== operation) return false;
    if (fault.event && fault.event !== where.event) return false;
    const only = onlyAt[fault.fault];
    if (only && !only.includes(operation)) return false;
    return fault.left === null || fault.left > 0;
  });
  for (const fault of struck) if (fault.left !== null) fault.left -= 1;
  state.faults = state.faults.filter((fault) => fault.left !== 0);
  return struck;
}
