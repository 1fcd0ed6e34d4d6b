// The relay over real TLS: a chain under a root that nobody knows, and everything it must refuse.

import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request as httpRequest, type Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeChain } from "../sandbox/tochka/certificates.ts";
import { readHosts } from "./hosts.ts";
import { makeRelay } from "./server.ts";
import { Gate, signatureOf } from "./signature.ts";

const KEY = "a-shared-key-of-the-tests-0123456789abcdef";
const SECRET = "Bearer secret-token-0123456789";
const folder = mkdtempSync(join(tmpdir(), "plata-relay-"));
const opened: (Server | TlsServer)[] = [];
const lines: string[] = [];
const got: { method: string; url: string; headers: Record<string, unknown>; body: string }[] = [];
let bankPort = 0;
let strangerPort = 0;
let relayPort = 0;
let clock = 0;

const listen = (server: Server | TlsServer): Promise<number> =>
  new Promise((resolve) => {
    opened.push(server);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });

/** A server that says what it got; some of its addresses behave badly. */
async function startBank(chain: { key: string; chain: string }): Promise<number> {
  return listen(
    createTlsServer({ key: chain.key, cert: chain.chain }, (request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        got.push({ method, url, headers, body: Buffer.concat(parts).toString("utf8") });
        if (url.endsWith("/moved")) response.writeHead(302, { location: "https://evil.example/" }).end("moved");
        else if (url.endsWith("/cut")) response.socket?.destroy();
        else if (url.endsWith("/slow")) return;
        else if (url.endsWith("/large")) response.end("x".repeat(5000));
        else if (url.endsWith("/refused")) response.writeHead(403, { "retry-after": "7" }).end('{"code":"403"}');
        else response.writeHead(200, { "content-type": "application/json" }).end('{"ok":"да"}');
      });
    }),
  );
}

async function startRelay(hosts: object, file = "hosts.json"): Promise<number> {
  writeFileSync(join(folder, file), JSON.stringify(hosts));
  return listen(
    makeRelay({
      key: KEY,
      hosts: readHosts(join(folder, file)),
      timeoutMs: 400,
      maxBytes: 4096,
      log: (line) => lines.push(line),
      now: () => Date.now() + clock,
    }),
  );
}

const rootOf = async (name: string) => {
  const made = await makeChain();
  writeFileSync(join(folder, `${name}.pem`), made.rootPem);
  return made;
};

beforeAll(async () => {
  const [bank, stranger] = await Promise.all([rootOf("bank"), rootOf("stranger")]);
  [bankPort, strangerPort] = await Promise.all([startBank(bank), startBank(stranger)]);
  relayPort = await startRelay({
    [`localhost:${bankPort}`]: {
      paths: ["/uapi/", "/connect/token"],
      ca: "bank.pem",
      fingerprint256: new X509Certificate(bank.rootPem).fingerprint256,
    },
    // Trusts no root but the public ones there.
    [`127.0.0.1:${bankPort}`]: { paths: ["/uapi/"] },
    // Trusts another authority's.
    [`localhost:${strangerPort}`]: { paths: ["/uapi/"], ca: "bank.pem" },
  });
});
afterAll(() => {
  for (const server of opened) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  clock = 0;
  got.length = 0;
  lines.length = 0;
});

type Change = {
  method?: string;
  target?: string;
  headers?: Record<string, string>;
  body?: string;
  key?: string;
  time?: number;
  nonce?: string;
  /** Sent in place of what was signed. */
  instead?: object;
  noSignature?: boolean;
};
let serial = 0;

async function call(change: Change = {}) {
  const method = change.method ?? "POST";
  const target = change.target ?? `https://localhost:${bankPort}/uapi/acquiring/v1.0/payments`;
  const asked = { method, target, headers: { authorization: SECRET, ...change.headers }, body: change.body ?? "" };
  const bytes = Buffer.from(JSON.stringify(asked));
  const time = String(change.time ?? Date.now());
  const nonce = change.nonce ?? `nonce-of-the-tests-${++serial}`;
  const signature = signatureOf(change.key ?? KEY, { method, target, time, nonce, body: bytes });
  const response = await fetch(`http://127.0.0.1:${relayPort}/call`, {
    method: "POST",
    headers: {
      "plata-relay-time": time,
      "plata-relay-nonce": nonce,
      ...(change.noSignature ? {} : { "plata-relay-signature": signature }),
    },
    body: change.instead ? JSON.stringify({ ...asked, ...change.instead }) : bytes,
  });
  const body = (await response.json()) as { status?: number; headers?: string[][]; body?: string; fault?: string };
  return { http: response.status, ...body, text: Buffer.from(body.body ?? "", "base64").toString("utf8") };
}

