/** One column of a printed table. */
export interface Column<Item> {
  readonly title: string;
  readonly value: (item: Item) => unknown;
}

/** Characters of a cell in a table; `--json` has everything. */
const maxCellCharacters = 60;
const gap = '  ';

/** Rows under their titles, the columns aligned. */
export function renderTable<Item>(items: readonly Item[], columns: readonly Column<Item>[]): string {
  const lines = [
    columns.map(({ title }) => title.toUpperCase()),
    ...items.map((item) => columns.map(({ value }) => shorten(printable(value(item))))),
  ];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => widthOf(line[index] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - widthOf(cell)))
        .join(gap)
        .trimEnd(),
    )
    .join('\n');
}

/** Names and values of one thing, one a line; values that are undefined are left out. */
export function renderFields(fields: Readonly<Record<string, unknown>>): string {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  const width = Math.max(...present.map(([name]) => widthOf(name)));
  return present
    .map(([name, value]) => `${name}${' '.repeat(width - widthOf(name))}${gap}${printable(value)}`.trimEnd())
    .join('\n');
}

/**
 * A value on one line. What comes from elsewhere may hold anything: control characters, which a terminal
 * would obey, are written out.
 */
export function printable(value: unknown): string {
  if (value === null || value === undefined) return '-';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(/[\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (character) => {
    const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
    return known ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length <= maxCellCharacters
    ? text
    : `${characters.slice(0, maxCellCharacters - 1).join('')}…`;
}

/** Columns of a terminal that a text takes; East Asian and emoji characters take two. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}
