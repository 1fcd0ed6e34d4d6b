// What every torture stands on: a seeded die, counted checks, retries, and what the command line asks for.

/** Numbers in [0, 1) that a seed repeats. */
export type Die = () => number;

export function die(seed: number): Die {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(roll: Die, list: readonly [T, ...T[]]): T {
  return list[Math.floor(roll() * list.length)] ?? list[0];
}

export type Say = (line: string) => void;

/** Named checks: each passes or fails once, with examples of what was wrong. */
export class Checks {
  readonly results: { name: string; faults: string[] }[] = [];

  /** A check that holds when nothing is wrong. */
  hold(name: string, faults: readonly string[]): void {
    this.results.push({ name, faults: [...faults] });
  }

  /** A check of one condition. */
  that(name: string, holds: boolean, fault = "does not hold"): void {
    this.hold(name, holds ? [] : [fault]);
  }

  tell(say: Say): void {
    for (const { name, faults } of this.results) {
      say(`  ${faults.length === 0 ? "ok  " : "FAIL"} ${name}${faults.length > 0 ? ` (${faults.length})` : ""}`);
      for (const fault of faults.slice(0, 5)) say(`         ${fault}`);
    }
  }

  get failures(): string[] {
    return this.results.flatMap(({ name, faults }) =>
      faults.length > 0 ? [`${name}: ${faults.slice(0, 3).join("; ")}`] : [],
    );
  }
}

/** An error that trying again does not mend. */
export class Final extends Error {}

/** Does work over and over until it succeeds or the time is over; whatever it throws but a `Final` counts as "not yet". */
export async function until<T>(what: string, work: () => Promise<T>, forMs = 120_000): Promise<T> {
  const end = Date.now() + forMs;
  for (let turn = 1; ; turn++) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Final) throw error;
      if (Date.now() > end) throw new Error(`${what} did not succeed in ${forMs / 1000} s`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, Math.min(turn * 60, 600)));
    }
  }
}

/** Works through a list, some items at a time. */
export async function sideBySide<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items[Symbol.iterator]();
  const lane = async () => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
