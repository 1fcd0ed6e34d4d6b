// /v1/crm-installations: connecting a CRM account by its key, seeing its shops, its calls and what is wrong, leaving it.

import { and, desc, eq, isNull, lt } from "drizzle-orm";
import { crmCalls, crmInstallations, invoices } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { brandOf } from "../crm/retailcrm/address.ts";
import { type ConnectFault, connectAccount, disconnectAccount, faultCode, recheck } from "../crm/retailcrm/connect.ts";
import { findInstallation, type Installation, type Shop, shopsOf, warningsOf } from "../crm/retailcrm/installations.ts";
import { REQUIRED_METHODS, USEFUL_METHODS } from "../crm/retailcrm/methods.ts";
import { connectUrlOf } from "../crm/retailcrm/one-click.ts";
import type { Principal } from "../merchants/permissions.ts";
import { Problem } from "./problem.ts";
import { within } from "./reach.ts";
import {
  answer,
  createRoute,
  creates,
  IdempotencyHeader,
  makeRouter,
  needs,
  Page,
  pageOf,
  problems,
  takes,
  toPage,
  z,
} from "./setting.ts";

const Id = z.object({ id: z.string().max(40) });

const ShopSchema = z.object({
  code: z.string().openapi({ description: "The connection's id; never changes, never used for another one." }),
  name: z.string(),
  active: z.boolean(),
  processor: z.string(),
  currencies: z.array(z.string()),
  confirms_manually: z.boolean().openapi({ description: "Money is held until a manager confirms in the order card." }),
  is_told: z.boolean().openapi({ description: "Whether the CRM knows the shop as it stands here." }),
});

export const InstallationSchema = z
  .object({
    id: z.string(),
    point_of_sale_id: z.string(),
    crm: z.string(),
    brand: z.string().openapi({ example: "RetailCRM" }),
    code: z.string().openapi({ description: "The module's code in the CRM." }),
    url: z.string(),
    default_currency: z.string().nullable(),
    is_active: z.boolean(),
    is_frozen: z.boolean(),
    shops: z.array(ShopSchema),
    warnings: z.array(z.object({ code: z.string(), facts: z.record(z.string(), z.string()) })),
    last_check: z.object({ at: z.string(), missing: z.array(z.string()), fault: z.string().nullable() }).nullable(),
    registered_at: z.string().nullable(),
    failing_since: z.string().nullable(),
    created_at: z.string(),
  })
  .openapi("CrmInstallation");

const CallSchema = z
  .object({
    id: z.string(),
    direction: z.enum(["in", "out"]),
    name: z.string(),
    about: z.string().nullable(),
    invoice_id: z.string().nullable(),
    invoice_label: z.string().nullable(),
    status: z.number().int().nullable(),
    is_done: z.boolean(),
    answer: z.string(),
    milliseconds: z.number().int(),
    at: z.string(),
  })
  .openapi("CrmCall");

