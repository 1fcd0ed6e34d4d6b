// A queue of things due later, run by real time or by a moved clock; jobs are data, so they outlive a restart.
import type { Clock } from "./clock.ts";

export type Job = {
  id: string;
  dueAt: number;
  kind: string;
  /** Jobs of one lane run one after the other, different lanes side by side. */
  lane: string;
  data: Record<string, string>;
};

type Handler = (job: Job) => Promise<void>;

// setTimeout takes at most 2^31-1 ms; a later job is simply looked at again.
const longestTimer = 2_000_000_000;

/** Runs jobs when their time has come. */
export class Schedule {
  #clock: Clock;
  #jobs: Job[];
  #changed: () => void;
  #handlers = new Map<string, Handler>();
  #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** `jobs` is the stored array itself: it is changed in place, and `changed` is called so that it gets saved. */
  constructor(clock: Clock, jobs: Job[], changed: () => void) {
    this.#clock = clock;
    this.#jobs = jobs;
    this.#changed = changed;
    clock.onChange(() => this.#arm());
  }

  /** Says who does jobs of a kind. */
  handle(kind: string, handler: Handler): void {
    this.#handlers.set(kind, handler);
  }

  /** Starts watching the time; call it when every handler is in place. */
  start(): void {
    this.#arm();
  }

  /** Stops watching the time and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await Promise.allSettled(this.#running);
  }

  /** Puts a job into the queue. */
  add(job: Omit<Job, "id">): Job {
    const added = { id: crypto.randomUUID(), ...job };
    this.#jobs.push(added);
    this.#changed();
    this.#arm();
    return added;
  }

  /** Takes jobs out of the queue that shall not run any more. */
  drop(unwanted: (job: Job) => boolean): void {
    const kept = this.#jobs.filter((job) => !unwanted(job));
    this.#jobs.splice(0, this.#jobs.length, ...kept);
    this.#changed();
    this.#arm();
  }

  /** What waits, soonest first. */
  list(): Job[] {
    return [...this.#jobs].sort((a, b) => a.dueAt - b.dueAt);
  }

  /** Runs everything due now, also what becomes due by running it, waits for the end; answers how many ran. */
  async runDue(): Promise<number> {
    let ran = 0;
    for (;;) {
      const now = this.#clock.now();
      const due = this.list().filter((job) => job.dueAt <= now);
      if (due.length === 0) {
        if (this.#running.size === 0) return ran;
        await Promise.allSettled(this.#running);
        continue;
      }
      ran += due.length;
      for (const job of due) this.#jobs.splice(this.#jobs.indexOf(job), 1);
      this.#changed();
      const lanes = Map.groupBy(due, (job) => job.lane);
      await Promise.all([...lanes.values()].map((jobs) => this.#track(this.#runLane(jobs))));
    }
  }

  #track(work: Promise<void>): Promise<void> {
    const tracked = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
    return tracked;
  }

  async #runLane(jobs: Job[]): Promise<void> {
    for (const job of jobs) {
      const handler = this.#handlers.get(job.kind);
      try {
        if (!handler) throw new Error(`nobody handles jobs of kind ${job.kind}`);
        await handler(job);
      } catch (error) {
        // One broken job must not keep the others from running.
        console.error(`sandbox: job ${job.kind} failed:`, error);
      }
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const next = this.list()[0];
    if (this.#stopped || !next) return;
    const wait = Math.min(Math.max(next.dueAt - this.#clock.now(), 0), longestTimer);
    this.#timer = setTimeout(() => void this.runDue().then(() => this.#arm()), wait);
    this.#timer.unref();
  }
}
