// /v1/api-keys: keys of a point of sale. A key is shown once and only its hash is kept; asked for with an
// Idempotency-Key, the answer is kept sealed for the repeat as long as that key lives.

import { and, desc, eq, sql } from "drizzle-orm";
import { apiKeys, pointsOfSale } from "../../db/schema/index.ts";
import { sha256Hex, toBase64Url } from "../ids.ts";
import { audit } from "../merchants/audit.ts";
import { SCOPES } from "../merchants/permissions.ts";
import { Problem } from "./problem.ts";
import { within } from "./reach.ts";
import {
  answer,
  createRoute,
  creates,
  IdempotencyHeader,
  idFor,
  isRepeat,
  makeRouter,
  needs,
  problems,
  takes,
  z,
} from "./setting.ts";
import { ApiKeySchema } from "./shapes.ts";

const show = (row: typeof apiKeys.$inferSelect) => ({
  id: row.id,
  point_of_sale_id: row.pointOfSaleId,
  name: row.name,
  prefix: row.prefix,
  scopes: row.scopes,
  created_at: row.createdAt.toISOString(),
  last_used_at: row.lastUsedAt?.toISOString() ?? null,
  revoked_at: row.revokedAt?.toISOString() ?? null,
});

export const apiKeyRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/api-keys",
      summary: "API keys, newest first",
      tags: ["API keys"],
      ...needs("keys:write"),
      responses: {
        200: answer(z.object({ data: z.array(ApiKeySchema) }), "All keys; never the keys themselves."),
        ...problems,
      },
    }),
    async (c) => {
      const house = c.get("house");
      const rows = await house.db
        .select()
        .from(apiKeys)
        .where(within(house, c.get("principal"), "api_key"))
        .orderBy(desc(apiKeys.id))
        .limit(200);
      return c.json({ data: rows.map(show) }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/api-keys",
      summary: "Make a key; it is shown this once",
      tags: ["API keys"],
      ...creates("keys:write"),
      request: {
        headers: IdempotencyHeader,
        body: takes(
          z.strictObject({
            point_of_sale_id: z.string().max(40).optional(),
            name: z.string().trim().min(1, "required").max(80),
            scopes: z.array(z.enum(SCOPES)).min(1, "required"),
          }),
        ),
      },
      responses: { 201: answer(ApiKeySchema.extend({ key: z.string() }), "The key."), ...problems },
    }),
    async (c) => {
      const { db, now } = c.get("house");
      const principal = c.get("principal");
      const { merchantId } = principal;
      const body = c.req.valid("json");
      const beyond = body.scopes.filter((scope) => !principal.scopes.has(scope));
      if (beyond.length > 0)
        throw new Problem("forbidden", `A key cannot have more rights than its maker: ${beyond.join(", ")}.`);
      const chosen = principal.pointOfSaleId ?? body.point_of_sale_id;
      const shops = await db
        .select()
        .from(pointsOfSale)
        .where(and(eq(pointsOfSale.merchantId, merchantId), eq(pointsOfSale.id, chosen ?? "")));
      const shop = shops[0];
      if (
        !shop ||
        (principal.pointOfSaleId && body.point_of_sale_id && body.point_of_sale_id !== principal.pointOfSaleId)
      ) {
        throw new Problem("invalid_request", undefined, [
          { field: "point_of_sale_id", code: "unknown", message: "unknown" },
        ]);
      }
      const key = `sk_${shop.isTest ? "test" : "live"}_${toBase64Url(crypto.getRandomValues(new Uint8Array(32)))}`;
      const id = idFor(c, "apiKey");
      if (isRepeat(c)) {
        // Nobody has seen the key that the dead request made: this one takes its place.
        const [made] = await db
          .update(apiKeys)
          .set({ prefix: key.slice(0, 12), hash: await sha256Hex(key) })
          .where(and(eq(apiKeys.merchantId, merchantId), eq(apiKeys.id, id)))
          .returning();
        if (made) return c.json({ ...show(made), key }, 201);
      }
      const [rows] = await db.batch([
        db
          .insert(apiKeys)
          .values({
            id,
            merchantId,
            pointOfSaleId: shop.id,
            name: body.name,
            prefix: key.slice(0, 12),
            hash: await sha256Hex(key),
            scopes: body.scopes,
            createdBy: c.get("principal").actor,
            createdAt: now,
          })
          .returning(),
        audit(c.get("house"), c.get("principal"), "api_key.created", id, {
          after: { name: body.name, scopes: body.scopes },
        }),
      ]);
      const row = rows[0];
      if (!row) throw new Problem("internal");
      return c.json({ ...show(row), key }, 201);
    },
  )
  .openapi(
    createRoute({
      method: "delete",
      path: "/api-keys/{id}",
      summary: "Revoke a key",
      tags: ["API keys"],
      ...needs("keys:write", "api_key"),
      request: { params: z.object({ id: z.string().max(40) }) },
      responses: { 200: answer(ApiKeySchema, "Revoked."), ...problems },
    }),
    async (c) => {
      const { db, now } = c.get("house");
      const { merchantId } = c.get("principal");
      const { id } = c.req.valid("param");
      const rows = await db
        .update(apiKeys)
        .set({ revokedAt: sql`coalesce(${apiKeys.revokedAt}, ${now.toISOString()}::timestamptz)` })
        .where(and(eq(apiKeys.merchantId, merchantId), eq(apiKeys.id, id)))
        .returning();
      const row = rows[0];
      if (!row) throw new Problem("not_found");
      await audit(c.get("house"), c.get("principal"), "api_key.revoked", id);
      return c.json(show(row), 200);
    },
  );
