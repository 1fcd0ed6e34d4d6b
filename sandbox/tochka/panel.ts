// The Tochka simulator's screens: payments, deliveries, faults, shops, applications, and buttons to make it misbehave.
import type { Hono } from "hono";
import { type Html, html, htmlResponse, page } from "../html.ts";
import { cabinetPath } from "./cabinet-page.ts";
import { declineReasons } from "./declines.ts";
import { faultCatalogue, faultNames } from "./faults.ts";
import { priceText } from "./money.ts";
import { catchUp, pageAddress, payable } from "./operation.ts";
import { taken } from "./qr.ts";
import type { Client, Company, Notification, Operation, Qr, Retailer } from "./state.ts";
import type { Tochka } from "./tochka.ts";

const time = (epochMs: number): string => new Date(epochMs).toISOString().replace("T", " ").slice(0, 19);
const sum = (kopecks: number): string => `${priceText(kopecks)} RUB`;
const control = "/control/tochka";

const button = (action: string, name: string, value: string, label: string): Html =>
  html`<form class="inline" method="post" action="${action}"><button name="${name}" value="${value}">${label}</button></form>`;

function faultBox(tochka: Tochka): Html {
  return html`<div class="box"><h2>Make it misbehave</h2>
<form method="post" action="${control}/faults"><div class="row">
<label class="broad">What<select name="fault">${faultNames.map((name) => html`<option value="${name}">${name}: ${faultCatalogue[name].sentence}</option>`)}</select></label>
<label>Link id, operation or code (empty: any)<input name="reference"></label><label>Call (empty: any)<input name="operation"></label><label>How often<input name="next" value="1"></label>
<label>Seconds<input name="delaySeconds" inputmode="numeric"></label><label>Milliseconds<input name="ms" inputmode="numeric"></label><label>Times<input name="times" inputmode="numeric"></label><button class="main">Plant</button></div></form>
${tochka.state.faults.map(
  (
    fault,
  ) => html`<form method="post" action="${control}/faults/clear"><p>${fault.fault} <span class="dim">${fault.reference ?? "any"} ${fault.operation ?? ""}, ${fault.left === null ? "always" : `${fault.left} more`}</span>
<button name="id" value="${fault.id}">Remove</button></p></form>`,
)}
${tochka.state.faults.length > 1 ? html`<form method="post" action="${control}/faults/clear"><button>Remove all</button></form>` : null}</div>`;
}

function optionBox(tochka: Tochka): Html {
  const { options } = tochka.state;
  const action = `${control}/options`;
  const next = { before_return: "after_return", after_return: "by_clock", by_clock: "before_return" }[
    options.firstWebhook
  ];
  return html`<div class="box"><h2>Options</h2>
${button(action, "firstWebhook", next, `Webhook: ${options.firstWebhook}`)}
${button(action, "expiredTokenStatus", options.expiredTokenStatus === 403 ? "401" : "403", `Expired token: ${options.expiredTokenStatus}`)}
${button(action, "secondRefund", options.secondRefund === "refused" ? "allowed" : "refused", `Second refund: ${options.secondRefund}`)}
${button(action, "itemsMustAddUp", options.itemsMustAddUp ? "false" : "true", `Items must add up: ${options.itemsMustAddUp ? "yes" : "no"}`)}
${button(`${control}/key`, "rotate", "true", "New webhook key")}
<form method="post" action="${action}"><div class="row"><label>Seconds in ON-REFUND<input name="refundSeconds" value="${options.refundSeconds}"></label><label>Seconds of an SBP step<input name="sbpStepSeconds" value="${options.sbpStepSeconds}"></label><button>Set</button></div></form></div>`;
}

function shopLine(retailer: Retailer): Html {
  const action = `${control}/retailers/${retailer.key}`;
  return html`<li><strong>${retailer.name}</strong> <span class="dim">${retailer.merchantId ?? "no merchantId"}, ${retailer.paymentModes.join(" ")}</span> <span class="${retailer.status === "REG" && retailer.isActive ? "good" : "bad"}">${retailer.status}${retailer.isActive ? "" : ", inactive"}</span>
${button(action, "cashbox", retailer.cashbox ? "none" : "businessRu", retailer.cashbox ? "Remove the register" : "Add a register")}
${button(action, "isActive", retailer.isActive ? "false" : "true", retailer.isActive ? "Switch off" : "Switch on")}
${retailer.status === "REG" ? button(action, "status", "CLOSE", "Close") : button(action, "status", "REG", "Register")}</li>`;
}

function companyBox(tochka: Tochka, company: Company): Html {
  const { retailers, tsps } = tochka.state;
  const own = <T extends { customerCode: string }>(rows: T[]): T[] =>
    rows.filter(({ customerCode }) => customerCode === company.customerCode);
  return html`<details class="box"><summary><strong>${company.shortName}</strong> <span class="dim">${company.customerCode}, ${company.customerType}, ${company.user}</span></summary>
<h3>Shops</h3><ul class="plain">${own(retailers).map(shopLine)}</ul>
<form method="post" action="${control}/companies/${company.customerCode}/retailers"><div class="row"><label>Name<input name="name"></label><button>New shop</button></div></form>
<h3>SBP shops</h3><ul class="plain">${own(tsps).map((tsp) => html`<li>${tsp.brandName} <span class="dim">${tsp.merchantId}</span> ${button(`${control}/tsps/${tsp.merchantId}`, "status", tsp.status === "Active" ? "Suspended" : "Active", tsp.status)}</li>`)}</ul>
<h3>Accounts</h3><ul class="plain">${company.accounts.map(({ accountId, status }) => html`<li>${accountId} <span class="dim">${status}</span></li>`)}</ul></details>`;
}

