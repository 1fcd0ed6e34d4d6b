// The demonstration data of `npm start`: one merchant connected to every processor of the sandbox, with invoices in several
// stories. All but the merchant, its points of sale and their keys is made through the public API, as a partner would.
// Planting twice changes nothing.

import { eq } from "drizzle-orm";
import { SCOPES } from "../../edge/merchants/permissions.ts";
import { openDatabase } from "../client.ts";
import { user } from "../schema/index.ts";
import { connectRetailcrm, orderCard } from "./retailcrm.ts";
import { type Planted, plantApiKey, plantMerchant, plantPointOfSale } from "./stories.ts";
import { connectTochka } from "./tochka.ts";

export type SeedInput = {
  databaseUrl: string;
  sandboxOrigin: string;
  webOrigin: string;
  edgeOrigin: string;
  keyEncryptionKeys: string;
  neonHost: string;
};
export type SeedLink = { label: string; url: string; note?: string };

const EMAIL = "demo@plata.example";
const PASSWORD = "parola-demonstrativa";
const SIGNATURES = { v1: "DEMO-AAAA-BBBB-CCCC-0001", v2: "DEMO-AAAA-BBBB-CCCC-0002" };

type Invoice = { id: string; label: string; link: string };

async function post<T>(origin: string, path: string, key: string | null, body: unknown): Promise<T> {
  const answer = await fetch(origin + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...(key ? { authorization: `Bearer ${key}` } : {}) },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Plants the demonstration merchant if it is not there, and says where to look. */
export async function seed(input: SeedInput): Promise<{ links: SeedLink[] }> {
  const db = openDatabase(input.databaseUrl, input.neonHost);
  const known = await db.select({ id: user.id }).from(user).where(eq(user.email, EMAIL));
  const merchantArea = { label: "Merchant area", url: `${input.webOrigin}/`, note: `${EMAIL} · ${PASSWORD}` };
  const reference = { label: "API reference", url: `${input.edgeOrigin}/v1/reference` };
  const mailbox = { label: "Mailbox", url: `${input.sandboxOrigin}/mailbox` };
  const links = async () => ({
    links: [merchantArea, ...(await payableLinks(input)), ...(await crmLinks(input)), reference, mailbox],
  });
  if (known.length > 0) return links();

  const planted = await plantMerchant({
    ...input,
    ownerEmail: EMAIL,
    ownerPassword: PASSWORD,
    switches: { cardOnAllInvoices: true, fiscalFromProforma: true, recordCollection: true },
  });
  await connect(input, planted.apiKey, "v2");
  await connectRevolut(input, planted);
  await connectTochka(
    { web: input.webOrigin, edge: input.edgeOrigin, sandbox: input.sandboxOrigin },
    { apiKey: planted.apiKey, ownerEmail: EMAIL },
    "demo",
    "Без кассы",
    { payer_note: "Оплата поступает сразу." },
  );
  await connectRetailcrm({ edge: input.edgeOrigin, sandbox: input.sandboxOrigin }, planted);
  await secondShop(input, planted);
  await stories(input, planted);
  return links();
}

/** The older protocol has a point of sale of its own: beside the other one, payers would read the same words twice. */
async function secondShop(input: SeedInput, { merchantId }: Planted): Promise<void> {
  const db = openDatabase(input.databaseUrl, input.neonHost);
  const of = { merchantId, isTest: true, now: new Date() };
  const pointOfSaleId = await plantPointOfSale(db, {
    ...of,
    name: "Magazin vechi",
    site: "https://old.demo.example",
    cardOnAllInvoices: true,
  });
  const apiKey = await plantApiKey(db, { ...of, pointOfSaleId, scopes: SCOPES });
  await connect(input, apiKey, "v1");
  await makeInvoice(input, apiKey, { lines: [line("Servicii de întreținere, octombrie", 18_990)] });
}

async function crmLinks(input: SeedInput): Promise<SeedLink[]> {
  const url = await orderCard(input.sandboxOrigin);
  return url ? [{ label: "CRM order card", url, note: "Generate link, pay, Confirm, Make a refund" }] : [];
}

async function payableLinks(input: SeedInput): Promise<SeedLink[]> {
  const db = openDatabase(input.databaseUrl, input.neonHost);
  const rows = await db.query.invoices.findMany({
    columns: { linkToken: true, label: true },
    where: (t, { and, eq: is }) => and(is(t.state, "open"), is(t.acceptsCard, true)),
    orderBy: (t, { desc }) => desc(t.id),
    limit: 2,
  });
  return rows.map((row) => ({
    label: "Payer link",
    url: `${input.webOrigin}/i/${row.linkToken}`,
    ...(row.label ? { note: row.label } : {}),
  }));
}

async function connect(input: SeedInput, apiKey: string, protocol: "v1" | "v2"): Promise<void> {
  const account = await post<{ signature: string; certificate: string; privateKey: string; apiKey: string }>(
    input.sandboxOrigin,
    "/control/netopia/points-of-sale",
    null,
    { signature: SIGNATURES[protocol], keyBits: 2048, name: "Plata" },
  );
  const credentials =
    protocol === "v1"
      ? { protocol, signature: account.signature, certificate: account.certificate, privateKey: account.privateKey }
      : { protocol, signature: account.signature, apiKey: account.apiKey };
  const connection = await post<{ id: string }>(input.edgeOrigin, "/v1/connections", apiKey, {
    processor: "netopia",
    environment: "test",
    name: protocol === "v2" ? "Netopia Payments" : "Netopia Payments (v1)",
    credentials,
  });
  await post(input.edgeOrigin, `/v1/connections/${connection.id}/check`, apiKey, {});
}

async function connectRevolut(input: SeedInput, planted: Planted): Promise<void> {
  const account = await post<{ secretKey: string; publicKey: string }>(
    input.sandboxOrigin,
    "/control/revolut/accounts",
    null,
    { options: { localUrls: true } },
  );
  const connection = await post<{ id: string }>(input.edgeOrigin, "/v1/connections", planted.apiKey, {
    processor: "revolut",
    environment: "test",
    credentials: { secretKey: account.secretKey, publicKey: account.publicKey },
  });
  await post(input.edgeOrigin, `/v1/connections/${connection.id}/notifications`, planted.apiKey, { replace: true });
  await post(input.edgeOrigin, `/v1/connections/${connection.id}/check`, planted.apiKey, {});
}

const makeInvoice = (input: SeedInput, apiKey: string, body: Record<string, unknown>) =>
  post<Invoice>(input.edgeOrigin, "/v1/invoices", apiKey, {
    kind: "proforma",
    currency: "RON",
    payer_name: "Client demonstrativ",
    payer_email: "client@demo.example",
    payer_phone: "+40700000000",
    ...body,
  });
const line = (description: string, unit_price_minor: number, quantity = 1) => ({
  description,
  unit_price_minor,
  quantity,
  vat_percent: 21,
});

async function stories(input: SeedInput, planted: Planted): Promise<void> {
  const make = (body: Record<string, unknown>) => makeInvoice(input, planted.apiKey, body);
  await make({ lines: [line("Abonament lunar", 14900)], is_draft: true, note: "Ciornă: încă fără număr." });
  const cancelled = await make({ lines: [line("Comandă anulată", 8900)] });
  await post(input.edgeOrigin, `/v1/invoices/${cancelled.id}/cancel`, planted.apiKey, {});
  const part = await make({ lines: [line("Avans proiect", 100_000), line("Deplasare", 15_000)] });
  await post(input.edgeOrigin, `/v1/invoices/${part.id}/payments`, planted.apiKey, {
    amount_minor: 40_000,
    method: "transfer",
    reference: "OP 118",
  });
  await make({ kind: "fiscal", lines: [line("Consultanță", 25_000, 1.5)] });
  await make({
    currency: "RUB",
    locale: "ru",
    payer_name: "Демонстрационный клиент",
    beneficiary_name: "Демонстрационный ученик",
    lines: [{ ...line("Курс английского, ноябрь", 499_000), vat_percent: 0 }],
  });
  await make({ lines: [line("Servicii de întreținere, noiembrie", 19_990), line("Găzduire", 5_000)] });
}
