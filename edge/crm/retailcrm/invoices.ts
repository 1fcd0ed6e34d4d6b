// The CRM's invoices and ours that answer them: found by either name, read together with the story.

import { and, eq, type SQL } from "drizzle-orm";
import { crmInvoices, merchants } from "../../../db/schema/index.ts";
import type { Context } from "../../context.ts";
import { readStory } from "../../payments/story.ts";
import { abilitiesOf } from "../../processors/abilities.ts";
import type { Installation } from "./installations.ts";
import type { CrmInvoice, Reading } from "./state.ts";

type Of = Pick<Installation, "merchantId" | "id">;

/** By our name for it, and only where it is this installation's. */
export const findCrmInvoice = (context: Context, of: Of, invoiceId: string) =>
  find(context, of, eq(crmInvoices.invoiceId, invoiceId));

/** By the CRM's name for it; null while ours is not made. */
export const findByUuid = (context: Context, of: Of, uuid: string) =>
  find(context, of, eq(crmInvoices.invoiceUuid, uuid));

async function find({ db }: Context, of: Of, which: SQL): Promise<CrmInvoice | null> {
  const [row] = await db
    .select()
    .from(crmInvoices)
    .where(and(eq(crmInvoices.merchantId, of.merchantId), eq(crmInvoices.installationId, of.id), which));
  return row?.invoiceId ? { ...row, invoiceId: row.invoiceId } : null;
}

/** Everything that the state to tell is made from, as it stands now. */
export async function readReading(context: Context, row: Installation, invoice: CrmInvoice): Promise<Reading> {
  const [story, merchant] = await Promise.all([
    readStory(context.db, invoice.merchantId, invoice.invoiceId),
    row.timeZone
      ? null
      : context.db.query.merchants.findFirst({ columns: { timeZone: true }, where: eq(merchants.id, row.merchantId) }),
  ]);
  if (!story) throw new Error("the invoice of a CRM's invoice is gone");
  return {
    story,
    invoice,
    language: row.locale,
    timeZone: row.timeZone ?? merchant?.timeZone ?? "UTC",
    now: context.now,
    abilitiesOf,
  };
}

/** Changes what is kept beside the CRM's name. */
export async function patchCrmInvoice(
  { db }: Context,
  of: Pick<CrmInvoice, "merchantId" | "id">,
  patch: Partial<CrmInvoice>,
): Promise<void> {
  await db
    .update(crmInvoices)
    .set(patch)
    .where(and(eq(crmInvoices.merchantId, of.merchantId), eq(crmInvoices.id, of.id)));
}
