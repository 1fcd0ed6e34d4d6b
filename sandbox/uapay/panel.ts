// The UAPAY simulator's screens: invoices, callbacks, faults, shops, and buttons that make it misbehave.
import type { Hono } from "hono";
import { type Html, html, htmlResponse, page } from "../html.ts";
import { operations } from "./api.ts";
import { bankCodes, testCards } from "./cards.ts";
import { faultCatalogue, faultNames } from "./faults.ts";
import { hryvnias } from "./money.ts";
import { catchUp, invoiceStatus, isOpenPayment, payable } from "./payment.ts";
import type { Invoice, Notification, Options, Payment, Shop } from "./state.ts";
import type { Uapay } from "./uapay.ts";
import { pageAddress } from "./views.ts";

const time = (epochMs: number | null): string =>
  epochMs === null ? "" : new Date(epochMs).toISOString().replace("T", " ").slice(0, 19);
const sum = (invoice: Invoice): string => (invoice.amount === null ? "any sum" : `${hryvnias(invoice.amount)} UAH`);

const switches: [keyof Options, string][] = [
  ["strictCopy", "Clear copy must equal the token"],
  ["signedAnswers", "Answers are signed"],
  ["retrySameInvoice", "Another try under one invoice"],
  ["rejectedFirst", "Failed payments first"],
  ["showExternalId", "Reads show externalId"],
  ["tellSteps", "Tells steps too"],
];

const choices: [keyof Options, readonly string[]][] = [
  ["errorStatus", ["200", "400"]],
  ["sessionErrorIn", ["code", "fields", "message"]],
  ["partialRefundStatus", ["FINISHED", "REVERSED"]],
  ["refundStatus", ["REVERSED", "RETURNED"]],
  ["bankCodeField", ["responseCode", "bankResponseCode", "errorCode", "code", "none"]],
  ["firstCallback", ["before_return", "after_return"]],
  ["timeZone", ["Europe/Kyiv", "UTC"]],
];

const numbers: (keyof Options)[] = [
  "sessionSeconds",
  "holdSeconds",
  "settleSeconds",
  "confirmationSeconds",
  "callbackTimeoutMs",
];

function shopBox(shop: Shop): Html {
  const action = `/control/uapay/shops/${shop.clientId}`;
  const flip = (name: string, value: boolean, label: string): Html =>
    html`<form class="inline" method="post" action="${action}"><button name="${name}" value="${value ? "false" : "true"}" aria-pressed="${value ? "true" : "false"}">${label}: ${value ? "yes" : "no"}</button></form>`;
  return html`<details class="box"><summary><strong>${shop.name}</strong> <span class="dim">${shop.clientId}</span> ${shop.active ? null : html`<span class="bad">not active</span>`} ${shop.live ? html`<span class="dim">live</span>` : null}</summary>
${flip("active", shop.active, "Active")}${flip("live", shop.live, "Callbacks to allowed addresses only")}
${switches.map(([name, label]) => flip(`options.${name}`, shop.options[name] === true, label))}
<form class="inline" method="post" action="/control/uapay/sessions/end"><button name="clientId" value="${shop.clientId}">End its sessions</button></form>
<form method="post" action="${action}"><div class="row"><label class="broad">Allowed callback addresses<input name="allowedUrls" value="${shop.allowedUrls.join(" ")}"></label><button>Set</button></div></form>
<form method="post" action="${action}"><div class="row">
${choices.map(([name, words]) => html`<label>${name}<select name="options.${name}">${words.map((word) => (String(shop.options[name]) === word ? html`<option selected>${word}</option>` : html`<option>${word}</option>`))}</select></label>`)}
${numbers.map((name) => html`<label>${name}<input name="options.${name}" inputmode="numeric" value="${String(shop.options[name])}"></label>`)}
<label>signatureErrorCode<input name="options.signatureErrorCode" value="${shop.options.signatureErrorCode}"></label><button>Set</button></div></form>
<h3>Key</h3><pre>${shop.secret}</pre></details>`;
}

