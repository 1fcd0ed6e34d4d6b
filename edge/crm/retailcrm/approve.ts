// "Confirm": takes the held money, after the CRM itself stood by the order. A refusal leaves the hold as it was, and the
// press may be repeated (retailcrm.md 3.2, 4).

import type { Context } from "../../context.ts";
import { captureAuthorization } from "../../payments/hold-commands.ts";
import { type Outcome, refuse, refuseFor, refuseHold } from "./answer.ts";
import { askCheck } from "./check.ts";
import { readCrmNumber } from "./form.ts";
import { actorOf, type Installation, openInstallation } from "./installations.ts";
import { readReading } from "./invoices.ts";
import { letGo, wishCancelled } from "./let-go.ts";
import { type CrmInvoice, heldOf, takenMinor } from "./state.ts";
import { detailText } from "./words.ts";

export async function approve(
  context: Context,
  row: Installation,
  invoice: CrmInvoice,
  asked: { amount?: number | string | null | undefined },
): Promise<Outcome> {
  const reading = await readReading(context, row, invoice);
  const { story } = reading;
  const held = heldOf(story);
  if (!held) return takenMinor(story) > 0n ? {} : refuse("nothing_held");
  if (invoice.cancelledAt) return refuse("cancelled");
  if (held.captureMode !== "manual") return refuse("confirms_by_itself");
  const asks = asked.amount === undefined || asked.amount === null ? null : readCrmNumber(asked.amount, held.currency);
  if (asked.amount !== undefined && asked.amount !== null && (!asks || asks.minor <= 0n)) return refuse("bad_amount");
  if (asks && asks.minor > held.authorizedMinor) return refuse("amount_over_hold");
  // Asked again at the press itself: the order may have been changed since the money was held.
  const verdict = await askCheck(context, await openInstallation(context, row), invoice, {
    minor: held.authorizedMinor,
    currency: held.currency,
  });
  if (verdict.kind === "unknown") return refuse("check_unknown", {}, 502);
  if (verdict.kind === "refused") {
    await wishCancelled(context, invoice, detailText("check_failed", row.locale, { text: verdict.text }));
    const freed = await letGo(context, reading, actorOf(row));
    if (!freed.ok && typeof freed.error !== "string") return refuseFor(freed.error.fault);
    return refuse("order_changed");
  }
  const taken = await captureAuthorization(context, {
    merchantId: row.merchantId,
    invoiceId: invoice.invoiceId,
    attemptId: held.id,
    actor: actorOf(row),
    ...(asks ? { amountMinor: asks.minor } : {}),
  });
  if (taken.ok) return {};
  if (typeof taken.error !== "string") return refuseFor(taken.error.fault);
  if (taken.error !== "not_authorized" && taken.error !== "hold_command_running") return refuseHold(taken.error);
  // The second of two presses: the first has taken it.
  const after = await readReading(context, row, invoice);
  if (takenMinor(after.story) > 0n) return {};
  return taken.error === "hold_command_running" ? refuse("unknown_yet", {}, 502) : refuse("nothing_held");
}
