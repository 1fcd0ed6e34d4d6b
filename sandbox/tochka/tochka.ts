// What every part of the Tochka simulator works with.
import type { Clock } from "../clock.ts";
import type { Schedule } from "../schedule.ts";
import type { RequestRecord, SigningKey, TochkaState } from "./state.ts";

export type Tochka = {
  clock: Clock;
  schedule: Schedule;
  state: TochkaState;
  /** The sandbox's plain HTTP origin, for the pages of people. */
  origin: string;
  requests: RequestRecord[];
  /** The key that signs webhooks, once it is made. */
  key(): Promise<SigningKey>;
  rotateKey(): Promise<SigningKey>;
  /** The HTTPS address of the API and the root that vouches for it. */
  tls: { origin: string; rootPem: string; rootPath: string | null };
  /** Saves the state soon. */
  changed: () => void;
};

/** `page`: a browser waits. `control`: nobody browses. Both await the first sending. `background`: sent right after. */
export type From = "page" | "control" | "background";
