// A merchant to test with: planted in the database, connected to the simulated processor, and used by its API key.
import { randomBytes } from "node:crypto";
import { type Planted, plantMerchant } from "../../db/seed/stories.ts";
import { sandbox, stackHandle } from "./stack.ts";

export type Protocol = "v1" | "v2";
export type Shop = Planted & { signature: string; connectionId: string };
export type Invoice = { id: string; label: string; link: string; state: string };
export type Attempt = {
  id: string;
  state: string;
  reason: string | null;
  connection_id: string;
  tries: { outcome: string }[];
};
/** A payment as the simulated processor sees it; `sent` is what our create call carried. */
export type ProcessorPayment = { orderId: string; status: number; payer: Record<string, string>; sent: string };

/** Calls the public API with a merchant's key. */
export async function api<T>(shop: Pick<Planted, "apiKey">, path: string, body?: unknown, method = "POST"): Promise<T> {
  const response = await fetch(stackHandle().edge + path, {
    headers: { "content-type": "application/json", authorization: `Bearer ${shop.apiKey}` },
    ...(body === undefined ? {} : { method, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}

/** A merchant with a point of sale that accepts cards, and no processor yet. */
export function plantShop(): Promise<Planted> {
  return plantMerchant({
    ...stackHandle(),
    switches: { cardOnAllInvoices: true, fiscalFromProforma: true, recordCollection: true },
  });
}

/**
 * A merchant connected to the simulated processor.
 * @param options habits of the processor for this point of sale; see sandbox/README.md
 */
export async function openShop(protocol: Protocol = "v2", options: Record<string, unknown> = {}): Promise<Shop> {
  const planted = await plantShop();
  const signature = (randomBytes(10).toString("hex").toUpperCase().match(/.{4}/g) ?? []).join("-");
  const account = (await sandbox.post("/control/netopia/points-of-sale", {
    signature,
    keyBits: 1024,
    options,
  })) as Record<"certificate" | "privateKey" | "apiKey", string>;
  const { certificate, privateKey, apiKey } = account;
  const credentials =
    protocol === "v1" ? { protocol, signature, certificate, privateKey } : { protocol, signature, apiKey };
  const connection = await api<{ id: string }>(planted, "/v1/connections", {
    processor: "netopia",
    environment: "test",
    credentials,
  });
  await api(planted, `/v1/connections/${connection.id}/check`, {});
  return { ...planted, signature, connectionId: connection.id };
}

/** An issued invoice of 249.90 RON with its payment link, unless told otherwise. */
export function makeInvoice(shop: Pick<Planted, "apiKey">, change: Record<string, unknown> = {}): Promise<Invoice> {
  return api<Invoice>(shop, "/v1/invoices", {
    kind: "proforma",
    currency: "RON",
    payer_name: "Client demonstrativ",
    lines: [{ description: "Servicii de întreținere", unit_price_minor: 24990, vat_percent: 21 }],
    ...change,
  });
}

/** Every attempt of an invoice, newest first. */
export async function attemptsOf(shop: Pick<Planted, "apiKey">, invoice: Invoice): Promise<Attempt[]> {
  const { data } = await api<{ data: Attempt[] }>(shop, `/v1/invoices/${invoice.id}/attempts`);
  return data;
}

/** What the simulated processor has received for an invoice: one payment per attempt that reached it. */
export async function processorPayments(shop: Shop, invoice: Invoice): Promise<ProcessorPayment[]> {
  const attempts = new Set((await attemptsOf(shop, invoice)).map(({ id }) => id));
  const all = (await sandbox.get(`/control/netopia/payments?signature=${shop.signature}`)) as ProcessorPayment[];
  return all.filter(({ orderId }) => attempts.has(orderId));
}

const shared = new Map<Protocol, Promise<Shop>>();

/** A connected merchant that the tests of one worker share: for those that neither plant faults nor change settings. */
export function sharedShop(protocol: Protocol = "v2"): Promise<Shop> {
  const known = shared.get(protocol) ?? openShop(protocol);
  shared.set(protocol, known);
  return known;
}
