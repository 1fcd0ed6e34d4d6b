// The sandbox's screens: what is going on at each simulator, and buttons that make it misbehave.
import type { Hono } from "hono";
import { type Html, html, htmlResponse, page } from "./html.ts";
import type { Mailbox } from "./mailbox.ts";
import { testCards } from "./netopia/cards.ts";
import { faultCatalogue, faultNames } from "./netopia/faults.ts";
import { pageAddress } from "./netopia/hosted-page.ts";
import { textFromMinor } from "./netopia/money.ts";
import type { Netopia } from "./netopia/notify.ts";
import { openStatuses } from "./netopia/payment.ts";
import type { Ipn, Options, Payment, PointOfSale } from "./netopia/state.ts";
import type { Retailcrm } from "./retailcrm/retailcrm.ts";
import type { Revolut } from "./revolut/notify.ts";
import type { Tochka } from "./tochka/tochka.ts";
import type { Uapay } from "./uapay/uapay.ts";

const time = (epochMs: number): string => new Date(epochMs).toISOString().replace("T", " ").slice(0, 19);

const statusNames: Record<number, string> = {
  1: "new",
  2: "authorized",
  3: "paid",
  4: "cancelled",
  5: "confirmed",
  8: "credited",
  12: "declined",
  13: "in review",
  14: "reserved, in review",
  15: "3-D Secure",
  23: "expired",
};

const statusOf = (payment: Payment): string =>
  `${payment.status}${statusNames[payment.status] ? ` ${statusNames[payment.status]}` : ""}`;

function clockBox(netopia: Netopia): Html {
  const steps: [string, number][] = [
    ["+1 min", 60],
    ["+15 min", 900],
    ["+1 h", 3600],
    ["+1 day", 86_400],
    ["+1 week", 604_800],
  ];
  const waiting = netopia.schedule.list();
  return html`<div class="box"><h2>Clock</h2><p><strong>${time(netopia.clock.now())}</strong> UTC, ${waiting.length} things waiting</p>
${steps.map(([label, seconds]) => html`<form class="inline" method="post" action="/clock"><button name="advanceSeconds" value="${seconds}">${label}</button></form>`)}
<form class="inline" method="post" action="/clock"><button name="reset" value="true">Real time</button></form>
<form class="inline" method="post" action="/control/run-due"><button>Run what is due</button></form>
${waiting.length > 0 ? html`<details><summary>Waiting</summary><ul class="plain">${waiting.slice(0, 50).map((job) => html`<li class="dim">${time(job.dueAt)} ${job.kind}, payment ${job.lane}</li>`)}</ul></details>` : null}</div>`;
}

const flags: [keyof Options, string][] = [
  ["preauth", "Only reserve"],
  ["review", "Antifraud review"],
  ["convertToRon", "Convert to RON"],
  ["tokens", "Card tokens"],
  ["declineReturns", "v1: go back after a decline"],
  ["ipnOnConfirmed", "v2: tell status 5 too"],
];

function posBox(pos: PointOfSale): Html {
  const action = `/control/netopia/points-of-sale/${pos.signature}`;
  return html`<details class="box"><summary><strong>${pos.name}</strong> <span class="dim">${pos.signature}</span> <span class="${pos.approved ? "good" : "bad"}">${pos.approved ? "approved" : "not approved"}</span></summary>
<form class="inline" method="post" action="${action}"><button name="approved" value="${pos.approved ? "false" : "true"}">${pos.approved ? "Withdraw approval" : "Approve"}</button></form>
${flags.map(([name, label]) => html`<form class="inline" method="post" action="${action}"><button name="options.${name}" value="${pos.options[name] ? "false" : "true"}" aria-pressed="${pos.options[name] ? "true" : "false"}">${label}: ${pos.options[name] ? "on" : "off"}</button></form>`)}
<form class="inline" method="post" action="${action}"><button name="options.firstIpn" value="${pos.options.firstIpn === "before_return" ? "after_return" : "before_return"}">First IPN: ${pos.options.firstIpn === "before_return" ? "before the return" : "after the return"}</button></form>
<h3>Signature</h3><pre>${pos.signature}</pre><h3>API key (v2)</h3><pre>${pos.apiKey}</pre>
<h3>sandbox.${pos.signature}.public.cer</h3><pre>${pos.gateway.certificate}</pre>
<h3>sandbox.${pos.signature}private.key</h3><pre>${pos.merchant.privateKey}</pre></details>`;
}

