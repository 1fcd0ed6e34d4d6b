// The payer's page of an invoice: card, 3-D Secure, LOOKUP code, each with a choosable outcome. Works without scripts.
import { type Html, html, htmlResponse, page } from "../html.ts";
import { bankCodes, type CardEnd, testCards } from "./cards.ts";
import { hryvnias, kopecks } from "./money.ts";
import { browserReturned } from "./notify.ts";
import {
  abandon,
  approve,
  catchUp,
  hasFailed,
  invoiceStatus,
  isOpenPayment,
  openPayment,
  payable,
  payWith,
  pend,
  reject,
  typeCode,
} from "./payment.ts";
import { Refusal } from "./refusal.ts";
import { findShop } from "./shops.ts";
import type { Invoice, Payment } from "./state.ts";
import type { Uapay } from "./uapay.ts";

const mark = "Sandbox payment page. No bank is asked and no money moves.";

function frame(uapay: Uapay, invoice: Invoice, body: Html, status = 200): Response {
  const sum =
    invoice.amount === null ? html`<p>Суму вказує платник</p>` : html`<p class="sum">${hryvnias(invoice.amount)} ₴</p>`;
  const text = page({
    title: "Оплата рахунку",
    language: "uk",
    mark,
    narrow: true,
    body: html`<h1>Оплата рахунку</h1>
<div class="box">${sum}
<dl><dt>Магазин</dt><dd>${findShop(uapay, invoice.clientId)?.name}</dd><dt>Призначення</dt><dd>${invoice.description}</dd><dt>Рахунок</dt><dd>${invoice.number}</dd></dl></div>${body}`,
  });
  return htmlResponse(text, status);
}

const action = (invoice: Invoice, step = ""): string => `/uapay/pay/${invoice.id}${step}`;

/** Without a redirectUrl there is no way back, as at the real one. */
const back = (invoice: Invoice, main: boolean): Html | null =>
  invoice.redirectUrl === null
    ? null
    : html`<a class="${main ? "button main wide" : "button wide"}" href="${action(invoice, "/return")}">Повернутися на сайт</a>`;

function cardForm(uapay: Uapay, invoice: Invoice, problem?: string, status = 200): Response {
  const last = invoice.payments.at(-1);
  const bad =
    !problem && last && hasFailed(last)
      ? html`<p class="bad" role="alert">Платіж не пройшов${last.bankCode ? ` (код ${last.bankCode})` : ""}. Спробуйте ще раз.</p>`
      : null;
  const sum =
    invoice.amount === null
      ? html`<label>Сума, ₴<input name="amount" inputmode="decimal" required placeholder="100.00"></label>`
      : null;
  const year = new Date(uapay.clock.now()).getUTCFullYear() + 3;
  return frame(
    uapay,
    invoice,
    html`${problem ? html`<p class="bad" role="alert">${problem}</p>` : null}${bad}
<form class="box" method="post" action="${action(invoice)}">${sum}
<label>Номер картки<input name="pan" inputmode="numeric" autocomplete="cc-number" maxlength="23" required></label>
<div class="row tight"><label>Місяць<input name="month" inputmode="numeric" autocomplete="cc-exp-month" maxlength="2" required placeholder="12"></label>
<label>Рік<input name="year" inputmode="numeric" autocomplete="cc-exp-year" maxlength="4" required placeholder="${year}"></label>
<label>CVV<input name="cvv" inputmode="numeric" autocomplete="cc-csc" maxlength="3" required placeholder="123"></label></div>
<button class="main wide">Сплатити${invoice.amount === null ? "" : ` ${hryvnias(invoice.amount)} ₴`}</button></form>
<h2>Тестові картки</h2><form class="choices" method="post" action="${action(invoice)}">${sum}
${testCards.map((card) => html`<button name="card" value="${card.pan}"><span>${card.label}</span><span class="dim">${card.pan.replace(/(.{4})(?=.)/g, "$1 ")}</span></button>`)}</form>
<details><summary>Інші результати</summary><form class="choices" method="post" action="${action(invoice)}">${sum}
<button name="outcome" value="technical"><span>Технічна відмова</span><span class="dim">REJECTED</span></button>
<button name="outcome" value="abandon"><span>Платник перервав оплату</span><span class="dim">CANCELED</span></button>
<button name="outcome" value="pending"><span>Ніколи не завершується</span><span class="dim">PENDING</span></button>
${bankCodes.map((code) => html`<button name="code" value="${code}"><span>Відмова банку</span><span class="dim">${code}</span></button>`)}</form></details>
${back(invoice, false)}`,
    status,
  );
}

