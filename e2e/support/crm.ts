// A merchant with a UAPAY shop that confirms by hand, and an account of the simulated CRM; what is not clicked is asked here.
import { api, plantShop } from "./merchant.ts";
import { sandbox, stackHandle } from "./stack.ts";

export type CrmMerchant = Awaited<ReturnType<typeof plantShop>> & { connectionId: string; uapayShop: string };
export type CrmAccount = { name: string; url: string };

/** A merchant whose UAPAY shop holds money until somebody confirms. */
export async function openUapay(name = "UAPAY", of?: Awaited<ReturnType<typeof plantShop>>): Promise<CrmMerchant> {
  const planted = of ?? (await plantShop());
  const shop = (await sandbox.post("/control/uapay/shops", { options: { firstCallback: "before_return" } })) as {
    clientId: string;
    secret: string;
  };
  const { id } = await api<{ id: string }>(planted, "/v1/connections", {
    processor: "uapay",
    environment: "test",
    name,
    credentials: { shopId: shop.clientId, secretKey: shop.secret },
  });
  await api(planted, `/v1/connections/${id}/options`, { capture_mode: "manual" }, "PATCH");
  await api(planted, `/v1/connections/${id}/check`, {});
  return { ...planted, connectionId: id, uapayShop: shop.clientId };
}

/** Takes a connection off. */
export async function disconnect(of: { apiKey: string }, connectionId: string): Promise<void> {
  const answer = await fetch(`${stackHandle().edge}/v1/connections/${connectionId}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${of.apiKey}` },
  });
  if (!answer.ok) throw new Error(`disconnecting answered ${answer.status}`);
}

let accounts = 0;

/** A new account of the CRM. */
export async function openAccount(input: Record<string, unknown> = {}): Promise<CrmAccount> {
  accounts += 1;
  const name = `e2e-${process.pid}-${Date.now().toString(36)}-${accounts}`;
  return (await sandbox.post("/control/retailcrm/accounts", { name, ...input })) as CrmAccount;
}

/** An account with the module connected, a payment type bound to the shop, statuses set up and one saved order. */
export async function openConnectedAccount(merchant: CrmMerchant, input: Record<string, unknown> = {}) {
  const account = await openAccount(input);
  const at = `/control/retailcrm/accounts/${account.name}`;
  const { key } = (await sandbox.post(`${at}/keys`)) as { key: string };
  await api(merchant, "/v1/crm-installations", { url: account.url, api_key: key });
  await sandbox.post(`${at}/payment-types`, { code: "uapay", name: "UAPAY", shop: merchant.connectionId });
  await sandbox.post(`${at}/mapping`, {
    pending: "not-paid",
    waitingForCapture: "wait-approved",
    succeeded: "paid",
    canceled: "canceled",
    refundSucceeded: "returned",
  });
  const { number } = (await sandbox.post(`${at}/orders`)) as { number: string };
  return { ...account, at, order: number, card: `${account.url}/orders/${number}` };
}
