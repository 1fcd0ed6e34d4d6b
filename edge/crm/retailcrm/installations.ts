// Our module in CRM accounts: how an installation is found and opened, and which shops it offers there. A shop is a
// connection of the installation's point of sale; its code is the connection's id, so it never changes and is never used
// for another one (retailcrm.md 2, 6, 9).

import { and, asc, eq, isNull } from "drizzle-orm";
import type { CrmShop } from "../../../db/schema/crm.ts";
import { connections, crmInstallations, pointsOfSale } from "../../../db/schema/index.ts";
import type { Context } from "../../context.ts";
import { sha256Hex } from "../../ids.ts";
import type { Connection } from "../../merchants/connections.ts";
import { variantOf } from "../../processors/abilities.ts";

export type Installation = typeof crmInstallations.$inferSelect;
/** An installation with what is secret about it. */
export type OpenInstallation = { row: Installation; apiKey: string; clientId: string };
type Secrets = { apiKey: string; clientId: string };

/** Calls come by network: an installation that stands still is told nothing and makes nothing. */
export const isAwake = (row: Installation): boolean => row.isActive && !row.isFrozen && row.archivedAt === null;

/** Who acts when the CRM's people do: the CRM does not say which of them. */
export const actorOf = (row: Installation): string => `crm:${row.id}`;

const boundTo = (id: string) => `crm_installations|${id}|secrets`;

/** Seals the key and our id for an installation's row. */
export function sealSecrets(context: Context, merchantId: string, id: string, secrets: Secrets) {
  return context.vault.seal(merchantId, JSON.stringify(secrets), boundTo(id));
}

/** Opens what is sealed. */
export async function openInstallation(context: Context, row: Installation): Promise<OpenInstallation> {
  const sealed = { sealed: row.secrets, dataKeyId: row.dataKeyId };
  const text = await context.vault.open(row.merchantId, sealed, boundTo(row.id));
  return { row, ...(JSON.parse(text) as Secrets) };
}

/** The installation of an id that the CRM shows. Looked for by its hash, so no answer's time tells how near a guess was. */
export async function findByClientId(context: Context, clientId: string): Promise<Installation | null> {
  const rows = await context.db
    .select()
    .from(crmInstallations)
    .where(and(eq(crmInstallations.clientIdHash, await sha256Hex(clientId)), isNull(crmInstallations.archivedAt)));
  return rows[0] ?? null;
}

/** An installation of a merchant. */
export async function findInstallation(context: Context, merchantId: string, id: string): Promise<Installation | null> {
  const rows = await context.db
    .select()
    .from(crmInstallations)
    .where(and(eq(crmInstallations.merchantId, merchantId), eq(crmInstallations.id, id)));
  return rows[0] ?? null;
}

export type Shop = CrmShop & { connection: Connection; currencies: readonly string[] };

/** The shops of a point of sale, the oldest first; disconnected ones stay when the CRM was told of them, as not active. */
export async function shopsOf(
  context: Context,
  of: Pick<Installation, "merchantId" | "pointOfSaleId"> & { shops?: CrmShop[] },
): Promise<Shop[]> {
  const rows = await context.db
    .select({ connection: connections, isTest: pointsOfSale.isTest })
    .from(connections)
    .innerJoin(
      pointsOfSale,
      and(eq(pointsOfSale.merchantId, connections.merchantId), eq(pointsOfSale.id, connections.pointOfSaleId)),
    )
    .where(and(eq(connections.merchantId, of.merchantId), eq(connections.pointOfSaleId, of.pointOfSaleId)))
    .orderBy(asc(connections.id));
  const told = new Set((of.shops ?? []).map((shop) => shop.code));
  return rows
    .filter(({ connection, isTest }) => connection.environment === (isTest ? "test" : "live"))
    .filter(({ connection }) => connection.archivedAt === null || told.has(connection.id))
    .map(({ connection }) => ({
      code: connection.id,
      name: connection.name,
      active: connection.archivedAt === null,
      connection,
      currencies: variantOf(connection.processor, connection.variant)?.currencies ?? [],
    }));
}

/** What is wrong with an installation or soon will be, each a code with its facts; words are the screens'. */
export type InstallationWarning = { code: string; facts: Record<string, string> };

export function warningsOf(row: Installation, shops: Shop[]): InstallationWarning[] {
  const warnings: InstallationWarning[] = [];
  const warn = (code: string, facts: Record<string, string> = {}) => warnings.push({ code, facts });
  if (row.archivedAt) return [];
  if (row.isFrozen) warn("frozen");
  else if (!row.isActive) warn("paused");
  if (row.lastCheck?.fault) warn("check_failed", { fault: row.lastCheck.fault });
  for (const method of row.lastCheck?.missing ?? []) warn("method_missing", { method });
  const live = shops.filter((shop) => shop.active);
  if (live.length === 0) warn("no_shops");
  const currency = row.defaultCurrency;
  if (!currency) warn("currency_unknown");
  else {
    for (const shop of live) {
      if (shop.currencies.includes(currency)) continue;
      warn("shop_currency", { shop: shop.name, currency, takes: shop.currencies.join(", ") });
    }
  }
  if (row.failingSince) warn("failing", { since: row.failingSince.toISOString() });
  return warnings;
}