function confirmPage(uapay: Uapay, invoice: Invoice, payment: Payment, wrong = false): Response {
  const { confirmation } = payment;
  const hidden = html`<input type="hidden" name="payment" value="${payment.paymentId}">`;
  const step =
    confirmation?.type === "LOOKUP"
      ? html`<h2>LOOKUP-код</h2>${wrong ? html`<p class="bad" role="alert">Код невірний. Залишилось спроб: ${confirmation.left}.</p>` : null}
<form class="box" method="post" action="${action(invoice, "/confirm")}">${hidden}
<p>Банк надіслав код для картки ${payment.cardFromMasked.slice(0, 6)}…${payment.cardFromMasked.slice(-4)}. Тут він: <strong>${confirmation.code}</strong></p>
<label>Код з банку<input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="8" required></label>
<button class="main wide" name="answer" value="code">Підтвердити</button></form>
<form class="box" method="post" action="${action(invoice, "/confirm")}">${hidden}<button class="wide" name="answer" value="refuse">Банк відмовив</button>
<button class="wide" name="answer" value="abandon">Перервати оплату</button></form>`
      : html`<h2>3-D Secure</h2><form class="box" method="post" action="${action(invoice, "/confirm")}">${hidden}
<p>Банк картки ${payment.cardFromMasked.slice(0, 6)}…${payment.cardFromMasked.slice(-4)} питає, чи це ваш платіж.</p>
<button class="main wide" name="answer" value="approve">Підтвердити</button><button class="wide" name="answer" value="refuse">Відмовити</button>
<button class="wide" name="answer" value="abandon">Перервати оплату</button></form>`;
  return frame(uapay, invoice, html`${step}${back(invoice, false)}`, wrong ? 422 : 200);
}

function closedPage(uapay: Uapay, invoice: Invoice): Response {
  const payment = invoice.payments.findLast((one) => !hasFailed(one)) ?? invoice.payments.at(-1);
  const expired = invoiceStatus(uapay, invoice) === "INACTIVE" && (!payment || isOpenPayment(payment));
  const says: { [word: string]: string } = {
    FINISHED: "Оплачено.",
    PAYED: "Оплачено, зараховується.",
    HOLDED: "Кошти зарезервовано.",
    REVERSED: "Кошти повернено.",
    RETURNED: "Кошти повернено.",
    REJECTED: "Платіж не пройшов. Потрібен новий рахунок.",
    CANCELED: "Оплату скасовано. Потрібен новий рахунок.",
    PENDING: "Платіж обробляється. Це може тривати.",
    OPEN: "Платіж обробляється. Це може тривати.",
  };
  const word = payment?.paymentStatus ?? "";
  const bad = expired || (payment !== undefined && hasFailed(payment));
  const code =
    payment && hasFailed(payment) && payment.bankCode ? html`<p class="dim">Код банку: ${payment.bankCode}</p>` : null;
  const receipt =
    payment && payment.captured > 0
      ? html`<p><a href="/uapay/receipts/${payment.paymentId}.pdf">Квитанція</a></p>`
      : null;
  const text = expired ? "Рахунок більше не дійсний." : (says[word] ?? "Рахунок закрито.");
  const tone = bad ? "bad" : word === "PENDING" || word === "OPEN" ? "dim" : "good";
  const again =
    invoice.reusability && payable(uapay, invoice)
      ? html`<a class="button wide" href="${action(invoice)}">Сплатити ще раз</a>`
      : null;
  const body = html`<div class="box"><p class="${tone}" role="status"><strong>${text}</strong></p>${code}${receipt}${back(invoice, true)}${again}</div>`;
  return frame(uapay, invoice, body, expired ? 410 : 200);
}

/** The page as the invoice stands. */
function showPage(uapay: Uapay, invoice: Invoice): Response {
  const open = invoice.payments.find(({ paymentStatus }) => paymentStatus === "NEEDS_CONFIRMATION");
  if (open) return confirmPage(uapay, invoice, open);
  return payable(uapay, invoice) ? cardForm(uapay, invoice) : closedPage(uapay, invoice);
}

/** What follows a payer's own step: the result, or another try where the invoice allows one. */
function afterwards(uapay: Uapay, invoice: Invoice): Response {
  const last = invoice.payments.at(-1);
  return last && !hasFailed(last) && !isOpenPayment(last) ? closedPage(uapay, invoice) : showPage(uapay, invoice);
}

