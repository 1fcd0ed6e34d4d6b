// The headers of the merchant area: nothing runs that is not ours, nobody frames it, and payer pages keep their own.
import { expect, test } from "vitest";
import { contentSecurityPolicy, newNonce, withHeaders, withPolicy } from "./headers.ts";

const NONCE = "AAAAAAAAAAAAAAAAAAAAAA==";
const html = (headers: Record<string, string> = {}) => new Response("<p>", { headers });

test("the policy lets no inline script, no eval and no strange origin through", () => {
  const policy = contentSecurityPolicy(NONCE);
  expect(policy).not.toMatch(/unsafe|https?:|\*|blob:/);
  for (const directive of [
    "default-src 'none'",
    `script-src 'self' 'nonce-${NONCE}' 'strict-dynamic'`,
    "frame-ancestors 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ]) {
    expect(policy.split("; ")).toContain(directive);
  }
});

test("each answer has a nonce of its own, and Next is told the same one", () => {
  const nonces = new Set(Array.from({ length: 100 }, newNonce));
  expect(nonces.size).toBe(100);
  for (const nonce of nonces) expect(nonce).toMatch(/^[A-Za-z0-9+/]{22}==$/);
  const told = withPolicy(new Request("https://plata.example/invoices"), NONCE);
  const said = withHeaders(html(), "/invoices", NONCE, false);
  expect(told.headers.get("content-security-policy")).toBe(said.headers.get("content-security-policy"));
});

test("a policy that a caller sends reaches no page", () => {
  const headers = {
    "content-security-policy": "script-src 'nonce-evil'",
    "content-security-policy-report-only": "script-src 'nonce-evil'",
  };
  for (const path of ["/invoices", "/i/abc"]) {
    const { headers: told } = withPolicy(new Request(`https://plata.example${path}`, { headers }), NONCE);
    expect([...told.values()].join()).not.toContain("evil");
  }
});

test("the body, the cookies and the status of an answer are untouched", async () => {
  const given = new Response("hello", { status: 303, headers: { location: "/invoices" } });
  given.headers.append("set-cookie", "a=1; Path=/");
  given.headers.append("set-cookie", "__Host-b=2; Path=/; Secure");
  const answer = withHeaders(given, "/sign-in/submit", NONCE, false);
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "/invoices"]);
  expect(answer.headers.getSetCookie()).toEqual(["a=1; Path=/", "__Host-b=2; Path=/; Secure"]);
  expect(await answer.text()).toBe("hello");
});

test("a policy of a page's own stands, and payer pages are left alone", () => {
  const own = "default-src 'none'";
  const sealed = withHeaders(
    html({ "content-security-policy": own, "referrer-policy": "no-referrer" }),
    "/x",
    NONCE,
    true,
  );
  expect(sealed.headers.get("content-security-policy")).toBe(own);
  expect(sealed.headers.get("referrer-policy")).toBe("no-referrer");
  expect(sealed.headers.get("x-frame-options")).toBe("DENY");
  const payers = withHeaders(html(), "/i/abc", NONCE, true);
  expect([...payers.headers.keys()].sort()).toEqual(["content-type", "strict-transport-security"]);
  // A merchant's own address that only begins alike.
  expect(withHeaders(html(), "/invoices", NONCE, true).headers.has("content-security-policy")).toBe(true);
});

test("only production asks browsers to come by TLS alone", () => {
  expect(withHeaders(html(), "/", NONCE, true).headers.get("strict-transport-security")).toMatch(/max-age=63072000/);
  expect(withHeaders(html(), "/", NONCE, false).headers.has("strict-transport-security")).toBe(false);
});
