// Connecting the sandbox's CRM: an account with a key that is allowed what our module needs, a payment type bound to a UAPAY
// shop that confirms by hand, and an order whose card is ready to be clicked through.

async function ask<T>(url: string, body: unknown, key?: string, method = "POST"): Promise<T> {
  const answer = await fetch(url, {
    method,
    headers: { "content-type": "application/json", ...(key ? { authorization: `Bearer ${key}` } : {}) },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

export const CRM_ACCOUNT = "demo";

/** The order card of the demonstration account, if it is there. */
export async function orderCard(sandbox: string): Promise<string | null> {
  const answer = await fetch(`${sandbox}/control/retailcrm/accounts/${CRM_ACCOUNT}`);
  if (!answer.ok) return null;
  const account = (await answer.json()) as { url: string; orders: { number: string }[] };
  const newest = account.orders.at(-1);
  return newest ? `${account.url}/orders/${newest.number}` : null;
}

/** Connects a UAPAY shop of the sandbox to the merchant, and the CRM to both. */
export async function connectRetailcrm(
  { edge, sandbox }: { edge: string; sandbox: string },
  merchant: { apiKey: string },
): Promise<void> {
  const shop = await ask<{ clientId: string; secret: string }>(`${sandbox}/control/uapay/shops`, { name: "Демо" });
  const { id } = await ask<{ id: string }>(
    `${edge}/v1/connections`,
    {
      processor: "uapay",
      environment: "test",
      credentials: { shopId: shop.clientId, secretKey: shop.secret },
    },
    merchant.apiKey,
  );
  await ask(`${edge}/v1/connections/${id}/options`, { capture_mode: "manual" }, merchant.apiKey, "PATCH");
  await ask(`${edge}/v1/connections/${id}/check`, {}, merchant.apiKey);
  const at = `${sandbox}/control/retailcrm/accounts`;
  const account = await ask<{ url: string }>(at, { name: CRM_ACCOUNT });
  const { key } = await ask<{ key: string }>(`${at}/${CRM_ACCOUNT}/keys`, {});
  await ask(`${edge}/v1/crm-installations`, { url: account.url, api_key: key }, merchant.apiKey);
  await ask(`${at}/${CRM_ACCOUNT}/payment-types`, { code: "uapay", name: "Картка онлайн (UAPAY)", shop: id });
  await ask(`${at}/${CRM_ACCOUNT}/mapping`, {
    pending: "not-paid",
    waitingForCapture: "wait-approved",
    succeeded: "paid",
    canceled: "canceled",
    refundSucceeded: "returned",
  });
  const { number } = await ask<{ number: string }>(`${at}/${CRM_ACCOUNT}/orders`, {});
  await ask(`${at}/${CRM_ACCOUNT}/orders/${number}/save`, { type: "uapay" });
}
