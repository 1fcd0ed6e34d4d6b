// Revolut Merchant: the adapter that the registry names.

import type { Processor } from "../contract.ts";
import { cancel, capture, check, query } from "./calls.ts";
import type { RevolutCredentials } from "./credentials.ts";
import { descriptor } from "./descriptor.ts";
import { readNotification, unreadable } from "./notification.ts";
import { queryRefund, refund } from "./refund.ts";
import { start } from "./start.ts";
import { readRegistered, registerNotifications } from "./webhooks.ts";

/** The adapter: orders with a hosted page, read again after every webhook. */
export const revolut: Processor<RevolutCredentials> = {
  descriptor,
  variantOf: () => "merchant",
  startAttempt: start,
  queryAttempt: query,
  captureAuthorization: capture,
  voidAuthorization: cancel,
  refundCapture: refund,
  queryRefund,
  registerNotifications,
  readRegistered,
  checkCredentials: async (_probe, context) => check(context),
  readNotification: async (request, context) => {
    try {
      return readNotification(request, context);
    } catch {
      return unreadable(request);
    }
  },
};
