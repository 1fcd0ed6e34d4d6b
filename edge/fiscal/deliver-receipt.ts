// The outbox's effect: the receipt of money that moved is ordered and sent; from then on the receipt's own row says what is due.

import { and, asc, isNotNull, lte } from "drizzle-orm";
import { receipts } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { lookAtReceipt } from "./look-at-receipt.ts";
import { orderReceipt } from "./order-receipt.ts";

const text = (value: unknown) => (typeof value === "string" ? value : undefined);

/** Done once the receipt has its row: what becomes of the row is no matter of the outbox. */
export async function deliverReceipt(
  context: Context,
  row: { merchantId: string; payload: Record<string, unknown> },
): Promise<{ done: boolean; text: string; isFinal?: boolean }> {
  const { payload, merchantId } = row;
  const [invoiceId, paymentId, refundId] = [payload.invoiceId, payload.paymentId, payload.refundId].map(text);
  const ordered = await orderReceipt(context, {
    merchantId,
    invoiceId: invoiceId ?? "",
    ...(paymentId ? { paymentId } : {}),
    ...(refundId ? { refundId } : {}),
  });
  if (ordered === null) return { done: false, text: "waits for the receipt of the sale" };
  if (ordered === "no_such_money") return { done: false, text: ordered, isFinal: true };
  await lookAtReceipt(context, merchantId, ordered.id);
  return { done: true, text: ordered.state };
}

/** Receipts that are to be sent or asked about. */
export function dueReceipts(context: Context, limit: number) {
  return context.db
    .select({ id: receipts.id, merchantId: receipts.merchantId, looks: receipts.looks })
    .from(receipts)
    .where(and(isNotNull(receipts.nextLookAt), lte(receipts.nextLookAt, context.now)))
    .orderBy(asc(receipts.nextLookAt))
    .limit(limit);
}
