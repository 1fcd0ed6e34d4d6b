// What the tax service's QR code of a receipt says: fixed order, the register's own time, the sum with a point.

import type { Fiscal, ReceiptType } from "./contract.ts";

/** The text by which anybody can check a receipt with the tax service. */
export function qrText(fiscal: Fiscal, amountMinor: number, type: ReceiptType): string {
  const sum = `${Math.floor(amountMinor / 100)}.${String(amountMinor % 100).padStart(2, "0")}`;
  const { at, store, document, sign } = fiscal;
  return `t=${at}&s=${sum}&fn=${store}&i=${document}&fp=${sign}&n=${type === "income" ? 1 : 2}`;
}
