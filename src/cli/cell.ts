import type { TableAnswer } from './answers.ts';
import { usageFailure } from './failure.ts';

/** Reads `Column=value` arguments into cells, each value as the type of its column needs it. */
export function readCells(table: TableAnswer, args: readonly string[]): Readonly<Record<string, unknown>> {
  const cells: Record<string, unknown> = {};
  for (const arg of args) {
    const equals = arg.indexOf('=');
    if (equals < 1) {
      throw usageFailure(`"${arg}" is no cell; write it as COLUMN=VALUE, in quotes if it has spaces.`, [
        `Columns: ${table.columns.map(({ name }) => name).join(', ')}`,
      ]);
    }
    const name = arg.slice(0, equals);
    const column =
      table.columns.find((one) => one.key === name) ?? table.columns.find((one) => one.name === name);
    // A column that is not there is told by the server, with the ones that are.
    cells[name] = readCell(column?.type ?? 'text', arg.slice(equals + 1));
  }
  return cells;
}

/** What cannot be read stays text: the server says what it must be. */
function readCell(type: string, text: string): unknown {
  if (text === '') return null;
  switch (type) {
    case 'number':
    case 'rating':
      return Number.isFinite(Number(text)) && text.trim() !== '' ? Number(text) : text;
    case 'checkbox':
      return (
        { true: true, yes: true, '1': true, false: false, no: false, '0': false }[text.toLowerCase()] ?? text
      );
    case 'multiple-select':
    case 'collaborator':
    case 'link':
    case 'image':
      return text.startsWith('[') ? parsed(text) : text.split(',').map((item) => item.trim());
    case 'file':
      return parsed(text);
    case 'geolocation':
      return readPlace(text);
    default:
      return text;
  }
}

/** `47.37, 8.54`, a JSON object, or the name of a country or region. */
function readPlace(text: string): unknown {
  if (text.startsWith('{')) return parsed(text);
  const place = /^\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*$/.exec(text);
  return place ? { lat: Number(place[1]), lng: Number(place[2]) } : { country_region: text };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
