import { Pool } from 'undici';
import { sign } from '../../src/egress/index.ts';
import { generateSecret } from '../../src/model/signing-secret.ts';
import { type PeerName, peers } from '../peers/index.ts';
import type { AttemptRecord, Peer } from '../peers/peer.ts';
import { eventBody } from './load-work.ts';
import { takeOrders } from './part.ts';

/** The process of a peer: its producer, or its worker. */
interface ProduceOrder {
  readonly bodyBytes: number;
  readonly eventsPerCall: number;
  readonly callers: number;
  /** As long as fewer events have not arrived. */
  readonly window: number;
}

interface WorkOrder {
  readonly url: string;
  readonly concurrency: number;
}

const secret = generateSecret();

/** The same request that a webhook makes. */
function deliverTo({ url, concurrency }: WorkOrder): (id: string, body: string) => Promise<AttemptRecord> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: concurrency });
  return async (id, body) => {
    const startedAtMs = Date.now();
    const startedAt = performance.now();
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'peer',
      ...sign(secret, `msg_${id}`, Math.floor(startedAtMs / 1_000), body),
    };
    const answer = await pool.request({ path: pathname, method: 'POST', headers, body });
    const text = await answer.body.text();
    const tookMs = performance.now() - startedAt;
    return { startedAtMs, status: answer.statusCode, headers: answer.headers, body: text, tookMs };
  };
}

class Producer {
  readonly #peer: Peer;
  readonly #waiting: Array<() => void> = [];
  #produced = 0;
  #arrived = 0;
  #stopping = false;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  /** Produces until it is told to stop; answers how many events. */
  async run({ bodyBytes, eventsPerCall, callers, window }: ProduceOrder): Promise<number> {
    const caller = async (): Promise<void> => {
      while (!this.#stopping) {
        if (this.#produced + eventsPerCall - this.#arrived > window) {
          await new Promise<void>((resolve) => this.#waiting.push(resolve));
          continue;
        }
        const first = this.#produced;
        this.#produced += eventsPerCall;
        await this.#peer.produce(
          Array.from({ length: eventsPerCall }, (_, index) => eventBody(first + index, bodyBytes)),
        );
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return this.#produced;
  }

  arrived(events: number): void {
    this.#arrived += events;
    this.#wakeAll();
  }

  stop(): void {
    this.#stopping = true;
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

let peer: Peer | null = null;
let producer: Producer | null = null;

function opened(): Peer {
  if (peer === null) throw new Error('The peer was not opened.');
  return peer;
}

const orders = {
  open: async ({ name, storeUrl }: { name: PeerName; storeUrl: string }): Promise<void> => {
    const open = await peers[name]();
    peer = await open(storeUrl);
  },
  prepare: (_: null): Promise<void> => opened().prepare(),
  work: (order: WorkOrder): Promise<void> => opened().work(order.concurrency, deliverTo(order)),
  produce: (order: ProduceOrder): Promise<number> => {
    producer = new Producer(opened());
    return producer.run(order);
  },
  arrived: (events: number): void => producer?.arrived(events),
  stop: (_: null): void => producer?.stop(),
  recorded: (_: null): Promise<number> => opened().recorded(),
};
export type PeerOrders = typeof orders;

takeOrders(orders);
