// Tochka: the adapter that the registry names.

import { fail } from "../../result.ts";
import type { AttemptReference, Fault, Processor } from "../contract.ts";
import { listAccounts } from "./accounts.ts";
import { check } from "./check.ts";
import type { TochkaCredentials } from "./credentials.ts";
import { descriptor } from "./descriptor.ts";
import { captureLink, queryLink, queryLinkRefund, refundLink } from "./link.ts";
import { readNotification, unreadable } from "./notification.ts";
import { authorization } from "./oauth.ts";
import { queryQr, queryQrRefund, refundQr } from "./qr.ts";
import { readReference } from "./reference.ts";
import { start } from "./start.ts";
import { readRegistered, registerNotifications } from "./webhook-address.ts";

const isQr = (attempt: AttemptReference) => readReference(attempt.processorReference)?.rail === "qr";

/** Links by the bank's page and codes by our own, told apart by the reference that the start gave. */
export const tochka: Processor<TochkaCredentials> = {
  descriptor,
  variantOf: () => "acquiring",
  startAttempt: start,
  queryAttempt: (attempt, context) => (isQr(attempt) ? queryQr(attempt, context) : queryLink(attempt, context)),
  captureAuthorization: async (input, context) =>
    isQr(input.attempt) ? fail({ kind: "unsupported", detail: "only_cards_are_held" }) : captureLink(input, context),
  refundCapture: async (input, context) => {
    const fault = faultOfAmount(input.attempt, input.amount);
    if (fault) return fail(fault);
    return isQr(input.attempt) ? refundQr(input, context) : refundLink(input, context);
  },
  queryRefund: (input, context) =>
    isQr(input.attempt) ? queryQrRefund(input, context) : queryLinkRefund(input, context),
  authorization,
  listAccounts,
  registerNotifications,
  readRegistered,
  checkCredentials: check,
  readNotification: async (request, context) => {
    try {
      return readNotification(request, context);
    } catch {
      return unreadable(request);
    }
  },
};

function faultOfAmount(attempt: AttemptReference, amount: AttemptReference["amount"]): Fault | null {
  if (amount.currency !== attempt.amount.currency) {
    return { kind: "rejected", detail: `currency_differs: ${amount.currency}, not ${attempt.amount.currency}` };
  }
  return amount.minor > 0n ? null : { kind: "rejected", detail: "amount_not_positive" };
}
