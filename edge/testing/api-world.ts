// What suites over the whole API stand on: its operations as its own description lists them, a merchant with one row of
// every kind that an id can name, a body that each operation accepts, and a fingerprint of everything a merchant has.

import { and, eq, sql } from "drizzle-orm";
import { type Database, openDatabase } from "../../db/client.ts";
import { attentionItems, outbox, ownStatuses, receipts, webhookDeliveries } from "../../db/schema/index.ts";
import { plantApiKey, plantPointOfSale } from "../../db/seed/stories.ts";
import { describeApi } from "../http/app.ts";
import { newId } from "../ids.ts";
import { SCOPES, type Scope } from "../merchants/permissions.ts";
import {
  bindings,
  buildIpn,
  type Connected,
  call,
  connected,
  deliverIpn,
  invoice,
  json,
  merchant,
  sandbox,
  start,
} from "./edge-under-test.ts";

export type Schema = {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  anyOf?: Schema[];
  additionalProperties?: unknown;
};
export type Operation = {
  method: string;
  path: string;
  scope: string;
  body: Schema | null;
  parameters: { name: string; in: string; schema?: Schema }[];
};
type Described = {
  paths: Record<
    string,
    Record<
      string,
      {
        security?: Record<string, string[]>[];
        requestBody?: { content: Record<string, { schema: Schema }> };
        parameters?: Operation["parameters"];
      }
    >
  >;
  components: { schemas: Record<string, Schema> };
};

const described = describeApi("https://edge.example") as unknown as Described;

/** Follows a reference of the description. */
export function resolved(schema: Schema): Schema {
  return schema.$ref ? (described.components.schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {}) : schema;
}

/** Every operation of the API, from its own description. */
export const operations: Operation[] = Object.entries(described.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => {
    const schema = operation.requestBody?.content["application/json"]?.schema;
    return {
      method: method.toUpperCase(),
      path,
      scope: operation.security?.[0]?.apiKey?.[0] ?? "",
      body: schema ? resolved(schema) : null,
      parameters: operation.parameters ?? [],
    };
  }),
);

export const nameOf = (operation: Operation) => `${operation.method} ${operation.path}`;

/** The test database. */
export function database(): Database {
  return openDatabase(bindings.DATABASE_URL, bindings.NEON_LOCAL);
}

/** A picture of one transparent pixel. */
const SMALLEST_PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** What the id of a path is an id of, by the path's beginning. */
const KINDS = {
  "/v1/invoices/": "invoice",
  "/v1/payments/": "payment",
  "/v1/attempts/": "attempt",
  "/v1/ipns/": "ipn",
  "/v1/attention/": "attention",
  "/v1/api-keys/": "apiKey",
  "/v1/points-of-sale/": "pointOfSale",
  "/v1/connections/": "connection",
  "/v1/webhook-endpoints/": "webhookEndpoint",
  "/v1/webhook-deliveries/": "webhookDelivery",
  "/v1/crm-installations/": "crmInstallation",
  "/v1/own-statuses/": "ownStatus",
  "/v1/refunds/": "refund",
  "/v1/receipts/": "receipt",
} as const;
export type Kind = (typeof KINDS)[keyof typeof KINDS];

export type World = Connected & { ids: Record<Kind, string> };

/** Accounts of the sandbox's CRM by the installation in them. */
const crmKeys = new Map<string, { url: string; api_key: string }>();

/** A merchant with a row of every kind: a paid invoice, its attempt, payment and notification, something parked. */
export async function world(): Promise<World> {
  const shop = await connected("v2");
  const owed = await invoice(shop);
  const started = await start(shop, owed);
  await sandbox("POST", `/control/netopia/payments/${started.attempt_id}/act`, { action: "status", status: 3 });
  await deliverIpn(await buildIpn(started.attempt_id, { status: 3 }));
  await deliverIpn(await buildIpn(started.attempt_id, { status: 3, faults: ["unknown_order"] }));
  const list = async (path: string) =>
    (await json<{ data: { id: string; state?: string }[] }>("public", "GET", path, { key: shop.apiKey })).data;
  const idOf = (rows: { id: string }[]) => {
    const id = rows[0]?.id;
    if (!id) throw new Error("the world lacks a row");
    return id;
  };
  const { id: apiKey } = await json<{ id: string }>("public", "POST", "/v1/api-keys", {
    key: shop.apiKey,
    body: { name: "spare", scopes: ["invoices:read"] },
  });
  const { id: webhookEndpoint } = await json<{ id: string }>("public", "POST", "/v1/webhook-endpoints", {
    key: shop.apiKey,
    body: { url: "https://partner.plata.dev/told", event_types: ["dispute.opened"] },
  });
  const { id: refund } = await json<{ id: string }>("public", "POST", "/v1/refunds/manual", {
    key: shop.apiKey,
    body: { attempt_id: started.attempt_id, amount_minor: 100 },
  });
  const account = await sandbox<{ name: string; url: string }>("POST", "/control/retailcrm/accounts", {});
  const { key } = await sandbox<{ key: string }>("POST", `/control/retailcrm/accounts/${account.name}/keys`, {});
  const { id: crmInstallation } = await json<{ id: string }>("public", "POST", "/v1/crm-installations", {
    key: shop.apiKey,
    body: { url: account.url, api_key: key },
  });
  crmKeys.set(crmInstallation, { url: account.url, api_key: key });
  return {
    ...shop,
    ids: {
      crmInstallation,
      webhookEndpoint,
      webhookDelivery: await plantDelivery(shop.merchantId, webhookEndpoint),
      invoice: owed.id,
      attempt: started.attempt_id,
      connection: shop.connectionId,
      pointOfSale: shop.pointOfSaleId,
      apiKey,
      ownStatus: await plantOwnStatus(shop.merchantId),
      payment: idOf(await list("/v1/payments")),
      ipn: idOf(await list("/v1/ipns?state=processed")),
      attention: idOf(await list("/v1/attention")),
      refund,
      receipt: await plantReceipt(shop.merchantId, owed.id, started.attempt_id),
    },
  };
}

