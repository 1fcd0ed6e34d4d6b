// /v1/merchant: the company's legal details, as payers and documents show them.

import { and, eq, sql } from "drizzle-orm";
import { merchants } from "../../db/schema/index.ts";
import { audit } from "../merchants/audit.ts";
import { EXTRAS, TRIAL_DAYS } from "../merchants/options.ts";
import { toEmail, toPhone } from "./contact.ts";
import { Problem } from "./problem.ts";
import { answer, createRoute, makeRouter, needs, problems, takes, z } from "./setting.ts";

const LegalSchema = z
  .object({
    id: z.string(),
    legal_name: z.string(),
    tax_id: z.string(),
    address: z.string(),
    email: z.string(),
    phone: z.string().nullable(),
    offer_url: z.string().nullable().openapi({ description: "The public offer (terms) that payers are shown." }),
  })
  .openapi("LegalDetails");

const line = (most: number) => z.string().trim().min(1, "required").max(most);

const offerUrl = z
  .string()
  .trim()
  .max(500)
  .nullable()
  .transform((text, context) => {
    if (!text) return null;
    const refuse = (code: string) => {
      context.addIssue({ code: "custom", message: code });
      return z.NEVER;
    };
    if (!URL.canParse(text)) return refuse("not_a_url");
    const url = new URL(text);
    if (url.protocol !== "https:") return refuse("not_https");
    if (url.username || url.password) return refuse("has_credentials");
    return url.hostname.includes(".") ? url.href : refuse("not_a_url");
  })
  .openapi({ type: ["string", "null"], format: "uri" });

const Patch = z
  .strictObject({
    legal_name: line(200),
    tax_id: line(40),
    address: line(300),
    email: z.string().transform((text, context) => {
      const clean = toEmail(text);
      if (!clean) context.addIssue({ code: "custom", message: "bad_email" });
      return clean ?? z.NEVER;
    }),
    phone: z
      .string()
      .nullable()
      .transform((text, context) => {
        if (!text?.trim()) return null;
        const clean = toPhone(text);
        if (!clean) context.addIssue({ code: "custom", message: "bad_phone" });
        return clean;
      }),
    offer_url: offerUrl,
  })
  .partial()
  .openapi("LegalDetailsPatch");

type Row = typeof merchants.$inferSelect;

const show = (row: Row): z.infer<typeof LegalSchema> => ({
  id: row.id,
  legal_name: row.legalName,
  tax_id: row.taxId,
  address: row.address,
  email: row.email,
  phone: row.phone,
  offer_url: row.offerUrl,
});

export const merchantRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/merchant",
      summary: "Legal details of the company",
      tags: ["Settings"],
      ...needs("settings:read"),
      responses: { 200: answer(LegalSchema, "As payers see them."), ...problems },
    }),
    async (c) => {
      const { db } = c.get("house");
      const [row] = await db
        .select()
        .from(merchants)
        .where(eq(merchants.id, c.get("principal").merchantId));
      if (!row) throw new Problem("not_found");
      return c.json(show(row), 200);
    },
  )
  .openapi(
    createRoute({
      method: "patch",
      path: "/merchant",
      summary: "Change legal details",
      tags: ["Settings"],
      ...needs("settings:write"),
      request: { body: takes(Patch) },
      responses: { 200: answer(LegalSchema, "Changed."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      // They are the company's, not a shop's: a key of one shop may not change them for all.
      if (principal.pointOfSaleId) throw new Problem("forbidden", "Only a member may change the company's details.");
      const body = c.req.valid("json");
      const mine = eq(merchants.id, principal.merchantId);
      const [before] = await house.db.select().from(merchants).where(mine);
      if (!before) throw new Problem("not_found");
      const patch = Object.fromEntries(
        Object.entries({
          legalName: body.legal_name,
          taxId: body.tax_id,
          address: body.address,
          email: body.email,
          phone: body.phone,
          offerUrl: body.offer_url,
        }).filter(([, value]) => value !== undefined),
      );
      if (Object.keys(patch).length === 0) return c.json(show(before), 200);
      const [changed] = await house.db.batch([
        house.db.update(merchants).set(patch).where(mine).returning(),
        audit(house, principal, "merchant.updated", principal.merchantId, {
          before: Object.fromEntries(Object.keys(patch).map((key) => [key, before[key as keyof Row]])),
          after: patch,
        }),
      ]);
      const row = changed[0];
      if (!row) throw new Problem("not_found");
      return c.json(show(row), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/merchant/trials",
      summary: "Begin the free trial of an extra",
      description: "Once for each extra; afterwards support agrees on more.",
      tags: ["Settings"],
      ...needs("settings:write"),
      request: { body: takes(z.strictObject({ extra: z.enum(EXTRAS) })) },
      responses: {
        200: answer(z.object({ extra: z.enum(EXTRAS), until: z.iso.datetime() }), "It can be used at once."),
        ...problems,
      },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      if (principal.pointOfSaleId) throw new Problem("forbidden", "Only a member may begin a trial.");
      const { extra } = c.req.valid("json");
      const until = new Date(house.now.getTime() + TRIAL_DAYS * 86_400_000).toISOString();
      // Of two presses at once one finds it begun.
      const begun = await house.db
        .update(merchants)
        .set({ extras: sql`${merchants.extras} || ${JSON.stringify({ [extra]: { until } })}::jsonb` })
        .where(and(eq(merchants.id, principal.merchantId), sql`not ${merchants.extras} ? ${extra}`))
        .returning({ id: merchants.id });
      if (begun.length === 0) throw new Problem("trial_used");
      await audit(house, principal, "merchant.trial_started", principal.merchantId, { after: { extra, until } });
      return c.json({ extra, until }, 200);
    },
  );
