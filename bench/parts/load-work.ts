import { monotonicMs } from './monotonic.ts';

/** What calls are made of. */
export type Work =
  /** Events to the API, each of the next type in turn. */
  | {
      readonly kind: 'events';
      readonly types: readonly string[];
      readonly eventsPerCall: number;
      readonly dataBytes: number;
    }
  /** Changes of one cell in each of the next rows in turn. */
  | {
      readonly kind: 'rows';
      readonly path: string;
      readonly column: string;
      readonly rowIds: readonly string[];
      readonly rowsPerCall: number;
    }
  /** The same body straight to a consumer: what sending costs with nothing around it. */
  | { readonly kind: 'bare'; readonly path: string; readonly bodyBytes: number }
  /** Like `bare`, with the time of sending in each body. */
  | { readonly kind: 'bareTimed'; readonly path: string; readonly bodyBytes: number };

export interface Call {
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly body: string;
  readonly events: number;
}

/** Makes the next call, of at most so many events. */
export function callsOf(work: Work): (eventsLeft: number) => Call {
  switch (work.kind) {
    case 'events':
      return eventCalls(work);
    case 'rows':
      return rowCalls(work);
    case 'bare': {
      const call = { method: 'POST', path: work.path, body: dataOf(1, work.bodyBytes), events: 1 } as const;
      return () => call;
    }
    case 'bareTimed': {
      let number = 0;
      return () => {
        number += 1;
        return { method: 'POST', path: work.path, body: dataOf(number, work.bodyBytes), events: 1 };
      };
    }
  }
}

function eventCalls({ types, eventsPerCall, dataBytes }: Work & { kind: 'events' }) {
  let number = 0;
  const next = (): string => {
    number += 1;
    return `{"type":"${types[number % types.length]}","data":${dataOf(number, dataBytes)}}`;
  };
  return (eventsLeft: number): Call => {
    if (eventsPerCall === 1) return { method: 'POST', path: '/v1/events', body: next(), events: 1 };
    const events = Math.min(eventsPerCall, eventsLeft);
    const body = `{"events":[${Array.from({ length: events }, next).join(',')}]}`;
    return { method: 'POST', path: '/v1/events/batch', body, events };
  };
}

function rowCalls({ path, column, rowIds, rowsPerCall }: Work & { kind: 'rows' }) {
  let number = 0;
  const next = (): string => {
    number += 1;
    return `{"id":"${rowIds[number % rowIds.length]}","cells":{"${column}":${number}}}`;
  };
  return (eventsLeft: number): Call => {
    const events = Math.min(rowsPerCall, eventsLeft);
    const body = `{"rows":[${Array.from({ length: events }, next).join(',')}]}`;
    return { method: 'PATCH', path, body, events };
  };
}

/** The body of the request for one event, as the format `standard` has it, of so many bytes. */
export function eventBody(number: number, bytes: number): string {
  const start = `{"type":"one.happened","timestamp":"${new Date().toISOString()}","data":`;
  return `${start}${dataOf(number, bytes - start.length - 1)}}`;
}

/** Data of one event: its number, when it was sent, and as much text as its length asks for. */
function dataOf(number: number, bytes: number): string {
  const start = `{"number":${number},"sentAtMs":${monotonicMs().toFixed(3)},"text":"`;
  return `${start}${'x'.repeat(Math.max(0, bytes - start.length - 2))}"}`;
}
