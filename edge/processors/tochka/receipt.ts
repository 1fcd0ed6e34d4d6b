// The lines of a fiscal receipt: unit price times quantity must give the sum paid, to the kopeck (tochka-sbp.md 6.2).

import type { Money } from "../../money.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { Fault, ReceiptLine, StartAttempt } from "../contract.ts";
import { roubles } from "./amounts.ts";
import { isInForce } from "./law.ts";
import type { TochkaOptions } from "./options.ts";
import { itemName, oneLine } from "./text.ts";
import type { Json } from "./wire.ts";

export type ReceiptOptions = Extract<TochkaOptions, { fiscalisation: "bank" }>;

/** One item as it is sent: `unit` times `quantity` is exact. */
type Item = { name: string; unit: Money; quantity: number };

/** The receipt's part of a payment link: taxation, who gets it, and items that add up to the amount exactly. */
export function receiptOf(input: StartAttempt, options: ReceiptOptions, now: Date): Result<Json, Fault> {
  const email = input.payer.email?.trim() ?? "";
  if (!isEmail(email)) return refused("receipt_email_missing");
  if (!isInForce(options.vatRate, now)) return refused(`vat_rate_not_in_force: ${options.vatRate}`);
  const lines = input.lines ?? [
    { name: input.description, quantity: "1", unit: input.amount, total: input.amount } satisfies ReceiptLine,
  ];
  if (lines.some((line) => line.total.currency !== input.amount.currency || line.total.minor < 0n)) {
    return refused("receipt_line_not_payable");
  }
  // What costs nothing has no place among items, whose price must be above zero.
  const items = lines.filter((line) => line.total.minor > 0n).flatMap(itemsOf);
  const sum = lines.reduce((total, line) => total + line.total.minor, 0n);
  if (sum !== input.amount.minor) return refused("receipt_lines_differ");
  const name = oneLine(input.payer.name ?? "", 256);
  const phone = input.payer.phone?.replace(/[\s().-]/g, "") ?? "";
  return ok({
    taxSystemCode: options.taxSystem,
    Client: { email, ...(name ? { name } : {}), ...(/^\+\d{11,15}$/.test(phone) ? { phone } : {}) },
    Items: items.map((item) => ({
      name: item.name,
      amount: roubles(item.unit),
      quantity: item.quantity,
      vatType: options.vatRate,
      paymentMethod: options.receiptMethod,
      paymentObject: options.receiptObject,
    })),
  });
}

/**
 * A line as items whose products are exact. Where the unit price does not give the total (a discount, a rounding), pieces
 * are split into two prices a kopeck apart; what is no number of pieces becomes one item with its quantity in the name.
 */
function itemsOf({ name, quantity, unit, total }: ReceiptLine): Item[] {
  const currency = total.currency;
  const scaled = thousandths(quantity);
  if (scaled !== null && unit.minor > 0n && unit.minor * scaled === total.minor * 1000n) {
    return [{ name: itemName(name), unit: { minor: unit.minor, currency }, quantity: Number(scaled) / 1000 }];
  }
  const pieces = scaled !== null && scaled % 1000n === 0n ? scaled / 1000n : null;
  if (pieces === null || total.minor < pieces) {
    const ending = scaled === 1000n ? "" : ` × ${quantity.slice(0, 20)}`;
    return [{ name: itemName(name, ending), unit: total, quantity: 1 }];
  }
  const lower = total.minor / pieces;
  const dearer = total.minor % pieces;
  return [
    { name: itemName(name), unit: { minor: lower, currency }, quantity: Number(pieces - dearer) },
    ...(dearer > 0n ? [{ name: itemName(name), unit: { minor: lower + 1n, currency }, quantity: Number(dearer) }] : []),
  ];
}

/** A quantity in thousandths, the finest that a receipt knows; null for what is finer, zero or no number. */
function thousandths(quantity: string): bigint | null {
  const [, whole = "", fraction = ""] = /^(\d{1,9})(?:\.(\d+))?$/.exec(quantity.trim()) ?? [];
  const fine = fraction.replace(/0+$/, "");
  if (whole === "" || fine.length > 3) return null;
  const value = BigInt(whole + fine.padEnd(3, "0"));
  return value > 0n ? value : null;
}

/** Narrower than what mail allows: an address they refuse would refuse the payment with it. */
export function isEmail(text: string): boolean {
  return (
    text.length <= 254 &&
    /^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/.test(text)
  );
}

function refused(detail: string): Result<never, Fault> {
  return fail({ kind: "rejected", detail });
}
