// Ordering a receipt: its row, written once for one payment or refund whatever repeats or breaks, and what is sent with it.

import { and, eq } from "drizzle-orm";
import { connections, merchants, pointsOfSale } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { readStory } from "../payments/story.ts";
import { fail, ok, type Result } from "../result.ts";
import type { ReceiptKind } from "./contract.ts";
import { isInForce, type PlainVat } from "./law.ts";
import { type RegisterRow, registerOfShop } from "./open-register.ts";
import { LARGEST_MINOR, MOST_POSITIONS, sumOf } from "./positions.ts";
import { linesOfDelivery, linesOfReturn, linesOfSale, remainingOf, type Texts } from "./receipt-lines.ts";
import { type Receipt, type ReceiptStep, stepReceipts } from "./receipt-step.ts";

export type ReceiptRefusal = "not_found" | "nothing_to_deliver" | "receipt_not_failed" | "not_checked";

/** What the lines are made with: the register and its signs, the texts of connection and shop. */
export type Making = { register: RegisterRow | null; texts: Texts };

/** Reads what an invoice's receipts are made with at this moment. */
export async function makingOf(
  context: Context,
  of: { merchantId: string; pointOfSaleId: string },
  connectionId: string | null,
): Promise<Making> {
  const { db } = context;
  const [register, [named], [connection]] = await Promise.all([
    registerOfShop(context, of.merchantId, of.pointOfSaleId),
    db
      .select({ shop: pointsOfSale.name, merchant: merchants.name })
      .from(pointsOfSale)
      .innerJoin(merchants, eq(merchants.id, pointsOfSale.merchantId))
      .where(and(eq(pointsOfSale.merchantId, of.merchantId), eq(pointsOfSale.id, of.pointOfSaleId))),
    db
      .select({ template: connections.detailsTemplate })
      .from(connections)
      .where(and(eq(connections.merchantId, of.merchantId), eq(connections.id, connectionId ?? ""))),
  ]);
  return {
    register,
    texts: { template: connection?.template ?? null, names: named ?? { shop: "", merchant: "" } },
  };
}

/**
 * The lines of a receipt that nobody has got yet, with what is chosen now, and why it cannot be sent: a receipt is sent only
 * when its lines are the sum that moved. Pure.
 */
export function prepared(
  { story, receipts }: Pick<ReceiptStep, "story" | "receipts">,
  receipt: Receipt,
  { register, texts }: Making,
  now: Date,
): Partial<Receipt> {
  const attempt = story.attempts.find((one) => one.id === receipt.attemptId);
  const positions =
    receipt.kind === "return"
      ? linesOfReturn(receipts, receipt)
      : receipt.kind === "delivery"
        ? linesOfDelivery(receipts, receipt)
        : register
          ? linesOfSale(
              story,
              receipt.amountMinor,
              { vat: register.vatRate as PlainVat, method: register.receiptMethod, object: register.receiptObject },
              texts,
              now,
            )
          : receipt.positions;
  const email = story.invoice.payerEmail ?? attempt?.receiptEmail ?? null;
  const lines = positions ?? [];
  const fault = !register
    ? "no_register"
    : !email
      ? "no_contact"
      : receipt.kind === "sale" && !isInForce(register.vatRate as PlainVat, now)
        ? "vat_rate_not_in_force"
        : BigInt(sumOf(lines)) !== receipt.amountMinor || lines.length === 0
          ? "sum_mismatch"
          : sumOf(lines) > LARGEST_MINOR || lines.length > MOST_POSITIONS
            ? "too_large"
            : null;
  return {
    positions: lines,
    registerId: register?.id ?? null,
    service: register?.service ?? null,
    taxSystem: register?.taxSystem ?? null,
    email,
    request: null,
    callbackHash: null,
    state: fault ? "failed" : "draft",
    fault,
    faultText: null,
    serviceReference: null,
    looks: 0,
    nextLookAt: fault ? null : now,
  };
}

/** Tells of a receipt that cannot be, once for each time it failed. */
export function tellOfFailure(notes: ReceiptStep, receipt: Receipt): void {
  notes.event("receipt.failed", receipt, {
    reason: receipt.fault,
    ...(receipt.faultText ? { text: receipt.faultText } : {}),
  });
  notes.attention("receipt_failed", receipt);
}

