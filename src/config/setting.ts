/** One setting of the server: where it comes from, what it means, what it may be. */
export interface Setting<Value> {
  /** What it decides, as a sentence. */
  readonly description: string;
  /** How a value is written, such as `port number` or `bytes`; null: plain text. */
  readonly unit: string | null;
  readonly fallback: Value;
  /** What is told of the default where it is not simply the value, such as `made at first start`. */
  readonly fallbackText: string | null;
  /** Never printed, in no error and no list. */
  readonly secret: boolean;
  /** The value that a text stands for, or what is allowed instead. */
  readonly read: (text: string) => Reading<Value>;
}

export type Reading<Value> = { readonly value: Value } | { readonly allowed: string };

interface About<Value> {
  readonly description: string;
  readonly fallback: Value;
  readonly fallbackText?: string;
  readonly secret?: boolean;
}

function setting<Value>(
  about: About<Value>,
  unit: string | null,
  read: (text: string) => Reading<Value>,
): Setting<Value> {
  const { description, fallback, fallbackText = null, secret = false } = about;
  return { description, unit, fallback, fallbackText, secret, read };
}

/** Text that `read` turns into a value. */
export function text<Value>(
  about: About<Value> & { readonly unit?: string; readonly read: (text: string) => Reading<Value> },
): Setting<Value> {
  return setting(about, about.unit ?? null, about.read);
}

/** A whole number within bounds. */
export function wholeNumber(
  about: About<number> & { readonly unit: string; readonly minimum: number; readonly maximum: number },
): Setting<number> {
  const { minimum, maximum, unit } = about;
  return setting(about, unit, (given) => {
    const number = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
    return number >= minimum && number <= maximum
      ? { value: number }
      : { allowed: `a whole number from ${minimum} to ${maximum}` };
  });
}

const byteUnits: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** A number of bytes; `64k`, `16m` and `1g` count in units of 1024. */
export function bytes(
  about: About<number> & { readonly minimum: number; readonly maximum: number },
): Setting<number> {
  const { minimum, maximum } = about;
  return setting(about, 'bytes, or with k, m, g', (given) => {
    const match = /^(\d{1,12})([kmg]?)i?b?$/i.exec(given);
    const number = match ? Number(match[1]) * (byteUnits[(match[2] ?? '').toLowerCase()] ?? 1) : Number.NaN;
    return number >= minimum && number <= maximum
      ? { value: number }
      : { allowed: `bytes from ${minimum} to ${maximum}, such as ${about.fallback}, 64k or 16m` };
  });
}

/** One of a few words. */
export function word<const Words extends readonly string[]>(
  about: About<Words[number]> & { readonly words: Words },
): Setting<Words[number]> {
  return setting(about, about.words.join(', '), (given) => {
    const found = about.words.find((candidate) => candidate === given.toLowerCase());
    return found === undefined ? { allowed: `one of ${about.words.join(', ')}` } : { value: found };
  });
}

/** Items separated by commas; `item` reads one. */
export function list<Item, Fallback extends readonly Item[] | null>(
  about: About<Fallback> & { readonly unit: string; readonly item: (text: string) => Reading<Item> },
): Setting<Fallback | readonly Item[]> {
  return setting<Fallback | readonly Item[]>(about, about.unit, (given) => {
    const items: Item[] = [];
    for (const part of given.split(',')) {
      const trimmed = part.trim();
      if (trimmed === '') continue;
      const reading = about.item(trimmed);
      if ('allowed' in reading) {
        const shown = about.secret ? 'an item' : `"${trimmed}"`;
        return { allowed: `${about.unit}; ${shown} is not ${reading.allowed}` };
      }
      items.push(reading.value);
    }
    return { value: items };
  });
}