function faultBox(uapay: Uapay): Html {
  return html`<div class="box"><h2>Make it misbehave</h2>
<form method="post" action="/control/uapay/faults"><div class="row">
<label class="broad">What<select name="fault">${faultNames.map((name) => html`<option value="${name}">${name}: ${faultCatalogue[name].sentence}</option>`)}</select></label>
<label>externalId or id (empty: any)<input name="reference"></label><label>Shop (empty: any)<input name="clientId"></label>
<label>Operation<select name="operation"><option value="">any</option>${operations.map((name) => html`<option>${name}</option>`)}</select></label>
<label>paymentStatus<input name="event" placeholder="any"></label><label>How often<input name="next" value="1"></label>
<label>Seconds<input name="delaySeconds" inputmode="numeric"></label><label>Milliseconds<input name="ms" inputmode="numeric"></label>
<label>Times<input name="times" inputmode="numeric"></label><button class="main">Plant</button></div></form>
${uapay.state.faults.map(
  (
    fault,
  ) => html`<form method="post" action="/control/uapay/faults/clear"><p>${fault.fault} <span class="dim">${fault.reference ?? "any invoice"}, ${fault.left === null ? "always" : `${fault.left} more`}</span>
<button name="id" value="${fault.id}">Remove</button></p></form>`,
)}
${uapay.state.faults.length > 1 ? html`<form method="post" action="/control/uapay/faults/clear"><button>Remove all</button></form>` : null}</div>`;
}

function noteLine(note: Notification): Html {
  return html`<div class="box"><strong>${String(note.claims.paymentStatus)}</strong> <span class="dim">${time(note.at)}</span> <span class="${note.state === "accepted" ? "good" : "bad"}">${note.state}</span>
<details><summary>Claims</summary><pre>${JSON.stringify(note.claims, null, 2)}</pre></details>
<ul class="plain">${note.deliveries.map(
    (
      sent,
    ) => html`<li><span class="dim">${time(sent.at)}</span> ${sent.why}: ${sent.verdict}${sent.reason ? `, ${sent.reason}` : ""}
<span class="dim">HTTP ${sent.status ?? "none"}, ${sent.milliseconds} ms${sent.faults.length > 0 ? `, ${sent.faults.join(", ")}` : ""}</span><details><summary>Body and answer</summary><pre>${sent.body}</pre><pre>${sent.answer || "(empty)"}</pre></details></li>`,
  )}</ul></div>`;
}

function paymentBox(invoice: Invoice, payment: Payment): Html {
  const path = `/control/uapay/invoices/${invoice.id}/act`;
  const which = html`<input type="hidden" name="paymentId" value="${payment.paymentId}">`;
  const button = (action: string, label: string): Html =>
    html`<form class="inline" method="post" action="${path}">${which}<button name="action" value="${action}">${label}</button></form>`;
  const amount = (action: string, label: string): Html =>
    html`<form method="post" action="${path}">${which}<div class="row"><label>${label}<input name="amount" inputmode="decimal" placeholder="all"></label><button name="action" value="${action}">${label}</button></div></form>`;
  const held = payment.paymentStatus === "HOLDED";
  return html`<div class="box"><p><strong>${payment.status} / ${payment.paymentStatus}</strong> ${hryvnias(payment.amount)} <span class="dim">${payment.cardFromMasked} ${payment.bankCode}</span></p>
<dl><dt>Id</dt><dd>${payment.paymentId}</dd><dt>Held</dt><dd>${hryvnias(payment.held)}</dd><dt>Captured</dt><dd>${hryvnias(payment.captured)}</dd><dt>Refunded</dt><dd>${hryvnias(payment.refunded)}</dd>
${payment.releasesAt === null ? null : html`<dt>Held until</dt><dd>${time(payment.releasesAt)}</dd>`}
${payment.confirmation ? html`<dt>${payment.confirmation.type}</dt><dd>${payment.confirmation.code}, until ${time(payment.confirmation.until)}</dd>` : null}</dl>
${isOpenPayment(payment) ? [button("approve", "End well"), button("refuse", "Refuse"), button("abandon", "Abandon")] : null}
${held ? [amount("complete", "Capture"), button("cancel", "Void"), button("release", "Hold ends")] : null}
${payment.captured > payment.refunded ? amount("reverse", "Refund") : null}
<form method="post" action="${path}">${which}<input type="hidden" name="action" value="status"><div class="row"><label>status<input name="status"></label><label>paymentStatus<input name="paymentStatus"></label><button>Set any words and tell</button></div></form></div>`;
}

