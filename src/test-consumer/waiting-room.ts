import type { ServerResponse } from 'node:http';
import type { Clock } from '../model/clock.ts';
import { limits } from './limits.ts';

/** How a wait ended: its time was over, the sender went away, or the server stops. */
export type WaitEnd = 'over' | 'gone' | 'stopping';

/**
 * Requests whose answer is held back. A waiting request costs its socket and a timer: its body was put
 * away before. Their number is bounded, so that a slow inbox cannot use up the server.
 */
export class WaitingRoom {
  readonly #clock: Clock;
  readonly #waiting = new Set<(end: WaitEnd) => void>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isFull(): boolean {
    return this.#waiting.size >= limits.waitingRequests;
  }

  /** Resolves after the delay, or when the sender goes away, or when the server stops. */
  wait(response: ServerResponse, delayMs: number): Promise<WaitEnd> {
    if (this.#closed) return Promise.resolve('stopping');
    return new Promise((resolve) => {
      const end = (how: WaitEnd): void => {
        cancel();
        response.off('close', gone);
        this.#waiting.delete(end);
        resolve(how);
      };
      const gone = (): void => end('gone');
      const cancel = this.#clock.after(delayMs, () => end('over'));
      this.#waiting.add(end);
      response.once('close', gone);
      // The server cuts idle connections off; this one is meant to be idle.
      response.socket?.setTimeout(0);
    });
  }

  /** Ends every wait, now and from now on. */
  close(): void {
    this.#closed = true;
    for (const end of [...this.#waiting]) end('stopping');
  }
}