function faultBox(netopia: Netopia): Html {
  return html`<div class="box"><h2>Make it misbehave</h2>
<form method="post" action="/control/netopia/faults"><div class="row">
<label class="broad">What<select name="fault">${faultNames.map((name) => html`<option value="${name}">${name}: ${faultCatalogue[name].sentence}</option>`)}</select></label>
<label>Order id (empty: any)<input name="orderId"></label><label>How often<input name="next" value="1"></label>
<label>Seconds<input name="delaySeconds" inputmode="numeric"></label><button class="main">Plant</button></div></form>
${netopia.state.faults.map(
  (
    fault,
  ) => html`<form method="post" action="/control/netopia/faults/clear"><p>${fault.fault} <span class="dim">${fault.orderId ?? "any order"}, ${fault.left === null ? "always" : `${fault.left} more`}</span>
<button name="id" value="${fault.id}">Remove</button></p></form>`,
)}
${netopia.state.faults.length > 1 ? html`<form method="post" action="/control/netopia/faults/clear"><button>Remove all</button></form>` : null}</div>`;
}

function ipnLine(ipn: Ipn): Html {
  return html`<div class="box"><strong>${ipn.action}</strong> <span class="dim">status ${ipn.status}, code ${ipn.code}, ${textFromMinor(ipn.processed)}, ${time(ipn.at)}</span>
<span class="${ipn.state === "accepted" ? "good" : "bad"}">${ipn.state}</span>
<ul class="plain">${ipn.deliveries.map(
    (
      sent,
    ) => html`<li><span class="dim">${time(sent.at)}</span> ${sent.why}: ${sent.verdict}${sent.reason ? `, ${sent.reason}` : ""}
<span class="dim">HTTP ${sent.status ?? "none"}, ${sent.milliseconds} ms${sent.faults.length > 0 ? `, ${sent.faults.join(", ")}` : ""}</span><details><summary>Answer</summary><pre>${sent.answer || "(empty)"}</pre></details></li>`,
  )}</ul></div>`;
}

function actions(payment: Payment): Html {
  const act = `/control/netopia/payments/${payment.id}/act`;
  const button = (action: string, label: string): Html =>
    html`<form class="inline" method="post" action="${act}"><button name="action" value="${action}">${label}</button></form>`;
  const amount = (action: string, label: string): Html =>
    html`<form method="post" action="${act}"><div class="row"><label>${label}<input name="amount" inputmode="decimal" placeholder="all"></label><button name="action" value="${action}">${label}</button></div></form>`;
  const { status } = payment;
  return html`<div class="box"><h2>Act</h2>
${status === 15 ? [button("approve-3ds", "Approve 3-D Secure"), button("refuse-3ds", "Refuse 3-D Secure")] : null}
${openStatuses.includes(status) ? [button("pay", "Pay"), button("decline", "Decline"), button("expire", "Expire")] : null}
${status === 13 || status === 14 ? [button("accept-review", "End review well"), button("reject-review", "End review badly")] : null}
${[2, 13, 14].includes(status) ? button("void", "Void") : null}
${status === 2 ? amount("capture", "Capture") : null}${[3, 5, 8].includes(status) ? amount("credit", "Refund") : null}
${payment.ipns.length > 0 ? html`<form class="inline" method="post" action="/control/netopia/payments/${payment.id}/resend"><button>Send the last IPN again</button></form>` : null}
${openStatuses.includes(status) ? html`<form method="post" action="${act}"><input type="hidden" name="action" value="pay"><div class="row"><label>Card<select name="card">${testCards.map((card) => html`<option value="${card.pan}">${card.label}</option>`)}</select></label><button>Pay with it</button></div></form>` : null}
${payment.protocol === "v2" ? html`<form method="post" action="${act}"><input type="hidden" name="action" value="status"><div class="row"><label>Status number<input name="status" inputmode="numeric" required></label><button>Set and tell</button></div></form>` : null}</div>`;
}

function netopiaPage(netopia: Netopia): Html {
  const payments = [...netopia.state.payments].reverse().slice(0, 100);
  const requests = netopia.requests.slice(-20).reverse();
  return html`<h1>NETOPIA sandbox</h1>${clockBox(netopia)}
<h2>Payments</h2>${payments.length === 0 ? html`<p class="dim">None yet.</p>` : null}
<ul class="plain">${payments.map(
    (
      payment,
    ) => html`<li class="box"><a href="/netopia/payments/${payment.id}">${payment.orderId}</a> ${textFromMinor(payment.amount)} ${payment.currency} <strong>${statusOf(payment)}</strong>
<div class="dim">${payment.protocol}, ${payment.signature}, ${time(payment.createdAt)}, ${payment.tries.length} tries, ${payment.ipns.length} IPNs</div></li>`,
  )}</ul>
${faultBox(netopia)}
<h2>Points of sale</h2>${netopia.state.pointsOfSale.map(posBox)}
<form class="box" method="post" action="/control/netopia/points-of-sale"><div class="row"><label>Name<input name="name"></label>
<label>Key size<select name="keyBits"><option>1024</option><option>2048</option></select></label><button class="main">New point of sale</button></div></form>
<h2>Last requests</h2><ul class="plain">${requests.map(
    (request) =>
      html`<li class="dim">${time(request.at)} ${request.protocol} ${request.path} <span class="${request.verdict === "accepted" ? "good" : "bad"}">${request.verdict}</span> ${request.reason}</li>`,
  )}</ul>
<details class="box"><summary>Key that v2 notifications are signed with</summary><pre>${netopia.platform.publicKey}</pre></details>`;
}

