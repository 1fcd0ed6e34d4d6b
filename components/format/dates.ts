// Days and moments as people read them. A moment is shown in the zone it is asked for, and the zone is named.

const tag = (locale: string) => (locale === "en" ? "en-GB" : locale);

/**
 * A day without a time, e.g. "21 noiembrie 2026": belongs to no zone.
 * @param day as yyyy-mm-dd
 */
export function formatDay(day: string, locale: string): string {
  const format = new Intl.DateTimeFormat(tag(locale), { dateStyle: "long", timeZone: "UTC" });
  return format.format(new Date(`${day}T00:00:00Z`));
}

/**
 * A moment with its zone, e.g. "21 nov. 2026, 16:15 (EET)".
 * @param moment as ISO 8601
 * @param timeZone IANA name
 */
export function formatMoment(moment: string, locale: string, timeZone: string): string {
  const at = new Date(moment);
  const part = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tag(locale), { ...options, timeZone });
  const zone = part({ timeZoneName: "short" })
    .formatToParts(at)
    .find((one) => one.type === "timeZoneName");
  const day = part({ dateStyle: "medium" }).format(at);
  const time = part({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
  return `${day}, ${time} (${zone?.value ?? timeZone})`;
}
