// Connecting from the CRM's marketplace in one click: the CRM proves by a signature with the marketplace's secret that the
// key it brings is its own (retailcrm.md 2). For which point of sale is said by the address, which only its merchant knows.

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { eq } from "drizzle-orm";
import { pointsOfSale } from "../../../db/schema/index.ts";
import type { Context } from "../../context.ts";
import { fail, ok, type Result } from "../../result.ts";
import { type ConnectFault, connectAccount } from "./connect.ts";
import type { Installation } from "./installations.ts";
import { baseUrlOf } from "./registration.ts";

function tag(context: Context, pointOfSaleId: string): string {
  return createHmac("sha256", context.env.AUTH_SECRET)
    .update(`retailcrm one-click|${pointOfSaleId}`)
    .digest("base64url")
    .slice(0, 22);
}

/** The address that the CRM is given to connect to a point of sale; null where no marketplace knows us. */
export function connectUrlOf(context: Context, pointOfSaleId: string): string | null {
  if (!context.env.RETAILCRM_SECRET) return null;
  return `${baseUrlOf(context)}/connect/${pointOfSaleId}/${tag(context, pointOfSaleId)}`;
}

/** Where the CRM registers next. */
export function registerUrlOf(context: Context, pointOfSaleId: string): string {
  return `${baseUrlOf(context)}/register/${pointOfSaleId}/${tag(context, pointOfSaleId)}`;
}

/** The merchant of a point of sale whose address this is; null when it is nobody's. */
export async function merchantOf(context: Context, pointOfSaleId: string, given: string): Promise<string | null> {
  if (!context.env.RETAILCRM_SECRET || !isSame(tag(context, pointOfSaleId), given)) return null;
  const rows = await context.db
    .select({ merchantId: pointsOfSale.merchantId })
    .from(pointsOfSale)
    .where(eq(pointsOfSale.id, pointOfSaleId));
  return rows[0]?.merchantId ?? null;
}

/** Connects the account that the CRM brings; a signature that is not the marketplace's is told apart. */
export async function connectByToken(
  context: Context,
  of: { merchantId: string; pointOfSaleId: string },
  register: { token: string; systemUrl: string; apiKey: string },
): Promise<Result<Installation, ConnectFault | { kind: "bad_token" }>> {
  const secret = context.env.RETAILCRM_SECRET ?? "";
  const right = createHmac("sha256", secret).update(register.apiKey).digest("hex");
  if (!secret || !isSame(right, register.token)) return fail({ kind: "bad_token" });
  const connected = await connectAccount(context, {
    ...of,
    url: register.systemUrl,
    apiKey: register.apiKey,
    actor: "crm:retailcrm",
  });
  return connected.ok ? ok(connected.value) : connected;
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
