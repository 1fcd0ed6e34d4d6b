// The Revolut simulator's screens: orders, deliveries, faults, accounts, and buttons that make it misbehave.
import type { Hono } from "hono";
import { type Html, html, htmlResponse, page } from "../html.ts";
import { declineReasons, testCards } from "./cards.ts";
import { faultCatalogue, faultNames } from "./faults.ts";
import { pageAddress } from "./hosted-page.ts";
import type { Revolut } from "./notify.ts";
import { openAttempt } from "./order.ts";
import type { Account, Notification, Order } from "./state.ts";
import { textFromMinor } from "./values.ts";

const time = (epochMs: number): string => new Date(epochMs).toISOString().replace("T", " ").slice(0, 19);
const sum = (order: Order): string => `${textFromMinor(order.amount, order.currency)} ${order.currency}`;

function accountBox(account: Account): Html {
  const action = `/control/revolut/accounts/${account.publicKey}`;
  const byHand = account.webhooks.find((webhook) => webhook.byHand);
  const { localUrls, firstWebhook } = account.options;
  return html`<details class="box"><summary><strong>${account.name}</strong> <span class="dim">${account.publicKey}</span> ${account.active ? null : html`<span class="bad">not active</span>`}</summary>
<form class="inline" method="post" action="${action}"><button name="active" value="${account.active ? "false" : "true"}">${account.active ? "Block" : "Unblock"}</button></form>
<form class="inline" method="post" action="${action}"><button name="options.localUrls" value="${localUrls ? "false" : "true"}" aria-pressed="${localUrls ? "true" : "false"}">Local addresses: ${localUrls ? "allowed" : "refused"}</button></form>
<form class="inline" method="post" action="${action}"><button name="options.firstWebhook" value="${firstWebhook === "before_return" ? "after_return" : "before_return"}">Success told: ${firstWebhook === "before_return" ? "before the return" : "after the return"}</button></form>
${byHand ? html`<form class="inline" method="post" action="${action}/rotate"><button name="graceSeconds" value="3600">New secret, old one for an hour</button></form>` : null}
<form method="post" action="${action}"><div class="row"><label class="broad">Webhook address<input name="webhookUrl" value="${byHand?.url ?? ""}"></label><button>Set</button></div></form>
<h3>Secret key</h3><pre>${account.secretKey}</pre><h3>Public key</h3><pre>${account.publicKey}</pre><h3>Signing secret</h3><pre>${account.webhookSecret}</pre>
${account.webhooks.length > 0 ? html`<h3>Webhooks</h3>` : null}<ul class="plain">${account.webhooks.map((webhook) => html`<li>${webhook.url} <span class="dim">${webhook.events.length} events, ${webhook.secrets.length} secrets${webhook.byHand ? ", by hand" : ""}</span></li>`)}</ul></details>`;
}

function faultBox(revolut: Revolut): Html {
  return html`<div class="box"><h2>Make it misbehave</h2>
<form method="post" action="/control/revolut/faults"><div class="row">
<label class="broad">What<select name="fault">${faultNames.map((name) => html`<option value="${name}">${name}: ${faultCatalogue[name].sentence}</option>`)}</select></label>
<label>Reference (empty: any)<input name="reference"></label><label>How often<input name="next" value="1"></label>
<label>Seconds<input name="delaySeconds" inputmode="numeric"></label><button class="main">Plant</button></div></form>
${revolut.state.faults.map(
  (
    fault,
  ) => html`<form method="post" action="/control/revolut/faults/clear"><p>${fault.fault} <span class="dim">${fault.reference ?? fault.orderId ?? "any order"}, ${fault.left === null ? "always" : `${fault.left} more`}</span>
<button name="id" value="${fault.id}">Remove</button></p></form>`,
)}
${revolut.state.faults.length > 1 ? html`<form method="post" action="/control/revolut/faults/clear"><button>Remove all</button></form>` : null}</div>`;
}

function noteLine(note: Notification): Html {
  return html`<div class="box"><strong>${note.event}</strong> <span class="dim">${time(note.at)}</span> <span class="${note.state === "accepted" ? "good" : "bad"}">${note.state}</span>
<ul class="plain">${note.deliveries.map(
    (
      sent,
    ) => html`<li><span class="dim">${time(sent.at)}</span> ${sent.why}: ${sent.verdict}${sent.reason ? `, ${sent.reason}` : ""}
<span class="dim">HTTP ${sent.status ?? "none"}, ${sent.milliseconds} ms${sent.faults.length > 0 ? `, ${sent.faults.join(", ")}` : ""}</span><details><summary>Body and answer</summary><pre>${Buffer.from(sent.bodyBase64, "base64").toString("utf8")}</pre><pre>${sent.answer || "(empty)"}</pre></details></li>`,
  )}</ul></div>`;
}

