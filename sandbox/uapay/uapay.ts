// What every part of the UAPAY simulator works with.
import type { Clock } from "../clock.ts";
import type { Schedule } from "../schedule.ts";
import type { RequestRecord, UapayState } from "./state.ts";

export type Uapay = {
  clock: Clock;
  schedule: Schedule;
  state: UapayState;
  origin: string;
  requests: RequestRecord[];
  /** Saves the state soon. */
  changed: () => void;
};

/** `page`: a browser waits. `control`: nobody browses. Both await the first sending. `background`: sent right after. */
export type From = "page" | "control" | "background";
