// The logo of a point of sale: put and taken away through the API, read by its hash through the web Worker's own door.

import { and, eq } from "drizzle-orm";
import type { Handler } from "hono";
import { logos, pointsOfSale } from "../../db/schema/index.ts";
import { fromBase64, sha256Hex, toBase64 } from "../ids.ts";
import { audit } from "../merchants/audit.ts";
import { LOGO_MAX_BYTES, LOGO_MAX_SIDE, type LogoFault, readLogoFile } from "./logo-file.ts";
import { Problem } from "./problem.ts";
import { type AppEnv, answer, createRoute, makeRouter, needs, problems, takes, z } from "./setting.ts";
import { PointOfSaleSchema } from "./shapes.ts";
import { showPointOfSale } from "./show.ts";

/** The largest body that can carry a logo: base64 makes four bytes of three. */
export const LOGO_MAX_BODY = 96 * 1024;
const MAX_TEXT = Math.ceil(LOGO_MAX_BYTES / 3) * 4;

const LogoBody = z
  .strictObject({
    data: z
      .string()
      .min(1, "required")
      .max(MAX_TEXT, "logo_too_large")
      .openapi({
        format: "byte",
        description:
          `A PNG, JPEG or WebP in base64: at most ${LOGO_MAX_BYTES / 1024} kB and ${LOGO_MAX_SIDE} × ${LOGO_MAX_SIDE} ` +
          "pixels, not animated. It is judged by its bytes. SVG is refused, as it may carry script.",
      }),
  })
  .openapi("Logo");

const refuse = (code: LogoFault | "not_base64"): Problem =>
  new Problem("invalid_request", undefined, [{ field: "data", code, message: code }]);

/** The bytes of strict base64: what decoders shrug at would be kept as something else than was sent. */
function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64(text);
  if (toBase64(bytes) !== text) throw refuse("not_base64");
  return bytes;
}

const Id = z.object({ id: z.string().max(40) });

export const logoRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "put",
      path: "/points-of-sale/{id}/logo",
      summary: "Put a shop's logo on its payment pages",
      tags: ["Settings"],
      ...needs("settings:write", "point_of_sale"),
      request: { params: Id, body: takes(LogoBody) },
      responses: { 200: answer(PointOfSaleSchema, "Changed."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const { merchantId } = principal;
      const { id } = c.req.valid("param");
      const bytes = bytesOf(c.req.valid("json").data);
      const read = readLogoFile(bytes);
      if ("fault" in read) throw refuse(read.fault);
      const { type, width, height } = read;
      const mine = and(eq(pointsOfSale.merchantId, merchantId), eq(pointsOfSale.id, id));
      const [before] = await house.db.select().from(pointsOfSale).where(mine);
      if (!before) throw new Problem("not_found");
      const hash = await sha256Hex(bytes);
      const kept = { hash, type, data: toBase64(bytes), createdAt: house.now };
      const [, [row]] = await house.db.batch([
        house.db
          .insert(logos)
          .values({ id: house.newId("logo"), merchantId, pointOfSaleId: id, ...kept })
          .onConflictDoUpdate({ target: [logos.merchantId, logos.pointOfSaleId], set: kept }),
        house.db.update(pointsOfSale).set({ logo: { hash, width, height } }).where(mine).returning(),
        audit(house, principal, "point_of_sale.updated", id, {
          before: { logo: before.logo },
          after: { logo: { hash, type, width, height, bytes: bytes.length } },
        }),
      ]);
      if (!row) throw new Problem("not_found");
      return c.json(showPointOfSale(row), 200);
    },
  )
  .openapi(
    createRoute({
      method: "delete",
      path: "/points-of-sale/{id}/logo",
      summary: "Take a shop's logo away",
      tags: ["Settings"],
      ...needs("settings:write", "point_of_sale"),
      request: { params: Id },
      responses: { 200: answer(PointOfSaleSchema, "Changed."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const { id } = c.req.valid("param");
      const mine = and(eq(pointsOfSale.merchantId, principal.merchantId), eq(pointsOfSale.id, id));
      const [before] = await house.db.select().from(pointsOfSale).where(mine);
      if (!before) throw new Problem("not_found");
      if (!before.logo) return c.json(showPointOfSale(before), 200);
      await house.db.batch([
        house.db.delete(logos).where(and(eq(logos.merchantId, principal.merchantId), eq(logos.pointOfSaleId, id))),
        house.db.update(pointsOfSale).set({ logo: null }).where(mine),
        audit(house, principal, "point_of_sale.updated", id, { before: { logo: before.logo }, after: { logo: null } }),
      ]);
      return c.json(showPointOfSale({ ...before, logo: null }), 200);
    },
  );

/** The bytes under a hash, for whoever sees the page that shows them: a logo is public. */
export const sendLogo: Handler<AppEnv> = async (c) => {
  const hash = c.req.param("hash") ?? "";
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new Problem("not_found");
  const [logo] = await c.get("house").db.select().from(logos).where(eq(logos.hash, hash)).limit(1);
  if (!logo) throw new Problem("not_found");
  return new Response(fromBase64(logo.data), { headers: { "content-type": logo.type } });
};
