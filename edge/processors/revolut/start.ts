// Opening an order with a hosted page (revolut.md 4.2, 4.3, 11).

import { toDecimalText } from "../../money.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { Fault, StartAttempt, Started } from "../contract.ts";
import { descriptor, PAGE_SECONDS } from "./descriptor.ts";
import { readOrder } from "./order.ts";
import { type Context, exchange, type Json, refusal, textOf } from "./wire.ts";

/**
 * Opens an order with a hosted page. Creating has no idempotency key (11): what is not a clear answer is
 * `outcome_unknown`, and the order is found by our reference. A page on a foreign host leads nobody.
 */
export async function start(input: StartAttempt, context: Context): Promise<Result<Started, Fault>> {
  const fault = faultOfStart(input);
  if (fault) return fail(fault);
  const answered = await exchange(context, {
    method: "POST",
    path: "/api/orders",
    effect: "write",
    body: startBody(input),
  });
  if (!answered.ok) return answered;
  if (answered.value.status >= 400) return fail(refusal(answered.value));
  const { json } = answered.value;
  const order = readOrder(json);
  const url = textOf(json.checkout_url);
  if (!order) return fail({ kind: "outcome_unknown", detail: "order_without_id" });
  if (url === undefined) return fail({ kind: "malformed", detail: "order_without_page" });
  if (!context.mayLeadTo(url)) return fail({ kind: "malformed", detail: "payment_page_on_foreign_host" });
  return ok({
    processorReference: order.id,
    observations: [{ kind: "awaiting_payer", processorCode: order.state }],
    action: { kind: "go", url },
    expiresAt: new Date((order.createdAt ?? context.now).getTime() + PAGE_SECONDS * 1000),
  });
}

/** The fault of a start that is outside the limits; null when it may be sent. */
function faultOfStart({ method, amount, attemptId }: StartAttempt): Fault | null {
  const variant = descriptor.variants.merchant;
  if (!variant?.methods.some((one) => one.id === method)) {
    return { kind: "unsupported", detail: `method_unsupported: ${method}` };
  }
  if (!variant.currencies.includes(amount.currency)) {
    return { kind: "rejected", detail: `currency_unsupported: ${amount.currency}` };
  }
  const { smallestMinor, largestMinor } = variant.limits;
  if (amount.minor < smallestMinor || amount.minor > largestMinor) {
    const size = amount.minor < smallestMinor ? "small" : "large";
    return { kind: "rejected", detail: `amount_too_${size}: ${toDecimalText(amount)} ${amount.currency}` };
  }
  return /^[A-Za-z0-9._~-]{1,64}$/.test(attemptId) ? null : { kind: "rejected", detail: "order_id_not_url_safe" };
}

/** Unknown fields are dropped without a word (4.2): every name here is from the page. */
function startBody(input: StartAttempt): Json {
  const { amount, payer } = input;
  const email = payer.email?.trim() ?? "";
  const name = plain(payer.name ?? "", 250);
  const phone = payer.phone?.replace(/[\s().-]/g, "") ?? "";
  const description = plain(input.description, descriptor.variants.merchant?.limits.descriptionLength ?? 250);
  return {
    amount: Number(amount.minor),
    currency: amount.currency,
    ...(description ? { description } : {}),
    capture_mode: input.capture,
    expire_pending_after: `PT${PAGE_SECONDS / 60}M`,
    merchant_order_data: { reference: input.attemptId },
    // Without an e-mail no customer is made: each order makes a new one (4.2).
    ...(isEmail(email)
      ? { customer: { email, ...(name ? { full_name: name } : {}), ...(isE164(phone) ? { phone } : {}) } }
      : {}),
    ...(isPublicAddress(input.returnUrl) ? { redirect_url: input.returnUrl } : {}),
  };
}

/** One line without control characters and halves of characters, cut to a length. */
function plain(text: string, length: number): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\uFFFD]+/gu, " ")
    .trim();
  const characters = [...line];
  return characters.length <= length ? line : `${characters.slice(0, length - 1).join("")}…`;
}

/** Narrower than what mail allows: an address they refuse would refuse the order with it. */
function isEmail(text: string): boolean {
  return (
    text.length <= 254 &&
    /^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/.test(text)
  );
}

function isE164(text: string): boolean {
  return /^\+[1-9]\d{6,14}$/.test(text);
}

/** Revolut refuses an address of this machine or of a bare number (4.2): then the payer sees their own result page. */
function isPublicAddress(address: string): boolean {
  if (address.length > 2000 || !URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  const isNumber = /^[\d.]+$/.test(hostname) || hostname.startsWith("[");
  const isHere = hostname === "localhost" || hostname.endsWith(".localhost");
  return (protocol === "https:" || protocol === "http:") && !isNumber && !isHere;
}
