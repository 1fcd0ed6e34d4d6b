// Registering the module in the CRM: one whole object, sent again with every change of the shops (retailcrm.md 2).

import { and, eq } from "drizzle-orm";
import type { CrmShop } from "../../../db/schema/crm.ts";
import { crmInstallations } from "../../../db/schema/index.ts";
import type { Context } from "../../context.ts";
import { ok, type Result } from "../../result.ts";
import { type CallLog, type CrmFault, callCrm } from "./call.ts";
import {
  type Installation,
  isAwake,
  type OpenInstallation,
  openInstallation,
  type Shop,
  shopsOf,
} from "./installations.ts";

const NAME = "Plata";
export const INTEGRATION_CODE = "plata";
/** Where the CRM calls us; the actions' paths are joined to it. */
export const baseUrlOf = (context: Context): string => `${context.env.EDGE_ORIGIN}/crm/retailcrm`;
/** Our page for an installation, opened from the CRM. */
export const accountUrlOf = (context: Context, id: string): string =>
  `${context.env.WEB_ORIGIN}/integrations/crm/${id}`;

/** What is registered, for a module that is on or, at a disconnecting, off. */
export function registrationOf(
  context: Context,
  of: Pick<Installation, "id" | "code"> & { clientId: string },
  shops: Shop[],
  active: boolean,
) {
  const currencies = [...new Set(shops.filter((shop) => shop.active).flatMap((shop) => shop.currencies))].sort();
  return {
    code: of.code,
    integrationCode: INTEGRATION_CODE,
    active,
    name: NAME,
    logo: `${baseUrlOf(context)}/logo.svg`,
    clientId: of.clientId,
    baseUrl: baseUrlOf(context),
    accountUrl: accountUrlOf(context, of.id),
    actions: { activity: "/activity" },
    integrations: {
      payment: {
        actions: {
          create: "/create",
          approve: "/approve",
          cancel: "/cancel",
          refund: "/refund",
          status: "/status",
        },
        currencies,
        invoiceTypes: ["link"],
        shops: shops.map(({ code, name, active: isOpen }) => ({ code, name: name.slice(0, 255), active: isOpen })),
      },
    },
  };
}

/** Sends the whole registration. */
export function sendRegistration(
  context: Context,
  target: { url: string; apiKey: string },
  registration: ReturnType<typeof registrationOf>,
  log?: CallLog,
): Promise<Result<unknown, CrmFault>> {
  return callCrm(
    context,
    target,
    {
      method: "POST",
      path: `/api/v5/integration-modules/${encodeURIComponent(registration.code)}/edit`,
      form: { integrationModule: JSON.stringify(registration) },
    },
    log,
  );
}

/** Registers an installation as it stands now; what the CRM was told of the shops is kept. */
export async function register(
  context: Context,
  open: OpenInstallation,
  isOn = true,
): Promise<Result<CrmShop[], CrmFault>> {
  const { row, apiKey, clientId } = open;
  const shops = await shopsOf(context, row);
  const registration = registrationOf(context, { id: row.id, code: row.code, clientId }, shops, isOn);
  const sent = await sendRegistration(context, { url: row.url, apiKey }, registration, {
    merchantId: row.merchantId,
    installationId: row.id,
  });
  const told = registration.integrations.payment.shops;
  await context.db
    .update(crmInstallations)
    .set({
      ...(sent.ok ? { shops: told, registeredAt: context.now } : {}),
      failingSince: sent.ok ? null : (row.failingSince ?? context.now),
    })
    .where(and(eq(crmInstallations.merchantId, row.merchantId), eq(crmInstallations.id, row.id)));
  return sent.ok ? ok(told) : sent;
}

/** The outbox's door: registers anew after the shops changed. */
export async function deliverRegistration(
  context: Context,
  row: { merchantId: string; payload: Record<string, unknown> },
): Promise<{ done: boolean; text: string }> {
  const [found] = await context.db
    .select()
    .from(crmInstallations)
    .where(
      and(eq(crmInstallations.merchantId, row.merchantId), eq(crmInstallations.id, String(row.payload.installationId))),
    );
  // One that sleeps is registered when it wakes.
  if (!found || !isAwake(found)) return { done: true, text: "not in use" };
  const sent = await register(context, await openInstallation(context, found));
  return { done: sent.ok, text: sent.ok ? "registered" : `${sent.error.kind}: ${sent.error.text}` };
}
