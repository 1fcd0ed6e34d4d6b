// The one clock. Business logic is handed a Date made here; in development the sandbox's clock is asked, so that a
// test or a person can move time for both sides at once.

export type Clock = () => Promise<Date>;

/** A clock that reads the machine's time, or the sandbox's where an address is given (never in production). */
export function makeClock(clockUrl: string | undefined): Clock {
  if (!clockUrl) return async () => new Date();
  return async () => {
    const answer = await fetch(clockUrl);
    const { now } = (await answer.json()) as { now: number };
    return new Date(now);
  };
}
