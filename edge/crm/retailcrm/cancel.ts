// "Cancel": the link is switched off and a hold is let go; a payment that is under way is let go when it comes. What is paid
// is not cancelled but given back (retailcrm.md 3.3).

import type { Context } from "../../context.ts";
import { type Outcome, refuse, refuseFor, refuseHold } from "./answer.ts";
import { actorOf, type Installation } from "./installations.ts";
import { readReading } from "./invoices.ts";
import { letGo, wishCancelled } from "./let-go.ts";
import { type CrmInvoice, takenMinor } from "./state.ts";
import { detailText } from "./words.ts";

export async function cancel(context: Context, row: Installation, invoice: CrmInvoice): Promise<Outcome> {
  const reading = await readReading(context, row, invoice);
  if (!invoice.cancelledAt && takenMinor(reading.story) > 0n) return refuse("paid_refund_instead");
  await wishCancelled(context, invoice, detailText("cancelled_by_manager", row.locale));
  const freed = await letGo(context, reading, actorOf(row));
  if (freed.ok) return {};
  return typeof freed.error === "string" ? refuseHold(freed.error) : refuseFor(freed.error.fault);
}
