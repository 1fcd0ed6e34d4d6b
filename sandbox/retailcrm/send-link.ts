// "Send to e-mail": the CRM writes the letter itself and needs a sender for it, or mails that were bought.
import { randomUUID } from "node:crypto";
import { RuleError } from "./directory.ts";
import type { Retailcrm } from "./retailcrm.ts";
import { currentInvoice } from "./retailcrm.ts";
import type { Account, Order, OrderPayment } from "./state.ts";

/** Addresses of the order and of its customer, each once. */
export const addressesOf = (order: Order): string[] =>
  [...new Set([order.customer.email, ...order.clientEmails])].filter(Boolean);

/** Sends the payment's link; refused when nobody could be the sender. */
export function sendLink(crm: Retailcrm, account: Account, order: Order, payment: OrderPayment, to: string): void {
  const invoice = currentInvoice(payment);
  if (!invoice?.url) throw new RuleError("email", "There is no link yet.");
  if (!addressesOf(order).includes(to)) throw new RuleError("email", "Choose an address of the order or its customer.");
  const { sender, mailPackage } = account.options;
  if (sender === "" && !mailPackage) {
    payment.notice = null;
    payment.error =
      "The letter was not sent: no default e-mail is set for the store, and no package of letters was bought. Check the store's settings.";
    crm.changed();
    return;
  }
  const from = sender || "noreply@crm-letters.example";
  const text = `Order ${order.number}: ${invoice.amount} ${invoice.currency}\n\nPay here: ${invoice.url}\n`;
  crm.mailbox.mails.push({
    id: randomUUID(),
    to: [to],
    from,
    subject: `Payment of order ${order.number}`,
    text,
    html: "",
    headers: [{ key: "from", value: from }],
    attachments: [],
    receivedAt: new Date(crm.clock.now()).toISOString(),
  });
  payment.error = null;
  payment.notice = `The link was sent to ${to}.`;
  crm.changed();
}