async function show(context: Context, row: Installation): Promise<z.infer<typeof InstallationSchema>> {
  const shops = await shopsOf(context, row);
  const isTold = (shop: Shop) =>
    row.shops.some((told) => told.code === shop.code && told.name === shop.name && told.active === shop.active);
  return {
    id: row.id,
    point_of_sale_id: row.pointOfSaleId,
    crm: row.crm,
    brand: brandOf(row.url),
    code: row.code,
    url: row.url,
    default_currency: row.defaultCurrency,
    is_active: row.isActive,
    is_frozen: row.isFrozen,
    shops: shops.map((shop) => ({
      code: shop.code,
      name: shop.name,
      active: shop.active,
      processor: shop.connection.processor,
      currencies: [...shop.currencies],
      confirms_manually: shop.connection.captureMode === "manual",
      is_told: isTold(shop),
    })),
    warnings: warningsOf(row, shops),
    last_check: row.lastCheck,
    registered_at: row.registeredAt?.toISOString() ?? null,
    failing_since: row.failingSince?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}

async function mine(context: Context, principal: Principal, id: string): Promise<Installation> {
  const row = await findInstallation(context, principal.merchantId, id);
  if (!row || row.archivedAt) throw new Problem("not_found");
  return row;
}

/** A fault of connecting as a problem: the field it is about, a code, and each missing method by its name. */
function problemOf(fault: ConnectFault): Problem {
  const code = faultCode(fault);
  if (fault.kind === "methods_missing") {
    return new Problem(
      "invalid_request",
      `The key lacks ${fault.missing.join(", ")}.`,
      fault.missing.map((method) => ({ field: "api_key", code: "method_missing", message: method })),
    );
  }
  const isOfKey = fault.kind === "crm" && (fault.fault.kind === "wrong_key" || fault.fault.kind === "access_denied");
  return new Problem("invalid_request", undefined, [
    { field: isOfKey ? "api_key" : "url", code, message: fault.kind === "crm" ? fault.fault.text || code : code },
  ]);
}

const Connect = z.strictObject({
  point_of_sale_id: z.string().max(40).optional(),
  url: z.string().trim().min(1, "required").max(500),
  api_key: z.string().trim().min(1, "required").max(255),
});

export const crmInstallationRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/crm-installations",
      summary: "CRM accounts in which the payment module is connected",
      tags: ["CRM"],
      ...needs("connections:read"),
      responses: {
        200: answer(
          z.object({
            data: z.array(InstallationSchema),
            required_methods: z
              .array(z.string())
              .openapi({ description: "To be allowed to the CRM's API key, by name." }),
            useful_methods: z.array(z.string()),
            connect_urls: z
              .array(z.object({ point_of_sale_id: z.string(), url: z.string() }))
              .openapi({ description: "For a one-click connection from the CRM's marketplace; secret." }),
          }),
          "All of them.",
        ),
        ...problems,
      },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const rows = await house.db
        .select()
        .from(crmInstallations)
        .where(and(within(house, principal, "crm_installation"), isNull(crmInstallations.archivedAt)))
        .orderBy(desc(crmInstallations.id))
        .limit(100);
      const shops = await house.db.query.pointsOfSale.findMany({
        columns: { id: true },
        where: () => within(house, principal, "point_of_sale"),
      });
      const mayConnect = principal.scopes.has("connections:write");
      return c.json(
        {
          data: await Promise.all(rows.map((row) => show(house, row))),
          required_methods: [...REQUIRED_METHODS],
          useful_methods: [...USEFUL_METHODS],
          connect_urls: shops.flatMap(({ id }) => {
            const url = mayConnect ? connectUrlOf(house, id) : null;
            return url ? [{ point_of_sale_id: id, url }] : [];
          }),
        },
        200,
      );
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/crm-installations",
      summary: "Connect a CRM account by its address and key",
      description:
        "Tries the key, names each method that it lacks, and registers the module. The same account connected again is the same installation.",
      tags: ["CRM"],
      ...creates("connections:write"),
      request: { headers: IdempotencyHeader, body: takes(Connect) },
      responses: { 201: answer(InstallationSchema, "Connected."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const body = c.req.valid("json");
      const chosen = principal.pointOfSaleId ?? body.point_of_sale_id;
      if (principal.pointOfSaleId && body.point_of_sale_id && body.point_of_sale_id !== principal.pointOfSaleId)
        throw new Problem("not_found");
      const shop = await house.db.query.pointsOfSale.findFirst({
        columns: { id: true },
        where: (t, { and: both, eq: is }) => both(is(t.merchantId, principal.merchantId), is(t.id, chosen ?? "")),
      });
      if (!shop) {
        throw new Problem("invalid_request", undefined, [
          { field: "point_of_sale_id", code: "unknown", message: "unknown" },
        ]);
      }
      const connected = await connectAccount(house, {
        merchantId: principal.merchantId,
        pointOfSaleId: shop.id,
        url: body.url,
        apiKey: body.api_key,
        actor: principal.actor,
      });
      if (!connected.ok) throw problemOf(connected.error);
      return c.json(await show(house, connected.value), 201);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/crm-installations/{id}",
      summary: "Read an installation with its shops and warnings",
      tags: ["CRM"],
      ...needs("connections:read", "crm_installation"),
      request: { params: Id },
      responses: { 200: answer(InstallationSchema, "The installation."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      return c.json(await show(house, await mine(house, c.get("principal"), c.req.valid("param").id)), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/crm-installations/{id}/check",
      summary: "Try the key again and register the shops anew",
      tags: ["CRM"],
      ...needs("connections:write", "crm_installation"),
      request: { params: Id },
      responses: { 200: answer(InstallationSchema, "As it stands now."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      return c.json(
        await show(house, await recheck(house, await mine(house, c.get("principal"), c.req.valid("param").id))),
        200,
      );
    },
  )
  .openapi(
    createRoute({
      method: "patch",
      path: "/crm-installations/{id}",
      summary: "Replace the CRM's key",
      tags: ["CRM"],
      ...needs("connections:write", "crm_installation"),
      request: { params: Id, body: takes(z.strictObject({ api_key: z.string().trim().min(1, "required").max(255) })) },
      responses: { 200: answer(InstallationSchema, "Changed and tried."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const row = await mine(house, principal, c.req.valid("param").id);
      const connected = await connectAccount(house, {
        merchantId: row.merchantId,
        pointOfSaleId: row.pointOfSaleId,
        url: row.url,
        apiKey: c.req.valid("json").api_key,
        actor: principal.actor,
      });
      if (!connected.ok) throw problemOf(connected.error);
      return c.json(await show(house, connected.value), 200);
    },
  )
  .openapi(
    createRoute({
      method: "delete",
      path: "/crm-installations/{id}",
      summary: "Disconnect; history stays, and connecting again finds it",
      tags: ["CRM"],
      ...needs("connections:write", "crm_installation"),
      request: { params: Id },
      responses: { 204: { description: "Disconnected." }, ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      await disconnectAccount(house, await mine(house, principal, c.req.valid("param").id), principal.actor);
      return c.body(null, 204);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/crm-installations/{id}/calls",
      summary: "Calls between the CRM and us with their answers, newest first",
      tags: ["CRM"],
      ...needs("connections:read", "crm_installation"),
      request: { params: Id, query: Page },
      responses: { 200: answer(pageOf(CallSchema), "A page."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { cursor, limit } = c.req.valid("query");
      const row = await mine(house, c.get("principal"), c.req.valid("param").id);
      const rows = await house.db
        .select({ call: crmCalls, label: invoices.label })
        .from(crmCalls)
        .leftJoin(invoices, and(eq(invoices.merchantId, crmCalls.merchantId), eq(invoices.id, crmCalls.invoiceId)))
        .where(
          and(
            eq(crmCalls.merchantId, row.merchantId),
            eq(crmCalls.installationId, row.id),
            cursor ? lt(crmCalls.id, cursor) : undefined,
          ),
        )
        .orderBy(desc(crmCalls.id))
        .limit(limit + 1);
      const flat = rows.map(({ call, label }) => ({ ...call, label }));
      return c.json(
        toPage(flat, limit, (call) => ({
          id: call.id,
          direction: call.direction,
          name: call.name,
          about: call.about,
          invoice_id: call.invoiceId,
          invoice_label: call.label,
          status: call.status,
          is_done: call.isDone,
          answer: call.answer,
          milliseconds: call.milliseconds,
          at: call.at.toISOString(),
        })),
        200,
      );
    },
  );
