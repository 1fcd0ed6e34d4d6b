// The other side of UAPAY's wire for tests: truthful signing of answers and notifications, written apart from the adapter.

import { createHmac } from "node:crypto";
import type { NotificationRequest } from "../contract.ts";
import type { WireAnswer } from "../contract-suite.ts";
import type { UapayCredentials } from "./credentials.ts";

export const ATTEMPT = "INV77-2";
export const INVOICE = "3f6c1b52-8a47-4d09-b1e2-7c5d90a4e816";
export const PAYMENT = "a9d2e7c4-1b35-4f68-93a0-2e8c6d71f504";
export const SECRET = "fixture-secret-0123456789abcdef";
export const NOTIFY_URL = `https://pay.example.test/ipn/con_1/${ATTEMPT}/${SECRET}`;

/** Keys that look like base64, as UAPAY's do, and are none (uapay.md 2). */
export const credentials: UapayCredentials = { shopId: "1234", secretKey: "Zml4dHVyZUZpeHR1cg==" };
export const FOREIGN_KEY = "c29tZWJvZHlFbHNlcw==";

export type Signing = { key?: string | Buffer; header?: object; hash?: string };

const part = (text: string) => Buffer.from(text, "utf8").toString("base64url");

/** A compact JWT over exact text or over an object. */
export function token(claims: object | string, how: Signing = {}): string {
  const payload = typeof claims === "string" ? claims : JSON.stringify(claims);
  const signed = `${part(JSON.stringify(how.header ?? { alg: "HS256", typ: "JWT" }))}.${part(payload)}`;
  const mac = createHmac(how.hash ?? "sha256", how.key ?? credentials.secretKey).update(signed);
  return `${signed}.${mac.digest("base64url")}`;
}

/** What UAPAY answers: its claims signed (3.2). */
export function answer(fixture: { claims: object }, change: object = {}, how: Signing = {}): WireAnswer {
  return { status: 200, body: { status: 1, data: { token: token({ ...fixture.claims, ...change }, how) } } };
}

/** A refusal: nobody signs it (3.3). */
export function refused(code: string, message = "", status = 200): WireAnswer {
  return { status, body: { status: 0, error: { code, ...(message === "" ? {} : { message }) } } };
}

/** A notification; its body is what stands beside `token`, or exact text. */
export function callback(claims: object | string, how: Signing = {}): NotificationRequest {
  return posted(JSON.stringify({ token: token(claims, how) }));
}

/** Any body at the shop's address. */
export function posted(body: string): NotificationRequest {
  return {
    method: "POST",
    url: "https://pay.example.test/ipn/con_1",
    headers: new Headers({ "content-type": "application/json" }),
    body: new TextEncoder().encode(body),
  };
}

/** The claims of a request that was sent, its signature checked. */
export function sentClaims(body: string | undefined): Record<string, unknown> {
  const { token: text, ...clear } = JSON.parse(body ?? "{}") as Record<string, unknown> & { token: string };
  const [head = "", payload = "", mac = ""] = text.split(".");
  const expected = createHmac("sha256", credentials.secretKey).update(`${head}.${payload}`).digest("base64url");
  if (mac !== expected) throw new Error("the request is not signed with the shop's key");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Record<string, unknown>;
  if (JSON.stringify(claims) !== JSON.stringify(clear)) throw new Error("what is signed differs from what is clear");
  return claims;
}
