// "Refresh status": the processor is asked first, then the invoice's state is told in the CRM's words (retailcrm.md 3.5).

import type { Context } from "../../context.ts";
import { lookAtAttempt } from "../../payments/look-at-attempt.ts";
import { lookAtOpenRefunds } from "../../payments/look-at-refund.ts";
import { OPEN_ATTEMPT_STATES } from "../../payments/states.ts";
import type { Outcome } from "./answer.ts";
import { crmNumber } from "./form.ts";
import type { Installation } from "./installations.ts";
import { readReading } from "./invoices.ts";
import { linkOf } from "./link.ts";
import { type CrmInvoice, crmState } from "./state.ts";

export async function status(context: Context, row: Installation, invoice: CrmInvoice): Promise<Outcome> {
  const before = await readReading(context, row, invoice);
  for (const attempt of before.story.attempts) {
    if (attempt.capturedMinor > 0n) await lookAtOpenRefunds(context, attempt.merchantId, attempt.id);
    if (OPEN_ATTEMPT_STATES.includes(attempt.state) || attempt.state === "authorized") {
      await lookAtAttempt(context, attempt.merchantId, attempt.id);
    }
  }
  const reading = await readReading(context, row, invoice);
  const state = crmState(reading);
  const { currency, amountMinor } = reading.story.invoice;
  return {
    result: {
      status: state.status,
      amount: state.amount ?? crmNumber(amountMinor, currency),
      cancellationDetails: state.cancellationDetails ?? null,
      expiredAt: state.expiredAt ?? null,
      paidAt: state.paidAt ?? null,
      paymentId: invoice.invoiceId,
      invoiceUrl: linkOf(context, reading.story.invoice),
      refundable: state.refundable,
    },
  };
}
