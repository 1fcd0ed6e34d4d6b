// Builds a notification of protocol v1: the order as sent, plus `mobilpay`, sealed for the merchant.
import { type CipherName, seal } from "./envelope.ts";
import type { FaultName } from "./faults.ts";
import { textFromMinor } from "./money.ts";
import { addToOrder, type OrderChanges } from "./order.ts";
import type { Ipn, KeyLike, Outgoing, Payment, PointOfSale } from "./state.ts";
import { flipBit } from "./token.ts";

/** `YYYYMMDDHHmmss` of Romanian local time, as the gateway stamps. */
export function romanianStamp(epochMs: number): string {
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone: "Europe/Bucharest",
    dateStyle: "short",
    timeStyle: "medium",
  }).format(epochMs);
  return parts.replace(/\D/g, "");
}

const formEncode = (text: string): string => new URLSearchParams({ v: text }).toString().slice(2);
const cdata = (text: string): string => `<![CDATA[${text.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;
const attribute = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** The `mobilpay` element in the gateway's order of children. */
function mobilpay(payment: Payment, pos: PointOfSale, ipn: Ipn, has: (fault: FaultName) => boolean): string {
  const lower = has("other_amount") ? 1 : 0;
  const customer = ["first_name", "last_name", "address", "email", "mobile_phone"]
    .map((field) => {
      const encoded = formEncode(payment.payer[field] ?? "");
      const damage = has("damaged_customer") && field === "address" ? "%2" : "";
      return `<${field}>${cdata(encoded + damage)}</${field}>`;
    })
    .join("");
  const approved = ipn.code === "0";
  const action = has("unknown_action") ? "teleported" : ipn.action;
  const code = has("unknown_code") ? "777" : has("empty_error_code") ? "" : ipn.code;
  const message = has("blank_message") ? " " : ipn.message;
  const purchase = has("other_payment") ? `9${payment.id.slice(1)}1` : payment.id;
  return [
    `<mobilpay timestamp="${romanianStamp(ipn.at)}"${has("missing_crc") ? "" : ` crc="${ipn.crc}"`}>`,
    `<action>${action}</action>`,
    `<customer type="${attribute(payment.payer.type ?? "person")}">${customer}</customer>`,
    `<purchase>${purchase}</purchase>`,
    `<original_amount>${textFromMinor(Math.max(payment.settledAmount - lower, 0))}</original_amount>`,
    `<processed_amount>${textFromMinor(Math.max(ipn.processed - lower, 0))}</processed_amount>`,
    "<current_payment_count>1</current_payment_count>",
    ipn.panMasked ? `<pan_masked>${ipn.panMasked}</pan_masked>` : "",
    approved ? `<rrn>${payment.id.slice(-7)}</rrn>` : "",
    `<payment_instrument_id>${Number(payment.id.slice(-5)) + 1}</payment_instrument_id>`,
    pos.options.tokens && approved && ipn.panMasked
      ? `<token_id>${cdata(Buffer.from(`token of ${payment.id}`).toString("base64"))}</token_id><token_expiration_date>2029-12-31 23:59:59</token_expiration_date>`
      : "",
    "<installments>0</installments>",
    has("missing_error") ? "" : `<error code="${attribute(code)}">${cdata(message)}</error>`,
    "</mobilpay>",
  ].join("");
}

/** Seals any text for a merchant and lays it into a form, with the envelope's faults. */
export function sealedForm(input: {
  url: string;
  text: string;
  cipher: CipherName;
  merchant: KeyLike;
  stranger: KeyLike;
  has: (fault: FaultName) => boolean;
}): Outgoing {
  const { has } = input;
  const sealed = seal({
    recipient: has("wrong_key") ? input.stranger.certificate : input.merchant.certificate,
    cipher: input.cipher,
    plain: Buffer.from(input.text, "utf8"),
    ...(has("rc4_key_32") ? { rc4KeyBytes: 32 } : {}),
  });
  const flip = (text: string): string => flipBit(Buffer.from(text, "base64")).toString("base64");
  const data = has("tampered_data") ? flip(sealed.data) : sealed.data;
  const fields: [string, string][] = [
    ["env_key", has("tampered_env_key") ? flip(sealed.env_key) : sealed.env_key],
    ["data", has("truncated_base64") ? data.slice(0, -5) : data],
  ];
  if (!has("cipher_missing")) fields.push(["cipher", has("cipher_unknown") ? "des-ede3-cbc" : sealed.cipher]);
  if (sealed.iv && !has("iv_missing")) fields.push(["iv", has("tampered_iv") ? flip(sealed.iv) : sealed.iv]);
  const body = has("spaces_for_plus")
    ? fields.map(([name, value]) => `${name}=${value}`).join("&")
    : new URLSearchParams(fields).toString();
  return {
    url: input.url,
    headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "*/*" },
    body: Buffer.from(body, "utf8"),
  };
}

/** The whole request of a v1 notification. */
export function buildV1(input: {
  payment: Payment;
  pos: PointOfSale;
  ipn: Ipn;
  stranger: KeyLike;
  has: (fault: FaultName) => boolean;
}): Outgoing {
  const { payment, pos, ipn, has } = input;
  const changes: OrderChanges = {};
  if (has("other_pos")) changes.signature = "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ";
  if (has("unknown_order")) changes.id = `unknown-${ipn.id.slice(0, 8)}`;
  if (has("other_amount")) changes.amount = textFromMinor(Math.max(payment.amount - 1, 0));
  if (has("other_currency")) changes.currency = payment.currency === "EUR" ? "USD" : "EUR";
  if (has("missing_params")) changes.noParams = true;
  let text = addToOrder(payment.sent, mobilpay(payment, pos, ipn, has), changes, { pretty: has("pretty_xml") });
  if (has("doctype")) {
    const declaration = '<!DOCTYPE order [<!ENTITY trap "confirmed">]>';
    text = text.startsWith("<?xml") ? text.replace("?>", () => `?>${declaration}`) : declaration + text;
  }
  if (has("not_xml")) text = "this is not XML";
  return sealedForm({
    url: payment.confirmUrl,
    text,
    cipher: payment.ipnCipher ?? "rc4",
    merchant: pos.merchant,
    stranger: input.stranger,
    has,
  });
}
