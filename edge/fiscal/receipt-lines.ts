// What an invoice's receipts say: the lines of a sale, of what is handed over later, of what goes back; and what of a sale is
// left. Pure.

import { describePayment } from "../payments/describe-payment.ts";
import type { Story } from "../payments/story.ts";
import type { Position } from "./contract.ts";
import {
  deliveryPositions,
  type Remaining,
  returnPositions,
  type Sign,
  type SoldLine,
  salePositions,
} from "./positions.ts";
import type { Receipt } from "./receipt-step.ts";

export type Texts = { template: string | null; names: { shop: string; merchant: string } };

/** Lines of the receipt for money that came in. */
export function linesOfSale(story: Story, amountMinor: bigint, sign: Sign, texts: Texts, now: Date): Position[] {
  const { invoice } = story;
  const told = describePayment(story, texts.template, invoice.amountMinor, texts.names, now);
  const lines = told.lines.map(
    (line): SoldLine => ({
      name: line.name,
      quantity: line.quantity,
      unitMinor: line.unit.minor,
      totalMinor: line.total.minor,
    }),
  );
  return salePositions(lines, amountMinor, sign, told.description);
}

/** Lines of an attempt's sales with what of each was not given back, but for what `except` itself would give back. */
export function remainingOf(receipts: readonly Receipt[], attemptId: string, except?: string): Remaining[] {
  const ofAttempt = receipts.filter((one) => one.attemptId === attemptId);
  const back = new Map<string, number>();
  for (const one of ofAttempt) {
    if (one.kind !== "return" || one.state === "failed" || one.id === except) continue;
    for (const { of, totalMinor } of one.positions) if (of) back.set(of, (back.get(of) ?? 0) + totalMinor);
  }
  return ofAttempt
    .filter(({ kind }) => kind === "sale")
    .flatMap((sale) => {
      const isDelivered = ofAttempt.some(
        (one) => one.kind === "delivery" && one.saleId === sale.id && one.state !== "failed" && one.id !== except,
      );
      return sale.positions.map((position, index) => {
        const key = `${sale.id}:${index}`;
        return { key, position, leftMinor: position.totalMinor - (back.get(key) ?? 0), isDelivered };
      });
    });
}

/** Lines of the receipt for money that went back; null when the sales were for less. */
export function linesOfReturn(receipts: readonly Receipt[], one: Pick<Receipt, "id" | "attemptId" | "amountMinor">) {
  return returnPositions(remainingOf(receipts, one.attemptId, one.id), one.amountMinor);
}

/** Lines of the receipt for what was paid ahead and is handed over now. */
export function linesOfDelivery(receipts: readonly Receipt[], one: Pick<Receipt, "id" | "attemptId" | "saleId">) {
  const ofSale = remainingOf(receipts, one.attemptId, one.id).filter(({ key }) => key.startsWith(`${one.saleId}:`));
  return deliveryPositions(ofSale);
}

/** Receipts without whose end this one cannot be sent: the sales that it gives back or hands over. */
export function salesBefore(receipts: readonly Receipt[], one: Receipt): Receipt[] {
  if (one.kind === "sale") return [];
  return receipts.filter(
    (sale) =>
      sale.kind === "sale" && sale.attemptId === one.attemptId && (one.kind === "return" || sale.id === one.saleId),
  );
}
