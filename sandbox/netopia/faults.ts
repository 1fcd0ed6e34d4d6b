// The catalogue of misbehaviour, and the rules by which a planted fault strikes.
import type { Fault, NetopiaState } from "./state.ts";

type Group = "timing" | "content" | "v1" | "v2" | "api";
type Entry = { group: Group; sentence: string };

/** Every fault with what it does. `timing` strikes an event, the other IPN groups one sending, `api` one API call. */
export const faultCatalogue = {
  lost: { group: "timing", sentence: "The notification is never sent." },
  late: { group: "timing", sentence: "The first sending waits for delaySeconds (default 3600) of the sandbox clock." },
  duplicate: { group: "timing", sentence: "The notification is sent again with the same content, times (default 1)." },
  new_crc: { group: "timing", sentence: "v1: the same event is sent again under a new crc, times (default 1)." },
  out_of_order: { group: "timing", sentence: "The notification waits until the payment's next one has been sent." },
  before_browser: { group: "timing", sentence: "The notification is sent before the payer goes back." },
  after_browser: {
    group: "timing",
    sentence: "The notification is sent delaySeconds (default 2) after the payer went back.",
  },

  other_pos: { group: "content", sentence: "It names another point of sale (v2: in body and audience)." },
  unknown_order: { group: "content", sentence: "It names an order id that nobody made." },
  other_amount: { group: "content", sentence: "Every amount is 0.01 lower." },
  other_currency: { group: "content", sentence: "It names another currency." },
  other_payment: { group: "content", sentence: "It carries another purchase number / ntpID." },
  unknown_code: { group: "content", sentence: "The reason code is one that no list has (777)." },
  wrong_key: { group: "content", sentence: "v1: sealed for a stranger's key; v2: token signed by a stranger's key." },

  missing_error: { group: "v1", sentence: "The error element is missing." },
  empty_error_code: { group: "v1", sentence: "The error element has an empty code." },
  missing_crc: { group: "v1", sentence: "The crc is missing." },
  missing_params: { group: "v1", sentence: "The params of the order are not echoed." },
  unknown_action: { group: "v1", sentence: "The action is one that no list has." },
  damaged_customer: { group: "v1", sentence: "A customer field ends in half an escape (%2)." },
  blank_message: { group: "v1", sentence: "The message is a single space." },
  pretty_xml: { group: "v1", sentence: "The XML is indented, texts included." },
  doctype: { group: "v1", sentence: "A DOCTYPE with an entity stands inside a well-sealed document." },
  not_xml: { group: "v1", sentence: "What was sealed is no XML." },
  tampered_data: { group: "v1", sentence: "One bit of data is turned." },
  tampered_iv: { group: "v1", sentence: "One bit of the iv is turned." },
  tampered_env_key: { group: "v1", sentence: "One bit of env_key is turned." },
  truncated_base64: { group: "v1", sentence: "The last characters of data are cut off." },
  spaces_for_plus: { group: "v1", sentence: "Base64 is sent without form encoding, so + arrives as a space." },
  cipher_missing: { group: "v1", sentence: "The cipher field is left out." },
  cipher_unknown: { group: "v1", sentence: "The cipher field says des-ede3-cbc." },
  iv_missing: { group: "v1", sentence: "The iv field is left out." },
  rc4_key_32: { group: "v1", sentence: "An RC4 notification has a key of 32 bytes instead of 16." },

  unknown_status: { group: "v2", sentence: "The status is a number that no list has (77)." },
  status_as_string: { group: "v2", sentence: "The status is text instead of a number." },
  malformed_json: { group: "v2", sentence: "The body is no JSON, under a valid token." },
  tampered_body: { group: "v2", sentence: "One byte of the body differs from what was signed." },
  reserialised_body: { group: "v2", sentence: "The body was written again with other spacing after it was signed." },
  tampered_signature: { group: "v2", sentence: "One bit of the token's signature is turned." },
  token_of_other_body: { group: "v2", sentence: "The token is a valid one, made for another body." },
  other_issuer: { group: "v2", sentence: "The token's issuer is another." },
  other_audience: { group: "v2", sentence: "The token's audience is another point of sale, the body is right." },
  alg_none: { group: "v2", sentence: "The token says alg none and has no signature." },
  alg_hs512: { group: "v2", sentence: "The token is an HMAC keyed with the public key's PEM text." },
  alg_rs256: { group: "v2", sentence: "The token is signed with RS256." },
  missing_header: { group: "v2", sentence: "The Verification-token header is missing." },
  two_parts: { group: "v2", sentence: "The token has two parts." },
  hex_sub: { group: "v2", sentence: "sub is hexadecimal instead of base64." },
  base64url_sub: { group: "v2", sentence: "sub is base64url without padding." },
  audience_string: { group: "v2", sentence: "aud is text instead of an array (genuine)." },
  iat_milliseconds: { group: "v2", sentence: "iat counts milliseconds (genuine)." },
  header_lower_case: { group: "v2", sentence: "The header is spelt verification-token (genuine)." },
  header_upper_case: { group: "v2", sentence: "The header is spelt VERIFICATION-TOKEN (genuine)." },
  content_type_text: { group: "v2", sentence: "Content-Type is text/plain (genuine)." },
  content_type_none: { group: "v2", sentence: "There is no Content-Type (genuine)." },

  slow: { group: "api", sentence: "The API answers after ms (default 3000) of real time." },
  api_403_html: { group: "api", sentence: "The API answers 403 with an HTML page, as an edge filter does." },
  api_500: { group: "api", sentence: "The API answers 500." },
  api_hang: { group: "api", sentence: "The API never answers and does nothing." },
  api_non_json: { group: "api", sentence: "The API answers 200 with a body that is no JSON." },
  api_no_payment_url: { group: "api", sentence: "A start is answered without paymentURL." },
  api_foreign_payment_url: { group: "api", sentence: "A start is answered with a paymentURL on a foreign host." },
  timeout_after: {
    group: "api",
    sentence: "The operation (start, credit, capture, void) is done, but the answer never comes.",
  },
} as const satisfies Record<string, Entry>;

export type FaultName = keyof typeof faultCatalogue;

/** Names of all faults. */
export const faultNames = Object.keys(faultCatalogue) as [FaultName, ...FaultName[]];

/** The group of a fault. */
export function groupOf(name: FaultName): Group {
  return faultCatalogue[name].group;
}

/** Takes the faults of some groups that strike here and counts each down. */
export function takeFaults(
  state: NetopiaState,
  where: { signature: string; orderId: string; operation?: string; protocol: "v1" | "v2" },
  groups: readonly Group[],
): Fault[] {
  const struck = state.faults.filter((fault) => {
    const group = groupOf(fault.fault);
    if (!groups.includes(group)) return false;
    // new_crc means nothing in v2: it waits for a v1 payment instead of being used up.
    if (fault.fault === "new_crc" && where.protocol === "v2") return false;
    if (fault.signature && fault.signature !== where.signature) return false;
    if (fault.orderId && fault.orderId !== where.orderId) return false;
    if (fault.operation && where.operation && fault.operation !== where.operation) return false;
    if (fault.fault === "timeout_after" && where.operation === "status") return false;
    if (fault.fault.endsWith("_payment_url") && where.operation !== "start") return false;
    return fault.left === null || fault.left > 0;
  });
  for (const fault of struck) if (fault.left !== null) fault.left -= 1;
  state.faults = state.faults.filter((fault) => fault.left !== 0);
  return struck;
}
