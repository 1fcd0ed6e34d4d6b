// The fiscal store behind the simulated registers: its number, documents counted over everybody who uses it, and signs.
import { randomInt } from "node:crypto";

export type FiscalStore = { number: string; documents: number; shift: number };

export const emptyFiscalStore = (): FiscalStore => ({
  // Numbers of test stores begin with 9999.
  number: `9999${String(randomInt(1_000_000_000_000)).padStart(12, "0")}`,
  documents: 0,
  shift: 1,
});

export type Printed = {
  document: string;
  store: string;
  sign: string;
  /** Moscow time without a zone, yyyyMMddTHHmmss. */
  at: string;
  shift: string;
};

/** Registers one document. Every third sign begins with zeros. */
export function print(store: FiscalStore, now: number): Printed {
  store.documents += 1;
  const sign = store.documents % 3 === 0 ? randomInt(10_000_000) : randomInt(4_294_967_295);
  return {
    document: String(store.documents),
    store: store.number,
    sign: String(sign).padStart(10, "0"),
    at: new Date(now + 3 * 3600 * 1000).toISOString().slice(0, 19).replace(/[-:]/g, ""),
    shift: String(store.shift),
  };
}

/** What the tax service's QR says; the type is 1 for income and 2 for its return. */
export function qrText(printed: Printed, kopecks: number, type: number): string {
  const sum = (kopecks / 100).toFixed(2);
  return `t=${printed.at}&s=${sum}&fn=${printed.store}&i=${printed.document}&fp=${printed.sign}&n=${type}`;
}

/** Kopecks of a sum in roubles; undefined for what is no number, negative, or finer than a kopeck. */
export function kopecksOf(value: unknown): number | undefined {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) return undefined;
  const kopecks = Math.round(value * 100);
  return Math.abs(kopecks / 100 - value) < 1e-9 ? kopecks : undefined;
}