const luhn = (pan: string): boolean =>
  /^\d{12,19}$/.test(pan) &&
  [...pan].reverse().reduce((sum, digit, i) => {
    const doubled = Number(digit) * (i % 2 === 1 ? 2 : 1);
    return sum + (doubled > 9 ? doubled - 9 : doubled);
  }, 0) %
    10 ===
    0;

function problemOf(uapay: Uapay, form: URLSearchParams, pan: string): string | undefined {
  if (!luhn(pan)) return "Номер картки невірний.";
  const [month, year] = [Number(form.get("month")), Number(form.get("year"))];
  const end = Date.UTC(year < 100 ? 2000 + year : year, month, 1);
  if (!(month >= 1 && month <= 12) || !(end > uapay.clock.now())) return "Строк дії картки невірний або минув.";
  if (!/^\d{3}$/.test(form.get("cvv") ?? "")) return "CVV невірний.";
  return undefined;
}

async function choose(uapay: Uapay, invoice: Invoice, form: URLSearchParams): Promise<Response> {
  if (!payable(uapay, invoice)) return showPage(uapay, invoice);
  const amount = invoice.amount ?? kopecks(form.get("amount") ?? "") ?? null;
  if (amount === null) return cardForm(uapay, invoice, "Вкажіть суму.", 422);
  const outcome = form.get("outcome");
  if (outcome !== null) {
    const payment = openPayment(uapay, invoice, testCards[0]?.pan ?? "", amount);
    if (outcome === "abandon") await abandon(uapay, invoice, payment, "page");
    else if (outcome === "pending") await pend(uapay, invoice, payment, "page");
    else await reject(uapay, invoice, payment, null, "page");
    return afterwards(uapay, invoice);
  }
  const code = bankCodes.find((one) => one === form.get("code"));
  const end: CardEnd | undefined = code ? { end: "declined", code } : undefined;
  const pan = form.get("card") ?? (form.get("pan") ?? "").replaceAll(/\D/g, "");
  if (!code && form.get("card") === null) {
    const problem = problemOf(uapay, form, pan);
    if (problem) return cardForm(uapay, invoice, problem, 422);
  }
  await payWith(uapay, invoice, { pan: pan || undefined, end, amount }, "page");
  return afterwards(uapay, invoice);
}

async function confirm(uapay: Uapay, invoice: Invoice, form: URLSearchParams): Promise<Response> {
  const payment = invoice.payments.find(({ paymentId }) => paymentId === form.get("payment"));
  if (payment?.paymentStatus !== "NEEDS_CONFIRMATION") return showPage(uapay, invoice);
  const answer = form.get("answer");
  if (answer === "code") {
    const done = await typeCode(uapay, invoice, payment, (form.get("code") ?? "").trim(), "page");
    if (!done) return confirmPage(uapay, invoice, payment, true);
  } else if (answer === "approve" && payment.confirmation?.type === "3DS") {
    await approve(uapay, invoice, payment, "page");
  } else if (answer === "refuse") {
    await reject(uapay, invoice, payment, null, "page");
  } else if (answer === "abandon") {
    await abandon(uapay, invoice, payment, "page");
  }
  return afterwards(uapay, invoice);
}

const errorPage = (reason: string, status: number): Response =>
  htmlResponse(
    page({
      title: "Помилка",
      language: "uk",
      mark,
      narrow: true,
      body: html`<h1>Помилка</h1><div class="box"><p class="bad" role="alert">${reason}</p></div>`,
    }),
    status,
  );

/** Handles everything below `/uapay/pay/`. */
export async function hostedPage(uapay: Uapay, request: Request): Promise<Response> {
  await catchUp(uapay);
  const [, , , id, step] = new URL(request.url).pathname.split("/");
  const invoice = uapay.state.invoices.find((candidate) => candidate.id === id);
  if (!invoice) return errorPage("Рахунок не знайдено.", 404);
  if (step === "return") {
    // Nothing is appended: the way back proves nothing.
    browserReturned(uapay, invoice);
    if (invoice.redirectUrl === null) return showPage(uapay, invoice);
    return new Response(null, { status: 303, headers: { location: invoice.redirectUrl } });
  }
  if (request.method === "GET") return showPage(uapay, invoice);
  const form = new URLSearchParams(await request.text());
  try {
    return step === "confirm" ? await confirm(uapay, invoice, form) : await choose(uapay, invoice, form);
  } catch (error) {
    // Someone paid in another tab, or pressed twice: the page shows how things stand.
    if (error instanceof Refusal) return showPage(uapay, invoice);
    throw error;
  }
}