function actions(uapay: Uapay, invoice: Invoice): Html {
  const path = `/control/uapay/invoices/${invoice.id}/act`;
  const button = (action: string, label: string): Html =>
    html`<form class="inline" method="post" action="${path}"><button name="action" value="${action}">${label}</button></form>`;
  if (!payable(uapay, invoice)) return html``;
  const how = (["3DS", "LOOKUP"] as const).map(
    (one) =>
      html`<form class="inline" method="post" action="${path}"><input type="hidden" name="action" value="challenge"><button name="how" value="${one}">Start ${one}</button></form>`,
  );
  return html`<div class="box"><h2>Act</h2>${button("pay", "Pay")}${how}${button("pend", "Never finish")}${button("abandon", "Abandon")}${button("expire", "Expire")}
<form method="post" action="${path}"><input type="hidden" name="action" value="pay"><div class="row"><label>Card<select name="card">${testCards.map((card) => html`<option value="${card.pan}">${card.label}</option>`)}</select></label><button>Pay with it</button></div></form>
<form method="post" action="${path}"><input type="hidden" name="action" value="decline"><div class="row"><label>Bank's code<select name="code"><option value="none">none, technical</option>${bankCodes.map((code) => html`<option>${code}</option>`)}</select></label><button>Decline with it</button></div></form></div>`;
}

function overview(uapay: Uapay): Html {
  const invoices = [...uapay.state.invoices].reverse().slice(0, 100);
  const requests = uapay.requests.slice(-20).reverse();
  return html`<h1>UAPAY sandbox</h1><p class="dim">The clock is on the <a href="/">first page</a>.</p>
<h2>Invoices</h2>${invoices.length === 0 ? html`<p class="dim">None yet.</p>` : null}
<ul class="plain">${invoices.map(
    (invoice) =>
      html`<li class="box"><a href="/uapay/invoices/${invoice.id}">${invoice.externalId}</a> ${sum(invoice)} <strong>${invoice.payments.at(-1)?.paymentStatus ?? invoiceStatus(uapay, invoice)}</strong>
<div class="dim">${invoice.type}, shop ${invoice.clientId}, ${time(invoice.createdAt)}, ${invoice.payments.length} payments</div></li>`,
  )}</ul>
${faultBox(uapay)}
<h2>Shops</h2>${uapay.state.shops.map(shopBox)}
<form class="box" method="post" action="/control/uapay/shops"><div class="row"><label>Name<input name="name"></label><button class="main">New shop</button></div></form>
<h2>Last requests</h2><ul class="plain">${requests.map(
    (request) =>
      html`<li class="dim">${time(request.at)} ${request.path} ${request.status} <span class="${request.verdict === "accepted" ? "good" : "bad"}">${request.verdict}</span> ${request.reason}</li>`,
  )}</ul>`;
}

function invoicePage(uapay: Uapay, invoice: Invoice): Html {
  const notes = uapay.state.notifications.filter(({ invoiceId }) => invoiceId === invoice.id);
  return html`<h1>${invoice.externalId}</h1>
<div class="box"><p class="sum">${sum(invoice)}</p><p><strong>${invoice.type}, ${invoiceStatus(uapay, invoice)}</strong></p>
<dl><dt>Id</dt><dd>${invoice.id}</dd><dt>Number</dt><dd>${invoice.number}</dd><dt>Shop</dt><dd>${invoice.clientId}</dd><dt>For</dt><dd>${invoice.description}</dd>
${invoice.expiresAt === null ? null : html`<dt>Valid until</dt><dd>${time(invoice.expiresAt)}</dd>`}
<dt>Callback to</dt><dd>${invoice.callbackUrl}</dd><dt>Return to</dt><dd>${invoice.redirectUrl}</dd></dl>
<p><a href="${pageAddress(uapay, invoice)}">Open the payer's page</a></p></div>
${actions(uapay, invoice)}
<h2>Payments</h2>${invoice.payments.length === 0 ? html`<p class="dim">None yet.</p>` : invoice.payments.map((payment) => paymentBox(invoice, payment))}
<h2>Callbacks</h2>${notes.length === 0 ? html`<p class="dim">None yet.</p>` : notes.map(noteLine)}
<details class="box"><summary>What was received</summary><pre>${invoice.sent}</pre></details>`;
}

/** Registers the screens. */
export function uapayPanel(app: Hono, uapay: Uapay): void {
  app.get("/uapay", async () => {
    await catchUp(uapay);
    return htmlResponse(page({ title: "UAPAY sandbox", nav: true, body: overview(uapay) }));
  });
  app.get("/uapay/invoices/:id", async (c) => {
    await catchUp(uapay);
    const invoice = uapay.state.invoices.find(({ id }) => id === c.req.param("id"));
    const body = invoice ? invoicePage(uapay, invoice) : html`<h1>No such invoice</h1>`;
    return htmlResponse(page({ title: invoice?.externalId ?? "Invoice", nav: true, body }), invoice ? 200 : 404);
  });
}
