// A CRM's invoice that shall not be paid any more: its link is switched off, and money that is held or still comes goes
// back. The wish is kept first, so it wins over a payment that is under way (retailcrm.md 3.3, 9.10).

import type { Context } from "../../context.ts";
import { refundableMinor } from "../../payments/amounts.ts";
import { voidAuthorization } from "../../payments/hold-commands.ts";
import type { HoldRefusal } from "../../payments/hold-steps.ts";
import { cancelInvoice } from "../../payments/invoice-commands.ts";
import { refundPayment } from "../../payments/refund-payment.ts";
import { ok, type Result } from "../../result.ts";
import { patchCrmInvoice } from "./invoices.ts";
import type { CrmInvoice, Reading } from "./state.ts";

/** Keeps the wish; the first one's reason counts. */
export async function wishCancelled(context: Context, invoice: CrmInvoice, reason: string): Promise<void> {
  if (invoice.cancelledAt) return;
  const patch = { cancelledAt: context.now, cancelReason: reason.slice(0, 255) };
  await patchCrmInvoice(context, invoice, patch);
  Object.assign(invoice, patch);
}

/** Does what the wish asks for, as far as it is not done; safe to do again. */
export async function letGo(
  context: Context,
  { story, invoice, abilitiesOf }: Reading,
  actor: string,
): Promise<Result<null, HoldRefusal>> {
  const of = { merchantId: invoice.merchantId, invoiceId: invoice.invoiceId };
  // The link first: nobody begins to pay what is being taken back.
  await cancelInvoice(context, of.merchantId, of.invoiceId, actor, true);
  for (const attempt of story.attempts) {
    if (attempt.state === "authorized") {
      const freed = await voidAuthorization(context, { ...of, attemptId: attempt.id, actor });
      // Not held any more: then it was let go, or taken and goes back at the next turn.
      if (!freed.ok && freed.error !== "not_authorized") return freed;
      continue;
    }
    const variant = story.connections.find((c) => c.id === attempt.connectionId)?.variant ?? "";
    if (refundableMinor(story, attempt) <= 0n || !abilitiesOf(attempt.processor, variant).canRefund) continue;
    // One refund for what came after all; what the processor refused is a person's to settle.
    if (story.refunds.some((refund) => refund.attemptId === attempt.id)) continue;
    const isRepeatOf = () => true;
    await refundPayment(context, { ...of, attemptId: attempt.id, reason: invoice.cancelReason, actor, isRepeatOf });
  }
  // The hold is gone, or the money is back: an invoice that stayed open for it is switched off now.
  await cancelInvoice(context, of.merchantId, of.invoiceId, actor, true);
  return ok(null);
}
