// Asking the CRM whether the order still stands, before money is taken. Both of its flags count (retailcrm.md 4).

import type { Context } from "../../context.ts";
import { type CrmAnswer, callCrm } from "./call.ts";
import { crmNumber } from "./form.ts";
import type { OpenInstallation } from "./installations.ts";
import { patchCrmInvoice } from "./invoices.ts";
import type { CrmInvoice } from "./state.ts";
import { detailText } from "./words.ts";

export type Verdict = { kind: "passed" } | { kind: "refused"; text: string } | { kind: "unknown"; text: string };

/**
 * Asks, and keeps a yes or a no. A no is the CRM's word about this order; a key that lacks the right, an account that is
 * away or too many requests are none, and are asked again.
 */
export async function askCheck(
  context: Context,
  open: OpenInstallation,
  invoice: CrmInvoice,
  money: { minor: bigint; currency: string },
): Promise<Verdict> {
  const answered = await callCrm(
    context,
    { url: open.row.url, apiKey: open.apiKey },
    {
      method: "POST",
      path: "/api/v5/payment/check",
      form: {
        check: JSON.stringify({
          invoiceUuid: invoice.invoiceUuid,
          amount: crmNumber(money.minor, money.currency),
          currency: money.currency,
        }),
      },
    },
    { merchantId: invoice.merchantId, installationId: invoice.installationId, invoiceId: invoice.invoiceId },
  );
  const fallback = detailText("order_changed", open.row.locale);
  let verdict: Verdict;
  if (answered.ok) {
    const result = answered.value.result as CrmAnswer | undefined;
    if (result?.success === true) verdict = { kind: "passed" };
    else if (result?.success === false) verdict = { kind: "refused", text: textOf(result.errorMsg) || fallback };
    else verdict = { kind: "unknown", text: "no result" };
  } else if (answered.error.kind === "refused") {
    verdict = { kind: "refused", text: answered.error.text || fallback };
  } else {
    verdict = { kind: "unknown", text: `${answered.error.kind}: ${answered.error.text}` };
  }
  if (verdict.kind !== "unknown") {
    await patchCrmInvoice(context, invoice, {
      checkState: verdict.kind,
      checkText: verdict.kind === "refused" ? verdict.text.slice(0, 255) : null,
      checkedAt: context.now,
    });
  }
  return verdict;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