describe("the relay passes on", () => {
  it("a call to a host under the extra root, whole, and its answer", async () => {
    const answer = await call({ body: '{"Data":{"purpose":"Счёт 😀"}}', headers: { customercode: "300000092" } });
    expect(answer).toMatchObject({ http: 200, status: 200, text: '{"ok":"да"}' });
    expect(Object.fromEntries(answer.headers ?? [])).toMatchObject({ "content-type": "application/json" });
    expect(got).toMatchObject([
      {
        method: "POST",
        url: "/uapi/acquiring/v1.0/payments",
        body: '{"Data":{"purpose":"Счёт 😀"}}',
        headers: { authorization: SECRET, customercode: "300000092", host: `localhost:${bankPort}` },
      },
    ]);
  });

  it("a refusal and a redirect as they are, following none", async () => {
    const refused = await call({ target: `https://localhost:${bankPort}/uapi/refused` });
    expect(refused).toMatchObject({ http: 200, status: 403, text: '{"code":"403"}' });
    expect(Object.fromEntries(refused.headers ?? [])["retry-after"]).toBe("7");
    expect(await call({ target: `https://localhost:${bankPort}/uapi/moved` })).toMatchObject({
      http: 200,
      status: 302,
    });
    expect(got).toHaveLength(2);
  });

  it("an encoded slash inside a part of the path, which an account's number has", async () => {
    const target = `https://localhost:${bankPort}/uapi/sbp/v1.0/qr-code/merchant/MF01/4070%2F044?x=1`;
    expect((await call({ method: "GET", target })).status).toBe(200);
    expect(got[0]?.url).toBe("/uapi/sbp/v1.0/qr-code/merchant/MF01/4070%2F044?x=1");
  });
});

describe("the relay lets nobody in", () => {
  it.each<[string, Change, string]>([
    ["without a signature", { noSignature: true }, "signature_missing"],
    ["with another key", { key: "somebody-elses-key-0123456789abcdefghij" }, "signature_wrong"],
    ["with another body than was signed", { instead: { body: "x" } }, "signature_wrong"],
    ["with another target than was signed", { instead: { target: "https://evil.example/" } }, "signature_wrong"],
    ["with other headers than were signed", { instead: { headers: {} } }, "signature_wrong"],
    ["with a nonce that is none", { nonce: "short" }, "signature_missing"],
  ])("%s", async (_title, change, fault) => {
    expect(await call(change)).toMatchObject({ http: 401, fault, sent: false });
    expect(got).toHaveLength(0);
  });

  it("with a signature that is too old, or too far ahead", async () => {
    const time = Date.now();
    clock = 5 * 60_000 + 5_000;
    expect(await call({ time })).toMatchObject({ http: 401, fault: "time_outside_window", sent: false });
    clock = 0;
    expect(await call({ time: time + 6 * 60_000 })).toMatchObject({ http: 401, fault: "time_outside_window" });
    expect(got).toHaveLength(0);
  });

  it("a second time with the same call", async () => {
    const again: Change = { nonce: "the-same-nonce-twice", time: Date.now() };
    expect((await call(again)).http).toBe(200);
    expect(await call(again)).toMatchObject({ http: 401, fault: "replayed", sent: false });
    expect(got).toHaveLength(1);
  });

  it("with what was signed before it started: an earlier process may have let it in", () => {
    let now = 1_800_000_000_000;
    const gate = new Gate(KEY, () => now);
    const signed = (time: number, nonce: string) => {
      const asked = { method: "GET", target: "https://x/", body: new Uint8Array() };
      const signature = signatureOf(KEY, { ...asked, time: String(time), nonce });
      return gate.refuse({ time: String(time), nonce, signature }, asked);
    };
    expect(signed(now - 1, "nonce-0123456789-a")).toBe("signed_before_start");
    expect(signed(now, "nonce-0123456789-b")).toBeNull();
    // Forgotten only when the window is long over.
    now += 5 * 60_000;
    expect(signed(now - 5 * 60_000, "nonce-0123456789-b")).toBe("replayed");
    now += 6 * 60_000;
    expect(signed(now, "nonce-0123456789-b")).toBeNull();
  });
});

