// The CRM simulator's panel: accounts, how strictly they answer, what was said both ways.
import type { Hono } from "hono";
import { type Html, html, htmlResponse, page } from "../html.ts";
import { addressOf, type Retailcrm } from "./retailcrm.ts";
import { type Account, checkMoods } from "./state.ts";

const time = (epochMs: number): string => new Date(epochMs).toISOString().replace("T", " ").slice(0, 19);

function accountBox(crm: Retailcrm, account: Account): Html {
  const action = `/control/retailcrm/accounts/${account.name}`;
  const { options } = account;
  const flip = (name: string, value: boolean, label: string): Html =>
    html`<form class="inline" method="post" action="${action}"><button name="options.${name}" value="${value ? "false" : "true"}" aria-pressed="${value ? "true" : "false"}">${label}: ${value ? "yes" : "no"}</button></form>`;
  return html`<details class="box"><summary><strong>${account.name}</strong> <span class="dim">${account.currency}, ${account.language}, ${account.orders.length} orders${account.movedTo ? `, moved to ${account.movedTo}` : ""}</span></summary>
<p><a href="/retailcrm/${account.name}">Open the CRM</a> <span class="dim">${addressOf(crm, account)}</span></p>
${flip("strict", options.strict, "Strict")}${flip("localUrls", options.localUrls, "Plain http modules")}${flip("mailPackage", options.mailPackage, "Package of letters")}
<form method="post" action="${action}"><div class="row"><label>payment/check answers<select name="options.check">${checkMoods.map((mood) => (mood === options.check ? html`<option selected>${mood}</option>` : html`<option>${mood}</option>`))}</select></label>
<label>Requests a second<input name="options.ratePerSecond" inputmode="numeric" value="${String(options.ratePerSecond)}"></label><label>Default currency<input name="currency" value="${account.currency}"></label><button>Set</button></div></form>
<form method="post" action="${action}/orders"><button>New order</button></form>
<form method="post" action="${action}/keys"><button>New key with every method</button></form>
<form method="post" action="${action}/move"><div class="row"><label>Move to<input name="to"></label><button>Move</button></div></form></details>`;
}

/** Registers the panel. */
export function retailcrmPanel(app: Hono, crm: Retailcrm): void {
  app.get("/retailcrm", () => {
    const calls = crm.calls.slice(-20).reverse();
    const requests = crm.requests.slice(-20).reverse();
    const body = html`<h1>RetailCRM sandbox</h1>
<h2>Accounts</h2>${crm.state.accounts.map((account) => accountBox(crm, account))}
<form class="box" method="post" action="/control/retailcrm/accounts"><div class="row"><label>Name<input name="name" placeholder="myshop"></label><button class="main">New account</button></div></form>
<h2>What modules were asked</h2><ul class="plain">${calls.map((call) => html`<li class="dim">${time(call.at)} ${call.account} <strong>${call.action}</strong> HTTP ${call.status ?? "none"}, ${call.milliseconds} ms<details><summary>Body and answer</summary><pre>${call.body}</pre><pre>${call.answer}</pre></details></li>`)}</ul>
<h2>What modules asked</h2><ul class="plain">${requests.map((request) => html`<li class="dim">${time(request.at)} ${request.account} <strong>${request.path}</strong> ${request.status}<details><summary>Body and answer</summary><pre>${request.body}</pre><pre>${request.said}</pre></details></li>`)}</ul>`;
    return htmlResponse(page({ title: "RetailCRM sandbox", nav: true, body }));
  });
}
