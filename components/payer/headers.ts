// Headers of everything under a payment link: never cached, no referrer, and a policy that allows only our own bytes.

import { createHash } from "node:crypto";
import { LIVE_SCRIPT, SUBMIT_SCRIPT } from "./live-script.ts";
import { STYLE } from "./style.ts";

/** A source expression that allows exactly this text. */
export function hashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;
}

const STYLE_SOURCE = hashSource(STYLE);
const LIVE_SOURCE = hashSource(LIVE_SCRIPT);
const SUBMIT_SOURCE = hashSource(SUBMIT_SCRIPT);

/** What a page is for decides what it may do. */
export type Policy =
  /** The payment page itself: one script, forms to ourselves. */
  | { kind: "page" }
  /** A page without script and form. */
  | { kind: "still" }
  /** A page that hands a sealed form to a gateway. */
  | { kind: "sealed_form"; gateway: string };

/** The content security policy of a page. */
export function contentSecurityPolicy(policy: Policy): string {
  const rest = `style-src ${STYLE_SOURCE}; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'`;
  switch (policy.kind) {
    case "page":
      return `default-src 'none'; script-src ${LIVE_SOURCE}; connect-src 'self'; form-action 'self'; ${rest}`;
    case "still":
      return `default-src 'none'; form-action 'none'; ${rest}`;
    case "sealed_form":
      return `default-src 'none'; script-src ${SUBMIT_SOURCE}; form-action ${policy.gateway}; ${rest}`;
  }
}

const COMMON = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-robots-tag": "noindex, nofollow",
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
};

/** Headers of an HTML answer. */
export function pageHeaders(policy: Policy, language: string): Record<string, string> {
  return {
    ...COMMON,
    "content-type": "text/html; charset=utf-8",
    "content-language": language,
    "content-security-policy": contentSecurityPolicy(policy),
  };
}

/** Headers of a JSON answer. */
export function dataHeaders(): Record<string, string> {
  return {
    ...COMMON,
    "content-type": "application/json",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  };
}
