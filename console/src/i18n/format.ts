const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Numbers, times and durations as a language writes them. */
export interface Format {
  number(value: number): string;
  /** With all of its digits. */
  exactNumber(value: number): string;
  percent(share: number): string;
  /** A day without a time: `2026-05-31`. */
  day(iso: string): string;
  /** Day and time to the second. */
  dateTime(iso: string): string;
  /** Day and time to the millisecond, with the zone. */
  exactTime(iso: string): string;
  /** "3 minutes ago", "in 5 seconds". */
  relative(iso: string, nowMs: number): string;
  /** "350 ms", "2.5 s", "5 min", "2 h". */
  duration(ms: number): string;
  bytes(count: number): string;
  list(items: readonly string[]): string;
}

type Unit = 'millisecond' | 'second' | 'minute' | 'hour' | 'day' | 'byte' | 'kilobyte' | 'megabyte';

/** The formats of a language, by its BCP 47 tag. */
export function formatFor(language: string): Format {
  const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const exactNumbers = new Intl.NumberFormat(language, { maximumFractionDigits: 15 });
  const days = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  const percents = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const times = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  const exact = new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    timeZoneName: 'short',
  });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  const lists = new Intl.ListFormat(language, { type: 'conjunction' });
  const unit = (value: number, name: Unit): string =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit: name,
      unitDisplay: name === 'byte' ? 'long' : 'short',
      maximumFractionDigits: value < 10 ? 1 : 0,
    }).format(value);
  return {
    number: (value) => numbers.format(value),
    exactNumber: (value) => exactNumbers.format(value),
    day: (iso) => days.format(new Date(`${iso.slice(0, 10)}T00:00:00Z`)),
    percent: (share) => percents.format(share),
    dateTime: (iso) => times.format(new Date(iso)),
    exactTime: (iso) => exact.format(new Date(iso)),
    relative: (iso, nowMs) => {
      const difference = Date.parse(iso) - nowMs;
      const size = Math.abs(difference);
      if (size < minute) return relative.format(Math.trunc(difference / second), 'second');
      if (size < hour) return relative.format(Math.trunc(difference / minute), 'minute');
      if (size < day) return relative.format(Math.trunc(difference / hour), 'hour');
      return relative.format(Math.trunc(difference / day), 'day');
    },
    duration: (ms) => {
      if (ms < second) return unit(ms, 'millisecond');
      if (ms < minute) return unit(ms / second, 'second');
      if (ms < hour) return unit(ms / minute, 'minute');
      if (ms < 2 * day) return unit(ms / hour, 'hour');
      return unit(ms / day, 'day');
    },
    bytes: (count) => {
      if (count < 1_000) return unit(count, 'byte');
      return count < 1_000_000 ? unit(count / 1_000, 'kilobyte') : unit(count / 1_000_000, 'megabyte');
    },
    list: (items) => lists.format(items),
  };
}
