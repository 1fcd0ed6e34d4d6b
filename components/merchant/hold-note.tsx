// When held money goes back by itself, in words; nothing is claimed where nobody knows.

import type { Locale } from "./language.ts";
import { formatShortMoment } from "./moment.ts";
import type { Say } from "./say.ts";
import type { Hold } from "./shapes.ts";

type Props = { say: Say; locale: Locale; zone: string; hold: Hold | null; isShort?: boolean };

export function HoldNote({ say, locale, zone, hold, isShort }: Props) {
  if (!hold) return <span className="text-quiet">{say("holds.unknown")}</span>;
  const at = formatShortMoment(hold.until, locale, zone);
  return (
    <span className={isShort ? "block" : undefined}>
      <time dateTime={hold.until} className="font-medium">
        {say(hold.is_estimated ? "holds.about" : "holds.until", { at })}
      </time>
      {hold.is_estimated && !isShort && (
        <span className="block text-[0.8125rem] text-quiet">{say("holds.estimated")}</span>
      )}
    </span>
  );
}
