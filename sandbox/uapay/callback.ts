// Builds one callback: its claims, its token, its body, each with the faults that were planted.
import { generateKeyPairSync, sign } from "node:crypto";
import type { FaultName } from "./faults.ts";
import type { Claims, Shop } from "./state.ts";
import { mac, makeToken, unsigned, withClaims } from "./token.ts";

type Has = (name: FaultName) => boolean;

const strangersKey = "c3RyYW5nZXIncyBrZXksIG5vdCBvdXJzIGF0IGFsbCE=";

/** Slashes as some writers of JSON escape them. */
export const escapeSlashes = (text: string): string => text.replaceAll("/", "\\/");

const escapeUnicode = (text: string): string =>
  text.replace(/[\u0080-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The names of the older orders API. */
function legacyNames(claims: Claims): Claims {
  const millis = (value: unknown): string | null => (value ? String(Date.parse(String(value))) : null);
  const { paymentId, invoiceId, paymentNumber, cardFromMasked, createDate, payDate, receiptPath, ...rest } = claims;
  const { iat: _iat, cardToMasked: _to, ...kept } = rest;
  return {
    id: paymentId,
    orderId: invoiceId,
    number: paymentNumber,
    cardPanMasked: cardFromMasked,
    createdAt: millis(createDate),
    createDate: millis(createDate),
    payDate: millis(payDate),
    receiptPath: typeof receiptPath === "string" ? new URL(receiptPath).pathname : null,
    ...kept,
  };
}

/** The text that is signed. */
export function claimsText(claims: Claims, has: Has, input: { ageSeconds?: number | undefined } = {}): string {
  if (has("not_json")) return "status=FINISHED&amount=100";
  let said: Claims = { ...claims };
  if (has("other_amount")) said.amount = Number(said.amount) - 1;
  if (has("other_invoice")) said.invoiceId = crypto.randomUUID();
  if (has("other_payment")) said.paymentId = crypto.randomUUID();
  if (has("other_external_id")) said.externalId = "externalId-of-nobody";
  if (has("no_external_id")) delete said.externalId;
  if (has("always_finished")) Object.assign(said, { status: "FINISHED", paymentStatus: "FINISHED" });
  if (has("unknown_status")) said.status = "REINCARNATED";
  if (has("unknown_payment_status")) said.paymentStatus = "TELEPORTED";
  if (has("old_iat")) said.iat = Number(said.iat) - (input.ageSeconds ?? 100_000);
  if (has("no_iat")) delete said.iat;
  if (has("legacy_names")) said = legacyNames(said);
  if (has("extra_claims")) said = { ...said, loyalty: { points: 3 }, tags: ["a", null] };
  let text = JSON.stringify(said);
  if (has("escaped_slashes")) text = escapeSlashes(text);
  if (has("escaped_unicode")) text = escapeUnicode(text);
  return text;
}

/** The token of a text; `others` are the keys of the other shops. */
function callbackToken(shop: Shop, text: string, others: readonly string[], has: Has): string {
  const { secret } = shop;
  if (has("alg_none")) return unsigned(text, "none");
  if (has("alg_none_case")) return unsigned(text, "nOnE");
  if (has("alg_hs384")) return makeToken(text, secret, "HS384");
  if (has("alg_hs512")) return makeToken(text, secret, "HS512");
  if (has("alg_lower_case")) return makeToken(text, secret, "HS256", { alg: "hs256", typ: "JWT" });
  if (has("alg_lie")) return makeToken(text, secret, "HS256", { alg: "RS256", typ: "JWT" });
  if (has("alg_rs256")) {
    const token = makeToken(text, secret, "HS256", { alg: "RS256", typ: "JWT" });
    const signed = token.slice(0, token.lastIndexOf("."));
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), privateKey).toString("base64url")}`;
  }
  const key = has("wrong_key")
    ? strangersKey
    : has("other_shop_key")
      ? (others[0] ?? strangersKey)
      : has("decoded_key")
        ? Buffer.from(secret, "base64")
        : secret;
  const token = makeToken(text, key, "HS256", has("no_typ") ? { alg: "HS256" } : undefined);
  if (has("tampered_payload")) return withClaims(token, text.replace(/"amount":\d+/, '"amount":1'));
  if (has("reserialised_payload")) return withClaims(token, text.replaceAll('":', '": '));
  if (has("tampered_signature")) return `${token.slice(0, -6)}${token.at(-6) === "A" ? "B" : "A"}${token.slice(-5)}`;
  if (has("two_parts")) return token.slice(0, token.lastIndexOf("."));
  if (has("four_parts")) return `${token}.${mac(token, key)}`;
  return token;
}

/** Body and headers of a callback over a claims text. */
export function callbackRequest(
  shop: Shop,
  text: string,
  others: readonly string[],
  has: Has,
): { body: string; headers: Record<string, string> } {
  const token = callbackToken(shop, text, others, has);
  const type = has("content_type_text") ? "text/plain" : "application/json";
  const headers = { ...(has("content_type_none") ? {} : { "Content-Type": type }), "User-Agent": "UAPAY" };
  const whole = JSON.stringify({ token });
  const body = has("no_token")
    ? "{}"
    : has("token_number")
      ? '{"token":12345}'
      : has("bare_claims")
        ? text
        : has("bare_token")
          ? token
          : has("broken_json")
            ? whole.slice(0, -8)
            : has("empty_body")
              ? ""
              : has("extra_fields")
                ? JSON.stringify({ token, status: "FINISHED", paymentStatus: "FINISHED", amount: 1 })
                : whole;
  return { body, headers };
}
