// Opening a payment: a link on the bank's page, or our own page with a QR (tochka-sbp.md 1, 6.1, 6.2, 7.1).

import { toDecimalText } from "../../money.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { Fault, StartAttempt, Started } from "../contract.ts";
import { roubles } from "./amounts.ts";
import { PAYMENT_MODES } from "./codes.ts";
import { descriptor, PAGE_MINUTES } from "./descriptor.ts";
import { readOptions, type TochkaOptions } from "./options.ts";
import { startQr } from "./qr.ts";
import { receiptOf } from "./receipt.ts";
import { isTheirId, toReference } from "./reference.ts";
import { purposeOf } from "./text.ts";
import { type Context, exchange, type Json, refusal, textOf } from "./wire.ts";

/**
 * Opens a payment. SBP goes by our own QR unless the bank issues the receipt, which it never does for a QR (1), or no outlet
 * of SBP is chosen; then, and for every other method, it is a link.
 */
export async function start(input: StartAttempt, context: Context): Promise<Result<Started, Fault>> {
  const fault = faultOfStart(input, context);
  if (fault) return fail(fault);
  const options = readOptions(context.options);
  if (!options) return fail({ kind: "rejected", detail: "options_incomplete" });
  const { sbpMerchantId, accountId } = context.credentials;
  const hasOwnQr = options.fiscalisation === "register" && sbpMerchantId !== undefined && accountId !== undefined;
  return input.method === "sbp" && hasOwnQr ? startQr(input, context) : startLink(input, options, context);
}

/**
 * Makes a link. Creating has no idempotency key (14): what is not a clear answer, a doubled id among it, is
 * `outcome_unknown`, and the link is found by our id. A page on a foreign host leads nobody.
 */
async function startLink(
  input: StartAttempt,
  options: TochkaOptions,
  context: Context,
): Promise<Result<Started, Fault>> {
  const receipt = options.fiscalisation === "bank" ? receiptOf(input, options, context.now) : ok({});
  if (!receipt.ok) return receipt;
  const answered = await exchange(context, {
    method: "POST",
    path: `/acquiring/v1.0/${options.fiscalisation === "bank" ? "payments_with_receipt" : "payments"}`,
    effect: "write",
    body: { Data: { ...linkOf(input, context), ...receipt.value } },
  });
  if (!answered.ok) return answered;
  if (answered.value.status >= 400) return fail(refusal(answered.value));
  const { data } = answered.value;
  const operationId = textOf(data?.operationId);
  const url = textOf(data?.paymentLink);
  if (!isTheirId(operationId)) return fail({ kind: "outcome_unknown", detail: "link_without_operation" });
  if (url === undefined) return fail({ kind: "outcome_unknown", detail: "link_without_page" });
  if (!context.mayLeadTo(url)) return fail({ kind: "malformed", detail: "payment_page_on_foreign_host" });
  return ok({
    processorReference: toReference({ rail: "link", id: operationId }),
    observations: [{ kind: "awaiting_payer", processorCode: textOf(data?.status) ?? "CREATED" }],
    action: { kind: "go", url },
    expiresAt: new Date(context.now.getTime() + PAGE_MINUTES * 60_000),
  });
}

function linkOf(input: StartAttempt, { credentials }: Context): Json {
  const returnUrl = isAddress(input.returnUrl) ? input.returnUrl : null;
  return {
    customerCode: credentials.customerCode,
    merchantId: credentials.merchantId,
    amount: roubles(input.amount),
    purpose: purposeOf(input.description),
    // One mode leads straight to its page; one that the outlet lacks would refuse the whole request (6.1).
    paymentMode: [PAYMENT_MODES[input.method]],
    ttl: PAGE_MINUTES,
    paymentLinkId: input.attemptId,
    // The truth is asked for, so that both ways back may be the same (15).
    ...(returnUrl === null ? {} : { redirectUrl: returnUrl, failRedirectUrl: returnUrl }),
    // Only a card can be held; other ways are taken at once on any link (6.5).
    ...(input.capture === "manual" && input.method === "card" ? { preAuthorization: true } : {}),
  };
}

/** The fault of a start that is outside the limits; null when it may be sent. */
function faultOfStart({ method, amount, attemptId }: StartAttempt, { credentials }: Context): Fault | null {
  const variant = descriptor.variants.acquiring;
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
  if (!/^[A-Za-z0-9._~-]{1,45}$/.test(attemptId)) return { kind: "rejected", detail: "order_id_not_usable" };
  if (credentials.accessToken === "") return { kind: "bad_credentials", detail: "consent_missing" };
  const isChosen = credentials.customerCode !== "" && credentials.merchantId !== "";
  return isChosen ? null : { kind: "bad_credentials", detail: "account_not_chosen" };
}

function isAddress(text: string): boolean {
  return text.length <= 2083 && /^https?:\/\//.test(text) && URL.canParse(text);
}
