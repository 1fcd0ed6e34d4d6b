// The relay's HTTP side: POST /call takes a signed call, GET /health says that it runs. Nothing else is answered.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Answer, type Failure, type Limits, makeForwarder } from "./forward.ts";
import { type Hosts, hostOf } from "./hosts.ts";
import { Gate } from "./signature.ts";

export type RelaySettings = {
  key: string;
  hosts: Hosts;
  /** One line of JSON per call: never a header, a body, a query or a number in a path. */
  log?: (line: string) => void;
  now?: () => number;
} & Partial<Limits>;

const LARGEST_CALL = 256 * 1024;
const METHODS = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);

type Outcome = { status: number; body: object; about?: string };
type Asked = { method: string; target: string; headers: Record<string, string>; body: string };

/** Makes the server; it does not listen yet. */
export function makeRelay(settings: RelaySettings): Server {
  const { key, hosts, log = () => {}, now = Date.now, timeoutMs = 12_000, maxBytes = 1024 * 1024 } = settings;
  if (key.length < 32) throw new Error("the relay's key is shorter than 32 characters");
  const gate = new Gate(key, now);
  const { forward, close } = makeForwarder({ timeoutMs, maxBytes });

  async function handle(request: IncomingMessage): Promise<Outcome> {
    if (request.method === "GET" && request.url === "/health") return { status: 200, body: { relay: "ready" } };
    if (request.method !== "POST" || request.url !== "/call") return refused(404, "not_found");
    const bytes = await readUpTo(request, LARGEST_CALL);
    if (!bytes) return refused(413, "call_too_large");
    const asked = askedOf(bytes);
    if (!asked) return refused(400, "call_unreadable");
    const header = (name: string) => String(request.headers[name] ?? "");
    const refusal = gate.refuse(
      {
        time: header("plata-relay-time"),
        nonce: header("plata-relay-nonce"),
        signature: header("plata-relay-signature"),
      },
      { method: asked.method, target: asked.target, body: bytes },
    );
    if (refusal) return refused(401, refusal);
    const url = URL.canParse(asked.target) ? new URL(asked.target) : null;
    const host = url ? hostOf(hosts, url) : "host_not_allowed";
    if (!url || typeof host === "string") return refused(403, String(host));
    if (!METHODS.has(asked.method)) return refused(400, "method_not_allowed");
    const body = Buffer.from(asked.body, "utf8");
    const outcome = await forward({ method: asked.method, url, headers: asked.headers, body }, host);
    return { ...toldOf(outcome), about: `${asked.method} ${url.host}${withoutNumbers(url.pathname)}` };
  }

  const server = createServer((request, response) => {
    const began = now();
    handle(request)
      .catch(() => refused(400, "call_unreadable"))
      .then(({ status, body, about }) => {
        const { fault, status: theirs } = body as { fault?: string; status?: number };
        const line = {
          at: new Date(began).toISOString(),
          call: about ?? "-",
          status: theirs,
          fault,
          ms: now() - began,
        };
        if (request.url !== "/health") log(JSON.stringify(line));
        answer(response, status, body);
      });
  });
  // Node's 5 s are shorter than what ends TLS before it keeps a silent connection: now and then a call would meet its end.
  server.keepAliveTimeout = 120_000;
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.maxRequestsPerSocket = 1_000;
  server.on("close", close);
  return server;
}

function toldOf(outcome: Answer | Failure): { status: number; body: object } {
  if ("fault" in outcome) return { status: 502, body: outcome };
  const { status, headers, body } = outcome;
  return { status: 200, body: { status, headers, body: Buffer.from(body).toString("base64") } };
}

function refused(status: number, fault: string): Outcome {
  return { status, body: { fault, sent: false } satisfies Failure };
}

/** What is asked for; null when it has not exactly the shape that the edge sends. */
function askedOf(bytes: Uint8Array): Asked | null {
  try {
    const value = JSON.parse(
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes),
    ) as Partial<Asked> | null;
    const { method, target, headers, body } = value ?? {};
    const isText = typeof method === "string" && typeof target === "string" && typeof body === "string";
    if (!isText || typeof headers !== "object" || headers === null) return null;
    const isHeaders = Object.entries(headers).every(
      ([name, text]) => /^[A-Za-z0-9-]{1,64}$/.test(name) && typeof text === "string" && /^[\x20-\x7e]*$/.test(text),
    );
    return isHeaders ? { method, target, headers, body } : null;
  } catch {
    return null;
  }
}

/** Parts of a path that hold digits are ids or accounts; the words say enough. */
function withoutNumbers(path: string): string {
  return path
    .split("/")
    .map((part) => (/^[a-z_-]{1,40}$|^v\d(\.\d)?$/.test(part) || part === "" ? part : "…"))
    .join("/");
}

async function readUpTo(request: IncomingMessage, limit: number): Promise<Uint8Array | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > limit) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function answer(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed || response.headersSent) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "cache-control": "no-store",
    // What is left of a call that was too large is not read.
    ...(status === 413 ? { connection: "close" } : {}),
  });
  response.end(text);
}
