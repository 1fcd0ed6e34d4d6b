// The payer's page of a link: card, SBP, T-Pay, Dolyame, each with a choosable outcome. Works without scripts.
import { type Html, html, htmlResponse, page } from "../html.ts";
import { type DeclineReason, declineReasons } from "./declines.ts";
import { priceText } from "./money.ts";
import { browserReturned } from "./notify.ts";
import { catchUp, decline, pageAddress, pay, payable } from "./operation.ts";
import { beginPayment, endPayment, qrOfLink } from "./qr.ts";
import { ApiError } from "./reply.ts";
import type { Method, Operation } from "./state.ts";
import type { Tochka } from "./tochka.ts";

const mark = "Sandbox payment page. No bank is asked and no money moves.";

const methodNames: Record<Method, string> = {
  card: "Банковская карта",
  sbp: "СБП",
  tinkoff: "T-Pay",
  dolyame: "Долями",
};

function frame(tochka: Tochka, operation: Operation, body: Html, status = 200): Response {
  const shop = tochka.state.retailers.find(({ merchantId }) => merchantId === operation.merchantId);
  const text = page({
    title: "Оплата заказа",
    language: "ru",
    mark,
    narrow: true,
    body: html`<h1>Оплата заказа</h1>
<div class="box"><p class="sum">${priceText(operation.amount)} ₽</p>
<dl><dt>Магазин</dt><dd>${shop?.name}</dd><dt>Назначение</dt><dd>${operation.purpose}</dd><dt>Заказ</dt><dd>${operation.paymentLinkId}</dd></dl></div>${body}`,
  });
  return htmlResponse(text, status);
}

const hidden = (operation: Operation, opened: number): Html =>
  html`<input type="hidden" name="uuid" value="${operation.uuid}"><input type="hidden" name="opened" value="${opened}">`;

const action = "/tochka/order/";

function declines(operation: Operation, opened: number, method: Method): Html {
  return html`<details><summary>Отказы</summary><form class="choices" method="post" action="${action}">${hidden(operation, opened)}
<input type="hidden" name="method" value="${method}">
${declineReasons.map((reason) => html`<button name="decline" value="${reason}"><span>${reason}</span></button>`)}</form></details>`;
}

function lastTry(operation: Operation): Html | null {
  const last = operation.tries.at(-1);
  if (last?.result !== "declined") return null;
  return html`<p class="bad" role="alert">Платёж не прошёл (${last.reason}). Можно попробовать ещё раз.</p>`;
}

const leave = (operation: Operation): Html | null =>
  operation.failRedirectUrl
    ? html`<p><a href="${action}fail?uuid=${operation.uuid}">Вернуться в магазин без оплаты</a></p>`
    : null;

function chooser(tochka: Tochka, operation: Operation): Response {
  const opened = tochka.clock.now();
  return frame(
    tochka,
    operation,
    html`${lastTry(operation)}<h2>Способ оплаты</h2><div class="choices">${operation.paymentMode.map(
      (method) =>
        html`<a class="button main" href="${action}?uuid=${operation.uuid}&method=${method}&opened=${opened}">${methodNames[method]}</a>`,
    )}</div>${leave(operation)}`,
  );
}

function methodPage(tochka: Tochka, operation: Operation, method: Method, opened: number): Response {
  const pays = `${priceText(operation.amount)} ₽`;
  const others =
    operation.paymentMode.length > 1 ? html`<p><a href="${action}?uuid=${operation.uuid}">Другой способ</a></p>` : null;
  let body: Html;
  if (method === "sbp") {
    const qr = qrOfLink(tochka, operation);
    body = html`<div class="box"><p>Оплатите по QR-коду или в приложении банка.</p>
<a class="button main wide" href="${qr.payload}">Открыть приложение банка</a>
<a class="button wide" href="${pageAddress(tochka, operation)}">Я оплатил, проверить</a></div>
<form class="choices" method="post" action="${action}">${hidden(operation, opened)}<input type="hidden" name="method" value="sbp">
<button name="outcome" value="pay"><span>Оплачено в приложении</span></button></form>`;
  } else {
    const label = { card: "Оплатить", tinkoff: "Подтвердить в T-Bank", dolyame: "Оплатить частями" }[method];
    const save =
      method === "card" && operation.saveCard
        ? html`<label><input style="display:inline-block;width:1.4rem;min-height:1.4rem;vertical-align:middle;margin-right:.5rem" type="checkbox" name="save" value="yes">Запомнить карту</label>`
        : null;
    body = html`<form class="box" method="post" action="${action}">${hidden(operation, opened)}<input type="hidden" name="method" value="${method}">${save}
<button class="main wide" name="outcome" value="pay">${label} ${pays}</button>
${method === "dolyame" ? html`<button class="wide" name="outcome" value="wait">Деньги ещё в пути</button>` : null}</form>`;
  }
  return frame(
    tochka,
    operation,
    html`${lastTry(operation)}<h2>${methodNames[method]}</h2>${body}${declines(operation, opened, method)}${others}${leave(operation)}`,
  );
}

