/** What came of one request; a peer stores it with the job, as Rowhook does in its log. */
export interface AttemptRecord {
  readonly startedAtMs: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly tookMs: number;
}

/** Makes the request of one job: signed, as a webhook's. */
export type Deliver = (id: string, body: string) => Promise<AttemptRecord>;

/**
 * Another way to do the same work: take an event so that it survives a power cut, deliver it, record the
 * attempt. One instance is either a producer or a worker, each in a process of its own.
 */
export interface Peer {
  /** Makes what producers and workers find in the store. */
  prepare(): Promise<void>;
  /** Takes bodies of events, all in one call; resolves once they are durable. */
  produce(bodies: readonly string[]): Promise<void>;
  /** Delivers what is there and what comes, so many at once. */
  work(concurrency: number, deliver: Deliver): Promise<void>;
  /** Attempts that are recorded, to show that the work was done. */
  recorded(): Promise<number>;
}

/** Connects to a store by its URL. */
export type OpenPeer = (storeUrl: string) => Promise<Peer>;
