// The CRM says that the module is paused, that the account is frozen, or that it moved (retailcrm.md 3.6). While it sleeps
// nothing is made for it and nothing is told; processors are listened to all the same.

import { and, eq } from "drizzle-orm";
import { crmInstallations } from "../../../db/schema/index.ts";
import type { Context } from "../../context.ts";
import { accountAddress } from "./address.ts";
import { type Outcome, refuse } from "./answer.ts";
import { noteAudit } from "./connect.ts";
import { actorOf, type Installation, isAwake, openInstallation } from "./installations.ts";
import { register } from "./registration.ts";
import { orderMissed } from "./report.ts";

export async function activity(
  context: Context,
  row: Installation,
  told: { active: boolean; freeze?: boolean | undefined },
  systemUrl: string | null,
): Promise<Outcome> {
  const address = systemUrl ? accountAddress(systemUrl, context.env.ENVIRONMENT === "development") : null;
  // The key is not sent where the CRM's accounts are not.
  if (address && !address.ok) return refuse("bad_request", { field: "systemUrl" });
  const url = address?.value ?? row.url;
  const next = { isActive: told.active, isFrozen: told.freeze ?? row.isFrozen, url };
  const [rows] = await context.db.batch([
    context.db
      .update(crmInstallations)
      .set({ ...next, updatedAt: context.now })
      .where(and(eq(crmInstallations.merchantId, row.merchantId), eq(crmInstallations.id, row.id)))
      .returning(),
    noteAudit(context, { merchantId: row.merchantId, actor: actorOf(row) }, "crm_installation.activity", row.id, next),
  ]);
  const now = rows[0];
  if (!now || !isAwake(now)) return {};
  if (url !== row.url) await register(context, await openInstallation(context, now));
  if (!isAwake(row) || url !== row.url) await orderMissed(context, now);
  return {};
}
