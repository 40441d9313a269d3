import { eventLimits } from './limits.ts';

/** Data of an event, printed; or what is wrong with it, and where (JSON pointer below the data). */
export type PrintedData = { readonly json: string } | { readonly pointer: string; readonly fault: string };

/** Prints the data of an event as JSON, once: these bytes are stored and sent. */
export function printData(data: Readonly<Record<string, unknown>>, maxBytes: number): PrintedData {
  const fault = faultInside(data, 1);
  if (fault !== null) return fault;
  const json = JSON.stringify(data);
  // A character takes at least one byte, so that the costlier count is rarely needed.
  if (json.length > maxBytes || (json.length * 3 > maxBytes && Buffer.byteLength(json) > maxBytes)) {
    return {
      pointer: '',
      fault: `must have at most ${maxBytes} bytes as JSON (setting ROWHOOK_MAX_EVENT_DATA_BYTES)`,
    };
  }
  return { json };
}

/** Looks for what JSON text can say but data cannot hold: nesting without end, and numbers beyond a double. */
function faultInside(value: unknown, depth: number): { pointer: string; fault: string } | null {
  if (typeof value === 'number') {
    return Number.isFinite(value) ? null : { pointer: '', fault: 'must be a number that fits a double' };
  }
  if (typeof value !== 'object' || value === null) return null;
  if (depth > eventLimits.dataDepth) {
    return { pointer: '', fault: `must not be nested deeper than ${eventLimits.dataDepth} levels` };
  }
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const inside = faultInside(value[index], depth + 1);
      if (inside) return { pointer: `/${index}${inside.pointer}`, fault: inside.fault };
    }
    return null;
  }
  for (const [name, member] of Object.entries(value)) {
    const inside = faultInside(member, depth + 1);
    if (inside) {
      const step = name.replaceAll('~', '~0').replaceAll('/', '~1');
      return { pointer: `/${step}${inside.pointer}`, fault: inside.fault };
    }
  }
  return null;
}
