// What a manager does with a payment in the order card: choose a type, save, generate the link, confirm, cancel, refund, look
// again. What the module says against it is kept word for word.
import { randomUUID } from "node:crypto";
import { choosableTypes, RuleError } from "./directory.ts";
import { callModule, type ModuleAnswer } from "./module-call.ts";
import { addressOf, currentInvoice, moduleOf, type Retailcrm, totalOf } from "./retailcrm.ts";
import type { Account, Invoice, Module, Order, OrderPayment } from "./state.ts";

/** Whether the payment keeps its type: it has a link. */
export const isLocked = (payment: OrderPayment): boolean => payment.invoices.some((invoice) => invoice.url !== null);

/** Saves the payment's type; one that has a link keeps it. */
export function saveType(crm: Retailcrm, account: Account, payment: OrderPayment, code: string): void {
  // An invoice that never got its link may still go to another shop.
  if (code !== payment.type && currentInvoice(payment)?.url === null) payment.invoices.pop();
  if (isLocked(payment) && code !== payment.type) {
    throw new RuleError("type", "The payment has a link already: add another payment.");
  }
  if (!choosableTypes(account).some((type) => type.code === code))
    throw new RuleError("type", "Choose a payment type.");
  payment.type = code;
  payment.error = null;
  payment.notice = "The order was saved.";
  crm.changed();
}

/** The module and shop that a saved payment is bound to. */
export function boundTo(account: Account, payment: OrderPayment): { module: Module; shop: string } | null {
  const type = account.paymentTypes.find((one) => one.code === payment.type);
  const module = moduleOf(account, type?.module ?? null);
  return type?.shop && module ? { module, shop: type.shop } : null;
}

/** What may be pressed now. */
export function buttonsOf(account: Account, payment: OrderPayment) {
  const bound = boundTo(account, payment);
  const invoice = currentInvoice(payment);
  const isOver = invoice?.status === "canceled";
  return {
    generate: bound !== null && (!invoice?.url || isOver),
    link: invoice?.url && !isOver ? invoice.url : null,
    confirm: invoice?.status === "waitingForCapture",
    cancel: invoice?.url !== undefined && invoice.url !== null && invoice.cancellable,
    refund: invoice?.refundable ?? false,
    refresh: Boolean(invoice?.url),
  };
}

/** What the module is asked for a link; `change` bends it. */
export function createBody(order: Order, invoice: Invoice, origin: string, change: Record<string, unknown> = {}) {
  return {
    invoiceUuid: invoice.uuid,
    shopId: invoice.shop,
    invoiceType: "link",
    amount: invoice.amount,
    currency: invoice.currency,
    orderNumber: order.number,
    orderId: order.id,
    siteUrl: origin,
    returnUrl: `${origin}/thanks`,
    items: order.items.map((item) => ({
      name: item.name,
      price: item.price,
      quantity: item.quantity,
      measurementUnit: "pc",
      vat: item.vat,
      paymentMethod: "full_payment",
      paymentObject: "commodity",
    })),
    customer: { ...order.customer, contragentType: "individual" },
    ...change,
  };
}

/** The invoice that a press of "Generate link" is about: the same for every press until it has a link that still lives. */
export function invoiceFor(
  account: Account,
  order: Order,
  payment: OrderPayment,
): { invoice: Invoice; module: Module } {
  const bound = boundTo(account, payment);
  if (!bound) throw new RuleError("type", "Save the order with a payment type of a connected shop first.");
  const present = currentInvoice(payment);
  if (present && present.status !== "canceled") return { invoice: present, module: bound.module };
  const invoice: Invoice = {
    uuid: randomUUID(),
    paymentId: null,
    url: null,
    links: [],
    amount: totalOf(order),
    currency: order.currency,
    shop: bound.shop,
    module: bound.module.code,
    status: "pending",
    cancellable: false,
    refundable: false,
    paid: null,
    cancellationDetails: null,
    paidAt: null,
    expiredAt: null,
    refunds: [],
    told: [],
  };
  payment.invoices.push(invoice);
  return { invoice, module: bound.module };
}

/** Keeps what the module answered to `create`. */
export function takeLink(invoice: Invoice, answer: ModuleAnswer): void {
  const { paymentId, invoiceUrl, cancellable } = answer.result;
  if (!answer.ok || typeof paymentId !== "string" || typeof invoiceUrl !== "string") return;
  if (!invoice.links.includes(invoiceUrl)) invoice.links.push(invoiceUrl);
  invoice.paymentId = paymentId;
  invoice.url = invoiceUrl;
  invoice.cancellable = cancellable === true;
}

export type Press = "generate" | "approve" | "cancel" | "refund" | "status";
export type Prepared = { module: Module; invoice: Invoice; action: string; body: unknown };

/** What a press calls on the module. */
export function prepare(
  crm: Retailcrm,
  account: Account,
  order: Order,
  payment: OrderPayment,
  press: Press,
  amount?: number,
): Prepared {
  payment.notice = null;
  if (press === "generate") {
    const { invoice, module } = invoiceFor(account, order, payment);
    invoice.amount = totalOf(order);
    return { module, invoice, action: "create", body: createBody(order, invoice, addressOf(crm, account)) };
  }
  const invoice = currentInvoice(payment);
  const module = moduleOf(account, invoice?.module ?? null);
  if (!invoice?.paymentId || !module) throw new RuleError("payment", "There is no link yet.");
  const body = { paymentId: invoice.paymentId, ...(amount === undefined ? {} : { amount }) };
  return { module, invoice, action: press, body };
}

/** Keeps what the module answered. Its refusal is shown, the state stays. */
export function take(
  crm: Retailcrm,
  account: Account,
  payment: OrderPayment,
  { invoice, action }: Prepared,
  answer: ModuleAnswer,
): void {
  if (action === "create") takeLink(invoice, answer);
  if (answer.ok && action === "refund") {
    payment.notice = `Refund ${String(answer.result.status)}: ${String(answer.result.amount)} ${invoice.currency}`;
  }
  if (answer.ok && action === "status") takeStatus(account, payment, invoice, answer.result);
  payment.error = answer.ok ? null : answer.errorMsg;
  crm.changed();
}

/** Presses a button of the card. */
export async function press(
  crm: Retailcrm,
  account: Account,
  order: Order,
  payment: OrderPayment,
  action: Press,
  amount?: number,
): Promise<ModuleAnswer> {
  const prepared = prepare(crm, account, order, payment, action, amount);
  const answer = await callModule(crm, account, prepared.module, prepared.action, prepared.body);
  take(crm, account, payment, prepared, answer);
  return answer;
}

function takeStatus(account: Account, payment: OrderPayment, invoice: Invoice, result: Record<string, unknown>): void {
  if (typeof result.status !== "string") return;
  invoice.status = result.status;
  payment.status = account.mapping?.[result.status] ?? payment.status;
  payment.notice = `The module says: ${result.status}`;
}
