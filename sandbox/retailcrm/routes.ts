// The addresses of the CRM simulator: the API of each account, its screens, control routes and panel.
import type { Context, Hono } from "hono";
import type { Clock } from "../clock.ts";
import { html, page } from "../html.ts";
import type { Mailbox } from "../mailbox.ts";
import type { Store } from "../store.ts";
import { addKey, addOrder, addPayment } from "./accounts.ts";
import { receiveCall } from "./api.ts";
import { accountNav, cardPage, crmResponse, mark, pathOf, paymentBlock } from "./card-page.ts";
import { retailcrmControl } from "./control.ts";
import { addStatus, RuleError, saveType as saveDirectoryType, setMapping } from "./directory.ts";
import { install, tellActivity } from "./marketplace.ts";
import { press, saveType } from "./orders.ts";
import { retailcrmPanel } from "./panel.ts";
import { accountOf, moduleOf, orderOf, paidOf, paymentOf, type Retailcrm, totalOf } from "./retailcrm.ts";
import { sendLink } from "./send-link.ts";
import { keysPage, modulesPage, paymentTypesPage, statusesPage } from "./settings-pages.ts";
import { type Account, defaultOptions, emptyState, keyMethods, type Order, type OrderPayment } from "./state.ts";

/** A log, cut to the newest. */
class Recent<T> extends Array<T> {
  override push(...items: T[]): number {
    super.push(...items);
    if (this.length > 1000) this.splice(0, this.length - 1000);
    return this.length;
  }
  // Derived arrays (filter, map) are plain ones.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/** Sets the simulator up. */
export function setUpRetailcrm(
  app: Hono,
  input: { clock: Clock; store: Store; mailbox: Mailbox; origin: string },
): Retailcrm {
  const state = input.store.section("retailcrm", emptyState());
  for (const account of state.accounts) account.options = { ...defaultOptions, ...account.options };
  const crm: Retailcrm = {
    clock: input.clock,
    mailbox: input.mailbox,
    state,
    origin: input.origin,
    requests: new Recent(),
    calls: new Recent(),
    changed: () => input.store.changed(),
  };
  retailcrmControl(app, crm);
  retailcrmPanel(app, crm);
  app.all("/retailcrm/:account/api/*", (c) => {
    const name = c.req.param("account");
    return receiveCall(crm, name, c.req.path.slice(`/retailcrm/${name}`.length), c.req.raw);
  });
  screens(app, crm);
  return crm;
}

function screens(app: Hono, crm: Retailcrm): void {
  const formOf = async (c: Context) => new URLSearchParams(await c.req.text());
  const back = (c: Context, path: string) => c.redirect(path, 303);
  /** What breaks a rule is shown where it was pressed. */
  const inCard = async (
    c: Context,
    act: (account: Account, order: Order, payment: OrderPayment, form: URLSearchParams) => unknown,
  ) => {
    const account = accountOf(crm, c.req.param("account") ?? "");
    const order = orderOf(account, c.req.param("number") ?? "");
    const payment = paymentOf(order, c.req.param("id"));
    try {
      await act(account, order, payment, await formOf(c));
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      payment.error = error.message;
    }
    crm.changed();
    return back(c, `${pathOf(account)}/orders/${order.number}`);
  };

  app.get("/retailcrm/:account", (c) => {
    const account = accountOf(crm, c.req.param("account"));
    const rows = [...account.orders].reverse();
    const body = html`${accountNav(account)}<h1>Orders</h1><ul class="plain">${rows.map((order) => html`<li class="box"><a href="${pathOf(account)}/orders/${order.number}">Order ${order.number}</a> ${totalOf(order).toFixed(2)} ${order.currency} <span class="dim">paid ${order.payments.reduce((sum, one) => sum + paidOf(one), 0).toFixed(2)}</span></li>`)}</ul>
<form method="post" action="${pathOf(account)}/orders"><button class="main">New order</button></form>`;
    return crmResponse(page({ title: account.name, mark, body }));
  });
  app.post("/retailcrm/:account/orders", (c) => {
    const account = accountOf(crm, c.req.param("account"));
    return back(c, `${pathOf(account)}/orders/${addOrder(crm, account).number}`);
  });
  const card = "/retailcrm/:account/orders/:number";
  app.get(card, (c) => {
    const account = accountOf(crm, c.req.param("account"));
    return cardPage(crm, account, orderOf(account, c.req.param("number")));
  });
  app.get(`${card}/payments`, (c) => {
    const account = accountOf(crm, c.req.param("account"));
    const { text, version } = paymentBlock(account, orderOf(account, c.req.param("number")));
    return c.html(text, 200, { "x-version": version, "cache-control": "no-store" });
  });
  app.post(`${card}/payments`, (c) =>
    inCard(c, (account, order) => {
      addPayment(account, order);
    }),
  );
  app.post(`${card}/change`, (c) =>
    inCard(c, (_account, order, _payment, form) => {
      if (form.has("discount")) order.discount = Number(form.get("discount")) || 0;
      if (form.has("deleted")) order.deleted = form.get("deleted") === "true";
    }),
  );
  app.post(`${card}/payments/:id/save`, (c) =>
    inCard(c, (account, _order, payment, form) => saveType(crm, account, payment, form.get("type") ?? "")),
  );
  app.post(`${card}/payments/:id/press`, (c) =>
    inCard(c, (account, order, payment, form) => {
      const amount = (form.get("amount") ?? "").replace(",", ".").trim();
      return press(crm, account, order, payment, form.get("action") as "generate", amount ? Number(amount) : undefined);
    }),
  );
  app.post(`${card}/payments/:id/mail`, (c) =>
    inCard(c, (account, order, payment, form) => sendLink(crm, account, order, payment, form.get("to") ?? "")),
  );

  const settings = "/retailcrm/:account/settings";
  /** A settings form: done and shown again, or refused with the reason. */
  const inSettings = async (
    c: Context,
    show: (account: Account, problem: string) => Response,
    path: string,
    act: (account: Account, form: URLSearchParams) => unknown,
  ) => {
    const account = accountOf(crm, c.req.param("account") ?? "");
    try {
      const led = await act(account, await formOf(c));
      crm.changed();
      return back(c, typeof led === "string" ? led : `${pathOf(account)}/settings/${path}`);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      return show(account, error.message);
    }
  };
  app.get(`${settings}/payment-types`, (c) => paymentTypesPage(accountOf(crm, c.req.param("account"))));
  app.post(`${settings}/payment-types`, (c) =>
    inSettings(c, paymentTypesPage, "payment-types", (account, form) => {
      const code = form.get("code");
      const shop = form.get("shop");
      saveDirectoryType(account, {
        ...(code ? { code } : {}),
        name: form.get("name") ?? "",
        ...(shop ? { shop } : {}),
      });
    }),
  );
  app.get(`${settings}/statuses`, (c) => statusesPage(accountOf(crm, c.req.param("account"))));
  app.post(`${settings}/statuses`, (c) =>
    inSettings(c, statusesPage, "statuses", (account, form) => {
      addStatus(account, form.get("name") ?? "");
      return form.get("back") === "types" ? `${pathOf(account)}/settings/payment-types` : undefined;
    }),
  );
  app.post(`${settings}/statuses/mapping`, (c) =>
    inSettings(c, statusesPage, "payment-types", (account, form) => setMapping(account, Object.fromEntries(form))),
  );
  app.get(`${settings}/keys`, (c) => keysPage(accountOf(crm, c.req.param("account"))));
  app.post(`${settings}/keys`, (c) =>
    inSettings(c, keysPage, "keys", (account, form) => {
      const ticked = form.getAll("methods");
      addKey(
        crm,
        account,
        keyMethods.filter((method) => ticked.includes(method)),
        form.get("name") ?? "",
      );
    }),
  );
  app.get(`${settings}/modules`, (c) => modulesPage(crm, accountOf(crm, c.req.param("account"))));
  app.post(`${settings}/modules`, (c) =>
    inSettings(
      c,
      (account, problem) => modulesPage(crm, account, problem),
      "modules",
      async (account, form) => {
        const module = moduleOf(account, form.get("code"));
        if (!module) throw new RuleError("code", "There is no such module.");
        const what = form.get("do");
        if (what === "pause" || what === "resume") module.active = what === "resume";
        if (what === "freeze" || what === "thaw") module.freeze = what === "freeze";
        await tellActivity(crm, account, module);
      },
    ),
  );
  app.post(`${settings}/modules/install`, (c) =>
    inSettings(
      c,
      (account, problem) => modulesPage(crm, account, problem),
      "modules",
      async (account, form) => {
        const installed = await install(crm, account, form.get("connectUrl") ?? "");
        if (!installed.accountUrl)
          throw new RuleError("connectUrl", installed.errorMsg ?? "The module did not answer.");
        return installed.accountUrl;
      },
    ),
  );
}
