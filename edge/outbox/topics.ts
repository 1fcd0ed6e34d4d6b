// What the outbox can deliver, by topic.

import type { outbox } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { sendInvoiceLink } from "../mail/invoice-link.ts";
import { sendRefund } from "../payments/refund-payment.ts";
import { deliverWebhook } from "../webhooks/deliver.ts";

export type OutboxRow = typeof outbox.$inferSelect;
export type Deliver = (context: Context, row: OutboxRow) => Promise<{ done: boolean; text: string }>;

const text = (value: unknown) => (typeof value === "string" ? value : "");

export const topics: Record<string, Deliver> = {
  refund: async (context, row) => {
    const outcome = await sendRefund(context, row.merchantId, text(row.payload.refundId));
    return { done: outcome === "done", text: outcome };
  },
  invoice_link_mail: sendInvoiceLink,
  webhook: deliverWebhook,
};
