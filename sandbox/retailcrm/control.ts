// Control routes: accounts, keys, orders, presses, and calls of every wrong kind.
import type { Hono } from "hono";
import { z } from "zod";
import { answer, ControlError, readInput } from "../control-input.ts";
import { addKey, addOrder, addPayment, setAccount } from "./accounts.ts";
import { addStatus, RuleError, saveType as saveDirectoryType, setMapping } from "./directory.ts";
import { install, move, tellActivity } from "./marketplace.ts";
import { buildCall, callModule, readAnswer } from "./module-call.ts";
import { createBody, invoiceFor, prepare, press, saveType, take, takeLink } from "./orders.ts";
import {
  accountOf,
  addressOf,
  currentInvoice,
  moduleOf,
  orderOf,
  paidOf,
  paymentOf,
  type Retailcrm,
  totalOf,
} from "./retailcrm.ts";
import { sendLink } from "./send-link.ts";
import { type Account, checkMoods, keyMethods, type Order } from "./state.ts";

const options = z
  .strictObject({
    strict: z.boolean(),
    localUrls: z.boolean(),
    ratePerSecond: z.coerce.number().int().min(0),
    check: z.enum(checkMoods),
    sender: z.string(),
    mailPackage: z.boolean(),
    moduleTimeoutMs: z.coerce.number().int().min(1),
  })
  .partial();
const accountInput = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9-]{2,40}$/)
    .optional(),
  language: z.enum(["uk", "ru", "en", "ro", "es"]).optional(),
  currency: z.string().length(3).optional(),
  timeZone: z.string().optional(),
  options: options.optional(),
});
const keyInput = z.strictObject({ methods: z.array(z.enum(keyMethods)).optional(), name: z.string().optional() });
const orderInput = z.strictObject({
  customer: z
    .strictObject({ firstName: z.string(), lastName: z.string(), email: z.string(), phone: z.string() })
    .optional(),
  clientEmails: z.array(z.string()).optional(),
  items: z
    .array(
      z.strictObject({ name: z.string(), price: z.number(), quantity: z.number(), vat: z.string().default("none") }),
    )
    .optional(),
  discount: z.number().optional(),
  currency: z.string().length(3).optional(),
});
const presses = ["generate", "approve", "cancel", "refund", "status"] as const;
const pressInput = z.strictObject({
  action: z.enum(presses),
  payment: z.coerce.number().optional(),
  amount: z.coerce.number().optional(),
  /** How often at once: a double click, or worse. */
  times: z.coerce.number().int().min(1).max(20).default(1),
});
const callInput = z.strictObject({
  action: z.enum(["create", "approve", "cancel", "refund", "status", "activity"]),
  module: z.string(),
  body: z.unknown().optional(),
  raw: z.string().optional(),
  clientId: z.string().optional(),
  systemUrl: z.string().optional(),
  deliver: z.boolean().default(true),
});

const shownOrder = (order: Order) => ({
  ...order,
  total: totalOf(order),
  payments: order.payments.map((payment) => ({
    ...payment,
    paid: paidOf(payment),
    invoice: currentInvoice(payment) ?? null,
  })),
});
const shown = (crm: Retailcrm, account: Account) => ({
  ...account,
  url: addressOf(crm, account),
  orders: account.orders.map(shownOrder),
});

/** What breaks a rule of the CRM is a conflict that names the field. */
function byRule<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RuleError) throw new ControlError(409, error.field, error.message, "rule");
    throw error;
  }
}

