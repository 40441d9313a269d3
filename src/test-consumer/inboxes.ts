import type { CurrentBehaviour } from './behaviour.ts';
import { type Arrival, Inbox, type ReceivedRequest } from './inbox.ts';
import { limits } from './limits.ts';

/** Called with each request that arrives at an inbox. */
export type ArrivalListener = (request: ReceivedRequest, inbox: Inbox) => void;

/** All inboxes, by name. One appears when it is first used; beyond the limit the longest unused one goes. */
export class Inboxes {
  /** The longest unused one first. */
  readonly #inboxes = new Map<string, Inbox>();
  readonly #listeners = new Map<string, Set<ArrivalListener>>();

  /** By name. */
  list(): readonly Inbox[] {
    return [...this.#inboxes.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** The inbox as it is, without using it: an empty one when there is none of that name. */
  look(name: string): Inbox {
    return this.#inboxes.get(name) ?? new Inbox(name);
  }

  /** The inbox, for a request that is there now. */
  open(name: string): Inbox {
    const inbox = this.#inboxes.get(name) ?? new Inbox(name);
    this.#inboxes.delete(name);
    const longestUnused = this.#inboxes.keys().next();
    if (this.#inboxes.size >= limits.inboxes && !longestUnused.done)
      this.#inboxes.delete(longestUnused.value);
    this.#inboxes.set(name, inbox);
    return inbox;
  }

  /** Keeps a request, and makes room for it. */
  receive(inbox: Inbox, arrival: Arrival): void {
    const request = inbox.add(arrival);
    this.#makeRoom();
    for (const listener of this.#listeners.get(inbox.name) ?? []) listener(request, inbox);
  }

  behave(name: string, current: CurrentBehaviour): Inbox {
    const inbox = this.open(name);
    inbox.behave(current);
    return inbox;
  }

  setSecret(name: string, secret: string | null): Inbox {
    const inbox = this.open(name);
    inbox.secret = secret;
    return inbox;
  }

  clear(name: string): void {
    this.#inboxes.get(name)?.clear();
  }

  /** Calls back for each request that arrives at an inbox; the answer stops that. */
  onArrival(name: string, listener: ArrivalListener): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(name);
    };
  }

  #makeRoom(): void {
    const inboxes = [...this.#inboxes.values()];
    let kept = inboxes.reduce((sum, inbox) => sum + inbox.keptBytes, 0);
    while (kept > limits.keptBytes) {
      const fullest = inboxes.reduce((one, other) => (other.keptBytes > one.keptBytes ? other : one));
      const before = fullest.keptBytes;
      fullest.dropOldest();
      kept -= before - fullest.keptBytes;
    }
  }
}
