// What the tests in workerd are made with: the Worker's two doors called in-process, a fresh merchant, and the simulator.
// Notifications that the simulator would send over the network are fetched from it and handed to the Worker's own door.

import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { type Planted, type PlantInput, plantMerchant } from "../../db/seed/stories.ts";
import { makeContext } from "../context.ts";
import type { Bindings } from "../env.ts";
import { insideApp, publicApp } from "../http/app.ts";
import { deliverAllDue } from "../outbox/deliver-due.ts";

export const bindings = env as unknown as Bindings &
  Record<"DATABASE_URL" | "NEON_LOCAL" | "KEY_ENCRYPTION_KEYS" | "CLOCK_URL" | "WEB_ORIGIN" | "EDGE_ORIGIN", string>;

/** Calls one of the Worker's doors and waits for what it left running. */
export async function call(
  door: "public" | "inside",
  method: string,
  path: string,
  options: { key?: string; body?: unknown; headers?: Record<string, string>; raw?: BodyInit } = {},
): Promise<Response> {
  const context = createExecutionContext();
  const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const request = new Request(path.startsWith("http") ? path : `http://edge${path}`, {
    method,
    headers: {
      ...(options.key ? { authorization: `Bearer ${options.key}` } : {}),
      ...(options.body === undefined ? {} : { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const app = door === "public" ? publicApp : insideApp;
  const answer = await app.fetch(request, bindings, context);
  await waitOnExecutionContext(context);
  return answer;
}

/** Calls and reads JSON, failing loudly on another status. */
export async function json<T>(
  door: "public" | "inside",
  method: string,
  path: string,
  options: Parameters<typeof call>[3] & { status?: number } = {},
): Promise<T> {
  const answer = await call(door, method, path, options);
  const text = await answer.text();
  const wanted = options.status ?? (method === "POST" ? [200, 201, 202] : [200]);
  if (![wanted].flat().includes(answer.status)) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

/** A fresh merchant of its own; tests never share one. */
export function merchant(input: Partial<PlantInput> = {}): Promise<Planted> {
  return plantMerchant({
    databaseUrl: bindings.DATABASE_URL,
    neonHost: bindings.NEON_LOCAL,
    keyEncryptionKeys: bindings.KEY_ENCRYPTION_KEYS,
    ...input,
  });
}

const sandboxOrigin = () => new URL(bindings.CLOCK_URL).origin;

/** Calls the sandbox's control API. */
export async function sandbox<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(sandboxOrigin() + path, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`sandbox ${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

export type Account = { signature: string; apiKey: string; certificate: string; privateKey: string };
export type Connected = Planted & { connectionId: string; account: Account };

/** A merchant connected to the simulator's NETOPIA. */
export async function connected(
  protocol: "v1" | "v2",
  input: Partial<PlantInput> & { posOptions?: Record<string, unknown>; keyBits?: 1024 | 2048 } = {},
): Promise<Connected> {
  const planted = await merchant(input);
  return { ...planted, ...(await connect(planted, protocol, input)) };
}

/** Connects one more account of the simulator. */
export async function connect(
  planted: Planted,
  protocol: "v1" | "v2",
  input: { posOptions?: Record<string, unknown>; keyBits?: 1024 | 2048 } = {},
): Promise<{ connectionId: string; account: Account }> {
  const account = await sandbox<Account>("POST", "/control/netopia/points-of-sale", {
    keyBits: input.keyBits ?? 1024,
    ...(input.posOptions ? { options: input.posOptions } : {}),
  });
  const credentials =
    protocol === "v1"
      ? { protocol, signature: account.signature, certificate: account.certificate, privateKey: account.privateKey }
      : { protocol, signature: account.signature, apiKey: account.apiKey };
  const { id } = await json<{ id: string }>("public", "POST", "/v1/connections", {
    key: planted.apiKey,
    body: { processor: "netopia", environment: "test", credentials },
  });
  return { connectionId: id, account };
}

export type InvoiceShape = {
  id: string;
  label: string | null;
  link: string | null;
  state: string;
  kind: string;
  is_test: boolean;
  amount: { minor: number; currency: string };
  paid: { minor: number };
  due: { minor: number };
  collection: string;
  fiscal_invoice: { id: string; label: string | null } | null;
  proforma_id: string | null;
  accepts_card: boolean;
};

/** Issues an invoice of 249.90 RON that accepts cards. */
export function invoice(planted: Planted, body: Record<string, unknown> = {}): Promise<InvoiceShape> {
  return json("public", "POST", "/v1/invoices", {
    key: planted.apiKey,
    body: {
      kind: "proforma",
      currency: "RON",
      payer_name: "Client demonstrativ",
      payer_email: "client@demo.example",
      payer_phone: "0700 000 000",
      accepts_card: true,
      lines: [{ description: "Servicii", unit_price_minor: 24_990 }],
      ...body,
    },
  });
}

export function readInvoice(planted: Planted, id: string): Promise<InvoiceShape> {
  return json("public", "GET", `/v1/invoices/${id}`, { key: planted.apiKey });
}

export type AttemptShape = {
  id: string;
  state: string;
  reason: string | null;
  processor_code: string | null;
  processor_reference: string | null;
  captured: { minor: number };
  tries: { outcome: string; reason: string | null; processor_code: string | null }[];
  can_refund: boolean;
};

export async function readAttempts(planted: Planted, id: string): Promise<AttemptShape[]> {
  return (await json<{ data: AttemptShape[] }>("public", "GET", `/v1/invoices/${id}/attempts`, { key: planted.apiKey }))
    .data;
}

export const tokenOf = (shape: { link: string | null }) => (shape.link ?? "").split("/").at(-1) ?? "";

export type StartedShape = {
  attempt_id: string;
  action: { kind: string; url: string; fields?: Record<string, string> };
  resumed: boolean;
};

/** What the payer's press does. */
export function start(
  planted: Connected,
  shape: InvoiceShape,
  body: Record<string, unknown> = {},
): Promise<StartedShape> {
  return json("inside", "POST", `/payer/${tokenOf(shape)}/attempts`, {
    body: { connection_id: planted.connectionId, method: "card", locale: "ro", ...body },
  });
}

export type BuiltIpn = { url: string; method: string; headers: Record<string, string>; bodyBase64: string };

/** Has the simulator build a notification of an order, without sending it. */
export function buildIpn(orderId: string, body: Record<string, unknown> = {}): Promise<BuiltIpn> {
  return sandbox("POST", "/control/netopia/ipn", { orderId, deliver: false, ...body });
}

/** Hands a built notification to the public door, as if it came over the network. */
export function deliverIpn(
  ipn: BuiltIpn,
  change: { body?: Uint8Array; headers?: Record<string, string>; url?: string } = {},
): Promise<Response> {
  const body = change.body ?? Uint8Array.from(atob(ipn.bodyBase64), (c) => c.charCodeAt(0));
  return call("public", ipn.method, new URL(change.url ?? ipn.url).pathname, {
    raw: body as unknown as BodyInit,
    headers: { ...ipn.headers, ...change.headers },
  });
}

/** Everything that is due at the sandbox clock's present. Nothing else in these tests does it: their queue is not heard. */
export async function runDue(): Promise<void> {
  await deliverAllDue(await makeContext(bindings));
}
