// How long money has been held, in words: in the largest whole unit.
import type { Say } from "./say.ts";

/** "3 days"; below an hour "less than an hour". */
export function heldFor(say: Say, seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  if (hours < 1) return say("holds.fresh");
  return hours < 48 ? say("holds.hours", { count: hours }) : say("holds.days", { count: Math.floor(hours / 24) });
}
