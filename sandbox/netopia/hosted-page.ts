// The payer's page at the processor: card form, 3-D Secure step, result. Works without scripts, and says it is a sandbox.
import { type Html, html, htmlResponse, page } from "../html.ts";
import { messageFor, testCards } from "./cards.ts";
import { textFromMinor } from "./money.ts";
import { browserReturned, type Netopia, posOf } from "./notify.ts";
import {
  ActError,
  answerChallenge,
  type CardEntry,
  type CardResult,
  finishCard,
  openStatuses,
  paidStatuses,
  returnAddress,
  submitCard,
} from "./payment.ts";
import type { Payment } from "./state.ts";

const mark = "Sandbox card page. No bank is asked and no money moves.";

const redirect = (location: string): Response => new Response(null, { status: 302, headers: { location } });

/** Where the payer's page of a payment lives. */
export function pageAddress(netopia: Netopia, payment: Payment, step: "card" | "3ds" | "return" | "cancel" = "card") {
  return `${netopia.origin}/netopia/${payment.protocol}/ui/${step}?p=${payment.pageKey}`;
}

function frame(payment: Payment, body: Html, status = 200, head?: Html): Response {
  const text = page({
    title: "NETOPIA sandbox",
    language: "en",
    mark,
    narrow: true,
    body: html`<h1>NETOPIA sandbox</h1>
<div class="box"><p class="sum">${textFromMinor(payment.settledAmount)} ${payment.settledCurrency}</p>
${payment.settledCurrency === payment.currency ? null : html`<p class="dim">for ${textFromMinor(payment.amount)} ${payment.currency}</p>`}
<dl><dt>For</dt><dd>${payment.description}</dd><dt>Order</dt><dd>${payment.orderId}</dd>
${Object.entries(payment.payer).map(([name, value]) => html`<dt>${name.replaceAll("_", " ")}</dt><dd>${value}</dd>`)}</dl></div>${body}`,
    ...(head ? { head } : {}),
  });
  return htmlResponse(text, status);
}

function cardForm(netopia: Netopia, payment: Payment, problem?: { field?: string; message: string }): Response {
  const action = pageAddress(netopia, payment);
  const year = new Date(netopia.clock.now()).getUTCFullYear() + 3;
  const invalid = (field: string) => (problem?.field === field ? "true" : "false");
  const last = payment.tries.at(-1);
  const declined = payment.status === 12 && last && !problem;
  const body = html`
${problem ? html`<p class="bad" role="alert">${problem.message}</p>` : null}
${declined ? html`<p class="bad" role="alert">Declined (${last.code}): ${last.message.trim() || "no reason given"}. You can try again.</p>` : null}
<form class="box" method="post" action="${action}">
<label>Card number<input name="pan" inputmode="numeric" autocomplete="cc-number" maxlength="23" required aria-invalid="${invalid("pan")}"></label>
<div class="row tight"><label>Month<input name="month" inputmode="numeric" autocomplete="cc-exp-month" maxlength="2" required placeholder="12" aria-invalid="${invalid("month")}"></label>
<label>Year<input name="year" inputmode="numeric" autocomplete="cc-exp-year" maxlength="4" required placeholder="${year}" aria-invalid="${invalid("year")}"></label>
<label>CVV<input name="cvv" inputmode="numeric" autocomplete="cc-csc" maxlength="4" required placeholder="111" aria-invalid="${invalid("cvv")}"></label></div>
<label>Name on card<input name="name" autocomplete="cc-name" required aria-invalid="${invalid("name")}"></label>
<button class="main wide" type="submit">Pay ${textFromMinor(payment.amount)} ${payment.currency}</button></form>
<h2>Test cards</h2><form class="choices" method="post" action="${action}">
${testCards.map((card) => html`<button name="card" value="${card.pan}"><span>${card.label}</span><span class="dim">${card.pan.replace(/(.{4})(?=.)/g, "$1 ")}</span></button>`)}</form>
<details><summary>Other outcomes</summary><form class="choices" method="post" action="${action}">
${["17", "18", "26", "35", "37", "99"].map((code) => html`<button name="outcome" value="${code}"><span>${messageFor(code, "english")}</span><span class="dim">code ${code}</span></button>`)}
${payment.protocol === "v2" ? html`<button name="outcome" value="wallet">Pay with a wallet</button>` : null}</form></details>
<p><a href="${pageAddress(netopia, payment, "cancel")}">Cancel and go back to the shop</a></p>`;
  return frame(payment, body, problem ? 422 : 200);
}

function challengePage(netopia: Netopia, payment: Payment): Response {
  return frame(
    payment,
    html`<h2>3-D Secure</h2><form class="box" method="post" action="${pageAddress(netopia, payment, "3ds")}">
<p>The bank of card ${payment.panMasked} asks whether this payment is yours.</p>
<button class="main wide" name="answer" value="approve">Approve</button><button class="wide" name="answer" value="refuse">Refuse</button></form>
<p><a href="${pageAddress(netopia, payment, "cancel")}">Cancel and go back to the shop</a></p>`,
  );
}

