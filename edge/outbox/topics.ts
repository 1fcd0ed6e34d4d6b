// What the outbox can deliver, by topic.

import { deliverRegistration } from "../crm/retailcrm/registration.ts";
import { deliverReport } from "../crm/retailcrm/report.ts";
import { deliverReceipt } from "../fiscal/deliver-receipt.ts";
import { sendAccessLapsed } from "../mail/access-lapsed.ts";
import { sendConsentMail } from "../mail/consent.ts";
import { sendDateAsked } from "../mail/date-asked.ts";
import { sendInvoiceLink } from "../mail/invoice-link.ts";
import { sendPaymentReceived } from "../mail/payment-received.ts";
import { findConnection } from "../merchants/connections.ts";
import { examine } from "../merchants/doctor.ts";
import { sendRefund } from "../payments/refund-payment.ts";
import { deliverWebhook } from "../webhooks/deliver.ts";
import type { Deliver } from "./deliver.ts";

const text = (value: unknown) => (typeof value === "string" ? value : "");

export const topics: Record<string, Deliver> = {
  refund: async (context, row) => {
    const outcome = await sendRefund(context, row.merchantId, text(row.payload.refundId));
    return { done: outcome === "done", text: outcome };
  },
  receipt: deliverReceipt,
  invoice_link_mail: sendInvoiceLink,
  webhook: deliverWebhook,
  consent_mail: sendConsentMail,
  access_lapsed_mail: sendAccessLapsed,
  date_asked_mail: sendDateAsked,
  payment_received_mail: sendPaymentReceived,
  crm_invoice: deliverReport,
  crm_registration: deliverRegistration,
  examine_connection: async (context, row) => {
    const connection = await findConnection(context, row.merchantId, text(row.payload.connectionId));
    if (!connection || connection.archivedAt) return { done: true, text: "no such connection" };
    const examined = await examine(context, connection, false);
    return { done: true, text: examined.connection.status };
  },
};