/** A receipt that failed before anything was sent. */
async function plantReceipt(merchantId: string, invoiceId: string, attemptId: string): Promise<string> {
  const at = new Date();
  const id = newId("receipt", at);
  await database().insert(receipts).values({
    id,
    merchantId,
    invoiceId,
    attemptId,
    subject: id,
    kind: "sale",
    type: "income",
    paidBy: "cashless",
    currency: "RUB",
    amountMinor: 24_990n,
    isTest: true,
    positions: [],
    externalId: id,
    state: "failed",
    fault: "no_register",
    createdAt: at,
    updatedAt: at,
  });
  return id;
}

/** A delivery that was made and will not be made again by itself. */
async function plantDelivery(merchantId: string, endpointId: string): Promise<string> {
  const db = database();
  const at = new Date();
  const [outboxId, eventId, id] = [newId("outbox", at), newId("event", at), newId("delivery", at)];
  await db.insert(outbox).values({
    id: outboxId,
    merchantId,
    topic: "webhook",
    effectKey: outboxId,
    payload: { endpointId: "another", eventId },
    nextAttemptAt: null,
    createdAt: at,
    deliveredAt: at,
  });
  await db
    .insert(webhookDeliveries)
    .values({ id, merchantId, endpointId, outboxId, eventId, status: 200, answer: "", milliseconds: 5, at });
  return id;
}

async function plantOwnStatus(merchantId: string): Promise<string> {
  const at = new Date();
  const id = newId("ownStatus", at);
  await database()
    .insert(ownStatuses)
    .values({ id, merchantId, name: "Achitată", nameKey: "achitată", tone: "good", createdAt: at });
  return id;
}

/** One more point of sale of a merchant, with a key of its own. */
export async function anotherShop(of: { merchantId: string }, isTest = true) {
  const pointOfSaleId = await plantPointOfSale(database(), {
    merchantId: of.merchantId,
    name: "Al doilea",
    site: "https://second.demo.example",
    isTest,
    now: new Date(),
  });
  const apiKey = await keyFor({ merchantId: of.merchantId, pointOfSaleId }, SCOPES, isTest);
  return { merchantId: of.merchantId, pointOfSaleId, apiKey };
}

/** One more key with chosen scopes. */
export function keyFor(
  of: { merchantId: string; pointOfSaleId: string },
  scopes: readonly Scope[],
  isTest = true,
): Promise<string> {
  return plantApiKey(database(), {
    merchantId: of.merchantId,
    pointOfSaleId: of.pointOfSaleId,
    isTest,
    scopes,
    now: new Date(),
  });
}

/** A merchant with nothing but a key. */
export const stranger = () => merchant();

/** The operation's path with ids of a world in it; throws for a path that no row can fill. */
export function pathIn(operation: Operation, ids: Record<Kind, string>): string {
  return operation.path.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => {
    if (name === "processor") return "netopia";
    if (name === "step") return "create_account";
    const kind = Object.entries(KINDS).find(([beginning]) => operation.path.startsWith(beginning))?.[1];
    if (name !== "id" || !kind) throw new Error(`no row for {${name}} of ${nameOf(operation)}: add it to the world`);
    return ids[kind];
  });
}

