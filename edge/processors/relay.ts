// Calls to hosts under a root that no ordinary trust store has, sent through our relay (relay/README.md).

import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import { mayCall, NotSent } from "./call.ts";
import type { Descriptor } from "./contract.ts";
import type { ResolvedHosts } from "./hosts.ts";

export type Relay = { url: string; key: string };
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * The fetch for a processor's caller: what its descriptor says only the relay can reach goes there, the rest as it is.
 * Without a relay such a call is a clear fault, and nothing is sent.
 */
export function fetchFor(
  descriptor: Pick<Descriptor<unknown>, "relayedHosts">,
  hosts: Pick<ResolvedHosts, "hosts">,
  relay: Relay | null,
  fetch: Fetch,
): Fetch {
  const relayed = (descriptor.relayedHosts ?? []).map((name) => hosts.hosts[name]).filter((base) => base !== undefined);
  return (url, init) => {
    if (!mayCall(url, relayed)) return fetch(url, init);
    if (!relay) throw new NotSent({ kind: "unsupported", detail: `relay_not_configured: ${new URL(url).host}` });
    return callThrough(relay, url, init, fetch);
  };
}

/** The variables of the environment that tell of a relay, as one value. */
export function relayOf(env: { RELAY_URL?: string | undefined; RELAY_KEY?: string | undefined }): Relay | null {
  return env.RELAY_URL && env.RELAY_KEY ? { url: env.RELAY_URL, key: env.RELAY_KEY } : null;
}

/**
 * One call through the relay. A fault before the processor can have got it throws `NotSent`; any other failure throws
 * plainly, so that the caller judges it by the call's effect.
 */
async function callThrough(relay: Relay, target: string, init: RequestInit, fetch: Fetch): Promise<Response> {
  const signal = init.signal ?? null;
  const method = init.method ?? "GET";
  // A broken connection does not say how far a call came. So it is seen first that the relay is there at all.
  if (method !== "GET") await seeThatItRuns(relay, signal, fetch);
  const headers = Object.fromEntries(new Headers(init.headers));
  const body = JSON.stringify({ method, target, headers, body: typeof init.body === "string" ? init.body : "" });
  const time = String(Date.now()); // of the wire: the relay compares it with its own clock
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(18))).toString("base64url");
  const answer = await fetch(`${relay.url}/call`, {
    method: "POST",
    redirect: "manual",
    signal,
    headers: {
      "content-type": "application/json",
      "plata-relay-time": time,
      "plata-relay-nonce": nonce,
      "plata-relay-signature": signatureOf(relay.key, { method, target, time, nonce, body }),
    },
    body,
  });
  const told = (await answer.json()) as Told;
  if (answer.status === 200 && typeof told.status === "number" && typeof told.body === "string") {
    return responseOf(told.status, told.headers, told.body);
  }
  const fault = typeof told.fault === "string" ? told.fault : `http_${answer.status}`;
  if (told.sent === false) throw new NotSent({ kind: "unreachable", detail: `relay: ${fault}` });
  throw new Error(`relay: ${fault}`);
}

type Told = { status?: unknown; headers?: unknown; body?: unknown; fault?: unknown; sent?: unknown };

async function seeThatItRuns(relay: Relay, signal: AbortSignal | null, fetch: Fetch): Promise<void> {
  let detail = "relay: no_answer";
  try {
    const answer = await fetch(`${relay.url}/health`, { method: "GET", redirect: "manual", signal });
    await answer.arrayBuffer();
    if (answer.status === 200) return;
    detail = `relay: http_${answer.status}`;
  } catch {
    // told below
  }
  throw new NotSent({ kind: "unreachable", detail });
}

/** What is signed is described in relay/README.md. */
function signatureOf(
  key: string,
  call: { method: string; target: string; time: string; nonce: string; body: string },
): string {
  const bodyHash = createHash("sha256").update(call.body).digest("hex");
  const text = ["plata-relay-1", call.method, call.target, call.time, call.nonce, bodyHash].join("\n");
  return createHmac("sha256", key).update(text).digest("hex");
}

function responseOf(status: number, headers: unknown, body: string): Response {
  const pairs = (Array.isArray(headers) ? headers : []).filter(
    (pair): pair is [string, string] =>
      Array.isArray(pair) && pair.length === 2 && pair.every((text) => typeof text === "string"),
  );
  const bytes = Buffer.from(body, "base64");
  // A Response takes no body with these, and no status outside of 200 to 599.
  const isEmpty = status === 204 || status === 205 || status === 304 || bytes.length === 0;
  return new Response(isEmpty ? null : bytes, { status, headers: new Headers(pairs) });
}
