// Shops at the simulated UAPAY, connected as a merchant would, and what UAPAY did with their money.

import { eq } from "drizzle-orm";
import { connections } from "../../db/schema/index.ts";
import type { Planted } from "../../db/seed/stories.ts";
import { database } from "./api-world.ts";
import { type BuiltIpn, type Connected, deliverIpn, json, merchant, runDue, sandbox } from "./edge-under-test.ts";

type CaptureMode = "automatic" | "manual";

/** Connects one more shop of UAPAY's; money is taken at once unless it is said otherwise. */
export async function connectUapay(
  planted: Planted,
  { name = "UAPAY", captureMode }: { name?: string; captureMode?: CaptureMode } = {},
): Promise<{ connectionId: string; clientId: string }> {
  const { clientId, secret } = await sandbox<{ clientId: string; secret: string }>("POST", "/control/uapay/shops", {});
  const { id } = await json<{ id: string }>("public", "POST", "/v1/connections", {
    key: planted.apiKey,
    body: { processor: "uapay", environment: "test", name, credentials: { shopId: clientId, secretKey: secret } },
  });
  if (captureMode) await setCaptureMode({ connectionId: id }, captureMode);
  return { connectionId: id, clientId };
}

/** A fresh merchant with a shop of UAPAY's. */
export async function connectedUapay(): Promise<Connected & { clientId: string }> {
  const planted = await merchant();
  return { ...planted, ...(await connectUapay(planted)), account: undefined as never };
}

export const setCaptureMode = (shop: { connectionId: string }, captureMode: CaptureMode) =>
  database().update(connections).set({ captureMode }).where(eq(connections.id, shop.connectionId));

/** Hands UAPAY's notification to the public door. */
export async function deliverTold(attemptId: string): Promise<Response> {
  return deliverIpn(await sandbox<BuiltIpn>("POST", "/control/uapay/ipn", { invoice: attemptId, deliver: false }));
}

/** The same, and does everything that is due then. */
export async function tellOf(attemptId: string): Promise<void> {
  await deliverTold(attemptId);
  await runDue();
}

type AtUapay = { captured: number; refunded: number; held: number; paymentStatus: string };

/** What UAPAY did with an attempt's money. */
export async function atUapay(attemptId: string): Promise<AtUapay | undefined> {
  const { payments } = await sandbox<{ payments: AtUapay[] }>("GET", `/control/uapay/invoices/${attemptId}`);
  return payments.at(-1);
}
