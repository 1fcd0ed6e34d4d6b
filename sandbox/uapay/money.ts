// Hryvnias as people write them, kopecks as everything here counts them.

/** Kopecks of a hryvnia amount with at most two decimals, above zero; undefined for anything else. */
export function kopecks(hryvnias: string | number): number | undefined {
  const parts = /^(\d{1,10})(?:[.,](\d{1,2}))?$/.exec(String(hryvnias).trim());
  const sum = parts ? Number(parts[1]) * 100 + Number((parts[2] ?? "").padEnd(2, "0")) : 0;
  return sum > 0 ? sum : undefined;
}

/** Hryvnia text with two decimals. */
export const hryvnias = (kopecks: number): string => (kopecks / 100).toFixed(2);
