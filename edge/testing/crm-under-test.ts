// A merchant with a UAPAY shop connected to an account of the sandbox's CRM. The sandbox reaches no Worker in these tests: a
// press is built there, handed to the public door, and the answer is brought back.

import type { Planted } from "../../db/seed/stories.ts";
import { call, json, merchant, runDue, type StartedShape, sandbox } from "./edge-under-test.ts";
import { connectUapay, tellOf } from "./uapay-under-test.ts";

export type CrmInvoice = {
  uuid: string;
  paymentId: string | null;
  url: string | null;
  links: string[];
  status: string;
  paid: number | null;
  cancellable: boolean;
  refundable: boolean;
  cancellationDetails: string | null;
  paidAt: string | null;
  expiredAt: string | null;
  refunds: { id: string; status: string; amount: number; comment: string | null }[];
  told: { status: string }[];
};
export type CrmOrder = {
  number: string;
  total: number;
  payments: { id: number; status: string; paid: number; error: string | null; invoice: CrmInvoice | null }[];
};
export type CrmAccount = {
  name: string;
  url: string;
  modules: {
    code: string;
    clientId: string;
    active: boolean;
    baseUrl: string;
    accountUrl: string;
    edits: number;
    currencies: string[];
    shops: { code: string; name: string; active: boolean }[];
  }[];
};
export type CrmShopUnderTest = Planted & {
  connectionId: string;
  account: string;
  url: string;
  crmKey: string;
  installationId: string;
  module: string;
  type: string;
};
type Press = "generate" | "approve" | "cancel" | "refund" | "status";
export type Pressed = {
  status: number;
  body: { success: boolean; errorMsg?: string; result?: Record<string, unknown> };
};

const at = "/control/retailcrm/accounts";

/** An account of the CRM with a key; `methods` left out ticks all. */
export async function crmAccount(input: Record<string, unknown> = {}, methods?: string[]) {
  const { name, url } = await sandbox<CrmAccount>("POST", at, input);
  const { key } = await sandbox<{ key: string }>("POST", `${at}/${name}/keys`, methods ? { methods } : {});
  return { account: name, url, key };
}

export const readAccount = (name: string) => sandbox<CrmAccount>("GET", `${at}/${name}`);

/** A connected shop with a payment type that is bound to it. */
export async function crmShop(
  input: { captureMode?: "automatic" | "manual"; account?: Record<string, unknown>; planted?: Planted } = {},
): Promise<CrmShopUnderTest> {
  const planted = input.planted ?? (await merchant());
  const { connectionId } = await connectUapay(planted, { captureMode: input.captureMode ?? "manual" });
  const { account, url, key } = await crmAccount(input.account);
  const { id, code } = await json<{ id: string; code: string }>("public", "POST", "/v1/crm-installations", {
    key: planted.apiKey,
    body: { url, api_key: key },
  });
  const type = await sandbox<{ code: string }>("POST", `${at}/${account}/payment-types`, {
    name: "UAPAY",
    shop: connectionId,
  });
  await sandbox("POST", `${at}/${account}/mapping`, {
    pending: "not-paid",
    waitingForCapture: "wait-approved",
    succeeded: "paid",
    canceled: "canceled",
    refundSucceeded: "returned",
  });
  return { ...planted, connectionId, account, url, crmKey: key, installationId: id, module: code, type: type.code };
}

/** An order whose payment has the shop's type, saved. */
export async function crmOrder(shop: CrmShopUnderTest, input: Record<string, unknown> = {}, type = shop.type) {
  const { number } = await sandbox<CrmOrder>("POST", `${at}/${shop.account}/orders`, input);
  await sandbox("POST", `${at}/${shop.account}/orders/${number}/save`, { type });
  return number;
}

export const readOrder = (shop: CrmShopUnderTest, number: string) =>
  sandbox<CrmOrder>("GET", `${at}/${shop.account}/orders/${number}`);

/** The invoice of an order's first payment. */
export async function crmInvoiceOf(shop: CrmShopUnderTest, number: string): Promise<CrmInvoice> {
  const found = (await readOrder(shop, number)).payments[0]?.invoice;
  if (!found) throw new Error("the order has no invoice");
  return found;
}

type Built = { url: string; method: string; headers: Record<string, string>; body: string };

/** Hands a call of the CRM to the public door. */
export async function handOver(built: Built): Promise<Pressed> {
  const { pathname, search } = new URL(built.url);
  const answer = await call("public", built.method, pathname + search, {
    headers: built.headers,
    ...(built.method === "GET" ? {} : { raw: built.body }),
  });
  return { status: answer.status, body: (await answer.json()) as Pressed["body"] };
}

/** Presses a button of the order card. */
export async function press(
  shop: CrmShopUnderTest,
  number: string,
  action: Press,
  input: { amount?: number } = {},
): Promise<Pressed> {
  const order = `${at}/${shop.account}/orders/${number}`;
  const built = await sandbox<Built>("POST", `${order}/build`, { action, ...input });
  const pressed = await (action === "refund" ? heardMeanwhile(handOver(built)) : handOver(built));
  await sandbox("POST", `${order}/answered`, {
    action,
    ...input,
    status: pressed.status,
    text: JSON.stringify(pressed.body),
  });
  return pressed;
}

/** An answer that waits for what the queue does, whose part is played here. */
async function heardMeanwhile<T>(answer: Promise<T>): Promise<T> {
  let isHere = false;
  const noted = answer.finally(() => {
    isHere = true;
  });
  while (!isHere) {
    await runDue();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return noted;
}

/** Any call of the CRM at the module, right or wrong. */
export async function crmCall(
  shop: Pick<CrmShopUnderTest, "account" | "module">,
  action: string,
  input: { body?: unknown; raw?: string; clientId?: string; systemUrl?: string },
): Promise<Pressed> {
  const built = await sandbox<Built>("POST", `${at}/${shop.account}/call`, {
    action,
    module: shop.module,
    deliver: false,
    ...input,
  });
  return handOver(built);
}

export const tokenOfUrl = (url: string | null) => (url ?? "").split("/").at(-1) ?? "";

/** What the payer's press on a link does. */
export function startFrom(url: string | null, connectionId: string): Promise<StartedShape> {
  return json("inside", "POST", `/payer/${tokenOfUrl(url)}/attempts`, {
    body: { connection_id: connectionId, method: "card", locale: "uk" },
  });
}

/** Generates the link, and has the payer pay at UAPAY and UAPAY tell of it. */
export async function payFromCrm(shop: CrmShopUnderTest, input: Record<string, unknown> = {}) {
  const number = await crmOrder(shop, input);
  await press(shop, number, "generate");
  const { url, paymentId } = await crmInvoiceOf(shop, number);
  const { attempt_id } = await startFrom(url, shop.connectionId);
  await sandbox("POST", `/control/uapay/invoices/${attempt_id}/act`, { action: "pay" });
  await tellOf(attempt_id);
  return { number, attemptId: attempt_id, invoiceId: paymentId ?? "" };
}

/** Habits of the CRM's account. */
export const setCrm = (shop: CrmShopUnderTest, options: Record<string, unknown>) =>
  sandbox("PATCH", `${at}/${shop.account}`, { options });

/** What the module has asked of the account so far. */
export const askedOfCrm = (shop: CrmShopUnderTest) =>
  sandbox<{ path: string; body: string; status: number }[]>(
    "GET",
    `/control/retailcrm/requests?account=${shop.account}`,
  );
