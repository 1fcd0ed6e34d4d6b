// Accounts, their keys and orders.
import { randomBytes } from "node:crypto";
import type { Retailcrm } from "./retailcrm.ts";
import {
  type Account,
  type ApiKey,
  defaultOptions,
  defaultStatuses,
  type KeyMethod,
  keyMethods,
  type Options,
  type Order,
  type OrderPayment,
} from "./state.ts";

/** Makes an account, or changes what is given at the one of this name. */
export function setAccount(
  crm: Retailcrm,
  input: { name?: string; language?: string; currency?: string; timeZone?: string; options?: Partial<Options> },
): Account {
  const name = input.name ?? `shop${randomBytes(4).toString("hex")}`;
  let account = crm.state.accounts.find((one) => one.name === name);
  if (!account) {
    account = {
      name,
      language: "uk",
      currency: "UAH",
      timeZone: "Europe/Kyiv",
      movedTo: null,
      options: { ...defaultOptions },
      keys: [],
      modules: [],
      paymentTypes: [
        { code: "cash", name: "Cash", active: true, module: null, shop: null },
        { code: "bank-transfer", name: "Bank transfer", active: true, module: null, shop: null },
      ],
      statuses: defaultStatuses.map((status) => ({ ...status })),
      mapping: null,
      orders: [],
      count: 1000,
    };
    crm.state.accounts.push(account);
  }
  const { options, name: _name, ...fields } = input;
  Object.assign(account, fields);
  Object.assign(account.options, options);
  crm.changed();
  return account;
}

/** Makes a key with the ticked methods; all of them when none are named. */
export function addKey(crm: Retailcrm, account: Account, methods?: readonly KeyMethod[], name = "Payments"): ApiKey {
  const key = { key: randomBytes(16).toString("hex"), name, methods: [...(methods ?? keyMethods)], active: true };
  account.keys.push(key);
  crm.changed();
  return key;
}

export type OrderInput = Partial<Pick<Order, "customer" | "clientEmails" | "items" | "discount" | "currency">>;

/** A new order with one payment that has no type yet. */
export function addOrder(crm: Retailcrm, account: Account, input: OrderInput = {}): Order {
  account.count += 1;
  const order: Order = {
    id: account.count,
    number: `${account.count}`,
    customer: input.customer ?? {
      firstName: "Демонстраційний",
      lastName: "Клієнт",
      email: "client@demo.example",
      phone: "+380440000000",
    },
    clientEmails: input.clientEmails ?? ["second@demo.example"],
    items: input.items ?? [
      { name: "Чайник", price: 1250, quantity: 1, vat: "none" },
      { name: "Чай зелений", price: 124.75, quantity: 2, vat: "none" },
    ],
    discount: input.discount ?? 0,
    currency: input.currency ?? account.currency,
    deleted: false,
    payments: [],
  };
  addPayment(account, order);
  account.orders.push(order);
  crm.changed();
  return order;
}

export function addPayment(account: Account, order: Order): OrderPayment {
  account.count += 1;
  const payment: OrderPayment = {
    id: account.count,
    type: null,
    status: "not-paid",
    invoices: [],
    error: null,
    notice: null,
  };
  order.payments.push(payment);
  return payment;
}