function blank(
  context: Context,
  notes: ReceiptStep,
  of: Pick<Receipt, "attemptId" | "subject" | "kind" | "amountMinor" | "currency"> & { saleId?: string },
): Receipt {
  const { invoice } = notes.story;
  const id = context.newId("receipt");
  return {
    id,
    merchantId: invoice.merchantId,
    invoiceId: invoice.id,
    type: of.kind === "return" ? "income_return" : "income",
    paidBy: of.kind === "delivery" ? "prepayment" : "cashless",
    isTest: invoice.isTest,
    saleId: null,
    registerId: null,
    service: null,
    taxSystem: null,
    email: null,
    positions: [],
    request: null,
    externalId: id,
    callbackHash: null,
    state: "draft",
    serviceReference: null,
    fault: null,
    faultText: null,
    fiscal: null,
    url: null,
    createdAt: context.now,
    updatedAt: context.now,
    sentAt: null,
    registeredAt: null,
    nextLookAt: context.now,
    looks: 0,
    lastLookAt: null,
    ...of,
  };
}

function add(context: Context, notes: ReceiptStep, of: Parameters<typeof blank>[2], making: Making): Receipt {
  const empty = blank(context, notes, of);
  const receipt = { ...empty, ...prepared(notes, empty, making, context.now) };
  notes.add(receipt);
  notes.event("receipt.ordered", receipt);
  if (receipt.state === "failed") tellOfFailure(notes, receipt);
  return receipt;
}

/**
 * The receipt of money that moved, made if it is not there yet. Null when it cannot be decided yet: a return before the
 * receipt of its sale.
 */
export async function orderReceipt(
  context: Context,
  of: { merchantId: string; invoiceId: string; paymentId?: string; refundId?: string },
): Promise<Receipt | "no_such_money" | null> {
  const story = await readStory(context.db, of.merchantId, of.invoiceId);
  const moved = story?.payments.find((one) => one.id === of.paymentId || (of.refundId && one.refundId === of.refundId));
  const attempt = story?.attempts.find((one) => one.id === moved?.attemptId);
  if (!story || !attempt) return "no_such_money";
  const making = await makingOf(
    context,
    { merchantId: of.merchantId, pointOfSaleId: story.invoice.pointOfSaleId },
    attempt.connectionId,
  );
  return stepReceipts(context, "system", of, (notes) => {
    const { payments, refunds } = notes.story;
    const payment = payments.find((one) => one.id === of.paymentId);
    const refund = refunds.find((one) => one.id === of.refundId);
    const subject = payment?.id ?? refund?.id;
    const kind: ReceiptKind = refund ? "return" : "sale";
    const known = notes.receipts.find((one) => one.subject === subject && one.kind === kind);
    if (known) return known;
    const amountMinor = payment?.amountMinor ?? refund?.amountMinor;
    if (subject === undefined || amountMinor === undefined || amountMinor <= 0n) return "no_such_money";
    const sold = payments.filter((one) => one.attemptId === attempt.id && one.amountMinor > 0n);
    const hasSales = sold.every((one) =>
      notes.receipts.some((sale) => sale.kind === "sale" && sale.subject === one.id),
    );
    if (refund && !hasSales) return null;
    const { currency } = attempt;
    return add(context, notes, { attemptId: attempt.id, subject, kind, amountMinor, currency }, making);
  });
}

/**
 * What an invoice was paid ahead for is handed over: one more receipt for each sale, set off by the prepayment. Once: whoever
 * presses again gets the same ones.
 */