describe("the relay calls no other place", () => {
  it.each([
    ["https://evil.example/uapi/x", "host_not_allowed"],
    ["http://localhost:PORT/uapi/x", "host_not_allowed"],
    ["https://localhost/uapi/x", "host_not_allowed"],
    ["https://user:word@localhost:PORT/uapi/x", "host_not_allowed"],
    ["https://localhost:PORT@evil.example/uapi/x", "host_not_allowed"],
    ["file:///etc/passwd", "host_not_allowed"],
    ["no address", "host_not_allowed"],
    ["https://localhost:PORT/", "path_not_allowed"],
    ["https://localhost:PORT/uapi/../admin", "path_not_allowed"],
    ["https://localhost:PORT/uapi/%2e%2e/admin", "path_not_allowed"],
    ["https://localhost:PORT/uapi%2f..%2fadmin", "path_not_allowed"],
    ["https://localhost:PORT/connect/authorize", "path_not_allowed"],
  ])("%s", async (target, fault) => {
    const answer = await call({ target: target.replace("PORT", String(bankPort)) });
    expect(answer).toMatchObject({ http: 403, fault, sent: false });
    expect(got).toHaveLength(0);
  });

  it("under a root that it does not trust for that host, though it does for another", async () => {
    for (const host of [`localhost:${strangerPort}`, `127.0.0.1:${bankPort}`]) {
      const answer = await call({ target: `https://${host}/uapi/x` });
      expect(answer).toMatchObject({ http: 502, fault: expect.stringContaining("cert"), sent: false });
    }
    expect(got).toHaveLength(0);
  });

  it("whatever the environment says of certificates", async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      const answer = await call({ target: `https://localhost:${strangerPort}/uapi/x` });
      expect(answer).toMatchObject({ http: 502, sent: false });
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
    expect(got).toHaveLength(0);
  });
});

describe("the relay says how far a call came", () => {
  it.each([
    ["cut", "econnreset"],
    ["slow", "timed_out"],
    ["large", "answer_too_large"],
  ])("that may have arrived: %s", async (path, fault) => {
    const answer = await call({ target: `https://localhost:${bankPort}/uapi/${path}` });
    expect(answer).toMatchObject({ http: 502, fault, sent: true });
    expect(got).toHaveLength(1);
  });

  it("that cannot have arrived: nobody listens there", async () => {
    const before = relayPort;
    relayPort = await startRelay({ "localhost:1": { paths: ["/"] } }, "nobody.json");
    expect(await call({ target: "https://localhost:1/x" })).toMatchObject({ http: 502, sent: false });
    relayPort = before;
  });
});

describe("the relay is small", () => {
  it("answers health and nothing else", async () => {
    const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${relayPort}${path}`, init);
    expect((await get("/health")).status).toBe(200);
    expect((await get("/")).status).toBe(404);
    expect((await get("/call")).status).toBe(404);
    expect((await get("/call", { method: "POST", body: "{" })).status).toBe(400);
    expect((await get("/call", { method: "POST", body: "x".repeat(300_000) })).status).toBe(413);
  });

  // Node's own servers end it after five seconds, in the face of whoever calls at that moment.
  it("keeps a connection that was silent for a while", async () => {
    const agent = new Agent({ keepAlive: true });
    const ask = () =>
      new Promise<boolean>((resolve, reject) => {
        const asked = httpRequest({ host: "127.0.0.1", port: relayPort, path: "/health", agent }, (answer) => {
          answer.resume().on("end", () => resolve(asked.reusedSocket));
        });
        asked.on("error", reject).end();
      });
    expect(await ask()).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    expect(await ask()).toBe(true);
    agent.destroy();
  }, 20_000);

  it("logs no header, body, query or number", async () => {
    const target = `https://localhost:${bankPort}/uapi/sbp/v1.0/qr-code/merchant/MF0000000007/40702810%2F0445?code=c-o-d-e`;
    await call({ target, body: "p-e-r-s-o-n" });
    await call({ target, noSignature: true });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain(`POST localhost:${bankPort}/uapi/sbp/v1.0/qr-code/merchant/…/…`);
    for (const secret of [SECRET, "secret-token", "c-o-d-e", "p-e-r-s-o-n", "40702810", KEY]) {
      expect(lines.join("\n")).not.toContain(secret);
    }
  });

  it("does not start with another root than was meant, or a short key", () => {
    const write = (entry: object) => writeFileSync(join(folder, "bad.json"), JSON.stringify({ "a.example": entry }));
    write({ paths: ["/"], ca: "bank.pem", fingerprint256: "00:11" });
    expect(() => readHosts(join(folder, "bad.json"))).toThrow("another certificate");
    write({ paths: [] });
    expect(() => readHosts(join(folder, "bad.json"))).toThrow("has no paths");
    expect(() => makeRelay({ key: "short", hosts: new Map() })).toThrow("shorter than 32");
  });
});
