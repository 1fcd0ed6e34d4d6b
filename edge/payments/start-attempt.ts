// Opening a visit to a processor: decide under the invoice's lock, call, record what the processor answered. What is decided
// stands in start-steps.ts.

import type { Context } from "../context.ts";
import { sha256Hex, toBase64Url } from "../ids.ts";
import { makesReceipts } from "../processors/abilities.ts";
import type { PayerAction } from "../processors/contract.ts";
import { fail, ok, type Result } from "../result.ts";
import { dueMinor } from "./amounts.ts";
import { callProcessor } from "./call-processor.ts";
import { describePayment } from "./describe-payment.ts";
import { lookAtAttempt } from "./look-at-attempt.ts";
import { decideStart, endStart, isSamePage, openPages, type StartRefusal, type StartRequest } from "./start-steps.ts";
import { type Attempt, readStory, type Story } from "./story.ts";
import { takeStep } from "./transition.ts";

export type StartedAttempt = { attemptId: string; action: PayerAction; resumed: boolean };

/**
 * Starts an attempt, or opens again the one that is still waiting for the payer.
 * @returns what the payer does next, or why not; a processor's refusal is kept as a declined attempt
 */
export async function startAttempt(
  context: Context,
  request: StartRequest,
): Promise<Result<StartedAttempt, StartRefusal>> {
  const attemptId = context.newId("attempt");
  const secret = toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
  const secretHash = await sha256Hex(secret);
  const of = { merchantId: request.merchantId, invoiceId: request.invoiceId };
  // A receipt without an address would go nowhere.
  if (!request.payer.email && makesReceipts(request.connection.processor, request.connection.options)) {
    return fail("email_needed");
  }
  // Before a second page is opened, the first is asked about: it may have taken the money a moment ago.
  const before = await readStory(context.db, request.merchantId, request.invoiceId);
  for (const other of before ? openPages(before.attempts, context.now) : []) {
    if (before && isSamePage(other, request, dueMinor(before))) continue;
    // One that cannot be asked keeps nobody from paying: its payer is warned, and the schedule goes on asking.
    await lookAtAttempt(context, request.merchantId, other.id);
  }
  let story: Story | undefined;
  const decision = await takeStep(context.db, context.stepBy(request.startedBy), of, (step) => {
    story = step.story;
    return decideStart(step, request, { id: attemptId, secretHash });
  });
  if (decision.kind === "refused") return fail(decision.why);
  if (decision.kind === "resume") {
    const action = await openPayerAction(context, decision.attempt);
    return ok({ attemptId: decision.attempt.id, action, resumed: true });
  }
  const { attempt } = decision;
  if (!story) throw new Error("a decided step has a story");
  const told = describePayment(
    story,
    request.connection.detailsTemplate,
    attempt.amountMinor,
    request.names,
    context.now,
  );
  const { WEB_ORIGIN, EDGE_ORIGIN } = context.env;
  const asked = {
    attemptId,
    method: attempt.method,
    amount: { minor: attempt.amountMinor, currency: attempt.currency },
    capture: attempt.captureMode,
    description: told.description,
    lines: told.lines,
    locale: request.locale,
    payer: request.payer,
    returnUrl: `${WEB_ORIGIN}/i/${request.linkToken}?back=${attemptId}&lang=${request.locale}`,
    notifyUrl: `${EDGE_ORIGIN}/ipn/${request.connection.id}/${attemptId}/${secret}`,
    secret,
  };
  const answer = await callProcessor(context, request.connection, (open) =>
    open.processor.startAttempt(asked, open.callWith(attemptId)),
  );
  const sealed = answer.ok ? await sealPayerAction(context, request.merchantId, attemptId, answer.value.action) : null;
  await takeStep(context.db, context.stepBy(`processor:${request.connection.processor}`), of, (step) =>
    endStart(step, attemptId, answer, sealed),
  );
  if (!answer.ok)
    return fail(
      answer.error.kind === "rejected" || answer.error.kind === "bad_credentials" || answer.error.kind === "unsupported"
        ? "processor_refused"
        : "processor_unreachable",
    );
  return ok({ attemptId, action: answer.value.action, resumed: false });
}

const boundTo = (attemptId: string) => `attempts|${attemptId}|payer_action`;

async function sealPayerAction(context: Context, merchantId: string, attemptId: string, action: PayerAction) {
  return context.vault.seal(merchantId, JSON.stringify(action), boundTo(attemptId));
}

/** What the payer of an open attempt does next. */
export async function openPayerAction(context: Context, attempt: Attempt): Promise<PayerAction> {
  if (!attempt.payerAction || !attempt.dataKeyId) throw new Error("attempt has no payer action");
  const text = await context.vault.open(
    attempt.merchantId,
    { sealed: attempt.payerAction, dataKeyId: attempt.dataKeyId },
    boundTo(attempt.id),
  );
  return JSON.parse(text) as PayerAction;
}