function closedPage(netopia: Netopia, payment: Payment, head?: Html): Response {
  const paid = paidStatuses.includes(payment.status);
  const words: Record<number, string> = {
    2: "The amount is reserved.",
    3: "Paid.",
    4: "This payment was cancelled.",
    5: "Paid.",
    8: "This payment was refunded.",
    13: "The payment is being checked.",
    14: "The payment is being checked.",
    23: "This page has expired.",
  };
  return frame(
    payment,
    html`<div class="box"><p class="${paid ? "good" : "bad"}"><strong>${words[payment.status] ?? `Status ${payment.status}.`}</strong></p>
<a class="button main wide" href="${pageAddress(netopia, payment, "return")}">Back to the shop</a></div>`,
    200,
    head,
  );
}

/** The page as the payment stands. */
export function showPage(netopia: Netopia, payment: Payment): Response {
  if (payment.status === 15) return challengePage(netopia, payment);
  return openStatuses.includes(payment.status) ? cardForm(netopia, payment) : closedPage(netopia, payment);
}

/** v1 sends the browser back at once; v2 shows its result page, which goes back by itself after ten seconds. */
function afterResult(netopia: Netopia, payment: Payment, result: CardResult): Response {
  if (result.kind === "challenge") return challengePage(netopia, payment);
  if (result.kind === "invalid") return cardForm(netopia, payment, result);
  if (payment.status === 12) {
    const back = payment.protocol === "v1" && posOf(netopia, payment).options.declineReturns;
    return back ? goBack(netopia, payment) : cardForm(netopia, payment);
  }
  if (payment.protocol === "v1") return goBack(netopia, payment);
  return closedPage(
    netopia,
    payment,
    html`<meta http-equiv="refresh" content="10;url=${pageAddress(netopia, payment, "return")}">`,
  );
}

function goBack(netopia: Netopia, payment: Payment): Response {
  browserReturned(netopia, payment);
  const everyone = posOf(netopia, payment).options.everyoneToCancelUrl && payment.cancelUrl;
  return redirect(returnAddress(payment, everyone || payment.returnUrl));
}

/** Handles everything below `/ui/` of either protocol. */
export async function hostedPage(netopia: Netopia, protocol: "v1" | "v2", request: Request): Promise<Response> {
  const url = new URL(request.url);
  const step = url.pathname.split("/").at(-1);
  const payment = netopia.state.payments.find(
    (candidate) => candidate.protocol === protocol && candidate.pageKey === url.searchParams.get("p"),
  );
  if (!payment) return errorPage("404", "There is no such payment.", 404);
  if (step === "return") return goBack(netopia, payment);
  if (step === "cancel") {
    // Leaving the page tells the merchant nothing. v1's cancel address has no documented effect.
    return redirect(returnAddress(payment, (protocol === "v2" && payment.cancelUrl) || payment.returnUrl));
  }
  if (request.method === "GET") return showPage(netopia, payment);
  const form = await request.formData();
  const field = (name: string): string => String(form.get(name) ?? "").trim();
  try {
    if (step === "3ds") {
      const answer = field("answer");
      if (answer !== "approve" && answer !== "refuse") return showPage(netopia, payment);
      return afterResult(netopia, payment, await answerChallenge(netopia, payment, answer === "approve", "page"));
    }
    const outcome = field("outcome");
    if (outcome) {
      const code = outcome === "wallet" ? "0" : outcome;
      const pan = testCards[0]?.pan ?? "";
      const ipn = await finishCard(netopia, payment, pan, code, "page");
      return afterResult(netopia, payment, { kind: "told", ipn });
    }
    const chosen = field("card");
    const entry: CardEntry = chosen
      ? testEntry(netopia, chosen)
      : {
          pan: field("pan"),
          month: field("month"),
          year: field("year"),
          cvv: field("cvv"),
          name: field("name"),
        };
    return afterResult(netopia, payment, await submitCard(netopia, payment, entry, "page"));
  } catch (error) {
    // Someone paid in another tab, or pressed twice: the page shows how things stand.
    if (error instanceof ActError) return showPage(netopia, payment);
    throw error;
  }
}

/** The fields that go with a card number chosen by one tap. */
export function testEntry(netopia: Netopia, pan: string): CardEntry {
  const year = String(new Date(netopia.clock.now()).getUTCFullYear() + 3);
  return { pan, month: "12", year, cvv: "111", name: "Test Test" };
}

/** An error of the gateway, for people. */
export function errorPage(code: string, reason: string, status: number): Response {
  return htmlResponse(
    page({
      title: "NETOPIA sandbox: error",
      mark,
      narrow: true,
      body: html`<h1>This payment cannot be opened</h1><div class="box" data-code="${code}"><p class="bad">Error ${code}</p><p>${reason}</p></div>`,
    }),
    status,
  );
}
