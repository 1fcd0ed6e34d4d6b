// What every part of the CRM simulator works with.
import type { Clock } from "../clock.ts";
import { ControlError } from "../control-input.ts";
import type { Mailbox } from "../mailbox.ts";
import type {
  Account,
  CallRecord,
  Invoice,
  Module,
  Order,
  OrderPayment,
  RequestRecord,
  RetailcrmState,
} from "./state.ts";

export type Retailcrm = {
  clock: Clock;
  mailbox: Mailbox;
  state: RetailcrmState;
  origin: string;
  requests: RequestRecord[];
  calls: CallRecord[];
  /** Saves the state soon. */
  changed: () => void;
};

/** The address of an account, as its people know it. */
export const addressOf = (crm: Retailcrm, account: Account): string => `${crm.origin}/retailcrm/${account.name}`;

export const findAccount = (crm: Retailcrm, name: string): Account | undefined =>
  crm.state.accounts.find((account) => account.name === name && account.movedTo === null);

export function accountOf(crm: Retailcrm, name: string): Account {
  const account = findAccount(crm, name);
  if (!account) throw new ControlError(404, "account", "no such account");
  return account;
}

export function orderOf(account: Account, number: string): Order {
  const order = account.orders.find((one) => one.number === number);
  if (!order) throw new ControlError(404, "order", "no such order");
  return order;
}

/** A payment of an order; the first when none is named. */
export function paymentOf(order: Order, id?: string | number): OrderPayment {
  const payment = id === undefined ? order.payments[0] : order.payments.find((one) => one.id === Number(id));
  if (!payment) throw new ControlError(404, "payment", "no such payment");
  return payment;
}

export const currentInvoice = (payment: OrderPayment): Invoice | undefined => payment.invoices.at(-1);

/** What an order costs, in major units; computed in hundredths, as floats would drift. */
export function totalOf(order: Order): number {
  const cents = order.items.reduce((sum, item) => sum + Math.round(item.price * 100 * item.quantity), 0);
  return (cents - Math.round(order.discount * 100)) / 100;
}

/** What of a payment is paid: what was taken less what went back. */
export function paidOf(payment: OrderPayment): number {
  const cents = payment.invoices.reduce((sum, invoice) => {
    const back = invoice.refunds
      .filter((refund) => refund.status === "succeeded")
      .reduce((total, refund) => total + Math.round(refund.amount * 100), 0);
    return sum + Math.round((invoice.paid ?? 0) * 100) - back;
  }, 0);
  return cents / 100;
}

export const moduleOf = (account: Account, code: string | null): Module | undefined =>
  account.modules.find((one) => one.code === code);

/** An invoice of any order, with where it stands. */
export function findInvoice(account: Account, uuid: string) {
  for (const order of account.orders) {
    for (const payment of order.payments) {
      const invoice = payment.invoices.find((one) => one.uuid === uuid);
      if (invoice) return { order, payment, invoice };
    }
  }
  return undefined;
}
