import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { replayed } from './consumer-names.ts';
import { monotonicMs } from './monotonic.ts';
import { takeOrders } from './part.ts';

/**
 * The process of a consumer. It counts what comes and answers 200 at once. What it does besides is the first
 * member of the path; the second names the count, so that many hooks may share one:
 *
 *     /count/NAME    nothing
 *     /batch/NAME    counts the events in the body
 *     /time/NAME     notes when each event came, and when it was sent, by its members `number` and `sentAtMs`
 *     /silent/NAME   takes the request and never answers
 */
interface Count {
  requests: number;
  events: number;
  bytes: number;
  arrivals: Arrival[];
}

export interface Arrival {
  readonly number: number;
  readonly sentAtMs: number;
  readonly atMs: number;
}

/** How a count stood at a moment. */
export interface CountReading {
  readonly atMs: number;
  readonly requests: number;
  readonly events: number;
  readonly bytes: number;
}

/** How often the benchmark is told of what came, so that the load can follow. */
const newsIntervalMs = 4;
const eventMarker = '"number":';
const sentMarker = '"sentAtMs":';

const counts = new Map<string, Count>();
let watched: Count | null = null;
let toldEvents = 0;

function receive(request: IncomingMessage, response: ServerResponse): void {
  const [, kind = '', path = ''] = (request.url ?? '').split('/');
  // What is sent again is counted apart from what is new.
  const count = countOf('rowhook-replay' in request.headers ? replayed(path) : path);
  const chunks: Buffer[] = [];
  request.on('data', kind === 'batch' || kind === 'time' ? (chunk) => chunks.push(chunk) : () => undefined);
  request.on('end', () => {
    count.requests += 1;
    count.bytes += Number(request.headers['content-length']);
    if (kind === 'silent') return;
    response.writeHead(200, { 'content-length': 2 }).end('ok');
    count.events += kind === 'batch' ? occurrences(Buffer.concat(chunks), eventMarker) : 1;
    if (kind === 'time') count.arrivals.push(arrivalOf(Buffer.concat(chunks)));
  });
}

function countOf(name: string): Count {
  const known = counts.get(name);
  if (known) return known;
  const count = { requests: 0, events: 0, bytes: 0, arrivals: [] };
  counts.set(name, count);
  return count;
}

function occurrences(body: Buffer, marker: string): number {
  let found = 0;
  for (let at = body.indexOf(marker); at !== -1; at = body.indexOf(marker, at + marker.length)) found += 1;
  return found;
}

function arrivalOf(body: Buffer): Arrival {
  const text = body.toString('latin1');
  return {
    number: numberAfter(text, eventMarker),
    sentAtMs: numberAfter(text, sentMarker),
    atMs: monotonicMs(),
  };
}

/** NaN when the marker is not there. */
function numberAfter(text: string, marker: string): number {
  const at = text.indexOf(marker);
  return at === -1 ? Number.NaN : Number.parseFloat(text.slice(at + marker.length, at + marker.length + 20));
}

const orders = {
  /** Opens a port of its own; each is another origin to a sender. */
  listen: () =>
    new Promise<number>((resolve) => {
      const server = createServer(receive);
      server.listen(0, '127.0.0.1', 4_096, () => resolve((server.address() as AddressInfo).port));
    }),
  /** A port that is nobody's. */
  closedPort: () =>
    new Promise<number>((resolve) => {
      const probe = createServer().listen(0, '127.0.0.1', () => {
        const { port } = probe.address() as AddressInfo;
        probe.close(() => resolve(port));
      });
    }),
  read: (name: string): CountReading => {
    const { requests, events, bytes } = countOf(name);
    return { atMs: monotonicMs(), requests, events, bytes };
  },
  /** Arrivals since they were last taken. */
  takeArrivals: (name: string): Arrival[] => countOf(name).arrivals.splice(0),
  /** From now on the benchmark hears how many events came to this name. */
  watch: (name: string): void => {
    watched = countOf(name);
    toldEvents = watched.events;
  },
};
export type ConsumerOrders = typeof orders;

setInterval(() => {
  if (watched === null || watched.events === toldEvents) return;
  process.send?.({ news: watched.events - toldEvents });
  toldEvents = watched.events;
}, newsIntervalMs);

takeOrders(orders);
