// Bringing a receipt to its end: sent under one number, asked about until it is final, put before a person when it cannot be.

import { and, eq } from "drizzle-orm";
import { pointsOfSale, receipts } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { newToken, sha256Hex } from "../ids.ts";
import { readStory } from "../payments/story.ts";
import type { Fault, Outcome } from "./contract.ts";
import { findRegister, type OpenRegister, openRegister } from "./open-register.ts";
import { makingOf, prepared, tellOfFailure } from "./order-receipt.ts";
import { salesBefore } from "./receipt-lines.ts";
import { type Receipt, type ReceiptStep, stepReceipts } from "./receipt-step.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** A call that is older than this was cut off. */
const CALL_ALIVE = MINUTE;
/** For so long a register may still tell by itself what became of an unanswered call. */
const MAY_STILL_TELL = 15 * MINUTE;
/** A receipt without an end for so long is put before a person; it is asked about all the same. */
const OLD = 24 * HOUR;

/** Milliseconds to the next question: 3, 6, 12, 24, 48 seconds, five minutes for an hour, then an hour. */
export function pauseAfter(looks: number): number {
  if (looks < 5) return 3 * SECOND * 2 ** looks;
  return looks < 17 ? 5 * MINUTE : HOUR;
}

/** Does with a receipt what is due: sends it, asks about it, or tells a person. Safe to call again. */
export async function lookAtReceipt(context: Context, merchantId: string, receiptId: string): Promise<void> {
  const [receipt] = await context.db
    .select()
    .from(receipts)
    .where(and(eq(receipts.merchantId, merchantId), eq(receipts.id, receiptId)));
  if (receipt?.state === "draft") return send(context, receipt);
  if (receipt?.state === "sending") return resume(context, receipt);
  if (receipt?.state === "queued" || receipt?.state === "unknown") return ask(context, receipt);
}

/** Takes the receipt for sending, calls once, and writes down what came of it. */
async function send(context: Context, known: Receipt): Promise<void> {
  const of = { merchantId: known.merchantId, invoiceId: known.invoiceId };
  const register = known.registerId ? await findRegister(context, known.merchantId, known.registerId) : null;
  const open = register ? await openRegister(context, register) : null;
  const token = newToken();
  const callbackHash = await sha256Hex(token);
  const [shop] = await context.db
    .select({ site: pointsOfSale.site })
    .from(pointsOfSale)
    .where(and(eq(pointsOfSale.merchantId, known.merchantId), eq(pointsOfSale.id, register?.pointOfSaleId ?? "")));
  const story = known.kind === "sale" ? null : await readStory(context.db, of.merchantId, of.invoiceId);
  const making = story
    ? await makingOf(context, { merchantId: of.merchantId, pointOfSaleId: story.invoice.pointOfSaleId }, null)
    : null;
  const begun = await stepReceipts(context, "system", of, (notes) => {
    const receipt = notes.find(known.id);
    if (receipt?.state !== "draft") return null;
    const sales = salesBefore(notes.receipts, receipt);
    if (sales.some(({ state }) => state !== "registered")) return wait(notes, receipt, sales);
    // What goes back follows the receipt of its sale, which may have been made anew since.
    if (receipt.request === null && making) {
      notes.patch(receipt, prepared(notes, receipt, making, context.now));
      if (receipt.state !== "draft") {
        tellOfFailure(notes, receipt);
        return null;
      }
    }
    if (!open || receipt.registerId !== open.row.id || !receipt.taxSystem || !receipt.email) {
      notes.patch(receipt, { nextLookAt: new Date(context.now.getTime() + pauseAfter(receipt.looks)) });
      return null;
    }
    if (receipt.request === null) {
      const composed = open.adapter.compose(
        {
          externalId: receipt.externalId,
          type: receipt.type,
          taxSystem: receipt.taxSystem,
          email: receipt.email,
          paidBy: receipt.paidBy,
          totalMinor: Number(receipt.amountMinor),
          positions: receipt.positions,
          site: shop?.site ?? context.env.WEB_ORIGIN,
          callbackUrl: callbackAddress(context, token),
        },
        open.credentials,
      );
      if (!composed.ok) {
        failIt(notes, receipt, composed.error);
        return null;
      }
      notes.patch(receipt, { request: composed.value, callbackHash });
    }
    notes.patch(receipt, {
      state: "sending",
      sentAt: context.now,
      nextLookAt: new Date(context.now.getTime() + CALL_ALIVE),
    });
    return { body: receipt.request ?? "", externalId: receipt.externalId };
  });
  if (!begun || !open) return;
  const answer = await open.adapter.send(begun.body, begun.externalId, open.by);
  await stepReceipts(context, `register:${open.row.service}`, of, (notes) => {
    const receipt = notes.find(known.id);
    if (!receipt || receipt.externalId !== begun.externalId) return;
    // The register's own news may have come before the answer to the call.
    if (receipt.state !== "sending") {
      const reference = answer.ok ? answer.value.reference : undefined;
      if (reference && receipt.serviceReference === null) notes.patch(receipt, { serviceReference: reference });
      return;
    }
    if (answer.ok) applyOutcome(context, notes, receipt, answer.value);
    else notAnswered(context, notes, receipt, answer.error);
  });
}

