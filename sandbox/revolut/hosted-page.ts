// The payer's page at the processor: card form, 3-D Secure step, result. Works without scripts, and says it is a sandbox.
import { type Html, html, htmlResponse, page } from "../html.ts";
import { type DeclineReason, declineReasons, goodPan, testCards } from "./cards.ts";
import { accountOf, browserReturned, type Revolut } from "./notify.ts";
import {
  answerChallenge,
  type CardEntry,
  openAttempt,
  RuleError,
  startAttempt,
  submitCard,
  testEntry,
} from "./order.ts";
import type { Attempt, BadEnd, Order, Outcome } from "./state.ts";
import { textFromMinor } from "./values.ts";

const mark = "Sandbox card page. No bank is asked and no money moves.";

/** Where the payer's page of an order lives. */
export function pageAddress(revolut: Revolut, order: Order, step?: "3ds" | "leave" | "return"): string {
  return `${revolut.origin}/revolut/payment-link/${order.token}${step ? `/${step}` : ""}`;
}

function frame(revolut: Revolut, order: Order, body: Html, status = 200): Response {
  const { description } = order.fields;
  const text = page({
    title: "Revolut sandbox",
    language: "en",
    mark,
    narrow: true,
    body: html`<h1>Revolut sandbox</h1>
<div class="box"><p class="sum">${textFromMinor(order.amount, order.currency)} ${order.currency}</p>
<dl><dt>To</dt><dd>${accountOf(revolut, order).name}</dd>
${typeof description === "string" ? html`<dt>For</dt><dd>${description}</dd>` : null}
${order.reference === null ? null : html`<dt>Order</dt><dd>${order.reference}</dd>`}</dl></div>${body}`,
  });
  return htmlResponse(text, status);
}

const words = (reason: string): string => reason.replaceAll("_", " ");

function cardForm(revolut: Revolut, order: Order, problem?: { field: string; message: string }): Response {
  const action = pageAddress(revolut, order);
  const year = new Date(revolut.clock.now()).getUTCFullYear() + 3;
  const invalid = (field: string) => (problem?.field === field ? "true" : "false");
  const last = order.payments.at(-1);
  const bad = !problem && last && ["declined", "failed", "soft_declined"].includes(last.state) ? last : undefined;
  const hidden = html`<input type="hidden" name="amount" value="${order.amount} ${order.currency}">`;
  const body = html`
${problem ? html`<p class="bad" role="alert">${problem.message}</p>` : null}
${bad ? html`<p class="bad" role="alert">The payment was not made (${bad.reason === null ? "no reason given" : words(bad.reason)}). You can try again.</p>` : null}
<form class="box" method="post" action="${action}">${hidden}
<label>Card number<input name="pan" inputmode="numeric" autocomplete="cc-number" maxlength="23" required aria-invalid="${invalid("pan")}"></label>
<div class="row tight"><label>Month<input name="month" inputmode="numeric" autocomplete="cc-exp-month" maxlength="2" required placeholder="12" aria-invalid="${invalid("month")}"></label>
<label>Year<input name="year" inputmode="numeric" autocomplete="cc-exp-year" maxlength="4" required placeholder="${year}" aria-invalid="${invalid("year")}"></label>
<label>CVV<input name="cvv" inputmode="numeric" autocomplete="cc-csc" maxlength="3" required placeholder="123" aria-invalid="${invalid("cvv")}"></label></div>
<label>Name on card<input name="name" autocomplete="cc-name" required aria-invalid="${invalid("name")}"></label>
<button class="main wide" type="submit">Pay ${textFromMinor(order.amount, order.currency)} ${order.currency}</button></form>
<h2>Test cards</h2><form class="choices" method="post" action="${action}">${hidden}
${testCards.map((card) => html`<button name="card" value="${card.pan}"><span>${card.label}</span><span class="dim">${card.pan.replace(/(.{4})(?=.)/g, "$1 ")}</span></button>`)}
<button name="outcome" value="challenge"><span>3-D Secure, you answer</span><span class="dim">next page</span></button></form>
<details><summary>Other outcomes</summary><form class="choices" method="post" action="${action}">${hidden}
${order.authorisationType === "pre_authorisation" ? null : html`<button name="outcome" value="wallet"><span>Pay from a Revolut account</span></button>`}
<button name="outcome" value="stuck"><span>Never finishes</span></button>
<button name="outcome" value="declined"><span>Declined without a reason</span></button>
<button name="outcome" value="soft_declined"><span>Soft decline</span></button>
<button name="outcome" value="failed"><span>Failed without a reason</span></button>
${declineReasons.map((reason) => html`<button name="reason" value="${reason}"><span>Declined: ${words(reason)}</span><span class="dim">${reason}</span></button>`)}</form></details>
<p><a href="${pageAddress(revolut, order, "leave")}">Leave without paying</a></p>`;
  return frame(revolut, order, body, problem ? 422 : 200);
}

function challengePage(revolut: Revolut, order: Order, attempt: Attempt): Response {
  return frame(
    revolut,
    order,
    html`<h2>3-D Secure</h2><form class="box" method="post" action="${pageAddress(revolut, order, "3ds")}">
<input type="hidden" name="attempt" value="${attempt.id}">
<p>The bank of card ${attempt.pan.slice(0, 4)} … ${attempt.pan.slice(-4)} asks whether this payment is yours.</p>
<button class="main wide" name="answer" value="pass">Approve</button><button class="wide" name="answer" value="fail">Refuse</button>
<button class="wide" name="answer" value="abandon">Give up this step</button><button class="wide" name="answer" value="other_card">Leave it open, use another card</button></form>
<p><a href="${pageAddress(revolut, order, "leave")}">Leave without paying</a></p>`,
  );
}

