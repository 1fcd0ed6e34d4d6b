// Lines of an invoice: from what was entered to rows and sums.

import type { StepContext } from "./step.ts";
import type { InvoiceLine } from "./story.ts";

export type LineInput = {
  description: string;
  quantity: number;
  unit?: string | null | undefined;
  unitPriceMinor: number;
  vatPercent: number;
};

/** Sum of a line in minor units: quantity in thousandths times unit price, halves up. */
export function lineAmountMinor(quantityMilli: number, unitPriceMinor: bigint): bigint {
  return (BigInt(quantityMilli) * unitPriceMinor + 500n) / 1000n;
}

export function toLines(
  { newId }: Pick<StepContext, "newId">,
  merchantId: string,
  invoiceId: string,
  lines: LineInput[],
): InvoiceLine[] {
  return lines.map((line, position) => {
    const quantityMilli = Math.round(line.quantity * 1000);
    const unitPriceMinor = BigInt(line.unitPriceMinor);
    return {
      id: newId("invoiceLine"),
      merchantId,
      invoiceId,
      position,
      description: line.description,
      quantityMilli,
      unit: line.unit ?? null,
      unitPriceMinor,
      vatBasisPoints: Math.round(line.vatPercent * 100),
      amountMinor: lineAmountMinor(quantityMilli, unitPriceMinor),
    };
  });
}

export const sumOf = (lines: InvoiceLine[]) => lines.reduce((total, line) => total + line.amountMinor, 0n);