export async function deliverInvoice(
  context: Context,
  of: { merchantId: string; invoiceId: string; actor: string },
): Promise<Result<Receipt[], ReceiptRefusal>> {
  const story = await readStory(context.db, of.merchantId, of.invoiceId);
  if (!story) return fail("not_found");
  const shop = { merchantId: of.merchantId, pointOfSaleId: story.invoice.pointOfSaleId };
  const making = await makingOf(context, shop, null);
  const result = await stepReceipts<Result<Receipt[], ReceiptRefusal>>(context, of.actor, of, (notes) => {
    const before = notes.receipts.filter((one) => one.kind === "delivery");
    const made = deliverable(notes).map(({ sale, amountMinor }) =>
      add(
        context,
        notes,
        {
          attemptId: sale.attemptId,
          subject: sale.subject,
          kind: "delivery",
          saleId: sale.id,
          amountMinor,
          currency: sale.currency,
        },
        making,
      ),
    );
    if (made.length === 0) return before.length > 0 ? ok(before) : fail("nothing_to_deliver");
    notes.step.event("invoice.delivered", {});
    notes.step.audit("invoice.delivered", of.invoiceId, null, { receipts: made.map(({ id }) => id) });
    return ok([...before, ...made]);
  });
  if (result.ok) await context.wake({ kind: "due" });
  return result;
}

/** Sales with something paid ahead that was neither handed over nor given back, and for how much. */
export function deliverable({
  receipts,
  story,
}: Pick<ReceiptStep, "receipts" | "story">): { sale: Receipt; amountMinor: bigint }[] {
  return receipts.flatMap((sale) => {
    // Nothing is handed over for a second payment: it goes back.
    const isKept = story.payments.some((one) => one.id === sale.subject && one.isKept);
    const isHandedOver = receipts.some((one) => one.kind === "delivery" && one.saleId === sale.id);
    if (sale.kind !== "sale" || sale.state === "failed" || !isKept || isHandedOver) return [];
    const amountMinor = remainingOf(receipts, sale.attemptId)
      .filter(({ key, position }) => key.startsWith(`${sale.id}:`) && position.method === "full_prepayment")
      .reduce((sum, one) => sum + BigInt(one.leftMinor), 0n);
    return amountMinor > 0n ? [{ sale, amountMinor }] : [];
  });
}

/**
 * Sends a failed receipt once more, made anew with what is chosen now. One of which nobody knows whether the register has it
 * is sent again only after a person has looked there: a register may make a second one of it.
 */
export async function retryReceipt(
  context: Context,
  of: { merchantId: string; receipt: Receipt; actor: string; isChecked: boolean },
): Promise<Result<Receipt, ReceiptRefusal>> {
  const { invoiceId, merchantId, id, attemptId } = of.receipt;
  const story = await readStory(context.db, merchantId, invoiceId);
  if (!story) return fail("not_found");
  const connectionId = story.attempts.find((one) => one.id === attemptId)?.connectionId ?? null;
  const making = await makingOf(context, { merchantId, pointOfSaleId: story.invoice.pointOfSaleId }, connectionId);
  const result = await stepReceipts<Result<Receipt, ReceiptRefusal>>(
    context,
    of.actor,
    { merchantId, invoiceId },
    (notes) => {
      const receipt = notes.find(id);
      if (!receipt) return fail("not_found");
      if (receipt.state === "unknown") {
        if (!of.isChecked) return fail("not_checked");
        // The same number and the same bytes: a register that has it may answer so.
        notes.patch(receipt, { state: "draft", fault: null, faultText: null, looks: 0, nextLookAt: context.now });
      } else if (receipt.state === "failed") {
        // Amounts of a delivery follow what was given back meanwhile.
        if (receipt.kind === "delivery") {
          const left = linesOfDelivery(notes.receipts, receipt);
          if (sumOf(left) > 0) notes.patch(receipt, { amountMinor: BigInt(sumOf(left)) });
        }
        // It is certain that the register has none; a number that it has seen fail is used up.
        const tries = Number(/-(\d+)$/.exec(receipt.externalId)?.[1] ?? 1);
        if (receipt.sentAt) notes.patch(receipt, { externalId: `${receipt.id}-${tries + 1}` });
        notes.patch(receipt, prepared(notes, receipt, making, context.now));
      } else return fail("receipt_not_failed");
      notes.settle(receipt);
      notes.event("receipt.retried", receipt);
      notes.step.audit("receipt.retried", receipt.id, null, { externalId: receipt.externalId });
      if (receipt.state === "failed") tellOfFailure(notes, receipt);
      return ok(receipt);
    },
  );
  if (result.ok) await context.wake({ kind: "due" });
  return result;
}
