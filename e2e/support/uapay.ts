// A merchant connected to the simulated UAPAY, whose payers' money is held until somebody confirms.
import type { Planted } from "../../db/seed/stories.ts";
import { api, attemptsOf, type Invoice, makeInvoice, plantShop } from "./merchant.ts";
import { sandbox } from "./stack.ts";

export type UapayShop = Planted & { connectionId: string };

/** @param captureMode whether each payment waits for a person */
export async function openUapay(captureMode: "manual" | "automatic" = "manual"): Promise<UapayShop> {
  const planted = await plantShop();
  const account = (await sandbox.post("/control/uapay/shops", {})) as { clientId: string; secret: string };
  const { id } = await api<{ id: string }>(planted, "/v1/connections", {
    processor: "uapay",
    environment: "test",
    credentials: { shopId: account.clientId, secretKey: account.secret },
  });
  await api(planted, `/v1/connections/${id}/check`, {});
  await api(planted, `/v1/connections/${id}/options`, { capture_mode: captureMode }, "PATCH");
  return { ...planted, connectionId: id };
}

/** An invoice in hryvnia. */
export const invoiceAtUapay = (shop: Planted, change: Record<string, unknown> = {}) =>
  makeInvoice(shop, { currency: "UAH", ...change });

/** The payer's press on the invoice's page, without a browser; gives the attempt's id. */
export async function beginAtUapay(shop: UapayShop, invoice: Invoice): Promise<string> {
  await fetch(invoice.link, {
    method: "POST",
    body: new URLSearchParams({ way: `${shop.connectionId}.card`, lang: "en" }),
  });
  const [attempt] = await attemptsOf(shop, invoice);
  if (!attempt) throw new Error("no attempt was started");
  return attempt.id;
}

/** What the payer does at UAPAY's page. */
export const payAtUapay = (attemptId: string) =>
  sandbox.post(`/control/uapay/invoices/${attemptId}/act`, { action: "pay" });

/** How UAPAY sees the attempt's payment. */
export async function atUapay(attemptId: string) {
  const { payments } = (await sandbox.get(`/control/uapay/invoices/${attemptId}`)) as {
    payments: { captured: number; refunded: number; paymentStatus: string }[];
  };
  return payments.at(-1);
}
