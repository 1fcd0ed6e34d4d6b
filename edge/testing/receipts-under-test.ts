// A merchant whose bank makes no receipts but whose own register does, payments that go through, and what the simulated
// register has printed.

import type { PlantInput } from "../../db/seed/stories.ts";
import { call, type InvoiceShape, invoice, json, runDue, sandbox, start } from "./edge-under-test.ts";
import { connectedTochka, decide, outlet, type Saved } from "./tochka-under-test.ts";

export type KomtetShop = { shopId: string; secret: string; queueId: string };
export type KomtetTask = {
  id: number;
  externalId: string;
  state: string;
  check: {
    intent: string;
    client: { email: string };
    company: { sno: number; payment_address: string };
    payments: { type: string; sum: number }[];
    positions: {
      name: string;
      price: number;
      quantity: number;
      total: number;
      vat: string;
      payment_method: string;
      payment_object: string;
    }[];
    callback_url: string;
  };
  qr: string | null;
};
export type ReceiptShape = {
  id: string;
  kind: string;
  type: string;
  state: string;
  service: string | null;
  amount: { minor: number };
  email: string | null;
  positions: { name: string; total_minor: number; vat: string; method: string }[];
  external_id: string;
  reason: string | null;
  reason_text: string | null;
  fiscal: { document: string; store: string; sign: string; at: string; qr: string } | null;
  url: string | null;
  next_look_at: string | null;
};

export type Seller = Saved & { account: never; komtet: KomtetShop };

export const SIGNS = {
  tax_system: "usn_income",
  vat_rate: "none",
  receipt_method: "full_payment",
  receipt_object: "service",
};

/** A shop of the simulator's Komtet.Kassa that ends its tasks at once, unless told otherwise. */
export function komtetShop(input: Record<string, unknown> = {}): Promise<KomtetShop> {
  return sandbox("POST", "/control/komtet/shops", { delaySeconds: 0, callbacks: false, ...input });
}

/** Chooses the register of a shop; the caller looks at the answer. */
export function chooseRegister(of: { apiKey: string; pointOfSaleId: string }, body: Record<string, unknown>) {
  return call("public", "PUT", `/v1/points-of-sale/${of.pointOfSaleId}/register`, {
    key: of.apiKey,
    body: { ...SIGNS, ...body },
  });
}

/** A merchant that takes roubles by the bank, without its receipts, and has Komtet.Kassa. */
export async function seller(
  signs: Record<string, unknown> = {},
  shop: Record<string, unknown> = {},
  input: Partial<PlantInput> = {},
): Promise<Seller> {
  const saved = await connectedTochka(input);
  const account_id = outlet(saved.bank, "С кассой");
  const decided = await decide(saved, { account_id, options: { fiscalisation: "register" } });
  if (decided.status !== 200) throw new Error(await decided.text());
  const komtet = await komtetShop(shop);
  const chosen = await chooseRegister(saved, { service: "komtet", credentials: credentialsOf(komtet), ...signs });
  if (chosen.status !== 200) throw new Error(`register: ${chosen.status} ${await chosen.text()}`);
  return { ...saved, account: undefined as never, komtet };
}

export const credentialsOf = ({ shopId, secret, queueId }: KomtetShop) => ({ shopId, secretKey: secret, queueId });

/** An invoice in roubles. */
export const owedTo = (shop: Seller, body: Record<string, unknown> = {}) =>
  invoice(shop, {
    currency: "RUB",
    lines: [
      { description: "Занятие", quantity: 3, unit_price_minor: 33_330 },
      { description: "Учебник", unit_price_minor: 50_010 },
    ],
    ...body,
  });

export const look = (shop: { apiKey: string }, attemptId: string) =>
  json("public", "POST", `/v1/attempts/${attemptId}/look`, { key: shop.apiKey });

/** Pays an invoice by card at the bank, and does what is due. */
export async function pay(shop: Seller, owed: InvoiceShape): Promise<string> {
  const attemptId = await open(shop, owed);
  await payAt(shop, attemptId);
  await runDue();
  return attemptId;
}

/** Opens the bank's page. */
export async function open(shop: Seller, owed: InvoiceShape): Promise<string> {
  return (await start(shop, owed, { method: "card", locale: "ru" })).attempt_id;
}

/** Pays on the bank's page, and has us ask. */
export async function payAt(shop: Seller, attemptId: string): Promise<void> {
  await sandbox("POST", `/control/tochka/operations/${await operationOf(shop, attemptId)}/act`, {
    action: "pay",
    method: "card",
  });
  await look(shop, attemptId);
}

export async function operationOf(shop: { apiKey: string }, attemptId: string): Promise<string> {
  const { processor_reference } = await json<{ processor_reference: string }>(
    "public",
    "GET",
    `/v1/attempts/${attemptId}`,
    { key: shop.apiKey },
  );
  return processor_reference.split("/")[1] ?? "";
}

export async function receiptsOf(shop: { apiKey: string }, invoiceId: string) {
  return json<{ data: ReceiptShape[]; can_deliver: boolean }>("public", "GET", `/v1/invoices/${invoiceId}/receipts`, {
    key: shop.apiKey,
  });
}

/** Everything that the register was ever given by the shop. */
export const tasksOf = ({ komtet }: Pick<Seller, "komtet">) =>
  sandbox<KomtetTask[]>("GET", `/control/komtet/shops/${komtet.shopId}/tasks`);

export const plant = ({ komtet }: Pick<Seller, "komtet">, fault: string) =>
  sandbox("POST", `/control/komtet/shops/${komtet.shopId}/faults`, { fault });

export const advance = (seconds: number) => sandbox("POST", "/clock", { advanceSeconds: seconds });

/** Time goes on until nothing of the receipts is due. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await advance(70);
    await runDue();
  }
}

/** What waits for a person about an invoice. */
export async function attentionOf(shop: { apiKey: string }, invoiceId: string): Promise<string[]> {
  const { data } = await json<{ data: { kind: string; invoice_id: string }[] }>("public", "GET", "/v1/attention", {
    key: shop.apiKey,
  });
  return data.filter((one) => one.invoice_id === invoiceId).map(({ kind }) => kind);
}

export async function eventsOf(shop: { apiKey: string }, invoiceId: string): Promise<string[]> {
  const { data } = await json<{ data: { type: string }[] }>("public", "GET", `/v1/invoices/${invoiceId}/events`, {
    key: shop.apiKey,
  });
  return data.map(({ type }) => type).filter((type) => type.startsWith("receipt."));
}
