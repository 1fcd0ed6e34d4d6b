// The order card: what was ordered, and the payment block with everything that a manager can press.
import { createHash } from "node:crypto";
import { type Html, html, page, Html as Raw } from "../html.ts";
import { cardScript, cardScriptHash } from "./card-script.ts";
import { choosableTypes } from "./directory.ts";
import { buttonsOf, isLocked } from "./orders.ts";
import { currentInvoice, paidOf, type Retailcrm, totalOf } from "./retailcrm.ts";
import { addressesOf } from "./send-link.ts";
import type { Account, Order, OrderPayment } from "./state.ts";

export const mark = "Sandbox CRM. Nothing here is real.";
export const pathOf = (account: Account): string => `/retailcrm/${account.name}`;

/** The account's places, on every page of it. */
export function accountNav(account: Account): Html {
  const at = pathOf(account);
  return html`<nav aria-label="CRM"><a href="${at}">Orders</a><a href="${at}/settings/payment-types">Payment types</a><a href="${at}/settings/statuses">Payment statuses</a><a href="${at}/settings/keys">API keys</a><a href="${at}/settings/modules">Integration</a><a href="/retailcrm">Panel</a></nav>`;
}

function paymentBox(account: Account, order: Order, payment: OrderPayment): Html {
  const action = `${pathOf(account)}/orders/${order.number}/payments/${payment.id}`;
  const invoice = currentInvoice(payment);
  const can = buttonsOf(account, payment);
  const status = account.statuses.find((one) => one.code === payment.status)?.name ?? payment.status;
  const types = choosableTypes(account);
  const own = account.paymentTypes.find((type) => type.code === payment.type);
  const options = own && !types.includes(own) ? [own, ...types] : types;
  const press = (name: string, label: string, main = false): Html =>
    html`<form class="inline" method="post" action="${action}/press"><button class="${main ? "main" : ""}" name="action" value="${name}">${label}</button></form>`;
  const dialog = `link-${payment.id}`;
  const mail = `mail-${payment.id}`;
  return html`<section class="box" aria-label="Payment ${payment.id}" data-payment="${payment.id}" data-status="${invoice?.status ?? "none"}">
<dl><dt>Status</dt><dd><strong data-field="status">${status}</strong></dd>
<dt>Paid</dt><dd data-field="paid">${paidOf(payment).toFixed(2)} ${order.currency}</dd>
${invoice ? html`<dt>Invoice</dt><dd>${invoice.amount.toFixed(2)} ${invoice.currency}, <code data-field="word">${invoice.status}</code></dd>` : null}
${invoice?.cancellationDetails && invoice.status === "canceled" ? html`<dt>Reason</dt><dd data-field="reason">${invoice.cancellationDetails}</dd>` : null}
${invoice?.expiredAt ? html`<dt>Until</dt><dd>${invoice.expiredAt}</dd>` : null}
${invoice?.paidAt ? html`<dt>Paid at</dt><dd>${invoice.paidAt}</dd>` : null}</dl>
${payment.error ? html`<p class="bad" role="alert" data-field="error">${payment.error}</p>` : null}
${payment.notice ? html`<p class="good" role="status">${payment.notice}</p>` : null}
<form method="post" action="${action}/save"><div class="row"><label class="broad">Payment type<select name="type"${isLocked(payment) ? new Raw(" disabled") : null}>
<option value="">Choose…</option>${options.map((type) => html`<option value="${type.code}"${type.code === payment.type ? new Raw(" selected") : null}>${type.name}</option>`)}</select></label>
<button${isLocked(payment) ? new Raw(" disabled") : null}>Save</button></div></form>
<div>${can.generate ? press("generate", "Generate link", true) : null}
${can.link ? html`<button type="button" data-opens="${dialog}">Payment link</button> <button type="button" data-opens="${mail}">Send to e-mail</button>` : null}
${can.confirm ? press("approve", "Confirm", true) : null}
${can.cancel ? press("cancel", "Cancel") : null}
${can.refresh ? press("status", "Refresh status") : null}</div>
${can.refund ? html`<form method="post" action="${action}/press"><div class="row"><label>Sum (empty: all that is left)<input name="amount" inputmode="decimal"></label><button name="action" value="refund">Make a refund</button></div></form>` : null}
${
  invoice && invoice.refunds.length > 0
    ? html`<h3>Refunds</h3><ul class="plain">${invoice.refunds.map((refund) => html`<li data-refund="${refund.status}">${refund.amount.toFixed(2)} ${invoice.currency} <span class="dim">${refund.status} ${refund.comment}</span></li>`)}</ul>`
    : null
}
${
  can.link
    ? html`<dialog id="${dialog}" aria-labelledby="${dialog}-title"><h2 id="${dialog}-title">Payment link</h2><label>Address<input readonly value="${can.link}"></label>
<p role="status" aria-live="polite" class="good"></p><button type="button" class="main" data-copies>Copy</button> <a class="button" href="${can.link}" target="_blank" rel="noopener">Open</a> <button type="button" data-closes>Close</button></dialog>
<dialog id="${mail}" aria-labelledby="${mail}-title"><h2 id="${mail}-title">Send to e-mail</h2><form method="post" action="${action}/mail">
<fieldset><legend>To</legend>${addressesOf(order).map((address, index) => html`<label><input type="radio" name="to" value="${address}"${index === 0 ? new Raw(" checked") : null}> ${address}</label>`)}</fieldset>
<button class="main">Send</button> <button type="button" data-closes>Close</button></form></dialog>`
    : null
}</section>`;
}