function actions(order: Order): Html {
  const path = `/control/revolut/orders/${order.id}/act`;
  const button = (action: string, label: string): Html =>
    html`<form class="inline" method="post" action="${path}"><button name="action" value="${action}">${label}</button></form>`;
  const amount = (action: string, label: string): Html =>
    html`<form method="post" action="${path}"><div class="row"><label>${label}<input name="amount" inputmode="decimal" placeholder="all"></label><button name="action" value="${action}">${label}</button></div></form>`;
  const open = openAttempt(order);
  const pending = order.state === "pending";
  const payment = order.type === "payment";
  return html`<div class="box"><h2>Act</h2>
${pending ? [button("pay", "Pay"), button("challenge", "Start 3-D Secure"), button("stick", "Never finish"), button("expire", "Expire")] : null}
${pending || open ? [button("authorize", "Only authorise"), button("decline", "Decline")] : null}
${open?.state === "authentication_challenge" ? [button("pass-3ds", "Pass 3-D Secure"), button("fail-3ds", "Fail it"), button("abandon-3ds", "Abandon it")] : null}
${open?.state === "authorisation_started" ? button("pay", "Finish well") : null}
${payment && (pending || order.state === "authorised") ? button("cancel", "Cancel") : null}
${order.state === "authorised" ? amount("capture", "Capture") : null}
${payment && order.state === "completed" ? amount("refund", "Refund") : null}
${order.type === "refund" && order.state === "processing" ? [button("complete-refund", "Complete"), button("fail-refund", "Decline")] : null}
${
  pending
    ? html`<form method="post" action="${path}"><input type="hidden" name="action" value="pay"><div class="row"><label>Card<select name="card">${testCards.map((card) => html`<option value="${card.pan}">${card.label}</option>`)}</select></label><button>Pay with it</button></div></form>
<form method="post" action="${path}"><input type="hidden" name="action" value="decline"><div class="row"><label>Reason<select name="reason">${declineReasons.map((reason) => html`<option>${reason}</option>`)}</select></label><button>Decline with it</button></div></form>`
    : null
}</div>`;
}

function overview(revolut: Revolut): Html {
  const orders = [...revolut.state.orders].reverse().slice(0, 100);
  const requests = revolut.requests.slice(-20).reverse();
  return html`<h1>Revolut sandbox</h1><p class="dim">The clock is on the <a href="/">first page</a>.</p>
<h2>Orders</h2>${orders.length === 0 ? html`<p class="dim">None yet.</p>` : null}
<ul class="plain">${orders.map(
    (order) =>
      html`<li class="box"><a href="/revolut/orders/${order.id}">${order.reference ?? order.id}</a> ${sum(order)} <strong>${order.state}</strong>
<div class="dim">${order.type}, ${order.createdAt.slice(0, 19).replace("T", " ")}, ${order.payments.length} attempts, ${order.notifications.length} notifications</div></li>`,
  )}</ul>
${faultBox(revolut)}
<h2>Accounts</h2>${revolut.state.accounts.map(accountBox)}
<form class="box" method="post" action="/control/revolut/accounts"><div class="row"><label>Name<input name="name"></label><button class="main">New account</button></div></form>
<h2>Last requests</h2><ul class="plain">${requests.map(
    (request) =>
      html`<li class="dim">${time(request.at)} ${request.method} ${request.path} ${request.status} <span class="${request.verdict === "accepted" ? "good" : "bad"}">${request.verdict}</span> ${request.reason}</li>`,
  )}</ul>`;
}

function orderPage(revolut: Revolut, order: Order): Html {
  const money = (minor: number): string => textFromMinor(minor, order.currency);
  return html`<h1>${order.reference ?? order.id}</h1>
<div class="box"><p class="sum">${sum(order)}</p><p><strong>${order.type}, ${order.state}</strong></p>
<dl><dt>Id</dt><dd>${order.id}</dd><dt>Authorised</dt><dd>${money(order.authorised)}</dd><dt>Captured</dt><dd>${money(order.captured)}</dd><dt>Refunded</dt><dd>${money(order.refunded)}</dd>
${order.relatedOrderId ? html`<dt>Refund of</dt><dd><a href="/revolut/orders/${order.relatedOrderId}">${order.relatedOrderId}</a></dd>` : null}
${order.redirectUrl ? html`<dt>Return to</dt><dd>${order.redirectUrl}</dd>` : null}</dl>
${order.type === "payment" ? html`<p><a href="${pageAddress(revolut, order)}">Open the payer's page</a></p>` : null}</div>
${actions(order)}
<h2>Attempts</h2>${order.payments.length === 0 ? html`<p class="dim">None yet.</p>` : null}
<ul class="plain">${order.payments.map((one) => html`<li class="box">${one.method === "card" ? `… ${one.pan.slice(-4)}` : one.method} <strong>${one.state}</strong> <span class="dim">${one.reason} ${one.updatedAt.slice(0, 19).replace("T", " ")}</span></li>`)}</ul>
<h2>Notifications</h2>${order.notifications.length === 0 ? html`<p class="dim">None yet.</p>` : order.notifications.map(noteLine)}
<details class="box"><summary>What was received</summary><pre>${order.sent}</pre></details>`;
}

/** Registers the screens. */
export function revolutPanel(app: Hono, revolut: Revolut): void {
  app.get("/revolut", () => htmlResponse(page({ title: "Revolut sandbox", nav: true, body: overview(revolut) })));
  app.get("/revolut/orders/:id", (c) => {
    const order = revolut.state.orders.find(({ id }) => id === c.req.param("id"));
    const body = order ? orderPage(revolut, order) : html`<h1>No such order</h1>`;
    return htmlResponse(page({ title: order?.reference ?? "Order", nav: true, body }), order ? 200 : 404);
  });
}
