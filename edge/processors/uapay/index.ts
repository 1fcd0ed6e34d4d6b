// UAPAY: the adapter that the registry names.

import type { Processor } from "../contract.ts";
import { cancel, capture, check, query } from "./calls.ts";
import type { UapayCredentials } from "./credentials.ts";
import { descriptor } from "./descriptor.ts";
import { readNotification, unreadable } from "./notification.ts";
import { refund } from "./refund.ts";
import { start } from "./start.ts";

/** The adapter: one-time invoices with a hosted page, in hryvnia, signed both ways. */
export const uapay: Processor<UapayCredentials> = {
  descriptor,
  variantOf: () => "invoicer",
  startAttempt: start,
  queryAttempt: query,
  captureAuthorization: capture,
  voidAuthorization: cancel,
  refundCapture: refund,
  checkCredentials: async (_probe, context) => check(context),
  readNotification: async (request, context) => {
    try {
      return readNotification(request, context);
    } catch {
      return unreadable(request);
    }
  },
};
