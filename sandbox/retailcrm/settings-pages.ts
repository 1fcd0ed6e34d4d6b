// The CRM's settings: payment types, payment statuses with what each word of a module means, API keys, integration modules.
import { type Html, html, page, Html as Raw } from "../html.ts";
import { accountNav, crmResponse, mark, pathOf } from "./card-page.ts";
import { freeShops } from "./directory.ts";
import type { Retailcrm } from "./retailcrm.ts";
import { type Account, invoiceStatuses, keyMethods, meanings, proposedMapping } from "./state.ts";

const frame = (account: Account, title: string, body: Html, status = 200): Response =>
  crmResponse(page({ title, mark, body: html`${accountNav(account)}<h1>${title}</h1>${body}` }), status);

const refused = (problem: string | null): Html | null =>
  problem ? html`<p class="box bad" role="alert">${problem}</p>` : null;

/** Payment types; a binding that was saved is shown and cannot be changed. */
export function paymentTypesPage(account: Account, problem: string | null = null): Response {
  const at = `${pathOf(account)}/settings/payment-types`;
  const free = freeShops(account);
  const shopName = (code: string | null) =>
    account.modules.flatMap((module) => module.shops).find((shop) => shop.code === code)?.name ?? code;
  const body = html`${refused(problem)}
${account.mapping === null && account.paymentTypes.some((type) => type.module !== null) ? mappingBox(account, true) : null}
${account.paymentTypes.map(
  (
    type,
  ) => html`<form class="box" method="post" action="${at}" aria-label="${type.name}"><input type="hidden" name="code" value="${type.code}"><div class="row">
<label>Name<input name="name" value="${type.name}" required></label>
${
  type.shop
    ? html`<label>Integrate with<select name="shop" disabled><option>${shopName(type.shop)}</option></select></label>`
    : html`<label>Integrate with<select name="shop"><option value="">nothing</option>${free.map((shop) => html`<option value="${shop.code}">${shop.name}</option>`)}</select></label>`
}
<button>Save</button></div><p class="dim">${type.code}${type.shop ? ", bound for good: another shop needs another payment type" : ""}</p></form>`,
)}
<form class="box" method="post" action="${at}" aria-label="New payment type"><h2>New payment type</h2><div class="row"><label>Name<input name="name" required></label>
<label>Integrate with<select name="shop"><option value="">nothing</option>${free.map((shop) => html`<option value="${shop.code}">${shop.name}</option>`)}</select></label><button class="main">Add</button></div></form>
<p><a href="${pathOf(account)}/settings/statuses">Invoice statuses: configure</a></p>`;
  return frame(account, "Payment types", body, problem ? 409 : 200);
}

function mappingBox(account: Account, isFirst: boolean): Html {
  const at = `${pathOf(account)}/settings/statuses`;
  return html`<section class="box" aria-label="Invoice statuses">${isFirst ? html`<h2>Set up invoice statuses</h2><p>A payment module was bound for the first time. Choose what each of its states means here; modules that are bound later use the same.</p>` : html`<h2>Invoice statuses</h2>`}
<form method="post" action="${at}/mapping">${invoiceStatuses.map(
    (word) =>
      html`<label>${meanings[word]}<select name="${word}">${account.statuses.map((status) => {
        const chosen = (account.mapping?.[word] ?? proposedMapping[word]) === status.code;
        return html`<option value="${status.code}"${chosen ? new Raw(" selected") : null}>${status.name}</option>`;
      })}</select></label>`,
  )}<button class="main wide">Save statuses</button></form>
<form method="post" action="${at}"><input type="hidden" name="back" value="${isFirst ? "types" : "statuses"}"><div class="row"><label>Add a new payment status<input name="name" required></label><button aria-label="Add the status">✓</button></div></form></section>`;
}

export function statusesPage(account: Account, problem: string | null = null): Response {
  const body = html`${refused(problem)}${mappingBox(account, false)}
<h2>Directory</h2><ul class="box plain">${account.statuses.map((status) => html`<li>${status.name} <span class="dim">${status.code}</span></li>`)}</ul>`;
  return frame(account, "Payment statuses", body, problem ? 409 : 200);
}

export function keysPage(account: Account): Response {
  const at = `${pathOf(account)}/settings/keys`;
  const body = html`${account.keys.map(
    (key) =>
      html`<div class="box"><h2>${key.name}</h2><pre data-key>${key.key}</pre><ul class="plain">${key.methods.map((method) => html`<li class="dim">${method}</li>`)}</ul></div>`,
  )}
<form class="box" method="post" action="${at}"><h2>New API key</h2><label>Name<input name="name" value="Payments"></label><fieldset><legend>Allowed API methods</legend>
${keyMethods.map((method) => html`<label><input type="checkbox" name="methods" value="${method}"> ${method}</label>`)}</fieldset><button class="main">Make the key</button></form>`;
  return frame(account, "API keys", body);
}

export function modulesPage(_crm: Retailcrm, account: Account, problem: string | null = null): Response {
  const at = `${pathOf(account)}/settings/modules`;
  const body = html`${refused(problem)}${account.modules.length === 0 ? html`<p class="dim">No module is connected.</p>` : null}
${account.modules.map(
  (
    module,
  ) => html`<div class="box"><h2>${module.name}</h2><p><span class="${module.active ? "good" : "bad"}">${module.active ? "active" : "not active"}</span>${module.freeze ? html` <span class="bad">frozen</span>` : null} <a href="${module.accountUrl}">Module settings</a></p>
<ul class="plain">${module.shops.map((shop) => html`<li>${shop.name} <span class="dim">${shop.code}${shop.active ? "" : ", disconnected"}</span></li>`)}</ul>
<form class="inline" method="post" action="${at}"><input type="hidden" name="code" value="${module.code}"><button name="do" value="${module.active ? "pause" : "resume"}">${module.active ? "Deactivate" : "Activate"}</button></form>
<form class="inline" method="post" action="${at}"><input type="hidden" name="code" value="${module.code}"><button name="do" value="${module.freeze ? "thaw" : "freeze"}">${module.freeze ? "Thaw the account" : "Freeze the account"}</button></form></div>`,
)}
<form class="box" method="post" action="${at}/install"><h2>Marketplace</h2><p>Connect in one click: the account makes a key with what the module asks for and brings it there, signed.</p><div class="row"><label class="broad">Connect address of the module<input name="connectUrl" required></label><button class="main">Connect</button></div></form>`;
  return frame(account, "Integration", body, problem ? 409 : 200);
}
