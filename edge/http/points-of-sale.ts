// /v1/me and /v1/points-of-sale: who is asking, and the switches of a shop.

import { and, eq, isNull } from "drizzle-orm";
import { connections, merchants, pointsOfSale } from "../../db/schema/index.ts";
import { addressOf } from "../mail/send.ts";
import { audit } from "../merchants/audit.ts";
import { readTroubles, troubleWith } from "../payments/method-troubles.ts";
import { judgeMethods, orderKey, WITHHELD } from "../payments/offered-methods.ts";
import { supportChannels } from "../support.ts";
import { toEmail } from "./contact.ts";
import { FRAME_ORIGINS_MAX, readFrameOrigin } from "./frame-origins.ts";
import { type FieldFault, Problem } from "./problem.ts";
import { within } from "./reach.ts";
import { answer, createRoute, makeRouter, needs, problems, takes, z } from "./setting.ts";
import { MeSchema, PointOfSaleSchema } from "./shapes.ts";
import { showPointOfSale } from "./show.ts";

const senderEmail = z
  .string()
  .trim()
  .max(254)
  .nullable()
  .transform((text, context) => {
    if (!text) return null;
    const clean = toEmail(text);
    if (!clean) context.addIssue({ code: "custom", message: "bad_email" });
    return clean;
  })
  .openapi({
    type: ["string", "null"],
    format: "email",
    description: "Who mails to payers are from; the mail server has to send in its name.",
  });

