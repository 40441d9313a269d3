const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const units: readonly (readonly [name: string, ms: number])[] = [
  ['d', day],
  ['h', hour],
  ['min', minute],
  ['s', second],
  ['ms', 1],
];

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: second,
  m: minute,
  min: minute,
  h: hour,
  d: day,
  j: day,
};

/** A duration as a person types it, in the largest unit that fits it: `5 s`, `90 min`, `2 h`. */
export function durationText(ms: number): string {
  if (ms === 0) return '0 s';
  const [name, size] = units.find(([, unit]) => ms % unit === 0) ?? ['ms', 1];
  return `${ms / size} ${name}`;
}

/**
 * Milliseconds of a typed duration: a number and `ms`, `s`, `min` (or `m`), `h` or `d` (French `j`); without
 * a unit, seconds. Null when it is none.
 */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:[.,]\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  if (!match?.[1]) return null;
  const unit = unitMs[(match[2] || 's').toLowerCase()];
  return unit === undefined ? null : Math.round(Number(match[1].replace(',', '.')) * unit);
}

/** A list of durations as a person types it: `5 s, 5 min, 2 h`. */
export function durationListText(list: readonly number[]): string {
  return list.map(durationText).join(', ');
}

/** The durations of a list; a comma between digits is a decimal one, others separate. Null when one is none. */
export function parseDurationList(text: string): readonly number[] | null {
  if (text.trim() === '') return [];
  const list = text.split(/;|,\s+|(?<!\d),/).map(parseDuration);
  return list.every((ms) => ms !== null) ? list : null;
}
