import type { Column, ColumnType } from '../../api/types.ts';

/** A row as the grid holds it: its cells by column key, and its id and number under keys no column can have. */
export interface GridRow {
  readonly $id: string;
  readonly $number: number;
  [key: string]: unknown;
}

const listTypes: ReadonlySet<ColumnType> = new Set(['multiple-select', 'collaborator', 'link', 'image']);
const numberTypes: ReadonlySet<ColumnType> = new Set(['number', 'rating']);
const trueWords = new Set(['true', 'yes', 'y', '1', 'x', '✓', 'oui', 'vrai', 'checked']);
const falseWords = new Set(['false', 'no', 'n', '0', '', 'non', 'faux']);

/** Files are uploaded, and some cells the server fills in by itself. */
const untypedTypes: ReadonlySet<ColumnType> = new Set([
  'file',
  'created',
  'modified',
  'created-by',
  'modified-by',
  'auto-number',
]);

/** Whether a person can type into the cells of a column. */
export function canBeTyped(type: ColumnType): boolean {
  return !untypedTypes.has(type);
}

/** A cell as text: what is shown, copied and edited. */
export function cellText(type: ColumnType, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (type === 'checkbox') return value === true ? 'true' : 'false';
  if (type === 'file' && Array.isArray(value)) {
    return value.map((file: { name?: unknown }) => String(file.name ?? '')).join(', ');
  }
  if (Array.isArray(value)) return value.join(', ');
  if (type === 'geolocation') return placeText(value);
  if (type === 'duration' && typeof value === 'number') return durationText(value);
  return String(value);
}

/**
 * The value to send for a text that was typed or pasted. What cannot be read is sent as it is, so that the
 * server says what is wrong with it. A cell that cannot be typed: undefined.
 */
export function cellValue({ type }: Pick<Column, 'type'>, input: unknown): unknown {
  if (!canBeTyped(type)) return undefined;
  if (typeof input !== 'string') return input ?? null;
  const text = input.trim();
  if (type === 'checkbox') {
    const word = text.toLowerCase();
    return trueWords.has(word) ? true : falseWords.has(word) ? false : text;
  }
  if (text === '') return null;
  if (type === 'duration') return durationOf(text) ?? numberOf(text);
  if (numberTypes.has(type)) return numberOf(text);
  if (type === 'geolocation') return placeOf(text);
  if (listTypes.has(type))
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  return type === 'text' || type === 'long-text' ? input : text;
}

/** `h:mm`, or `h:mm:ss` where there are seconds. */
function durationText(seconds: number): string {
  const rest = Math.abs(seconds);
  const two = (part: number): string => String(part).padStart(2, '0');
  const time = `${seconds < 0 ? '-' : ''}${Math.floor(rest / 3_600)}:${two(Math.floor(rest / 60) % 60)}`;
  return rest % 60 === 0 ? time : `${time}:${two(rest % 60)}`;
}

/** Seconds; null: not written with colons. */
function durationOf(text: string): number | null {
  const match = /^(-?)(\d+):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
  if (!match) return null;
  const seconds = Number(match[2]) * 3_600 + Number(match[3]) * 60 + Number(match[4] ?? 0);
  return match[1] === '-' ? -seconds : seconds;
}

/** A place as `latitude, longitude`, or as the name of a country or region. */
function placeText(value: unknown): string {
  const {
    lat,
    lng,
    country_region: region,
  } = value as { lat?: number; lng?: number; country_region?: string };
  return lat === undefined ? (region ?? '') : `${lat}, ${lng}`;
}

function placeOf(text: string): unknown {
  const match = /^(-?\d+(?:\.\d+)?)\s*[,;]\s*(-?\d+(?:\.\d+)?)$/.exec(text);
  return match ? { lat: Number(match[1]), lng: Number(match[2]) } : { country_region: text };
}

/** `1234.5`, `1,234.5`, `1 234,5`: a number; anything else stays a text. */
function numberOf(text: string): number | string {
  const compact = text.replace(/[\s\u00a0\u202f']/g, '');
  const isDecimalComma = /^[+-]?\d+,\d+$/.test(compact);
  const isGrouped = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(compact);
  const plain = isGrouped
    ? compact.replaceAll(',', '')
    : isDecimalComma
      ? compact.replace(',', '.')
      : compact;
  const number = Number(plain);
  return plain !== '' && Number.isFinite(number) ? number : text;
}

/** The cells of a pasted block, which spreadsheets hand over as tab-separated text with quoted lines. */
export function parseBlock(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  const endCell = (): void => {
    rows.at(-1)?.push(cell);
    cell = '';
  };
  for (let place = 0; place < text.length; place++) {
    const character = text[place] ?? '';
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[place + 1] === '"') {
        cell += '"';
        place++;
      } else quoted = false;
    } else if (character === '"' && cell === '') quoted = true;
    else if (character === '\t') endCell();
    else if (character === '\n') {
      endCell();
      rows.push([]);
    } else if (character !== '\r') cell += character;
  }
  endCell();
  const last = rows.at(-1);
  if (rows.length > 1 && last?.length === 1 && last[0] === '') rows.pop();
  return rows;
}
