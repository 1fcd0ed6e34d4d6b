// Headers of what Next renders: the merchant area, sign-in, consent. Only our own scripts run, and only those of this very
// page; nobody frames it. Payer pages set their own (components/payer/headers.ts).

/** Of every answer of the merchant area that has no policy of its own. */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    // What a script of this page loads is trusted with it; browsers that know no `strict-dynamic` fall back on 'self'.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "media-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "base-uri 'none'",
  ].join("; ");
}

/** Of every answer of the merchant area; what an answer says itself stands. */
const HABITS: Record<string, string> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
  "cross-origin-opener-policy": "same-origin",
};

/** Two years; in production alone, where the address is surely served by TLS. */
const TRANSPORT = "max-age=63072000; includeSubDomains";

/** Payer pages may be framed by those whom the merchant named, and bring their own policy. */
const isPayers = (path: string) => path === "/i" || path.startsWith("/i/");

/** The request as Next shall see it: it reads from this header which nonce its scripts carry. */
export function withPolicy(request: Request, nonce: string): Request {
  const headers = new Headers(request.headers);
  // Never what a caller sent.
  headers.delete("content-security-policy");
  headers.delete("content-security-policy-report-only");
  if (!isPayers(new URL(request.url).pathname)) headers.set("content-security-policy", contentSecurityPolicy(nonce));
  return new Request(request, { headers });
}

/** The answer with what it does not say itself. */
export function withHeaders(answer: Response, path: string, nonce: string, isProduction: boolean): Response {
  const headers = new Headers(answer.headers);
  if (isProduction) headers.set("strict-transport-security", TRANSPORT);
  if (!isPayers(path)) {
    for (const [name, value] of Object.entries(HABITS)) if (!headers.has(name)) headers.set(name, value);
    if (!headers.has("content-security-policy")) headers.set("content-security-policy", contentSecurityPolicy(nonce));
  }
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}

/** New for every answer: 128 bits that nobody can guess. */
export function newNonce(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
}