function clientBox(tochka: Tochka, client: Client): Html {
  const consents = tochka.state.consents.filter(({ clientId }) => clientId === client.clientId);
  const action = `${control}/clients/${client.clientId}`;
  return html`<details class="box"><summary><strong>${client.name}</strong> <span class="dim">${client.kind}, ${client.clientId}</span></summary>
<dl><dt>Redirect URL</dt><dd>${client.redirectUrl}</dd><dt>Webhook</dt><dd>${client.webhook ? `${client.webhook.url} (${client.webhook.events.join(", ")})` : "none"}</dd></dl>
${button(action, "localUrls", client.localUrls ? "false" : "true", `Local addresses: ${client.localUrls ? "allowed" : "refused"}`)}
${button(`${action}/expire-tokens`, "refresh", "false", "Expire access tokens")}${button(`${action}/expire-tokens`, "refresh", "true", "Expire all tokens")}
<ul class="plain">${consents.map((consent) => html`<li>${consent.consentId} <strong>${consent.status}</strong> <span class="dim">${Object.keys(consent.granted).join(", ")}</span> ${consent.status === "Authorised" ? html`<form class="inline" method="post" action="${control}/consents/${consent.consentId}/revoke"><button>Revoke</button></form>` : null}</li>`)}</ul></details>`;
}

function noteLine(note: Notification): Html {
  return html`<div class="box"><strong>${note.event}</strong> <span class="dim">${time(note.at)}</span> <span class="${note.state === "accepted" ? "good" : "bad"}">${note.state}</span>
<ul class="plain">${note.deliveries.map(
    (
      sent,
    ) => html`<li><span class="dim">${time(sent.at)}</span> ${sent.why}: ${sent.verdict}${sent.reason ? `, ${sent.reason}` : ""}
<span class="dim">HTTP ${sent.status ?? "none"}, ${sent.milliseconds} ms${sent.faults.length > 0 ? `, ${sent.faults.join(", ")}` : ""}</span><details><summary>Body and answer</summary><pre>${sent.body}</pre><pre>${sent.answer || "(empty)"}</pre></details></li>`,
  )}</ul></div>`;
}

function operationPage(tochka: Tochka, operation: Operation): Html {
  const action = `${control}/operations/${operation.operationId}/act`;
  const act = (name: string, label: string): Html => button(action, "action", name, label);
  const notes = tochka.state.notifications.filter(({ subject }) => subject === operation.operationId);
  const { status } = operation;
  return html`<h1>${operation.paymentLinkId}</h1>
<div class="box"><p class="sum">${sum(operation.amount)}</p><p><strong>${status}</strong> ${operation.paymentType}</p>
<dl><dt>Operation</dt><dd>${operation.operationId}</dd><dt>Company</dt><dd>${operation.customerCode}</dd><dt>Shop</dt><dd>${operation.merchantId}</dd><dt>Receipt</dt><dd>${operation.receipt ? `to ${operation.receipt.Client.email}` : "none"}</dd></dl>
<p><a href="${pageAddress(tochka, operation)}">Open the payer's page</a></p></div>
<div class="box"><h2>Act</h2>
${payable(operation) ? operation.paymentMode.map((method) => html`<form class="inline" method="post" action="${action}"><input type="hidden" name="method" value="${method}"><button name="action" value="pay">Pay by ${method}</button></form>`) : null}
${payable(operation) ? html`<form method="post" action="${action}"><input type="hidden" name="action" value="decline"><div class="row"><label>Reason<select name="reason">${declineReasons.map((reason) => html`<option>${reason}</option>`)}</select></label><button>Decline with it</button></div></form>` : null}
${status === "CREATED" || status === "AUTHORIZED" ? act("expire", "Expire") : null}
${status === "AUTHORIZED" ? act("capture", "Capture") : null}
${status === "APPROVED" || status === "REFUNDED_PARTIALLY" ? html`<form method="post" action="${action}"><div class="row"><label>Refund in the cabinet<input name="amount" inputmode="decimal" placeholder="all"></label><button name="action" value="refund">Refund</button></div></form>` : null}
${status === "ON-REFUND" ? [act("complete-refund", "Refund done"), act("fail-refund", "Refund failed")] : null}</div>
<h2>Money</h2><ul class="plain">${operation.orders.map((row) => html`<li>${row.type} ${sum(row.amount)} <span class="dim">${row.orderId} ${time(row.at)}</span></li>`)}</ul>
<h2>Tries</h2><ul class="plain">${operation.tries.map((one) => html`<li>${one.method} ${one.result} <span class="dim">${one.reason} ${time(one.at)}</span></li>`)}</ul>
<h2>Webhooks</h2>${notes.length === 0 ? html`<p class="dim">None yet.</p>` : notes.map(noteLine)}
<details class="box"><summary>What was received</summary><pre>${operation.sent}</pre></details>`;
}

