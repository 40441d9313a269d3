const longestHours = 1_000_000;
const printed = /^(-?)(\d{1,7}):([0-5]\d)(?::([0-5]\d))?$/;

/** The longest duration either way, in seconds. */
export const longestDurationSeconds = longestHours * 3_600;

/** Whole seconds from `h:mm` or `h:mm:ss`, or null. */
export function parsedDuration(text: string): number | null {
  const match = printed.exec(text);
  if (!match) return null;
  const seconds = Number(match[2]) * 3_600 + Number(match[3]) * 60 + Number(match[4] ?? 0);
  return match[1] === '-' && seconds > 0 ? -seconds : seconds;
}

/** `h:mm`, with seconds only where there are some. */
export function printedDuration(seconds: number): string {
  const rest = Math.abs(seconds);
  const two = (part: number): string => String(Math.floor(part)).padStart(2, '0');
  const hours = Math.floor(rest / 3_600);
  const ending = rest % 60 === 0 ? '' : `:${two(rest % 60)}`;
  return `${seconds < 0 ? '-' : ''}${hours}:${two((rest % 3_600) / 60)}${ending}`;
}
