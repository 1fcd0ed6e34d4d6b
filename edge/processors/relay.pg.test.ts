// The edge's way through the running relay, and what a fault on it means.

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { makeRelay } from "../../relay/server.ts";
import { makeCaller } from "./call.ts";
import type { HttpRequest } from "./contract.ts";
import { type Fetch, fetchFor, type Relay } from "./relay.ts";

const { edgeVariables } = inject("testStack");
const overrides = JSON.parse(edgeVariables.PROCESSOR_HOSTS ?? "{}") as Record<string, string>;
const api = overrides["https://enter.tochka.com/sandbox/v2"] ?? "";
const running: Relay = { url: edgeVariables.RELAY_URL ?? "", key: edgeVariables.RELAY_KEY ?? "" };

/** A call to the bank's simulator as an adapter makes it. */
async function call(
  relay: Relay | null,
  change: Partial<HttpRequest> = {},
  fetchBy: Fetch = (url, init) => fetch(url, init),
) {
  const hosts = { hosts: { api, page: "http://localhost:9" } };
  const send = fetchFor({ relayedHosts: ["api"] }, hosts, relay, fetchBy);
  const caller = makeCaller({ allowedOrigins: [api, "http://localhost:9"], fetch: send, timeoutMs: 3000 });
  return caller({ method: "GET", url: `${api}/acquiring/v1.0/retailers?customerCode=1`, effect: "read", ...change });
}

const write = { method: "POST", effect: "write", url: `${api}/acquiring/v1.0/payments`, body: "{}" } as const;
const servers: Server[] = [];
const listen = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    servers.push(server);
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });

beforeAll(() => expect(api).toMatch(/^https:\/\/localhost:\d+\//));
afterAll(() => {
  for (const server of servers) server.close();
});

describe("calls through the relay", () => {
  it("reach a host whose root nobody here trusts", async () => {
    const direct = await fetch(`${api}/x`).catch((error: Error) => error);
    expect(direct).toBeInstanceOf(Error);
    const answer = await call(running, { headers: { authorization: "Bearer nobody" } });
    expect(answer).toMatchObject({ ok: true, value: { status: 403 } });
    expect(answer.ok && JSON.parse(new TextDecoder().decode(answer.value.body))).toMatchObject({ code: "403" });
  });

  it("do nothing without a relay, and say so", async () => {
    const detail = `relay_not_configured: ${new URL(api).host}`;
    for (const request of [{}, write]) {
      expect(await call(null, request)).toEqual({ ok: false, error: { kind: "unsupported", detail } });
    }
  });

  it("leave other hosts alone", async () => {
    const seen: string[] = [];
    await call(running, { url: "http://localhost:9/page" }, async (url) => {
      seen.push(url);
      return new Response("");
    });
    expect(seen).toEqual(["http://localhost:9/page"]);
  });

  it.each([
    ["nobody is there", { ...running, url: "http://127.0.0.1:1" }],
    ["the key is another", { ...running, key: "another-key-0123456789-abcdefghijklmnop" }],
  ])("are unreachable, whatever they would do, when %s", async (_title, relay) => {
    for (const request of [{}, write]) {
      expect(await call(relay, request)).toMatchObject({ ok: false, error: { kind: "unreachable" } });
    }
  });

  it("are unreachable when the relay does not trust the host", async () => {
    const hosts = new Map([[new URL(api).host, { paths: ["/"], ca: [] }]]);
    const url = await listen(makeRelay({ key: running.key, hosts }));
    for (const request of [{}, write]) {
      expect(await call({ url, key: running.key }, request)).toMatchObject({
        ok: false,
        error: { kind: "unreachable", detail: expect.stringMatching(/^relay: .*cert/) },
      });
    }
  });

  it("have an unknown outcome when the answer is lost after a write was passed on, and none when it was a read", async () => {
    const lossy: Fetch = async (url, init) => {
      const answer = await fetch(url, init);
      if (!url.endsWith("/call")) return answer;
      throw new TypeError("the connection broke");
    };
    expect(await call(running, write, lossy)).toMatchObject({ ok: false, error: { kind: "outcome_unknown" } });
    expect(await call(running, {}, lossy)).toMatchObject({ ok: false, error: { kind: "unreachable" } });
  });

  it("have an unknown outcome when the relay heard no answer after it had sent", async () => {
    const told: Fetch = async (url, init) =>
      url.endsWith("/call") ? Response.json({ fault: "timed_out", sent: true }, { status: 502 }) : fetch(url, init);
    expect(await call(running, write, told)).toMatchObject({ ok: false, error: { kind: "outcome_unknown" } });
    expect(await call(running, {}, told)).toMatchObject({ ok: false, error: { kind: "unreachable" } });
  });
});
