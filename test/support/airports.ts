import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';

/** A real file of over 3,000 rows, with the oddities of one. */
export const airportsFile = fileURLToPath(
  new URL('../../node_modules/vega-datasets/data/airports.csv', import.meta.url),
);

export const airportColumns = [
  { name: 'iata', type: 'text' },
  { name: 'name', type: 'text' },
  { name: 'city', type: 'text' },
  { name: 'state', type: 'text' },
  { name: 'country', type: 'text' },
  { name: 'latitude', type: 'number' },
  { name: 'longitude', type: 'number' },
];

/** A row of the file, as a table holds it. */
export type Airport = Readonly<Record<string, string | number>>;

/** The rows in the order of the file. `iata` is different in each. */
export function readAirports(): Airport[] {
  const lines = parse(readFileSync(airportsFile), { columns: true }) as Record<string, string>[];
  return lines.map((line) => ({
    ...line,
    latitude: Number(line.latitude),
    longitude: Number(line.longitude),
  }));
}
