// The lines of a receipt: whatever was paid, discounted, captured in part or given back, price times quantity of all lines
// is that sum to the kopeck. Pure; sums are whole kopecks.

import type { Position } from "./contract.ts";
import { isPrepayment, type PaymentMethod, type PaymentObject, type PlainVat, plainVat, vatFor } from "./law.ts";

/** Lines of one receipt; services take about 250. */
export const MOST_POSITIONS = 100;
/** 99 999 999.99 roubles: the most that a receipt, a line or a price may be. */
export const LARGEST_MINOR = 9_999_999_999;
const LONGEST_NAME = 128;

/** A line of what was sold, as it stands on the invoice. */
export type SoldLine = { name: string; quantity: string; unitMinor: bigint; totalMinor: bigint };

/** What the merchant decided for all lines. */
export type Sign = { vat: PlainVat; method: PaymentMethod; object: PaymentObject };

/**
 * Shares of an amount by weights, each rounded down and the rest given kopeck by kopeck to the heaviest; their sum is the
 * amount exactly, none is negative, and where the amount is at most the sum of the weights none exceeds its own.
 */
export function spread(amount: bigint, weights: readonly bigint[]): bigint[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  if (whole <= 0n) return weights.map((_, index) => (index === 0 ? amount : 0n));
  const shares = weights.map((weight) => (amount * weight) / whole);
  let rest = amount - shares.reduce((sum, share) => sum + share, 0n);
  const byWeight = weights
    .map((weight, index) => ({ weight, index }))
    .sort((a, b) => (b.weight > a.weight ? 1 : b.weight < a.weight ? -1 : a.index - b.index));
  const isCapped = amount <= whole;
  while (rest > 0n) {
    for (const { weight, index } of byWeight) {
      const share = shares[index] ?? 0n;
      if (rest === 0n) break;
      if (isCapped && share >= weight) continue;
      shares[index] = share + 1n;
      rest -= 1n;
    }
  }
  return shares;
}

/**
 * The lines of a sale of `amount`. A sum other than that of the lines (a part of the hold, a rest, a discount) is spread
 * over them by their share; what was paid beyond them is an advance of its own, because nothing was sold for it.
 */
export function salePositions(lines: readonly SoldLine[], amount: bigint, sign: Sign, text: string): Position[] {
  const sold = lines.filter((line) => line.totalMinor > 0n);
  const owed = sold.reduce((sum, line) => sum + line.totalMinor, 0n);
  const extra = amount > owed ? amount - owed : 0n;
  const shares =
    extra > 0n
      ? sold.map((line) => line.totalMinor)
      : spread(
          amount,
          sold.map((line) => line.totalMinor),
        );
  const items = sold.flatMap((line, index) => itemsOf(line, shares[index] ?? 0n));
  const isTooMany = items.length > MOST_POSITIONS - 1;
  const kept = isTooMany || items.length === 0 ? onePiece(text, amount - extra) : items;
  const vat = vatFor(sign.method, sign.vat);
  return [
    ...kept.map((item) => ({ ...item, vat, method: sign.method, object: sign.object })),
    ...onePiece(text, extra).map((item) => ({
      ...item,
      vat: vatFor("advance", sign.vat),
      method: "advance" as const,
      object: "payment" as const,
    })),
  ];
}

type Item = Pick<Position, "name" | "priceMinor" | "quantityMilli" | "totalMinor">;

/** A line as items whose products are exact: pieces at two prices a kopeck apart where one price does not do. */
function itemsOf({ name, quantity, unitMinor, totalMinor }: SoldLine, share: bigint): Item[] {
  if (share <= 0n) return [];
  const milli = thousandths(quantity);
  if (share === totalMinor && milli !== null && unitMinor > 0n && unitMinor * milli === totalMinor * 1000n) {
    return [
      {
        name: receiptName(name),
        priceMinor: Number(unitMinor),
        quantityMilli: Number(milli),
        totalMinor: Number(share),
      },
    ];
  }
  const pieces = milli !== null && milli % 1000n === 0n ? milli / 1000n : null;
  if (pieces === null || share < pieces) return onePiece(milli === 1000n ? name : `${name} × ${quantity}`, share);
  const lower = share / pieces;
  const dearer = share % pieces;
  const item = (price: bigint, count: bigint): Item => ({
    name: receiptName(name),
    priceMinor: Number(price),
    quantityMilli: Number(count) * 1000,
    totalMinor: Number(price * count),
  });
  return [item(lower, pieces - dearer), ...(dearer > 0n ? [item(lower + 1n, dearer)] : [])];
}