export function retailcrmControl(app: Hono, crm: Retailcrm): void {
  const at = "/control/retailcrm";
  app.post(`${at}/accounts`, async (c) => {
    const account = setAccount(crm, given(await readInput(c, accountInput)));
    return answer(c, shown(crm, account), 201, "/retailcrm");
  });
  app.get(`${at}/accounts`, (c) => c.json(crm.state.accounts.map((account) => shown(crm, account))));
  app.get(`${at}/accounts/:name`, (c) => c.json(shown(crm, accountOf(crm, c.req.param("name")))));
  for (const method of ["PATCH", "POST"] as const) {
    // POST is for plain forms, which cannot send PATCH.
    app.on(method, `${at}/accounts/:name`, async (c) => {
      const { name } = accountOf(crm, c.req.param("name"));
      const { name: _, ...changes } = given(await readInput(c, accountInput));
      return answer(c, shown(crm, setAccount(crm, { ...changes, name })), 200, "/retailcrm");
    });
  }
  app.post(`${at}/accounts/:name/keys`, async (c) => {
    const { methods, name } = await readInput(c, keyInput);
    return answer(c, addKey(crm, accountOf(crm, c.req.param("name")), methods, name), 201, "/retailcrm");
  });
  app.delete(`${at}/accounts/:name/keys`, (c) => {
    for (const key of accountOf(crm, c.req.param("name")).keys) key.active = false;
    crm.changed();
    return c.json({ ok: true });
  });
  app.post(`${at}/accounts/:name/move`, async (c) => {
    const { to } = await readInput(c, z.strictObject({ to: z.string().regex(/^[a-z0-9-]{2,40}$/) }));
    return answer(c, shown(crm, await move(crm, accountOf(crm, c.req.param("name")), to)), 200, "/retailcrm");
  });
  app.post(`${at}/accounts/:name/activity`, async (c) => {
    const input = await readInput(
      c,
      z.strictObject({ module: z.string(), active: z.boolean().optional(), freeze: z.boolean().optional() }),
    );
    const account = accountOf(crm, c.req.param("name"));
    const module = moduleOf(account, input.module);
    if (!module) throw new ControlError(404, "module", "no such module");
    module.active = input.active ?? module.active;
    module.freeze = input.freeze ?? module.freeze;
    crm.changed();
    return answer(c, await tellActivity(crm, account, module), 200, "/retailcrm");
  });
  app.post(`${at}/accounts/:name/install`, async (c) => {
    const input = await readInput(c, z.strictObject({ connectUrl: z.string(), badToken: z.boolean().default(false) }));
    return c.json(await install(crm, accountOf(crm, c.req.param("name")), input.connectUrl, input.badToken));
  });
  app.post(`${at}/accounts/:name/payment-types`, async (c) => {
    const input = await readInput(
      c,
      z.strictObject({
        code: z.string().optional(),
        name: z.string().optional(),
        active: z.boolean().optional(),
        shop: z.string().optional(),
      }),
    );
    const made = byRule(() => saveDirectoryType(accountOf(crm, c.req.param("name")), given(input)));
    crm.changed();
    return answer(c, made, 201, "/retailcrm");
  });
  app.post(`${at}/accounts/:name/statuses`, async (c) => {
    const { name } = await readInput(c, z.strictObject({ name: z.string() }));
    const code = byRule(() => addStatus(accountOf(crm, c.req.param("name")), name));
    crm.changed();
    return answer(c, { code }, 201, "/retailcrm");
  });
  app.post(`${at}/accounts/:name/mapping`, async (c) => {
    const mapping = await readInput(c, z.record(z.string(), z.string()));
    byRule(() => setMapping(accountOf(crm, c.req.param("name")), mapping));
    crm.changed();
    return c.json({ ok: true });
  });

  app.post(`${at}/accounts/:name/orders`, async (c) => {
    const order = addOrder(crm, accountOf(crm, c.req.param("name")), given(await readInput(c, orderInput)));
    return answer(c, shownOrder(order), 201, "/retailcrm");
  });
  const orderAt = (name: string, number: string) => {
    const account = accountOf(crm, name);
    return { account, order: orderOf(account, number) };
  };
  const order = `${at}/accounts/:name/orders/:number`;
  app.get(order, (c) => c.json(shownOrder(orderAt(c.req.param("name"), c.req.param("number")).order)));
  app.patch(order, async (c) => {
    const input = await readInput(c, z.strictObject({ discount: z.number(), deleted: z.boolean() }).partial());
    const found = orderAt(c.req.param("name"), c.req.param("number")).order;
    Object.assign(found, given(input));
    crm.changed();
    return c.json(shownOrder(found));
  });
  app.post(`${order}/payments`, (c) => {
    const { account, order: found } = orderAt(c.req.param("name"), c.req.param("number"));
    const payment = addPayment(account, found);
    crm.changed();
    return c.json(payment, 201);
  });
  app.post(`${order}/save`, async (c) => {
    const input = await readInput(c, z.strictObject({ type: z.string(), payment: z.coerce.number().optional() }));
    const { account, order: found } = orderAt(c.req.param("name"), c.req.param("number"));
    byRule(() => saveType(crm, account, paymentOf(found, input.payment), input.type));
    return c.json(shownOrder(found));
  });
  app.post(`${order}/press`, async (c) => {
    const input = await readInput(c, pressInput);
    const { account, order: found } = orderAt(c.req.param("name"), c.req.param("number"));
    const payment = paymentOf(found, input.payment);
    const one = () => press(crm, account, found, payment, input.action, input.amount);
    try {
      const answers = await Promise.all(Array.from({ length: input.times }, one));
      return c.json({ answers, order: shownOrder(found) });
    } catch (error) {
      if (error instanceof RuleError) throw new ControlError(409, error.field, error.message, "rule");
      throw error;
    }
  });
  /** A press without the network: the call as it would go out, and later what was answered to it. */
  app.post(`${order}/build`, async (c) => {
    const input = await readInput(c, pressInput);
    const { account, order: found } = orderAt(c.req.param("name"), c.req.param("number"));
    const payment = paymentOf(found, input.payment);
    const { module, action, body } = byRule(() => prepare(crm, account, found, payment, input.action, input.amount));
    return c.json(buildCall(module, action, body));
  });
  app.post(`${order}/answered`, async (c) => {
    const input = await readInput(
      c,
      pressInput.extend({ status: z.number().int(), text: z.string(), times: z.number().optional() }),
    );
    const { account, order: found } = orderAt(c.req.param("name"), c.req.param("number"));
    const payment = paymentOf(found, input.payment);
    const prepared = byRule(() => prepare(crm, account, found, payment, input.action, input.amount));
    take(crm, account, payment, prepared, readAnswer(input.status, input.text));
    return c.json(shownOrder(found));
  });
  app.post(`${order}/mail`, async (c) => {
    const input = await readInput(c, z.strictObject({ to: z.string(), payment: z.coerce.number().optional() }));
    const { account, order: found } = orderAt(c.req.param("name"), c.req.param("number"));
    byRule(() => sendLink(crm, account, found, paymentOf(found, input.payment), input.to));
    return c.json(shownOrder(found));
  });
  /** "Generate link" with a body that is bent. */
  app.post(`${order}/create`, async (c) => {
    const { change, payment: id } = await readInput(
      c,
      z.strictObject({ change: z.record(z.string(), z.unknown()).default({}), payment: z.coerce.number().optional() }),
    );
    const { account, order: found } = orderAt(c.req.param("name"), c.req.param("number"));
    const payment = paymentOf(found, id);
    const { invoice, module } = byRule(() => invoiceFor(account, found, payment));
    const answered = await callModule(crm, account, module, "create", createBody(found, invoice, crm.origin, change));
    takeLink(invoice, answered);
    crm.changed();
    return c.json({ answer: answered, order: shownOrder(found) });
  });
  /** Any call at a module, right or wrong. */
  app.post(`${at}/accounts/:name/call`, async (c) => {
    const input = await readInput(c, callInput);
    const account = accountOf(crm, c.req.param("name"));
    const module = moduleOf(account, input.module);
    if (!module) throw new ControlError(404, "module", "no such module");
    const wrong = {
      ...(input.raw === undefined ? {} : { raw: input.raw }),
      ...(input.clientId === undefined ? {} : { clientId: input.clientId }),
      ...(input.systemUrl === undefined ? {} : { extra: { systemUrl: input.systemUrl } }),
    };
    if (!input.deliver) return c.json(buildCall(module, input.action, input.body ?? {}, wrong));
    return c.json(await callModule(crm, account, module, input.action, input.body ?? {}, wrong));
  });

  const of = (account: string | undefined) => (one: { account: string }) => !account || one.account === account;
  app.get(`${at}/requests`, (c) => c.json(crm.requests.filter(of(c.req.query("account")))));
  app.get(`${at}/calls`, (c) => c.json(crm.calls.filter(of(c.req.query("account")))));
}

/** Without what was not given: a change must not write `undefined`. */
function given<T extends object>(input: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as never;
}