function paymentPage(netopia: Netopia, payment: Payment): Html {
  return html`<h1>${payment.orderId}</h1>
<div class="box"><p class="sum">${textFromMinor(payment.amount)} ${payment.currency}</p><p><strong>${statusOf(payment)}</strong></p>
<dl><dt>Protocol</dt><dd>${payment.protocol}</dd><dt>Number</dt><dd>${payment.id}</dd><dt>Point of sale</dt><dd>${payment.signature}</dd>
<dt>Captured</dt><dd>${textFromMinor(payment.captured)}</dd><dt>Refunded</dt><dd>${textFromMinor(payment.credited)}</dd>
<dt>IPN to</dt><dd>${payment.confirmUrl}</dd><dt>Return to</dt><dd>${payment.returnUrl}</dd></dl>
<p><a href="${pageAddress(netopia, payment)}">Open the payer's page</a></p></div>
${actions(payment)}
<h2>Tries</h2>${payment.tries.length === 0 ? html`<p class="dim">None yet.</p>` : null}
<ul class="plain">${payment.tries.map((one) => html`<li class="box">${one.panMasked} ${one.result} <span class="dim">${one.code} ${one.message} ${time(one.at)}</span></li>`)}</ul>
<h2>Notifications</h2>${payment.ipns.length === 0 ? html`<p class="dim">None yet.</p>` : payment.ipns.map(ipnLine)}
<details class="box"><summary>What was received</summary><pre>${payment.sent}</pre></details>`;
}

/** Registers the panel. */
export function panelRoutes(
  app: Hono,
  {
    netopia,
    revolut,
    tochka,
    uapay,
    retailcrm,
    mailbox,
  }: { netopia: Netopia; revolut: Revolut; tochka: Tochka; uapay: Uapay; retailcrm: Retailcrm; mailbox: Mailbox },
): void {
  app.get("/", () => {
    const { payments, pointsOfSale } = netopia.state;
    const body = html`<h1>Sandbox</h1><p class="dim">The other side of the wire: simulators, a mailbox and one clock. Nothing here is real.</p>
<div class="box"><h2><a href="/netopia">NETOPIA</a></h2><p>${pointsOfSale.length} points of sale, ${payments.length} payments</p></div>
<div class="box"><h2><a href="/revolut">Revolut</a></h2><p>${revolut.state.accounts.length} accounts, ${revolut.state.orders.length} orders</p></div>
<div class="box"><h2><a href="/tochka">Tochka</a></h2><p>${tochka.state.clients.length} applications, ${tochka.state.operations.length} links, ${tochka.state.qrs.length} QR codes</p></div>
<div class="box"><h2><a href="/uapay">UAPAY</a></h2><p>${uapay.state.shops.length} shops, ${uapay.state.invoices.length} invoices</p></div>
<div class="box"><h2><a href="/retailcrm">RetailCRM</a></h2><p>${retailcrm.state.accounts.length} accounts, ${retailcrm.state.accounts.reduce((sum, account) => sum + account.orders.length, 0)} orders</p></div>
<div class="box"><h2><a href="/mailbox">Mailbox</a></h2><p>${mailbox.mails.length} mails</p></div>${clockBox(netopia)}`;
    return htmlResponse(page({ title: "Sandbox", nav: true, body }));
  });
  app.get("/netopia", () => htmlResponse(page({ title: "NETOPIA sandbox", nav: true, body: netopiaPage(netopia) })));
  app.get("/netopia/payments/:id", (c) => {
    const payment = netopia.state.payments.find(({ id }) => id === c.req.param("id"));
    if (!payment)
      return htmlResponse(page({ title: "Not found", nav: true, body: html`<h1>No such payment</h1>` }), 404);
    return htmlResponse(page({ title: payment.orderId, nav: true, body: paymentPage(netopia, payment) }));
  });
}
