// Why what was asked of a hold was not done, where the processor never said no: words of ours, never put in its mouth.

import type { Say } from "./say.ts";
import { wordsOf } from "./states.tsx";

/**
 * @param code of the command, or of the event that tells of it
 * @returns null when the processor refused: then its own words count
 */
export function whyUndone(say: Say, code: string | null, processor: string): string | null {
  switch (code) {
    case "not_done":
      return say("holds.notDone");
    case "not_reached":
      return say("holds.notReached", { processor: wordsOf(say, `processors.${processor}`) });
    default:
      return null;
  }
}