/** The payment block alone, and a version that changes with what it says. */
export function paymentBlock(account: Account, order: Order): { text: string; version: string } {
  const { text } = html`${order.payments.map((payment) => paymentBox(account, order, payment))}
<form method="post" action="${pathOf(account)}/orders/${order.number}/payments"><p><button>Add a payment</button></p></form>`;
  return { text, version: createHash("sha256").update(text).digest("hex").slice(0, 16) };
}

/** The whole card. */
export function cardPage(_crm: Retailcrm, account: Account, order: Order): Response {
  const { text, version } = paymentBlock(account, order);
  const at = `${pathOf(account)}/orders/${order.number}`;
  const body = html`${accountNav(account)}<h1>Order ${order.number}</h1>
<div class="box"><dl><dt>Customer</dt><dd>${order.customer.firstName} ${order.customer.lastName}</dd><dt>E-mail</dt><dd>${order.customer.email}</dd><dt>Phone</dt><dd>${order.customer.phone}</dd></dl>
<ul class="plain">${order.items.map((item) => html`<li>${item.name} <span class="dim">${item.quantity} × ${item.price.toFixed(2)}</span></li>`)}</ul>
<p class="sum">${totalOf(order).toFixed(2)} ${order.currency}</p>${order.deleted ? html`<p class="bad">The order was deleted.</p>` : null}</div>
<h2>Payment</h2><div id="payments" data-version="${version}" data-address="${at}/payments">${new Raw(text)}</div>
<details class="box"><summary>Change the order</summary><form method="post" action="${at}/change"><div class="row"><label>Discount<input name="discount" inputmode="decimal" value="${order.discount}"></label><button>Change</button></div></form>
<form method="post" action="${at}/change"><button name="deleted" value="${order.deleted ? "false" : "true"}">${order.deleted ? "Restore" : "Delete the order"}</button></form></details>
<script>${new Raw(cardScript)}</script>`;
  return crmResponse(page({ title: `Order ${order.number}`, mark, body }));
}

/** As other pages of the sandbox, with the one script and what it asks for. */
export function crmResponse(text: string, status = 200): Response {
  return new Response(text, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "content-security-policy": `default-src 'none'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; script-src 'sha256-${cardScriptHash}'`,
    },
  });
}
