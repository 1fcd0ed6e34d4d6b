// The sandbox's own time: the real clock plus an offset that tests and people may move.

/** A clock that runs with real time but can be advanced, set and reset. */
export class Clock {
  #offset = 0;
  /** By how much the `Date` of answers is wrong, in milliseconds: a system whose clock is not set. */
  dateSkew = 0;
  #listeners: (() => void)[] = [];

  /** Epoch milliseconds as the sandbox sees them. */
  now(): number {
    return Date.now() + this.#offset;
  }

  /** Moves the clock on by a number of seconds. */
  advance(seconds: number): void {
    this.#offset += Math.round(seconds * 1000);
    this.#changed();
  }

  /** Sets the clock to an instant; it runs on from there. */
  set(epochMs: number): void {
    this.#offset = Math.round(epochMs) - Date.now();
    this.#changed();
  }

  /** Back to real time. */
  reset(): void {
    this.#offset = 0;
    this.dateSkew = 0;
    this.#changed();
  }

  /** Calls back after every move, so that due work can be looked for at once. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
