// A shop that confirms by itself takes the money at once: the CRM is asked about the order when the payer begins.

import type { Context } from "../../context.ts";
import type { Invoice } from "../../payments/story.ts";
import { askCheck } from "./check.ts";
import { actorOf, findInstallation, isAwake, openInstallation } from "./installations.ts";
import { findCrmInvoice, readReading } from "./invoices.ts";
import { letGo, wishCancelled } from "./let-go.ts";
import { detailText } from "./words.ts";

/**
 * Whether the payer may go on. Only the CRM's no stops them, and switches the link off; a CRM that cannot be asked does not
 * keep a shop from selling.
 */
export async function mayBePaid(
  context: Context,
  invoice: Pick<Invoice, "id" | "merchantId" | "crmInstallationId" | "amountMinor" | "currency">,
): Promise<boolean> {
  if (!invoice.crmInstallationId) return true;
  const row = await findInstallation(context, invoice.merchantId, invoice.crmInstallationId);
  const mine = row ? await findCrmInvoice(context, row, invoice.id) : null;
  if (!row || !mine || !isAwake(row)) return true;
  const money = { minor: invoice.amountMinor, currency: invoice.currency };
  const verdict = await askCheck(context, await openInstallation(context, row), mine, money);
  if (verdict.kind !== "refused") return true;
  await wishCancelled(context, mine, detailText("check_failed", row.locale, { text: verdict.text }));
  await letGo(context, await readReading(context, row, mine), actorOf(row));
  return false;
}