function onePiece(name: string, total: bigint): Item[] {
  if (total <= 0n) return [];
  return [{ name: receiptName(name), priceMinor: Number(total), quantityMilli: 1000, totalMinor: Number(total) }];
}

/** A quantity in thousandths; null for what is finer, zero or no number. */
function thousandths(quantity: string): bigint | null {
  const [, whole = "", fraction = ""] = /^(\d{1,9})(?:\.(\d+))?$/.exec(quantity.trim()) ?? [];
  const fine = fraction.replace(/0+$/, "");
  if (whole === "" || fine.length > 3) return null;
  const value = BigInt(whole + fine.padEnd(3, "0"));
  return value > 0n ? value : null;
}

/** A line of a sale with what of it has not been given back, and whether it was handed over meanwhile. */
export type Remaining = { key: string; position: Position; leftMinor: number; isDelivered: boolean };

/**
 * The lines of a return: those of the sale, with the rate that stands there, whole where all of it goes back and else its
 * share. What was handed over meanwhile is given back as a full payment, because that is its last receipt.
 */
export function returnPositions(remaining: readonly Remaining[], amount: bigint): Position[] | null {
  const left = remaining.reduce((sum, one) => sum + BigInt(one.leftMinor), 0n);
  if (amount <= 0n || amount > left) return null;
  const shares = spread(
    amount,
    remaining.map((one) => BigInt(one.leftMinor)),
  );
  return remaining.flatMap((one, index) => {
    const share = Number(shares[index] ?? 0n);
    return share === 0 ? [] : [{ ...part(one.position, share), ...signOf(one), of: one.key }];
  });
}

/** The lines that are handed over: what is left of those that were paid ahead, at the plain rate. */
export function deliveryPositions(remaining: readonly Remaining[]): Position[] {
  return remaining.flatMap((one) =>
    one.leftMinor > 0 && !one.isDelivered && isDeliverable(one.position)
      ? [{ ...part(one.position, one.leftMinor), ...signOf({ ...one, isDelivered: true }), of: one.key }]
      : [],
  );
}

/** Whether something is handed over for it later: an overpaid sum has nothing to hand over. */
export function isDeliverable({ method }: Position): boolean {
  return method === "full_prepayment";
}

function signOf({ position, isDelivered }: Pick<Remaining, "position" | "isDelivered">) {
  if (!isDelivered || !isPrepayment(position.method)) return {};
  return { method: "full_payment" as const, vat: plainVat(position.vat) };
}

function part(position: Position, share: number): Position {
  if (share === position.totalMinor) return position;
  const isPieces = position.quantityMilli % 1000 === 0 && position.priceMinor > 0 && share % position.priceMinor === 0;
  return isPieces
    ? { ...position, quantityMilli: (share / position.priceMinor) * 1000, totalMinor: share }
    : { ...position, priceMinor: share, quantityMilli: 1000, totalMinor: share };
}

/** Sum of lines, in kopecks. */
export function sumOf(positions: readonly Position[]): number {
  return positions.reduce((sum, position) => sum + position.totalMinor, 0);
}

/**
 * A name that every register prints: one line of at most 128 characters, quotes and dashes as CP866 has them, and without
 * what it lacks.
 */
export function receiptName(text: string): string {
  const plain = text
    .normalize("NFC")
    .replace(/[«»“”„‟]/gu, '"')
    .replace(/[‘’‚‛]/gu, "'")
    .replace(/[‐‑‒–—―]/gu, "-")
    .replace(/×/gu, "x")
    .replace(/…/gu, "...")
    .replace(/₽/gu, "руб.")
    // Letters with accents keep their letter.
    .replace(/[^\u0400-\u045f]/gu, (sign) => sign.normalize("NFD").replace(/\p{M}/gu, ""))
    .replace(/[^\x20-\x7eА-Яа-яЁёЄєЇїЎў№°\u00a0]/gu, " ")
    .replace(/\s+/gu, " ")
    .trim();
  return [...(plain || "Оплата")].slice(0, LONGEST_NAME).join("").trim();
}
