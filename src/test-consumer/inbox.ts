import { type Behaviour, type CurrentBehaviour, friendly } from './behaviour.ts';
import { limits } from './limits.ts';
import type { Verdict } from './verdict.ts';

/** A request as it came in. */
export interface Arrival {
  readonly receivedAtMs: number;
  readonly method: string;
  /** With the query string. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** As it came, cut at `limits.keptBodyBytes`. */
  readonly body: Buffer;
  /** How long it was in full. */
  readonly bodyBytes: number;
  readonly verdict: Verdict;
  readonly answer: Answer;
}

/** What a request was answered with; `too-many-waiting`: 503, as no more could wait. */
export type Answer = Behaviour | { readonly kind: 'too-many-waiting' };

/** A request that an inbox keeps. */
export interface ReceivedRequest extends Arrival {
  /** Counts from 1 within the inbox. */
  readonly number: number;
  /** Its `webhook-id` came before. */
  readonly repeat: boolean;
}

/** Requests that came to one name, and what is done with the next one. */
export class Inbox {
  readonly name: string;
  /** The signing secret set by a person; null: those of the webhooks that point here are tried. */
  secret: string | null = null;
  /** The secret that the last verified request was signed with: the first one to try on the next. */
  lastFitting: string | null = null;
  #current: CurrentBehaviour = { behaviour: friendly, remainingRequests: null };
  #requests: ReceivedRequest[] = [];
  #lastNumber = 0;
  #received = 0;
  #repeats = 0;
  #lastReceivedAtMs: number | null = null;
  #keptBytes = 0;
  readonly #seenIds = new Set<string>();

  constructor(name: string) {
    this.name = name;
  }

  get current(): CurrentBehaviour {
    return this.#current;
  }

  /** Requests since the inbox was last cleared. */
  get received(): number {
    return this.#received;
  }

  get repeats(): number {
    return this.#repeats;
  }

  get lastReceivedAtMs(): number | null {
    return this.#lastReceivedAtMs;
  }

  get keptBytes(): number {
    return this.#keptBytes;
  }

  get keptRequests(): number {
    return this.#requests.length;
  }

  /** The kept requests numbered below `before`, the newest first. */
  *newestFirst(before: number): Generator<ReceivedRequest> {
    for (let index = this.#requests.length - 1; index >= 0; index--) {
      const request = this.#requests[index];
      if (request && request.number < before) yield request;
    }
  }

  behave(current: CurrentBehaviour): void {
    this.#current = current;
  }

  /** What to do with the request that is there now; a behaviour for the next N requests is used up by it. */
  takeBehaviour(): Behaviour {
    const { behaviour, remainingRequests } = this.#current;
    if (remainingRequests === 1) {
      this.#current = { behaviour: friendly, remainingRequests: null };
    } else if (remainingRequests !== null) {
      this.#current = { behaviour, remainingRequests: remainingRequests - 1 };
    }
    return behaviour;
  }

  add(arrival: Arrival): ReceivedRequest {
    const request = { ...arrival, number: ++this.#lastNumber, repeat: this.#noteId(arrival) };
    this.#received += 1;
    if (request.repeat) this.#repeats += 1;
    this.#lastReceivedAtMs = arrival.receivedAtMs;
    this.#requests.push(request);
    this.#keptBytes += bytesOf(request);
    if (this.#requests.length > limits.requestsPerInbox) this.dropOldest();
    return request;
  }

  dropOldest(): void {
    const oldest = this.#requests.shift();
    if (oldest) this.#keptBytes -= bytesOf(oldest);
  }

  /** Forgets the requests and what was counted; the behaviour and the secret stay. */
  clear(): void {
    this.#requests = [];
    this.#keptBytes = 0;
    this.#received = 0;
    this.#repeats = 0;
    this.#lastReceivedAtMs = null;
    this.#seenIds.clear();
  }

  /** Whether the id came before. */
  #noteId({ headers }: Arrival): boolean {
    const id = headers['webhook-id']?.slice(0, limits.idCharacters);
    if (id === undefined) return false;
    if (this.#seenIds.has(id)) return true;
    const oldest = this.#seenIds.values().next();
    if (this.#seenIds.size >= limits.rememberedIds && !oldest.done) this.#seenIds.delete(oldest.value);
    this.#seenIds.add(id);
    return false;
  }
}

/** About how much memory a kept request takes. */
function bytesOf({ body, headers, path }: ReceivedRequest): number {
  let bytes = body.length + path.length;
  for (const [name, value] of Object.entries(headers)) bytes += name.length + value.length;
  return bytes;
}
