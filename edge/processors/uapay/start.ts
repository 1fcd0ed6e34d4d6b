// Opening a one-time invoice with a hosted page (uapay.md 5, 12, 13).

import { toDecimalText } from "../../money.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { Fault, StartAttempt, Started } from "../contract.ts";
import { CURRENCY, descriptor, EXPIRY_TIME_ZONE, PAGE_SECONDS } from "./descriptor.ts";
import { type Json, textOf } from "./json.ts";
import { type Context, call, faultOf, openSession } from "./wire.ts";

/**
 * Opens an invoice. Creating has no idempotency key (13): what is not a clear answer is `outcome_unknown`, and the invoice
 * is found by our id. Another currency than hryvnia is refused before anything is sent.
 */
export async function start(input: StartAttempt, context: Context): Promise<Result<Started, Fault>> {
  const fault = faultOfStart(input);
  if (fault) return fail(fault);
  const session = await openSession(context);
  if (!session.ok) return session;
  const expiresAt = new Date(context.now.getTime() + PAGE_SECONDS * 1000);
  const answered = await call(session.value, {
    method: "invoicer/invoices/create",
    effect: "write",
    params: { systemType: "ECOM" },
    data: invoiceData(input, expiresAt),
  });
  if (!answered.ok) return answered;
  if (answered.value.refusal) return fail(faultOf(answered.value.refusal));
  const { claims } = answered.value;
  const id = textOf(claims.id);
  const url = textOf(claims.paymentPageUrl);
  if (id === undefined) return fail({ kind: "outcome_unknown", detail: "invoice_without_id" });
  if (url === undefined) return fail({ kind: "malformed", detail: "invoice_without_page" });
  if (!context.mayLeadTo(url)) return fail({ kind: "malformed", detail: "payment_page_on_foreign_host" });
  return ok({
    processorReference: id,
    observations: [{ kind: "awaiting_payer" }],
    action: { kind: "go", url },
    expiresAt,
  });
}

/** The fault of a start that is outside the limits; null when it may be sent. */
function faultOfStart({ method, amount, attemptId }: StartAttempt): Fault | null {
  const variant = descriptor.variants.invoicer;
  if (!variant?.methods.some((one) => one.id === method)) {
    return { kind: "unsupported", detail: `method_unsupported: ${method}` };
  }
  if (amount.currency !== CURRENCY) {
    return { kind: "rejected", detail: `currency_unsupported: ${amount.currency}, UAPAY takes ${CURRENCY} only` };
  }
  const { smallestMinor, largestMinor } = variant.limits;
  if (amount.minor < smallestMinor || amount.minor > largestMinor) {
    const size = amount.minor < smallestMinor ? "small" : "large";
    return { kind: "rejected", detail: `amount_too_${size}: ${toDecimalText(amount)} ${amount.currency}` };
  }
  return /^[A-Za-z0-9._~-]{1,64}$/.test(attemptId) ? null : { kind: "rejected", detail: "order_id_not_url_safe" };
}

function invoiceData(input: StartAttempt, expiresAt: Date): Json {
  const email = input.payer.email?.trim() ?? "";
  const length = descriptor.variants.invoicer?.limits.descriptionLength ?? 255;
  return {
    externalId: input.attemptId,
    type: input.capture === "manual" ? "HOLD" : "PAY",
    amount: Number(input.amount.minor),
    // Required, so never empty.
    description: plain(input.description, length) || input.attemptId,
    reusability: false,
    redirectUrl: input.returnUrl,
    callbackUrl: standingAddress(input),
    // Text that holds JSON, not an object (14).
    extraInfo: JSON.stringify({ attempt: input.attemptId }),
    payExpiresAt: localText(expiresAt),
    // UAPAY mails its receipt there after success.
    ...(isEmail(email) ? { email } : {}),
  };
}

/**
 * One notification address for the whole shop: live ones are allowed one by one, by a person at UAPAY (7). The signature
 * proves what the secret in the address would, and the attempt is told by its id.
 */
export function standingAddress({ notifyUrl, attemptId, secret }: StartAttempt): string {
  let address = notifyUrl;
  for (const last of [secret, attemptId]) {
    if (address.endsWith(`/${last}`)) address = address.slice(0, -last.length - 1);
  }
  return address;
}

/** `YYYY-MM-DD HH:mm:ss` on the clocks of Kyiv. */
export function localText(at: Date): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: EXPIRY_TIME_ZONE,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  return `${of("year")}-${of("month")}-${of("day")} ${of("hour")}:${of("minute")}:${of("second")}`;
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

/** Narrower than what mail allows: an address they refuse would refuse the invoice with it. */
function isEmail(text: string): boolean {
  return (
    text.length <= 254 &&
    /^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/.test(text)
  );
}
