// A payer's toy bank: what opens at a code's address. The payer picks a bank, sees sum and shop, confirms or rejects.
import { type Html, html, htmlResponse, page } from "../html.ts";
import { kopecks, priceText } from "./money.ts";
import { browserReturned } from "./notify.ts";
import { catchUp } from "./operation.ts";
import { beginPayment, qrProblem, step, taken } from "./qr.ts";
import { ApiError } from "./reply.ts";
import type { Qr, SbpPayment } from "./state.ts";
import type { Tochka } from "./tochka.ts";

const mark = "Sandbox bank application. No money moves.";
const banks = ["Банк Пример", "Образцовый банк", "Первый тестовый", "Сбережения и К"];

function frame(tochka: Tochka, qr: Qr | undefined, body: Html, status = 200, refresh = false): Response {
  const shop = tochka.state.tsps.find(({ merchantId }) => merchantId === qr?.merchantId);
  const sum = qr?.amount === null || qr === undefined ? null : html`<p class="sum">${priceText(qr.amount)} ₽</p>`;
  const text = page({
    title: "Оплата по СБП",
    language: "ru",
    mark,
    narrow: true,
    ...(refresh ? { head: html`<meta http-equiv="refresh" content="2">` } : {}),
    body: html`<h1>Оплата по СБП</h1>${qr ? html`<div class="box">${sum}<dl><dt>Получатель</dt><dd>${shop?.brandName ?? "Магазин"}</dd><dt>Назначение</dt><dd>${qr.paymentPurpose}</dd></dl></div>` : null}${body}`,
  });
  return htmlResponse(text, status);
}

const path = (qr: Qr): string => `/tochka/qr/${qr.qrcId}`;

const pickBank = (tochka: Tochka, qr: Qr): Response =>
  frame(
    tochka,
    qr,
    html`<h2>Выберите банк</h2><form class="choices" method="get" action="${path(qr)}">${banks.map((bank) => html`<button name="payer_bank" value="${bank}"><span>${bank}</span></button>`)}</form>`,
  );

const confirm = (tochka: Tochka, qr: Qr, bank: string, problem?: string): Response =>
  frame(
    tochka,
    qr,
    html`<h2>${bank}</h2>${problem ? html`<p class="bad" role="alert">${problem}</p>` : null}
<form class="box" method="post" action="${path(qr)}"><input type="hidden" name="bank" value="${bank}">
${qr.amount === null ? html`<label>Сумма, ₽<input name="amount" inputmode="decimal" required></label>` : null}
<button class="main wide" name="answer" value="confirm">Подтвердить оплату</button>
<button class="wide" name="answer" value="reject">Отклонить</button></form>
<p><a href="${path(qr)}">Другой банк</a></p>`,
    problem ? 422 : 200,
  );

function underWay(tochka: Tochka, qr: Qr, payment: SbpPayment): Response {
  const says = {
    Received: "Платёж принят банком.",
    InProgress: "Платёж обрабатывается.",
    Accepted: "Оплачено.",
    Rejected: "Банк отклонил платёж.",
  }[payment.status];
  const ended = payment.endedAt !== null;
  const link = tochka.state.operations.find(({ operationId }) => operationId === qr.operationId);
  const home = qr.redirectUrl ?? link?.redirectUrl ?? null;
  const next = ended
    ? null
    : html`<form method="post" action="${path(qr)}"><input type="hidden" name="trx" value="${payment.trxId}"><button class="wide" name="answer" value="step">Не ждать: следующий шаг</button></form>`;
  const again =
    payment.status === "Rejected" ? html`<a class="button main wide" href="${path(qr)}">Попробовать ещё раз</a>` : null;
  const back = home
    ? html`<form method="post" action="${path(qr)}"><button class="wide" name="answer" value="back">Вернуться в магазин</button></form>`
    : null;
  const tone = payment.status === "Accepted" ? "good" : payment.status === "Rejected" ? "bad" : "dim";
  return frame(
    tochka,
    qr,
    html`<div class="box"><p class="${tone}" role="status"><strong>${says}</strong></p>${again}${next}${back}</div>`,
    200,
    !ended,
  );
}

const refused = (tochka: Tochka, qr: Qr | undefined, text: string, status: number): Response =>
  frame(tochka, qr, html`<div class="box"><p class="bad" role="alert"><strong>${text}</strong></p></div>`, status);

function show(tochka: Tochka, qr: Qr, bank: string | null, problem?: string): Response {
  const busy = taken(qr);
  if (busy) return underWay(tochka, qr, busy);
  const why = qrProblem(tochka, qr);
  if (why === "expired") return refused(tochka, qr, "Срок действия QR-кода истёк.", 410);
  if (why === "taken") return refused(tochka, qr, "Этот заказ уже оплачен.", 410);
  if (why === "suspended") return refused(tochka, qr, "Магазин не принимает оплату.", 410);
  const known = banks.find((one) => one === bank);
  return known ? confirm(tochka, qr, known, problem) : pickBank(tochka, qr);
}

/** Handles `/tochka/qr/<qrcId>`. */
export async function bankApp(tochka: Tochka, request: Request): Promise<Response> {
  catchUp(tochka);
  const url = new URL(request.url);
  const qrcId = url.pathname.split("/")[3];
  const qr = tochka.state.qrs.find((candidate) => candidate.qrcId === qrcId);
  if (!qr) return refused(tochka, undefined, "QR-код не найден.", 404);
  if (request.method !== "POST") return show(tochka, qr, url.searchParams.get("payer_bank"));
  const form = new URLSearchParams(await request.text());
  const answer = form.get("answer");
  if (answer === "back") {
    const link = tochka.state.operations.find(({ operationId }) => operationId === qr.operationId);
    const home = qr.redirectUrl ?? link?.redirectUrl ?? null;
    qr.returnedAt = tochka.clock.now();
    browserReturned(tochka, qr.operationId ?? qr.qrcId);
    return home === null ? show(tochka, qr, null) : new Response(null, { status: 303, headers: { location: home } });
  }
  if (answer === "step") {
    const payment = qr.payments.find(({ trxId }) => trxId === form.get("trx"));
    if (payment) await step(tochka, qr, payment, "page");
    return payment ? underWay(tochka, qr, payment) : show(tochka, qr, null);
  }
  const bank = form.get("bank") ?? banks[0] ?? "";
  const amount = kopecks(form.get("amount") ?? "");
  if (qr.amount === null && (amount === undefined || amount === 0)) {
    return show(tochka, qr, bank, "Укажите сумму, например 100 или 99.90");
  }
  try {
    const ends = answer === "confirm" ? "Accepted" : "Rejected";
    const payment = await beginPayment(tochka, qr, { ends, bank, amount }, "page");
    return underWay(tochka, qr, payment);
  } catch (error) {
    // Paid in another tab, or past its time: the page shows how things stand.
    if (error instanceof ApiError) return show(tochka, qr, null);
    throw error;
  }
}