/** The address that the register may tell us at; its end is kept only as a hash, and in what was sent. */
export function callbackAddress(context: Context, token: string): string {
  return `${context.env.EDGE_ORIGIN}/receipts/${token}`;
}

/** A sale that has no receipt yet is waited for; one that cannot have any leaves nothing to give back by a receipt. */
function wait(notes: ReceiptStep, receipt: Receipt, sales: Receipt[]): null {
  if (sales.some(({ state }) => state === "failed")) failIt(notes, receipt, "sale_not_registered");
  else {
    const { now } = notes.step.context;
    notes.patch(receipt, {
      looks: receipt.looks + 1,
      nextLookAt: new Date(now.getTime() + Math.max(MINUTE, pauseAfter(receipt.looks))),
    });
  }
  return null;
}

/** A call that was cut off before its answer was written down: nobody knows whether it arrived. */
async function resume(context: Context, known: Receipt): Promise<void> {
  await stepReceipts(context, "system", { merchantId: known.merchantId, invoiceId: known.invoiceId }, (notes) => {
    const receipt = notes.find(known.id);
    const isAlive = receipt?.sentAt && context.now.getTime() - receipt.sentAt.getTime() < CALL_ALIVE;
    if (receipt?.state !== "sending" || isAlive) return;
    notAnswered(context, notes, receipt, { kind: "outcome_unknown", detail: "cut_off" });
  });
}

/** Asks the register that took it what became of it. */
async function ask(context: Context, known: Receipt): Promise<void> {
  const of = { merchantId: known.merchantId, invoiceId: known.invoiceId };
  const register = known.registerId ? await findRegister(context, known.merchantId, known.registerId) : null;
  if (!register) return;
  const open = await openRegister(context, register);
  const { externalId, serviceReference: reference } = known;
  const answer = reference === null ? null : await open.adapter.query({ externalId, reference }, open.by);
  await stepReceipts(context, `register:${open.row.service}`, of, (notes) => {
    const receipt = notes.find(known.id);
    if (!receipt || receipt.externalId !== externalId) return;
    if (receipt.state !== "queued" && receipt.state !== "unknown") return;
    if (answer?.ok && (answer.value.kind !== "queued" || receipt.state === "unknown")) {
      return applyOutcome(context, notes, receipt, answer.value);
    }
    // Another asked meanwhile and has written it down.
    if (receipt.lastLookAt?.getTime() !== known.lastLookAt?.getTime()) return;
    wasAsked(context, notes, receipt, open);
  });
}