const Patch = z
  .strictObject({
    name: z.string().trim().min(1, "required").max(80),
    site: z.url().max(200),
    activity: z.string().trim().max(120).nullable(),
    is_open: z.boolean(),
    sender_name: z.string().trim().max(80).nullable(),
    sender_email: senderEmail,
    card_on_all_invoices: z.boolean(),
    fiscal_from_proforma: z.boolean(),
    record_collection: z.boolean(),
    method_order: z.array(z.string().regex(/^con_[0-9A-Z]{26}:[a-z][a-z0-9_]{0,19}$/)).max(100),
    frame_origins: z.array(z.string().trim().max(200)).max(FRAME_ORIGINS_MAX),
    brand_color: z
      .string()
      .trim()
      .toLowerCase()
      .regex(/^#[0-9a-f]{6}$/, "bad_color")
      .nullable(),
  })
  .partial()
  .openapi("PointOfSalePatch");

/** Origins as they are kept, each once; a fault names the line. */
function frameOriginsOf(typed: string[], isTest: boolean): string[] {
  const faults: FieldFault[] = [];
  const origins = typed.flatMap((text, index) => {
    const read = readFrameOrigin(text, isTest);
    if ("origin" in read) return [read.origin];
    faults.push({ field: `frame_origins.${index}`, code: read.fault, message: read.fault });
    return [];
  });
  if (faults.length > 0) throw new Problem("invalid_request", undefined, faults);
  return [...new Set(origins)];
}

export const MethodSchema = z
  .object({
    key: z.string().openapi({ description: 'As `method_order` names it: "connection:method".' }),
    connection_id: z.string(),
    connection_name: z.string(),
    processor: z.string(),
    method: z.string(),
    withheld: z.enum(WITHHELD).nullable(),
    /** It fails for many people just now, and is offered last until that is over. */
    trouble: z.object({ since: z.string(), tries: z.number().int(), failures: z.number().int() }).nullable(),
  })
  .openapi("Method");

export const pointOfSaleRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/me",
      summary: "Who is asking, and what it may do",
      tags: ["Settings"],
      ...needs("settings:read"),
      responses: { 200: answer(MeSchema, "You."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { db } = house;
      const principal = c.get("principal");
      const [merchantRows, shops] = await db.batch([
        db.select().from(merchants).where(eq(merchants.id, principal.merchantId)),
        db
          .select()
          .from(pointsOfSale)
          .where(and(within(house, principal, "point_of_sale"), isNull(pointsOfSale.archivedAt)))
          .orderBy(pointsOfSale.id),
      ]);
      const merchant = merchantRows[0];
      if (!merchant) throw new Problem("not_found");
      return c.json(
        {
          actor: principal.actor,
          role: principal.role,
          scopes: [...principal.scopes],
          merchant: {
            id: merchant.id,
            name: merchant.name,
            legal_name: merchant.legalName,
            time_zone: merchant.timeZone,
            locale: merchant.locale,
          },
          points_of_sale: shops.map(showPointOfSale),
          support: supportChannels(house.env),
          support_email: house.env.SUPPORT_EMAIL ?? addressOf(house.env.MAIL_FROM),
        },
        200,
      );
    },
  )
  .openapi(
    createRoute({
      method: "patch",
      path: "/points-of-sale/{id}",
      summary: "Change a shop's switches",
      description:
        "May be done at any time, also while a payment is under way: what stands at its confirmation counts.",
      tags: ["Settings"],
      ...needs("settings:write", "point_of_sale"),
      request: { params: z.object({ id: z.string().max(40) }), body: takes(Patch) },
      responses: { 200: answer(PointOfSaleSchema, "Changed."), ...problems },
    }),
    async (c) => {
      const { db } = c.get("house");
      const { merchantId } = c.get("principal");
      const { id } = c.req.valid("param");
      const body = c.req.valid("json");
      const mine = and(eq(pointsOfSale.merchantId, merchantId), eq(pointsOfSale.id, id));
      const rows = await db.select().from(pointsOfSale).where(mine);
      const before = rows[0];
      if (!before) throw new Problem("not_found");
      const patch = Object.fromEntries(
        Object.entries({
          name: body.name,
          site: body.site,
          activity: body.activity,
          isOpen: body.is_open,
          senderName: body.sender_name === "" ? null : body.sender_name,
          senderEmail: body.sender_email,
          cardOnAllInvoices: body.card_on_all_invoices,
          fiscalFromProforma: body.fiscal_from_proforma,
          recordCollection: body.record_collection,
          methodOrder: body.method_order,
          brandColor: body.brand_color,
          frameOrigins: body.frame_origins && frameOriginsOf(body.frame_origins, before.isTest),
        }).filter(([, value]) => value !== undefined),
      );
      if (Object.keys(patch).length === 0) return c.json(showPointOfSale(before), 200);
      const [changed] = await db.batch([
        db.update(pointsOfSale).set(patch).where(mine).returning(),
        audit(c.get("house"), c.get("principal"), "point_of_sale.updated", id, {
          before: Object.fromEntries(Object.keys(patch).map((key) => [key, before[key as keyof typeof before]])),
          after: patch,
        }),
      ]);
      const row = changed[0];
      if (!row) throw new Problem("not_found");
      return c.json(showPointOfSale(row), 200);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/points-of-sale/{id}/methods",
      summary: "Ways to pay, in the order that payers see",
      description: "Those held back carry the reason. The order is changed by `method_order` of the point of sale.",
      tags: ["Settings"],
      ...needs("connections:read", "point_of_sale"),
      request: { params: z.object({ id: z.string().max(40) }) },
      responses: { 200: answer(z.object({ data: z.array(MethodSchema) }), "All of them."), ...problems },
    }),
    async (c) => {
      const { db } = c.get("house");
      const { merchantId } = c.get("principal");
      const { id } = c.req.valid("param");
      const [[shop], rows] = await db.batch([
        db
          .select()
          .from(pointsOfSale)
          .where(and(eq(pointsOfSale.merchantId, merchantId), eq(pointsOfSale.id, id))),
        db
          .select()
          .from(connections)
          .where(
            and(
              eq(connections.merchantId, merchantId),
              eq(connections.pointOfSaleId, id),
              isNull(connections.archivedAt),
            ),
          )
          .orderBy(connections.id),
      ]);
      if (!shop) throw new Problem("not_found");
      const wanted = { currency: null, isTest: shop.isTest, methods: null, order: shop.methodOrder };
      const live = rows.filter((row) => row.environment === (shop.isTest ? "test" : "live"));
      const troubles = await readTroubles(c.get("house"), live, shop.isTest);
      return c.json(
        {
          data: judgeMethods(live, wanted).map((choice) => {
            const { connection, method, withheld } = choice;
            const trouble = troubleWith(troubles, choice);
            return {
              key: orderKey(connection.id, method),
              connection_id: connection.id,
              connection_name: connection.name,
              processor: connection.processor,
              method,
              withheld,
              trouble: trouble
                ? { since: trouble.since.toISOString(), tries: trouble.tries, failures: trouble.failures }
                : null,
            };
          }),
        },
        200,
      );
    },
  );
