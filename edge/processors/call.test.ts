// The caller: what it lets out, what it makes of trouble.

import { describe, expect, it } from "vitest";
import { makeCaller, mayCall } from "./call.ts";
import type { HttpRequest } from "./contract.ts";

const allowedOrigins = ["https://api.test/pay", "https://other.test"];
const request = (change: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "POST",
  url: "https://api.test/pay/start",
  effect: "write",
  ...change,
});
const caller = (fetch: (url: string, init: RequestInit) => Promise<Response>, timeoutMs = 50, maxBytes = 100) =>
  makeCaller({ allowedOrigins, fetch, timeoutMs, maxBytes });

describe("makeCaller", () => {
  it("gives status, headers and bytes, and follows no redirect", async () => {
    let seen: RequestInit = {};
    const call = caller(async (_, init) => {
      seen = init;
      return new Response("moved", { status: 302, headers: { location: "https://evil.test/" } });
    });
    const answer = await call(request({ headers: { a: "b" }, body: "x" }));
    expect(answer.ok && [answer.value.status, new TextDecoder().decode(answer.value.body)]).toEqual([302, "moved"]);
    expect(seen).toMatchObject({ method: "POST", redirect: "manual", headers: { a: "b" }, body: "x" });
  });

  it("gives an empty body for none", async () => {
    const answer = await caller(async () => new Response(null, { status: 204 }))(request());
    expect(answer.ok && answer.value.body.byteLength).toBe(0);
  });

  it("sends nothing to an address outside the list", async () => {
    let sent = 0;
    const call = caller(async () => {
      sent += 1;
      return new Response("");
    });
    for (const url of [
      "https://evil.test/pay/start",
      "http://api.test/pay/start",
      "https://api.test:444/pay/start",
      "https://api.test/payment",
      "https://api.test/pay/../admin",
      "https://api.test/pay/%2e%2e/admin",
      "https://api.test.evil.test/pay/",
      "https://api.test@evil.test/pay/",
      "https://user:word@api.test/pay/start",
      "https://user@api.test/pay/start",
      "/pay/start",
      "",
    ]) {
      expect(await call(request({ url })), url).toMatchObject({ ok: false, error: { kind: "rejected" } });
    }
    expect(sent).toBe(0);
  });

  it("allows the base itself and everything under it", () => {
    for (const url of [
      "https://api.test/pay",
      "https://api.test/pay/a?b",
      "https://other.test/",
      "https://other.test/x",
    ]) {
      expect(mayCall(url, allowedOrigins), url).toBe(true);
    }
  });

  it("says by the effect what a failure means", async () => {
    const call = caller(async () => {
      throw new TypeError("fetch failed");
    });
    expect(await call(request({ effect: "read" }))).toMatchObject({ error: { kind: "unreachable" } });
    expect(await call(request({ effect: "write" }))).toMatchObject({ error: { kind: "outcome_unknown" } });
  });

  it("ends after the time limit even when fetch ignores its signal or the body never ends", async () => {
    let signal: AbortSignal | null | undefined;
    const silent = caller((_, init) => {
      signal = init.signal;
      return new Promise(() => undefined);
    }, 5);
    expect(await silent(request())).toEqual({ ok: false, error: { kind: "outcome_unknown", detail: "timed_out" } });
    expect(signal?.aborted).toBe(true);
    const endless = caller(async () => new Response(new ReadableStream()), 5);
    expect(await endless(request({ effect: "read" }))).toMatchObject({
      error: { kind: "unreachable", detail: "timed_out" },
    });
  });

  it("reads up to its size limit and no byte more", async () => {
    const sized = (length: number) => caller(async () => new Response("x".repeat(length)));
    expect((await sized(100)(request())).ok).toBe(true);
    expect(await sized(101)(request())).toMatchObject({
      error: { kind: "outcome_unknown", detail: "answer_too_large" },
    });
    expect(await sized(101)(request({ effect: "read" }))).toMatchObject({ error: { kind: "malformed" } });
  });
});
