// Connecting an account: its key is tried, what it lacks is named, the canonical address is kept, the module is registered.
// The same account connected again is the same installation (retailcrm.md 1, 2).

import { and, asc, eq, sql } from "drizzle-orm";
import { sqlState } from "../../../db/client.ts";
import type { AuditAction } from "../../../db/schema/audit-actions.ts";
import { auditEntries, crmInstallations, merchants } from "../../../db/schema/index.ts";
import { asLanguage, languageOf } from "../../../messages/languages.ts";
import type { Context } from "../../context.ts";
import { sha256Hex } from "../../ids.ts";
import { isCurrency } from "../../money.ts";
import { fail, ok, type Result } from "../../result.ts";
import { type AccountAddressFault, accountAddress } from "./address.ts";
import { type CrmFault, callCrm } from "./call.ts";
import { type Installation, openInstallation, sealSecrets, shopsOf } from "./installations.ts";
import { missingMethods, USEFUL_METHODS } from "./methods.ts";
import { register, registrationOf, sendRegistration } from "./registration.ts";

export type ConnectFault =
  | { kind: "address"; fault: AccountAddressFault }
  | { kind: "methods_missing"; missing: string[] }
  | { kind: "crm"; fault: CrmFault };

export type ConnectInput = {
  merchantId: string;
  pointOfSaleId: string;
  url: string;
  apiKey: string;
  actor: string;
};

type Account = { url: string; currency: string | null; language: string | null; timeZone: string | null };

