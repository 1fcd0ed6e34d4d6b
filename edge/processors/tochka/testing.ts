// The other side of Tochka's wire for tests: truthful signing and answers, written apart from the adapter.

import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { CallContext, NotificationRequest, StartAttempt } from "../contract.ts";
import type { TochkaCredentials } from "./credentials.ts";

export const ATTEMPT = "att_01KAF2M1Q7X4V3N8E5T6R9W0YZ";
export const OPERATION = "48232c9a-ce82-1593-3cb6-5c85a1ffef8f";
export const QRC_ID = "AD10006DPRTEFPFS9HJ9SQSDSVRHJD3L";
export const TRX_ID = "B62001100263820100000533E625FCB3";
export const SECRET = "fixture-secret-0123456789abcdef";
export const NOTIFY_URL = "https://pay.example.test/ipn/con_1";

export const credentials: TochkaCredentials = {
  clientId: "fixture-client-4e1a2b",
  clientSecret: "fixture-client-secret-77aa88bb99cc",
  customerCode: "300000092",
  merchantId: "200000000001056",
  sbpMerchantId: "MF0000000007",
  accountId: "40702810000000000001/044525104",
  accessToken: "fixture-access-token-0123456789",
  refreshToken: "fixture-refresh-token-0123456789",
};

/** Receipt options of a merchant whose receipts the bank issues. */
export const BANK_RECEIPT = {
  fiscalisation: "bank",
  taxSystem: "usn_income",
  vatRate: "none",
  receiptMethod: "full_payment",
  receiptObject: "service",
};

export type Pair = { privateKey: KeyObject; jwk: string; publicPem: string };

/** A pair as the bank's: RSA, 3072 bits (8.3); smaller where many are made. */
export function makePair(bits = 2048): Pair {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  return {
    privateKey: createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" }).toString()),
    jwk: JSON.stringify(publicKey.export({ format: "jwk" })),
    publicPem: publicKey.export({ format: "pem", type: "spki" }).toString(),
  };
}

const part = (text: string): string => Buffer.from(text, "utf8").toString("base64url");

/** A token as the bank makes it; claims are an object or exact text, the header may be any. */
export function token(claims: object | string, pair: Pair, header: object = { typ: "JWT", alg: "RS256" }): string {
  const message = `${part(JSON.stringify(header))}.${part(typeof claims === "string" ? claims : JSON.stringify(claims))}`;
  return `${message}.${sign("RSA-SHA256", Buffer.from(message), pair.privateKey).toString("base64url")}`;
}

/** A token signed with the public key's text as if it were a shared secret: what a careless verifier takes. */
export function confusedToken(claims: object, pair: Pair): string {
  const message = `${part(JSON.stringify({ typ: "JWT", alg: "HS256" }))}.${part(JSON.stringify(claims))}`;
  return `${message}.${createHmac("sha256", pair.publicPem).update(message).digest("base64url")}`;
}

/** A token without any signature. */
export function unsignedToken(claims: object): string {
  return `${part(JSON.stringify({ typ: "JWT", alg: "none" }))}.${part(JSON.stringify(claims))}.`;
}

/** The request that brings a token. */
export function webhook(text: string): NotificationRequest {
  return {
    method: "POST",
    url: NOTIFY_URL,
    headers: new Headers({ "content-type": "text/plain" }),
    body: new TextEncoder().encode(text),
  };
}

/** Claims of a payment by link (8.4). */
export function linkClaims(change: object = {}): object {
  return {
    customerCode: credentials.customerCode,
    amount: "249.90",
    paymentType: "card",
    operationId: OPERATION,
    purpose: "Счёт 77",
    webhookType: "acquiringInternetPayment",
    merchantId: credentials.merchantId,
    consumerId: "fedac807-078d-45ac-a43b-5c01c57edbf8",
    status: "APPROVED",
    paymentLinkId: ATTEMPT,
    ...change,
  };
}

/** Claims of a payment by QR (8.4). */
export function qrClaims(change: object = {}): object {
  return {
    operationId: TRX_ID,
    qrcId: QRC_ID,
    amount: "249.9",
    payerMobileNumber: "+79000000001",
    payerName: "Иван Иванович И.",
    brandName: "Школа",
    merchantId: credentials.sbpMerchantId,
    purpose: "Счёт 77",
    webhookType: "incomingSbpPayment",
    customerCode: credentials.customerCode,
    refTransactionId: "1a2b3c",
    ...change,
  };
}

/** What a throw-away attempt is started with. */
export function attempt(change: Partial<StartAttempt> = {}): StartAttempt {
  return {
    attemptId: ATTEMPT,
    method: "card",
    amount: { minor: 24_990n, currency: "RUB" },
    capture: "automatic",
    description: "Счёт 77",
    locale: "ru",
    payer: { name: "Клиент", email: "client@example.test" },
    returnUrl: "https://pay.example.test/r/1",
    notifyUrl: `${NOTIFY_URL}/${ATTEMPT}/${SECRET}`,
    secret: SECRET,
    ...change,
  };
}

/** A context with other credentials or options. */
export function changed(
  context: CallContext<TochkaCredentials>,
  change: Partial<CallContext<TochkaCredentials>>,
): CallContext<TochkaCredentials> {
  return { ...context, ...change };
}
