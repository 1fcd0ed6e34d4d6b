// A merchant connected to the simulated Tochka: consented by mail, outlet chosen, receipts and methods as the test wants.
import { expect } from "@playwright/test";
import { api, type Invoice, plantShop } from "./merchant.ts";
import { sandbox, stackHandle } from "./stack.ts";

type Bank = {
  user: string;
  companies: { customerCode: string; customerType: string }[];
  retailers: { merchantId: string | null; name: string; customerCode: string }[];
};
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
  const bank = (await sandbox.post("/control/tochka/users", { user })) as Bank;
  const { web } = stackHandle();
  const client = (await sandbox.post("/control/tochka/clients", {
    user,
    name: "Plata",
    redirectUrl: `${web}/oauth/callback`,
    localUrls: true,
  })) as { clientId: string; clientSecret: string };
  const { id: connectionId } = await api<{ id: string }>(planted, "/v1/connections", {
    processor: "tochka",
    environment: "test",
    credentials: { clientId: client.clientId, clientSecret: client.clientSecret },
  });
  await consent(planted.ownerEmail, bank);
  await decide(planted, connectionId, { account_id: outletOf(bank, retailer), ...change });
  await api(planted, `/v1/connections/${connectionId}/notifications`, { replace: true });
  await api(planted, `/v1/connections/${connectionId}/check`, {});
  return { ...planted, connectionId, bank };
}

/** Changes what the merchant decided for the connection. */
export function decide(shop: { apiKey: string }, connectionId: string, change: Record<string, unknown>) {
  return api(shop, `/v1/connections/${connectionId}/options`, change, "PATCH");
}

/** The id under which an outlet of the bank's user is chosen. */
export function outletOf(bank: Bank, name: string): string {
  const found = bank.retailers.find((one) => one.name === name);
  if (!found) throw new Error(`no outlet ${name}`);
  return `${found.customerCode}/${found.merchantId}`;
}

/** From the mail through the bank's form and back, as a browser would, every company and permission ticked. */
async function consent(email: string, bank: Bank): Promise<void> {
  let link: string | undefined;
  await expect
    .poll(async () => {
      const mails = (await sandbox.mail()) as { to: string[]; text: string }[];
      link = mails
        .filter(({ to }) => to.includes(email))
        .flatMap(({ text }) => /(http\S+\/oauth\/open\/\S+)/.exec(text)?.[1] ?? [])
        .at(-1);
      return link;
    })
    .toBeTruthy();
  const go = await fetch(`${link}/go`, { method: "POST", redirect: "manual" });
  const form = new URL(go.headers.get("location") ?? "");
  const page = await (await fetch(form)).text();
  const body = new URLSearchParams(form.searchParams);
  body.set("decision", "save");
  for (const { customerCode, customerType } of bank.companies) {
    if (customerType === "Business") body.append("company", customerCode);
  }
  for (const [, name = ""] of page.matchAll(/name="permission" value="(\w+)"/g)) body.append("permission", name);
  const saved = await fetch(form.origin + form.pathname, { method: "POST", body, redirect: "manual" });
  const back = await fetch(saved.headers.get("location") ?? "", { redirect: "manual" });
  expect(back.headers.get("location")).toContain("outcome=granted");
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

type Qr = { qrcId: string; merchantId?: string; status?: string };

/** Codes that the bank registered for an outlet of SBP, newest last. */
export async function codes(): Promise<Qr[]> {
  return (await sandbox.get("/control/tochka/qrs")) as Qr[];
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
