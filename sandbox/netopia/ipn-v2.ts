// Builds a notification of protocol v2: JSON whose exact bytes the Verification-token vouches for.
import type { FaultName } from "./faults.ts";
import type { Ipn, KeyLike, Outgoing, Payment, PointOfSale } from "./state.ts";
import { verificationToken } from "./token.ts";

/** What is known about the card, in the fields of notifications and status answers. */
export function instrumentOf(panMasked: string | null): object | null {
  return panMasked ? { panMasked, panCategory: "debit", issuer: "Sandbox Bank", country: 642 } : null;
}

/** Data of an approval. */
export function approvalData(payment: Payment): Record<string, string> {
  return {
    AuthCode: payment.id.slice(-6),
    BIN: "990000",
    ISSUER: "Sandbox Bank",
    ISSUER_COUNTRY: "642",
    RRN: payment.id.slice(-12),
  };
}

/** The notification's content. */
function content(payment: Payment, pos: PointOfSale, ipn: Ipn, has: (fault: FaultName) => boolean): object {
  const lower = has("other_amount") ? 1 : 0;
  const amountOf = (minor: number): number => Math.max(minor - lower, 0) / 100;
  // A refund's notification tells the original amount: full and partial look alike.
  const amount = amountOf(ipn.action === "credit" ? payment.settledAmount : ipn.processed);
  const status = has("unknown_status") ? 77 : ipn.status;
  const approved = ipn.code === "00";
  const ntpID = has("other_payment") ? `9${payment.id.slice(1)}1` : payment.id;
  const token = Buffer.from(`token of ${payment.id}`).toString("base64");
  return {
    payment: {
      ntpID,
      status: has("status_as_string") ? String(status) : status,
      amount,
      currency: has("other_currency") ? (payment.settledCurrency === "EUR" ? "USD" : "EUR") : payment.settledCurrency,
      code: has("unknown_code") ? "777" : ipn.code,
      message: ipn.message,
      method: "card",
      operationDate: new Date(ipn.at).toISOString(),
      instrument: instrumentOf(ipn.panMasked),
      ...(approved && ipn.panMasked ? { data: approvalData(payment) } : {}),
      ...(approved && pos.options.tokens ? { token, binding: { token, expireMonth: 12, expireYear: 2029 } } : {}),
    },
    order: {
      orderID: has("unknown_order") ? `unknown-${ipn.id.slice(0, 8)}` : payment.orderId,
      posSignature: has("other_pos") ? "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ" : payment.signature,
      amount: amountOf(payment.amount),
      currency: payment.currency,
      ntpID,
      data: payment.data,
    },
  };
}

/** Signs any body for a point of sale and lays both into a request, with the token's and transport's faults. */
export function signedRequest(input: {
  url: string;
  text: string;
  signature: string;
  platform: KeyLike;
  stranger: KeyLike;
  now: number;
  has: (fault: FaultName) => boolean;
}): Outgoing {
  const { has } = input;
  const body = Buffer.from(input.text, "utf8");
  const signer = has("wrong_key") ? input.stranger : input.platform;
  const token = verificationToken({
    body,
    signature: has("other_pos") ? "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ" : input.signature,
    privateKey: signer.privateKey,
    publicKey: signer.publicKey,
    now: input.now,
    has,
  });
  let sent: Buffer = body;
  if (has("tampered_body")) {
    // A digit becomes another digit, so that the body still reads as a notification.
    const at = input.text.search(/\d(?=[^\d]*$)/);
    const digit = Number(input.text[at] ?? "0");
    sent = Buffer.from(`${input.text.slice(0, at)}${(digit + 1) % 10}${input.text.slice(at + 1)}`, "utf8");
  }
  if (has("reserialised_body")) sent = Buffer.from(JSON.stringify(JSON.parse(input.text), null, 1), "utf8");
  const headerName = has("header_lower_case")
    ? "verification-token"
    : has("header_upper_case")
      ? "VERIFICATION-TOKEN"
      : "Verification-token";
  return {
    url: input.url,
    headers: {
      ...(has("content_type_none")
        ? {}
        : { "Content-Type": has("content_type_text") ? "text/plain" : "application/json" }),
      Accept: "application/json",
      ...(has("missing_header") ? {} : { [headerName]: token }),
    },
    body: sent,
  };
}

/** The whole request of a v2 notification. */
export function buildV2(input: {
  payment: Payment;
  pos: PointOfSale;
  ipn: Ipn;
  platform: KeyLike;
  stranger: KeyLike;
  now: number;
  has: (fault: FaultName) => boolean;
}): Outgoing {
  const json = JSON.stringify(content(input.payment, input.pos, input.ipn, input.has));
  return signedRequest({
    url: input.payment.confirmUrl,
    text: input.has("malformed_json") ? json.slice(0, -2) : json,
    signature: input.payment.signature,
    platform: input.platform,
    stranger: input.stranger,
    now: input.now,
    has: input.has,
  });
}
