// Headers of everything under a payment link: never cached, no referrer, and a policy that allows only our own bytes.

import { createHash } from "node:crypto";
import { LIVE_SCRIPT, ONLINE_SCRIPT, SUBMIT_SCRIPT } from "./live-script.ts";
import { STYLE } from "./style.ts";

/** A source expression that allows exactly this text. */
export function hashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;
}

const STYLE_SOURCE = hashSource(STYLE);
const LIVE_SOURCE = hashSource(LIVE_SCRIPT);
const SUBMIT_SOURCE = hashSource(SUBMIT_SCRIPT);
const ONLINE_SOURCE = hashSource(ONLINE_SCRIPT);

/** What a page is for decides what it may do. */
export type Policy =
  /** The payment page itself: one script, forms to ourselves. */
  | { kind: "page" }
  /** A page without script and form. */
  | { kind: "still" }
  /** What the browser itself shows without a line: one script that waits for it. */
  | { kind: "offline" }
  /** A page that hands a sealed form to a gateway. */
  | { kind: "sealed_form"; gateway: string };

/** Who may show a page in a frame: what cannot stand in a policy as an origin is left out. */
function frameAncestors(origins: readonly string[]): string {
  const clean = origins.filter((origin) => /^https?:\/\/[a-z0-9.-]+(:\d+)?$/.test(origin));
  return `frame-ancestors ${clean.length > 0 ? clean.join(" ") : "'none'"}`;
}

/**
 * The content security policy of a page.
 * @param style the brand's own style, where the page has one
 * @param frames origins that may show it in a frame. X-Frame-Options is never sent: it knows no list, and could only
 *   contradict this one
 */
export function contentSecurityPolicy(policy: Policy, frames: readonly string[] = [], style?: string): string {
  const styles = style ? `${STYLE_SOURCE} ${hashSource(style)}` : STYLE_SOURCE;
  const rest = `style-src ${styles}; img-src 'self' data:; base-uri 'none'; ${frameAncestors(frames)}`;
  switch (policy.kind) {
    case "page":
      return `default-src 'none'; script-src ${LIVE_SOURCE}; connect-src 'self'; worker-src 'self'; form-action 'self'; ${rest}`;
    case "still":
      return `default-src 'none'; form-action 'none'; ${rest}`;
    case "offline":
      return `default-src 'none'; script-src ${ONLINE_SOURCE}; form-action 'none'; ${rest}`;
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
export function pageHeaders(
  policy: Policy,
  language: string,
  frames: readonly string[] = [],
  style?: string,
): Record<string, string> {
  return {
    ...COMMON,
    "content-type": "text/html; charset=utf-8",
    "content-language": language,
    "content-security-policy": contentSecurityPolicy(policy, frames, style),
  };
}

/** Headers of a JSON answer, or of another kind of data. */
export function dataHeaders(contentType = "application/json"): Record<string, string> {
  return {
    ...COMMON,
    "content-type": contentType,
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  };
}