function qrPage(tochka: Tochka, qr: Qr): Html {
  const action = `${control}/qrs/${qr.qrcId}/act`;
  const act = (name: string, label: string): Html => button(action, "action", name, label);
  const notes = tochka.state.notifications.filter(({ subject }) => subject === qr.qrcId);
  const open = qr.payments.find(({ endedAt }) => endedAt === null);
  const refunds = tochka.state.sbpRefunds.filter(({ qrcId }) => qrcId === qr.qrcId);
  return html`<h1>${qr.qrcId}</h1>
<div class="box"><p class="sum">${qr.amount === null ? "any sum" : sum(qr.amount)}</p><p>${qr.paymentPurpose}</p><p><a href="${qr.payload}">Open the payer's bank</a></p></div>
<div class="box"><h2>Act</h2>${taken(qr) ? null : [act("confirm", "Confirm"), act("accept", "Accept"), act("reject", "Reject"), act("expire", "Expire")]}
${open ? [act("step", "Next step"), act("accept", "Accept"), act("reject", "Reject")] : null}
${refunds.length > 0 ? [act("complete-refund", "Refund done"), act("fail-refund", "Refund failed")] : null}</div>
<h2>Payments</h2><ul class="plain">${qr.payments.map((one) => html`<li>${sum(one.amount)} <strong>${one.status}</strong> <span class="dim">${one.trxId} ${time(one.at)}</span></li>`)}</ul>
<h2>Refunds</h2><ul class="plain">${refunds.map((one) => html`<li>${sum(one.amount)} <strong>${one.status}</strong> <span class="dim">${one.requestId}</span></li>`)}</ul>
<h2>Webhooks</h2>${notes.length === 0 ? html`<p class="dim">None yet.</p>` : notes.map(noteLine)}`;
}

function overview(tochka: Tochka): Html {
  const { operations, qrs, companies, clients } = tochka.state;
  const requests = tochka.requests.slice(-20).reverse();
  return html`<h1>Tochka sandbox</h1><p class="dim">The clock is on the <a href="/">first page</a>. The API over HTTPS: ${tochka.tls.origin}</p>
<h2>Links</h2>${operations.length === 0 ? html`<p class="dim">None yet.</p>` : null}
<ul class="plain">${[...operations]
    .reverse()
    .slice(0, 100)
    .map(
      (operation) =>
        html`<li class="box"><a href="/tochka/operations/${operation.operationId}">${operation.paymentLinkId}</a> ${sum(operation.amount)} <strong>${operation.status}</strong>
<div class="dim">${operation.customerCode}, ${operation.merchantId}, ${time(operation.createdAt)}, ${operation.tries.length} tries</div></li>`,
    )}</ul>
<h2>QR codes</h2>${qrs.length === 0 ? html`<p class="dim">None yet.</p>` : null}
<ul class="plain">${[...qrs]
    .reverse()
    .slice(0, 100)
    .map(
      (qr) =>
        html`<li class="box"><a href="/tochka/qrs/${qr.qrcId}">${qr.qrcId}</a> ${qr.amount === null ? "any sum" : sum(qr.amount)} <strong>${qr.payments.at(-1)?.status ?? "NotStarted"}</strong>
<div class="dim">${qr.merchantId}, ${time(qr.createdAt)}</div></li>`,
    )}</ul>
${faultBox(tochka)}${optionBox(tochka)}
<h2>Companies</h2>${companies.map((company) => companyBox(tochka, company))}
<h2>Applications</h2><p><a href="${cabinetPath}">Register an application</a></p>${clients.map((client) => clientBox(tochka, client))}
<h2>Last requests</h2><ul class="plain">${requests.map(
    (request) =>
      html`<li class="dim">${time(request.at)} ${request.method} ${request.path} ${request.status} <span class="${request.verdict === "accepted" ? "good" : "bad"}">${request.verdict}</span> ${request.reason}</li>`,
  )}</ul>`;
}

/** Registers the screens. */
export function tochkaPanel(app: Hono, tochka: Tochka): void {
  const show = (title: string, body: Html | undefined): Response =>
    htmlResponse(page({ title, nav: true, body: body ?? html`<h1>Not there</h1>` }), body ? 200 : 404);
  app.get("/tochka", () => {
    catchUp(tochka);
    return show("Tochka sandbox", overview(tochka));
  });
  app.get("/tochka/operations/:id", (c) => {
    catchUp(tochka);
    const found = tochka.state.operations.find(({ operationId }) => operationId === c.req.param("id"));
    return show("Tochka link", found && operationPage(tochka, found));
  });
  app.get("/tochka/qrs/:id", (c) => {
    catchUp(tochka);
    const found = tochka.state.qrs.find(({ qrcId }) => qrcId === c.req.param("id"));
    return show("Tochka QR code", found && qrPage(tochka, found));
  });
}