/** No end yet: the next question, and a person is told of what takes too long. */
function wasAsked(context: Context, notes: ReceiptStep, receipt: Receipt, open: OpenRegister): void {
  const { now } = context;
  const age = now.getTime() - (receipt.sentAt ?? receipt.createdAt).getTime();
  const ageBefore =
    (receipt.lastLookAt ?? receipt.createdAt).getTime() - (receipt.sentAt ?? receipt.createdAt).getTime();
  const isOver = age > open.adapter.descriptor.patienceSeconds * SECOND;
  if (receipt.state === "unknown" && (receipt.serviceReference === null || isOver)) {
    // Nobody can be asked, and it has not told by itself: sending again might make a second one.
    notes.attention("receipt_unknown", receipt);
    notes.patch(receipt, { lastLookAt: now, nextLookAt: null });
    return;
  }
  if (age >= OLD && ageBefore < OLD) notes.attention("receipt_pending_long", receipt);
  notes.patch(receipt, {
    looks: receipt.looks + 1,
    lastLookAt: now,
    nextLookAt: isOver ? null : new Date(now.getTime() + pauseAfter(receipt.looks)),
  });
}

/** Moves a receipt by what its register said. The first end counts. */
export function applyOutcome(context: Context, notes: ReceiptStep, receipt: Receipt, outcome: Outcome): void {
  const { now } = context;
  const known = { serviceReference: outcome.reference ?? receipt.serviceReference };
  switch (outcome.kind) {
    case "queued":
      notes.patch(receipt, {
        ...known,
        state: "queued",
        fault: null,
        looks: 0,
        nextLookAt: new Date(now.getTime() + pauseAfter(0)),
      });
      return;
    case "registered":
      notes.patch(receipt, {
        ...known,
        state: "registered",
        fault: null,
        faultText: null,
        fiscal: outcome.fiscal,
        url: outcome.url ?? null,
        registeredAt: now,
        nextLookAt: null,
      });
      notes.settle(receipt);
      notes.event("receipt.registered", receipt, {
        document: outcome.fiscal.document,
        // As the tax service asks for them, on the payer's page too.
        numbers: `ФН ${outcome.fiscal.store} ФД ${outcome.fiscal.document} ФП ${outcome.fiscal.sign}`,
        ...(outcome.url ? { url: outcome.url } : {}),
      });
      wakeFollowers(notes, receipt, now);
      return;
    case "failed":
      if (outcome.reference) notes.patch(receipt, known);
      failIt(notes, receipt, "invalid_data", outcome.text);
  }
}

/** A call without an answer about the receipt: either nothing left, or they refused, or nobody knows. */
function notAnswered(context: Context, notes: ReceiptStep, receipt: Receipt, fault: Fault): void {
  const { now } = context;
  switch (fault.kind) {
    case "unreachable":
    case "rate_limited": {
      const until = fault.kind === "rate_limited" ? fault.until : undefined;
      notes.patch(receipt, {
        state: "draft",
        fault: fault.kind === "rate_limited" ? "overloaded" : "unreachable",
        looks: receipt.looks + 1,
        nextLookAt: until ?? later(now, receipt.looks),
      });
      if (receipt.looks === 10) notes.attention("receipt_pending_long", receipt);
      return;
    }
    case "bad_credentials":
      failIt(notes, receipt, "credentials", fault.detail);
      return;
    case "unsupported":
    case "rejected":
      failIt(notes, receipt, fault.kind === "rejected" ? "invalid_data" : "unsupported_value", fault.detail);
      return;
    case "outcome_unknown":
    case "malformed":
      notes.patch(receipt, {
        state: "unknown",
        fault: "unknown_outcome",
        faultText: fault.detail,
        looks: 0,
        nextLookAt: new Date(now.getTime() + MAY_STILL_TELL),
      });
      notes.event("receipt.unknown", receipt, { reason: fault.detail });
  }
}

const later = (now: Date, looks: number) => new Date(now.getTime() + pauseAfter(looks));

function failIt(notes: ReceiptStep, receipt: Receipt, fault: string, text?: string): void {
  notes.patch(receipt, { state: "failed", fault, faultText: text?.slice(0, 500) ?? null, nextLookAt: null });
  tellOfFailure(notes, receipt);
  if (receipt.kind === "sale") wakeFollowers(notes, receipt, notes.step.context.now);
}

/** What waited for the sale need wait no more. */
function wakeFollowers(notes: ReceiptStep, sale: Receipt, now: Date): void {
  for (const one of notes.receipts) {
    if (one.state === "draft" && salesBefore(notes.receipts, one).includes(sale)) notes.patch(one, { nextLookAt: now });
  }
}