function closedPage(revolut: Revolut, order: Order): Response {
  const paid = order.state === "authorised" || order.state === "completed";
  const says: Record<Order["state"], string> = {
    pending: "This payment is open.",
    processing: "The payment is being processed. This can take a while.",
    authorised: "Payment successful.",
    completed: "Payment successful.",
    cancelled: "This payment was cancelled.",
    failed: "This page has expired.",
  };
  // The real page knows no way back but after a success.
  const back =
    paid && order.redirectUrl
      ? html`<a class="button main wide" href="${pageAddress(revolut, order, "return")}">Back to the shop</a>`
      : null;
  const tone = paid ? "good" : order.state === "processing" ? "dim" : "bad";
  const body = html`<div class="box"><p class="${tone}"><strong>${says[order.state]}</strong></p>${back}</div>`;
  return frame(revolut, order, body, paid || order.state === "processing" ? 200 : 410);
}

function leftPage(revolut: Revolut, order: Order): Response {
  const shop = order.redirectUrl;
  return frame(
    revolut,
    order,
    html`<div class="box"><p><strong>You left without paying.</strong></p><p class="dim">The real page only closes: nobody is told and nothing leads back.</p>
<a class="button main wide" href="${pageAddress(revolut, order)}">Back to the payment</a>
${shop ? html`<a class="button wide" href="${shop}">Open the shop as if by hand</a>` : null}</div>`,
  );
}

/** The page as the order stands. */
export function showPage(revolut: Revolut, order: Order): Response {
  if (order.state === "pending") return cardForm(revolut, order);
  const open = openAttempt(order);
  return open?.state === "authentication_challenge" ? challengePage(revolut, order, open) : closedPage(revolut, order);
}

/** After a success straight to the shop, with nothing appended; otherwise the page as it stands. */
function afterwards(revolut: Revolut, order: Order): Response {
  const paid = order.state === "authorised" || order.state === "completed";
  return paid ? goBack(revolut, order) : showPage(revolut, order);
}

function goBack(revolut: Revolut, order: Order): Response {
  browserReturned(revolut, order);
  if (order.redirectUrl === null) return closedPage(revolut, order);
  return new Response(null, { status: 303, headers: { location: order.redirectUrl } });
}

function chosenOutcome(outcome: string, reason: string): Outcome | undefined {
  const known: DeclineReason | undefined = declineReasons.find((candidate) => candidate === reason);
  if (known) {
    const broken = /challenge|technical/.test(known);
    return { result: broken ? "failed" : "declined", reason: known };
  }
  if (outcome === "stuck") return { result: "stuck" };
  if (outcome === "wallet" || outcome === "challenge") return { result: "paid" };
  const ends: readonly BadEnd[] = ["declined", "failed", "soft_declined"];
  const end = ends.find((candidate) => candidate === outcome);
  return end ? { result: end, reason: null } : undefined;
}

/** Handles everything below `/revolut/payment-link/`. */
export async function hostedPage(revolut: Revolut, request: Request): Promise<Response> {
  const [, , , token, step] = new URL(request.url).pathname.split("/");
  const order = revolut.state.orders.find((candidate) => candidate.token === token && candidate.type === "payment");
  if (!order) return errorPage("There is no such payment.", 404);
  if (step === "leave") return order.state === "pending" ? leftPage(revolut, order) : showPage(revolut, order);
  if (step === "return") return afterwards(revolut, order);
  if (request.method === "GET") return showPage(revolut, order);
  const form = await request.formData();
  const field = (name: string): string => String(form.get(name) ?? "").trim();
  try {
    if (step === "3ds") {
      const answer = (["pass", "fail", "abandon", "other_card"] as const).find((one) => one === field("answer"));
      const attempt = order.payments.find(({ id }) => id === field("attempt"));
      if (!answer || !attempt) return showPage(revolut, order);
      await answerChallenge(revolut, order, attempt, answer, "page");
      return afterwards(revolut, order);
    }
    // A page that was opened before the order changed fails, as the real one does.
    const seen = field("amount");
    if (seen !== "" && seen !== `${order.amount} ${order.currency}`) {
      return errorPage("Something went wrong. Open the link again.", 409);
    }
    const outcome = chosenOutcome(field("outcome"), field("reason"));
    if (outcome) {
      const wallet = field("outcome") === "wallet";
      if (wallet && order.authorisationType === "pre_authorisation") return showPage(revolut, order);
      await startAttempt(revolut, order, {
        pan: goodPan,
        method: wallet ? "revolut_pay_account" : "card",
        outcome,
        challenge: field("outcome") === "challenge",
        from: "page",
      });
      return afterwards(revolut, order);
    }
    const chosen = field("card");
    const entry: CardEntry = chosen
      ? testEntry(revolut, chosen)
      : { pan: field("pan"), month: field("month"), year: field("year"), cvv: field("cvv"), name: field("name") };
    const result = await submitCard(revolut, order, entry, "page");
    return result.kind === "invalid" ? cardForm(revolut, order, result) : afterwards(revolut, order);
  } catch (error) {
    // Someone paid in another tab, or pressed twice: the page shows how things stand.
    if (error instanceof RuleError) return showPage(revolut, order);
    throw error;
  }
}

/** An error of the page, for people. */
export function errorPage(reason: string, status: number): Response {
  const body = html`<h1>This payment cannot be opened</h1><div class="box"><p class="bad">${reason}</p></div>`;
  return htmlResponse(page({ title: "Revolut sandbox: error", mark, narrow: true, body }), status);
}
