// payExpiresAt: a wall clock's text in a time zone.

function wallClock(epochMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(epochMs);
  const at = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(at("year"), at("month") - 1, at("day"), at("hour"), at("minute"), at("second"));
}

/** Epoch milliseconds of `YYYY-MM-DD HH:mm:ss` in a zone; undefined when there is no such text or day. */
export function fromLocal(text: string, timeZone: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return undefined;
  const wanted = Date.parse(`${text.replace(" ", "T")}Z`);
  if (Number.isNaN(wanted) || new Date(wanted).toISOString().slice(0, 19) !== text.replace(" ", "T")) return undefined;
  let guess = wanted;
  // Twice, because the offset at the first guess may be the one from the other side of a change of clocks.
  for (let i = 0; i < 2; i++) guess += wanted - wallClock(guess, timeZone);
  return guess;
}
