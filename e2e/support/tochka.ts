// A merchant connected to the simulated Tochka: consented by mail, outlet chosen, receipts and methods as the test wants.
import { type Bank, connectTochka } from "../../db/seed/tochka.ts";
import { api, type Invoice, plantShop } from "./merchant.ts";
import { sandbox, stackHandle } from "./stack.ts";

export type TochkaShop = Awaited<ReturnType<typeof plantShop>> & { connectionId: string; bank: Bank };

/** Fiscal options with receipts by the bank. */
export const RECEIPTS = {
  fiscalisation: "bank",
  taxSystem: "usn_income",
  vatRate: "none",
  receiptMethod: "full_payment",
  receiptObject: "service",
};

let users = 0;

/**
 * @param change further options of the connection (PATCH /v1/connections/{id}/options), e.g. `payer_note`
 * @param retailer name of the outlet at the bank; "С кассой" has a register, "Без кассы" has none
 */
export async function openTochka(change: Record<string, unknown> = {}, retailer = "Без кассы"): Promise<TochkaShop> {
  users += 1;
  const planted = await plantShop();
  const user = `e2e-pay-${process.pid}-${Date.now()}-${users}`;
  return { ...planted, ...(await connectTochka(stackHandle(), planted, user, retailer, change)) };
}

/** Changes what the merchant decided for the connection. */
export function decide(shop: { apiKey: string }, connectionId: string, change: Record<string, unknown>) {
  return api(shop, `/v1/connections/${connectionId}/options`, change, "PATCH");
}

/** An issued invoice of 249.90 roubles with its payment link, in Russian. */
export function makeRoubleInvoice(shop: { apiKey: string }, change: Record<string, unknown> = {}): Promise<Invoice> {
  return api<Invoice>(shop, "/v1/invoices", {
    kind: "proforma",
    currency: "RUB",
    payer_name: "Мария Петрова",
    locale: "ru",
    lines: [{ description: "Курс английского", unit_price_minor: 24990, vat_percent: 0 }],
    ...change,
  });
}

/** What the payer does in the bank's application with a code. */
export function actOnCode(payload: string, action: "confirm" | "step" | "accept" | "reject" | "expire") {
  const id = new URL(payload).pathname.split("/").at(-1);
  return sandbox.post(`/control/tochka/qrs/${id}/act`, { action });
}

type Receipt = {
  operationId: string;
  Client: { email: string; name?: string };
  Items: { name: string; amount: number; quantity: number; paymentMethod: string; paymentObject: string }[];
};

/** Receipts that the bank was asked for with a link of ours. */
export async function receiptsOf(attemptId: string): Promise<Receipt[]> {
  return (await sandbox.get(`/control/tochka/receipts?paymentLinkId=${attemptId}`)) as Receipt[];
}
