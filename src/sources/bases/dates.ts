const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const momentPattern =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?$/i;

const minuteMs = 60_000;
const widestOffsetMinutes = 14 * 60;

/** Start of a calendar day in milliseconds; null when there is no such day, as 30 February. */
function dayStartMs(day: string): number | null {
  const startMs = Date.parse(`${day}T00:00:00.000Z`);
  // Date.parse counts on into the next month; printing the day again tells.
  if (Number.isNaN(startMs) || !new Date(startMs).toISOString().startsWith(day)) return null;
  return day.startsWith('0000') ? null : startMs;
}

/** Whether `text` is a day of the calendar as `YYYY-MM-DD`, from the year 1 to 9999. */
export function isCalendarDay(text: string): boolean {
  return dayPattern.test(text) && dayStartMs(text) !== null;
}

/**
 * A moment as `YYYY-MM-DDTHH:mm:ss.sssZ`, from ISO 8601 with `Z` or an offset, from a local
 * `YYYY-MM-DD HH:mm`, or from a day; without an offset the time is UTC. Null when it is none.
 */
export function normalisedMoment(text: string): string | null {
  const match = momentPattern.exec(text);
  const startMs = match?.[1] ? dayStartMs(match[1]) : null;
  if (!match || startMs === null) return null;
  const [hours, minutes, seconds] = [Number(match[2] ?? 0), Number(match[3] ?? 0), Number(match[4] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const offsetMinutes = parsedOffset(match[6]);
  if (offsetMinutes === null) return null;
  const milliseconds = Number((match[5] ?? '').padEnd(3, '0').slice(0, 3));
  const momentMs =
    startMs + (hours * 60 + minutes - offsetMinutes) * minuteMs + seconds * 1_000 + milliseconds;
  const year = new Date(momentMs).getUTCFullYear();
  return year >= 1 && year <= 9999 ? new Date(momentMs).toISOString() : null;
}

function parsedOffset(offset: string | undefined): number | null {
  if (offset === undefined || offset.toUpperCase() === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  if (Number(offset.slice(4, 6)) > 59 || minutes > widestOffsetMinutes) return null;
  return offset.startsWith('-') ? -minutes : minutes;
}