function closedPage(tochka: Tochka, operation: Operation): Response {
  const says: Record<Operation["status"], string> = {
    CREATED: "Ссылка открыта.",
    APPROVED: "Оплачено.",
    AUTHORIZED: "Деньги зарезервированы.",
    WAIT_FULL_PAYMENT: "Ждём деньги от сервиса рассрочки.",
    "ON-REFUND": "Идёт возврат.",
    REFUNDED: "Деньги возвращены.",
    REFUNDED_PARTIALLY: "Часть денег возвращена.",
    EXPIRED: "Срок действия ссылки истёк.",
  };
  const expired = operation.status === "EXPIRED";
  const back =
    !expired && operation.redirectUrl
      ? html`<a class="button main wide" href="${action}back?uuid=${operation.uuid}">Вернуться в магазин</a>`
      : null;
  const tone = expired ? "bad" : "good";
  const body = html`<div class="box"><p class="${tone}"><strong>${says[operation.status]}</strong></p>${back}</div>`;
  return frame(tochka, operation, body, expired ? 410 : 200);
}

const errorPage = (reason: string, status: number): Response =>
  htmlResponse(
    page({
      title: "Ошибка",
      language: "ru",
      mark,
      narrow: true,
      body: html`<h1>Ошибка</h1><div class="box"><p class="bad" role="alert">${reason}</p></div>`,
    }),
    status,
  );

function leadTo(tochka: Tochka, operation: Operation, address: string | null): Response {
  if (address === null) return closedPage(tochka, operation);
  operation.returnedAt = tochka.clock.now();
  browserReturned(tochka, operation.operationId);
  return new Response(null, { status: 303, headers: { location: address } });
}

async function choose(tochka: Tochka, operation: Operation, form: URLSearchParams): Promise<Response> {
  const opened = Number(form.get("opened"));
  if (!(opened + tochka.state.options.formSeconds * 1000 > tochka.clock.now())) {
    return errorPage("Время на оплату вышло. Откройте ссылку ещё раз.", 410);
  }
  const method = operation.paymentMode.find((known) => known === form.get("method"));
  if (!payable(operation) || operation.status === "WAIT_FULL_PAYMENT") return closedPage(tochka, operation);
  if (!method) return errorPage("Этот способ оплаты недоступен.", 422);
  const reason: DeclineReason | undefined = declineReasons.find((known) => known === form.get("decline"));
  if (reason) {
    if (method === "sbp") {
      const qr = qrOfLink(tochka, operation);
      const payment = await beginPayment(tochka, qr, { ends: "Rejected", bank: "Банк Пример" }, "page");
      await endPayment(tochka, qr, payment, "Rejected", "page");
    }
    decline(tochka, operation, method, reason);
    return operation.failRedirectUrl === null
      ? methodPage(tochka, operation, method, opened)
      : leadTo(tochka, operation, operation.failRedirectUrl);
  }
  const outcome = form.get("outcome");
  if (outcome === "pay" && method === "sbp") {
    const qr = qrOfLink(tochka, operation);
    const payment = await beginPayment(tochka, qr, { ends: "Accepted", bank: "Банк Пример" }, "page");
    await endPayment(tochka, qr, payment, "Accepted", "page");
  } else if (outcome === "pay") {
    await pay(tochka, operation, method, "page");
  } else if (outcome === "wait" && method === "dolyame") {
    await pay(tochka, operation, method, "page", { waits: true });
  } else {
    return methodPage(tochka, operation, method, opened);
  }
  return leadTo(tochka, operation, operation.redirectUrl);
}

/** Handles everything below `/tochka/order/`. */
export async function hostedPage(tochka: Tochka, request: Request): Promise<Response> {
  catchUp(tochka);
  const url = new URL(request.url);
  const form = request.method === "POST" ? new URLSearchParams(await request.text()) : url.searchParams;
  const operation = tochka.state.operations.find(({ uuid }) => uuid === form.get("uuid"));
  if (!operation) return errorPage("Заказ не найден.", 404);
  if (url.pathname.endsWith("/back")) return leadTo(tochka, operation, operation.redirectUrl);
  if (url.pathname.endsWith("/fail")) return leadTo(tochka, operation, operation.failRedirectUrl);
  try {
    if (request.method === "POST") return await choose(tochka, operation, form);
    if (operation.status !== "CREATED") return closedPage(tochka, operation);
    const wanted = operation.paymentMode.find((method) => method === form.get("method"));
    const only = operation.paymentMode.length === 1 ? operation.paymentMode[0] : undefined;
    const method = wanted ?? only;
    if (!method) return chooser(tochka, operation);
    // A link to a method carries the moment at which the form was opened; a fresh visit opens a fresh one.
    const opened = Number(form.get("opened")) || tochka.clock.now();
    return methodPage(tochka, operation, method, opened);
  } catch (error) {
    // Someone paid in another tab, or pressed twice: the page shows how things stand.
    if (error instanceof ApiError) return closedPage(tochka, operation);
    throw error;
  }
}
