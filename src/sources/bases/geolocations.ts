import type { Geolocation } from '../../model/table.ts';
import { accepted, listed, quoted, type Reading, refused } from './faults.ts';
import { nameFault } from './texts.ts';

const form = 'must be {lat, lng} in degrees, or {country_region}';
const printedPlace = /^(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)$/;

/** Reads a place on the map, or the name of a country or region. */
export function readGeolocation(input: unknown): Reading<Geolocation> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return refused(`${form}; got ${quoted(input)}`);
  }
  const members = Object.keys(input).sort();
  const { lat, lng, country_region: region } = input as Readonly<Record<string, unknown>>;
  if (members.join() === 'country_region') {
    const fault = nameFault(region);
    return fault === null
      ? accepted({ country_region: region as string })
      : refused(`country_region ${fault}`);
  }
  if (members.join() !== 'lat,lng') return refused(`${form}; got the members ${listed(members)}`);
  if (!isDegrees(lat, 90)) return refused(`lat must be a number from -90 to 90; got ${quoted(lat)}`);
  if (!isDegrees(lng, 180)) return refused(`lng must be a number from -180 to 180; got ${quoted(lng)}`);
  return accepted({ lat: lat + 0, lng: lng + 0 });
}

/** `47.37, 8.54`, or the name of the region. */
export function printedGeolocation(place: Geolocation): string {
  return 'lat' in place ? `${place.lat}, ${place.lng}` : place.country_region;
}

/** What `printedGeolocation` printed, for `readGeolocation`. */
export function parsedGeolocation(text: string): unknown {
  const match = printedPlace.exec(text);
  return match ? { lat: Number(match[1]), lng: Number(match[2]) } : { country_region: text };
}

function isDegrees(input: unknown, most: number): input is number {
  return typeof input === 'number' && Math.abs(input) <= most;
}
