// Pauses between deliveries: the first repeat within 10 s, then doubling with jitter up to 6 h, for 30 days in all.

const THIRTY_DAYS = 30 * 24 * 3600;
const LONGEST = 6 * 3600;

/** Seconds to wait after the n-th failed try (1 is the first), or null when it is time to give up. */
export function backoffSeconds(tries: number, chance: () => number = Math.random): number | null {
  let waited = 0;
  for (let i = 1; i < tries; i++) waited += Math.min(8 * 2 ** (i - 1), LONGEST);
  if (waited > THIRTY_DAYS) return null;
  const pause = Math.min(8 * 2 ** (tries - 1), LONGEST);
  return Math.max(1, Math.round(pause * (0.75 + chance() * 0.5)));
}