/** What a key is worth at an address: its methods by name, the canonical address, what the account tells of itself. */
export async function probe(
  context: Context,
  typed: string,
  apiKey: string,
): Promise<Result<Account & { missing: string[] }, ConnectFault>> {
  const mayBeLocal = context.env.ENVIRONMENT === "development";
  const address = accountAddress(typed, mayBeLocal);
  if (!address.ok) return fail({ kind: "address", fault: address.error });
  const target = { url: address.value, apiKey };
  const credentials = await callCrm(context, target, { method: "GET", path: "/api/credentials" });
  if (!credentials.ok) return fail({ kind: "crm", fault: credentials.error });
  const listed = textsOf(credentials.value.credentials);
  const account: Account = { url: address.value, currency: null, language: null, timeZone: null };
  const info = await callCrm(context, target, { method: "GET", path: "/api/system-info" });
  const canonical =
    info.ok && typeof info.value.publicUrl === "string" ? accountAddress(info.value.publicUrl, mayBeLocal) : null;
  if (canonical?.ok) account.url = canonical.value;
  if (missingMethods(listed, USEFUL_METHODS).length === 0) {
    const answer = await callCrm(context, target, { method: "GET", path: "/api/v5/settings" });
    const settings = answer.ok ? (answer.value.settings as Record<string, { value?: unknown }> | undefined) : undefined;
    const settingOf = (name: string) => {
      const value = settings?.[name]?.value;
      return typeof value === "string" ? value : null;
    };
    const currency = settingOf("default_currency")?.toUpperCase() ?? null;
    account.currency = currency && isCurrency(currency) ? currency : null;
    account.language = settingOf("system_language");
    account.timeZone = knownZone(settingOf("timezone"));
  }
  return ok({ ...account, missing: missingMethods(listed) });
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

function knownZone(name: string | null): string | null {
  if (!name) return null;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

const TURNS = 5;

/** Connects an account, or the same one anew: installation, code and our id stay, key and address are replaced. */
export async function connectAccount(
  context: Context,
  input: ConnectInput,
): Promise<Result<Installation, ConnectFault>> {
  const probed = await probe(context, input.url, input.apiKey);
  if (!probed.ok) return probed;
  const { missing, ...account } = probed.value;
  if (missing.length > 0) return fail({ kind: "methods_missing", missing });
  for (let turn = 0; ; turn++) {
    const known = await findByAddress(context, input, account.url);
    try {
      return await (known ? reconnect(context, input, known, account) : install(context, input, account));
    } catch (error) {
      // The same account was connected by somebody else at this moment: then it is that installation.
      if (sqlState(error) !== "23505" || turn >= TURNS) throw error;
    }
  }
}

async function findByAddress(context: Context, of: ConnectInput, url: string): Promise<Installation | null> {
  const rows = await context.db
    .select()
    .from(crmInstallations)
    .where(
      and(
        eq(crmInstallations.merchantId, of.merchantId),
        eq(crmInstallations.pointOfSaleId, of.pointOfSaleId),
        eq(crmInstallations.url, url),
      ),
    )
    .orderBy(sql`${crmInstallations.archivedAt} is not null`, asc(crmInstallations.id));
  return rows[0] ?? null;
}

async function install(
  context: Context,
  input: ConnectInput,
  account: Account,
): Promise<Result<Installation, ConnectFault>> {
  const { merchantId, pointOfSaleId, apiKey } = input;
  const id = context.newId("crmInstallation");
  const clientId = crypto.randomUUID();
  // Of the id's part that is chance, so that two merchants in one account do not overwrite one another's module.
  const code = `plata-${id.slice(-12).toLowerCase()}`;
  const shops = await shopsOf(context, { merchantId, pointOfSaleId });
  const registration = registrationOf(context, { id, code, clientId }, shops, true);
  const sent = await sendRegistration(context, { url: account.url, apiKey }, registration);
  if (!sent.ok) return fail({ kind: "crm", fault: sent.error });
  const merchant = await context.db.query.merchants.findFirst({
    columns: { locale: true },
    where: eq(merchants.id, merchantId),
  });
  const sealed = await sealSecrets(context, merchantId, id, { apiKey, clientId });
  const [rows] = await context.db.batch([
    context.db
      .insert(crmInstallations)
      .values({
        id,
        merchantId,
        pointOfSaleId,
        crm: "retailcrm",
        code,
        url: account.url,
        secrets: sealed.sealed,
        dataKeyId: sealed.dataKeyId,
        clientIdHash: await sha256Hex(clientId),
        defaultCurrency: account.currency,
        locale: asLanguage(account.language) ?? (account.language ? "en" : languageOf(merchant?.locale)),
        timeZone: account.timeZone,
        shops: registration.integrations.payment.shops,
        lastCheck: { at: context.now.toISOString(), missing: [], fault: null },
        registeredAt: context.now,
        createdAt: context.now,
        updatedAt: context.now,
      })
      .returning(),
    noteAudit(context, input, "crm_installation.connected", id, { crm: "retailcrm", url: account.url }),
  ]);
  const row = rows[0];
  if (!row) throw new Error("the installation was not kept");
  return ok(row);
}

async function reconnect(
  context: Context,
  input: ConnectInput,
  known: Installation,
  account: Account,
): Promise<Result<Installation, ConnectFault>> {
  const before = await openInstallation(context, known);
  const sealed = await sealSecrets(context, known.merchantId, known.id, {
    apiKey: input.apiKey,
    clientId: before.clientId,
  });
  const [rows] = await context.db.batch([
    context.db
      .update(crmInstallations)
      .set({
        secrets: sealed.sealed,
        dataKeyId: sealed.dataKeyId,
        defaultCurrency: account.currency ?? known.defaultCurrency,
        ...(account.language ? { locale: asLanguage(account.language) ?? "en" } : {}),
        timeZone: account.timeZone ?? known.timeZone,
        isActive: true,
        lastCheck: { at: context.now.toISOString(), missing: [], fault: null },
        updatedAt: context.now,
        archivedAt: null,
      })
      .where(and(eq(crmInstallations.merchantId, known.merchantId), eq(crmInstallations.id, known.id)))
      .returning(),
    noteAudit(context, input, "crm_installation.connected", known.id, {
      crm: "retailcrm",
      url: account.url,
      again: true,
    }),
  ]);
  const row = rows[0];
  if (!row) throw new Error("the installation is gone");
  const sent = await register(context, await openInstallation(context, row));
  if (!sent.ok) return fail({ kind: "crm", fault: sent.error });
  return ok({ ...row, shops: sent.value, registeredAt: context.now, failingSince: null });
}

/** Looks at a connected account again: the key's methods, the account's settings, and registers anew. */
export async function recheck(context: Context, row: Installation): Promise<Installation> {
  const open = await openInstallation(context, row);
  const probed = await probe(context, row.url, open.apiKey);
  const fault = probed.ok ? null : faultCode(probed.error);
  const [updated] = await context.db
    .update(crmInstallations)
    .set({
      lastCheck: { at: context.now.toISOString(), missing: probed.ok ? probed.value.missing : [], fault },
      ...(probed.ok && probed.value.currency ? { defaultCurrency: probed.value.currency } : {}),
      ...(probed.ok && probed.value.timeZone ? { timeZone: probed.value.timeZone } : {}),
      updatedAt: context.now,
    })
    .where(and(eq(crmInstallations.merchantId, row.merchantId), eq(crmInstallations.id, row.id)))
    .returning();
  const fresh = updated ?? row;
  if (!probed.ok || probed.value.missing.length > 0) return fresh;
  const sent = await register(context, { ...open, row: fresh });
  return sent.ok
    ? { ...fresh, shops: sent.value, registeredAt: context.now, failingSince: null }
    : { ...fresh, failingSince: fresh.failingSince ?? context.now };
}

/** A fault in a word, for screens. */
export function faultCode(fault: ConnectFault): string {
  return fault.kind === "address"
    ? fault.fault
    : fault.kind === "methods_missing"
      ? fault.kind
      : `crm_${fault.fault.kind}`;
}

/** Switches the module off in the CRM, as far as the CRM can be reached; history stays. */
export async function disconnectAccount(context: Context, row: Installation, actor: string): Promise<void> {
  await register(context, await openInstallation(context, row), false);
  const { merchantId } = row;
  await context.db.batch([
    context.db
      .update(crmInstallations)
      .set({ archivedAt: context.now, updatedAt: context.now })
      .where(and(eq(crmInstallations.merchantId, merchantId), eq(crmInstallations.id, row.id))),
    noteAudit(context, { merchantId, actor }, "crm_installation.disconnected", row.id, { url: row.url }),
  ]);
}

/** The statement that notes what was done to an installation, and by whom; never its key. */
export function noteAudit(
  context: Context,
  { merchantId, actor }: { merchantId: string; actor: string },
  action: AuditAction,
  subject: string,
  after: Record<string, unknown>,
) {
  return context.db.insert(auditEntries).values({
    id: context.newId("audit"),
    merchantId,
    actor,
    action,
    subject,
    before: null,
    after,
    requestId: context.requestId,
    at: context.now,
  });
}
