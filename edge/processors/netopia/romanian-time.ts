// Romanian local time to and from UTC: the gateway's stamps carry no zone (netopia.md A6, `mobilpay@timestamp`).

const HOUR = 3_600_000;

/** Reads YYYYMMDDHHmmss in Romanian local time; null when it is no such time. The doubled autumn hour is summer's. */
export function fromRomanianStamp(stamp: string): Date | null {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(stamp.trim());
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  if (year === undefined || month === undefined || year < 1997) return null;
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  if (stampOf(new Date(local)) !== match[0]) return null; // the 31st of February
  const summer = local - 3 * HOUR;
  return new Date(isSummer(summer) ? summer : local - 2 * HOUR);
}

/** Writes a moment as YYYYMMDDHHmmss in Romanian local time. */
export function toRomanianStamp(moment: Date): string {
  return stampOf(new Date(moment.getTime() + (isSummer(moment.getTime()) ? 3 : 2) * HOUR));
}

/** European summer time since 1997: from 01:00 UTC on the last Sunday of March to that of October. */
function isSummer(utc: number): boolean {
  const year = new Date(utc).getUTCFullYear();
  return utc >= lastSunday(year, 2) && utc < lastSunday(year, 9);
}

function lastSunday(year: number, month: number): number {
  const last = new Date(Date.UTC(year, month + 1, 0, 1));
  return last.getTime() - last.getUTCDay() * 24 * HOUR;
}

function stampOf(date: Date): string {
  return date.toISOString().slice(0, 19).replace(/\D/g, "");
}
