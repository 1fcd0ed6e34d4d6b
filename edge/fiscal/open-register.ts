// A shop's register with its credentials at hand, ready to be called.

import { and, eq, isNull } from "drizzle-orm";
import { pointsOfSale, registers } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { makeCaller } from "../processors/call.ts";
import { resolveHosts } from "../processors/hosts.ts";
import type { Register, RegisterCall } from "./contract.ts";
import { registerOf } from "./registry.ts";

export type RegisterRow = typeof registers.$inferSelect;
export type OpenRegister = { row: RegisterRow; adapter: Register; credentials: unknown; by: RegisterCall<unknown> };

const boundTo = (id: string) => `registers|${id}|credentials`;

/** Seals credentials for a register's row. */
export function sealRegister(context: Context, merchantId: string, id: string, credentials: unknown) {
  return context.vault.seal(merchantId, JSON.stringify(credentials), boundTo(id));
}

/** What of credentials may be shown again, by the descriptor. */
export function shownOf(adapter: Register, credentials: unknown): Record<string, string> {
  const values = credentials as Record<string, unknown>;
  return Object.fromEntries(
    adapter.descriptor.publicFields.flatMap((name) =>
      typeof values[name] === "string" ? [[name, values[name]] as const] : [],
    ),
  );
}

/** The register that makes a shop's receipts now; null when none does. */
export async function registerOfShop(
  context: Context,
  merchantId: string,
  pointOfSaleId: string,
): Promise<RegisterRow | null> {
  const [row] = await context.db
    .select()
    .from(registers)
    .where(
      and(
        eq(registers.merchantId, merchantId),
        eq(registers.pointOfSaleId, pointOfSaleId),
        isNull(registers.archivedAt),
      ),
    );
  return row ?? null;
}

/** A merchant's register, also one that was replaced: what it took is still asked of it. */
export async function findRegister(context: Context, merchantId: string, id: string): Promise<RegisterRow | null> {
  const [row] = await context.db
    .select()
    .from(registers)
    .where(and(eq(registers.merchantId, merchantId), eq(registers.id, id)));
  return row ?? null;
}

/** Opens the credentials and prepares the way to the service. */
export async function openRegister(context: Context, row: RegisterRow): Promise<OpenRegister> {
  const adapter = registerOf(row.service);
  if (!adapter) throw new Error(`no adapter for ${row.service}`);
  const text = await context.vault.open(
    row.merchantId,
    { sealed: row.credentials, dataKeyId: row.dataKeyId },
    boundTo(row.id),
  );
  const [shop] = await context.db
    .select({ isTest: pointsOfSale.isTest })
    .from(pointsOfSale)
    .where(and(eq(pointsOfSale.merchantId, row.merchantId), eq(pointsOfSale.id, row.pointOfSaleId)));
  const credentials: unknown = JSON.parse(text);
  const own = adapter.baseOf?.(credentials) ?? "";
  const resolved = resolveHosts(
    { hosts: { api: adapter.descriptor.host ?? { live: own, test: own } }, payerHosts: { live: [], test: [] } },
    shop?.isTest === false ? "live" : "test",
    context.env.PROCESSOR_HOSTS,
  );
  const call = makeCaller({
    allowedOrigins: resolved.allowedOrigins,
    fetch: (url, init) => fetch(url, init),
  });
  return { row, adapter, credentials, by: { credentials, base: resolved.hosts.api ?? "", now: context.now, call } };
}