/** A body that the operation accepts; throws for an operation that nobody wrote one for. */
export function bodyFor(operation: Operation, ids: Record<Kind, string>): Record<string, unknown> | undefined {
  if (!operation.body) return undefined;
  const bodies: Record<string, Record<string, unknown>> = {
    "POST /v1/invoices": {
      kind: "proforma",
      currency: "RON",
      payer_name: "Client demonstrativ",
      payer_email: "client@demo.example",
      payer_phone: "0700 000 000",
      due_on: "2026-12-01",
      expires_at: "2030-01-01T00:00:00Z",
      lines: [{ description: "Servicii", unit_price_minor: 24_990 }],
    },
    "PATCH /v1/invoices/{id}": { payer_email: "other@demo.example" },
    "POST /v1/invoices/{id}/payments": { amount_minor: 100, method: "cash" },
    "POST /v1/invoices/{id}/send": { email: "client@demo.example" },
    "POST /v1/attempts/{id}/capture": { amount_minor: 100 },
    "POST /v1/refunds": { attempt_id: ids.attempt, amount_minor: 100 },
    "POST /v1/refunds/manual": { attempt_id: ids.attempt, amount_minor: 100, reference: "OP 12" },
    "POST /v1/refunds/{id}/refuse": { note: "The goods were not sent back." },
    "POST /v1/refunds/{id}/give-up": { note: "Given back in cash." },
    "PATCH /v1/merchant/money-rules": { hold_policy: "release", refund_approval: [{ currency: "RON", over_minor: 0 }] },
    "POST /v1/connections": {
      processor: "netopia",
      environment: "test",
      credentials: {
        protocol: "v2",
        signature: "AAAA-BBBB-CCCC-DDDD-EEEE",
        apiKey: "an-api-key-of-forty-characters-and-more-00",
      },
    },
    "PATCH /v1/connections/{id}": { name: "Other" },
    "PATCH /v1/connections/{id}/options": { payer_note: "Instant", notify_email: "money@demo.example" },
    "POST /v1/connections/{id}/notifications": { replace: false },
    "POST /v1/connections/{id}/page-seen": { seen: true },
    "PATCH /v1/points-of-sale/{id}": { is_open: false },
    "PUT /v1/points-of-sale/{id}/register": {
      service: "komtet",
      credentials: { shopId: "a-shop", secretKey: "a-secret-key", queueId: "1" },
      tax_system: "usn_income",
      vat_rate: "none",
      receipt_method: "full_payment",
      receipt_object: "service",
    },
    "POST /v1/receipts/{id}/retry": { is_checked: false },
    "PUT /v1/points-of-sale/{id}/logo": { data: SMALLEST_PNG },
    "PUT /v1/points-of-sale/{id}/onboarding/{processor}/{step}": { state: "done" },
    "PATCH /v1/merchant": { offer_url: "https://demo.example/oferta" },
    "POST /v1/merchant/trials": { extra: "only_method" },
    "POST /v1/webhook-endpoints": { url: "https://partner.plata.dev/hook", event_types: ["dispute.opened"] },
    "PATCH /v1/webhook-endpoints/{id}": { is_enabled: false },
    "POST /v1/webhook-endpoints/{id}/resend": { since: "2026-01-01T00:00:00Z" },
    "POST /v1/own-statuses": { name: "Respinsă de manager", tone: "bad" },
    "PATCH /v1/own-statuses/{id}": { tone: "info" },
    "PUT /v1/outcome-statuses": { data: [{ outcome: "paid", own_status_id: ids.ownStatus }] },
    "POST /v1/crm-installations": crmKeys.get(ids.crmInstallation) ?? {},
    "PATCH /v1/crm-installations/{id}": { api_key: crmKeys.get(ids.crmInstallation)?.api_key ?? "" },
    "POST /v1/api-keys": { name: "Key", scopes: ["invoices:read"] },
  };
  const body = bodies[nameOf(operation)];
  if (!body) throw new Error(`no body for ${nameOf(operation)}: add one`);
  return body;
}

/** A fingerprint of all rows of a merchant, but for when a key was last used. */
export async function fingerprint(merchantId: string): Promise<Record<string, string>> {
  const db = database();
  const tables = await db.execute<{ name: string }>(
    sql`select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'merchant_id' order by 1`,
  );
  const prints = await db.execute<{ name: string; print: string }>(
    sql.join(
      tables.rows.map(
        ({ name }) =>
          sql`select ${name}::text as name, count(*) || ':' || coalesce(md5(string_agg((to_jsonb(t) - 'last_used_at')::text, '|' order by t.id)), '') as print from ${sql.identifier(name)} t where merchant_id = ${merchantId}`,
      ),
      sql` union all `,
    ),
  );
  return Object.fromEntries(prints.rows.map(({ name, print }) => [name, print]));
}

/** A signed-in member's cookie, by the inside door. */
export async function signIn(who: { ownerEmail: string; ownerPassword: string }, sender: string): Promise<string> {
  const answer = await call("inside", "POST", "/api/auth/sign-in/email", {
    body: { email: who.ownerEmail, password: who.ownerPassword },
    headers: { origin: bindings.WEB_ORIGIN, "cf-connecting-ip": sender },
  });
  if (answer.status !== 200) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

/** Kinds of all that was ever put before a person about a merchant, or about one invoice; what is resolved by now too. */
export async function raisedFor(of: { merchantId: string }, invoiceId?: string): Promise<string[]> {
  const rows = await database()
    .select({ kind: attentionItems.kind })
    .from(attentionItems)
    .where(
      and(
        eq(attentionItems.merchantId, of.merchantId),
        invoiceId === undefined ? undefined : eq(attentionItems.invoiceId, invoiceId),
      ),
    );
  return rows.map(({ kind }) => kind);
}
