import type { ServerResponse } from 'node:http';
import type { Clock } from '../model/clock.ts';
import type { Inbox, ReceivedRequest } from './inbox.ts';
import { limits } from './limits.ts';
import { showSummary } from './show.ts';

/**
 * Tells a browser of arrivals as server-sent events. Arrivals are gathered for a moment and told in one
 * message, `event: arrivals`, with `received` and `repeats` of the inbox and the newest arrivals, the newest
 * first. While the reader does not keep up nothing is written, so that it holds no memory; the next message
 * then has the newest again.
 */
export class ArrivalStream {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  #gathered: ReturnType<typeof showSummary>[] = [];
  #inbox: Inbox | null = null;
  #cancelTimer: () => void;
  #flushing = false;
  #ended = false;

  constructor(response: ServerResponse, clock: Clock) {
    this.#response = response;
    this.#clock = clock;
    response.on('drain', () => this.#plan());
    response.once('close', () => this.end());
    response.write(': watching\n\n');
    this.#cancelTimer = clock.after(limits.streamHeartbeatMs, () => this.#beat());
  }

  /** To be called with each request that arrives. */
  tell(request: ReceivedRequest, inbox: Inbox): void {
    this.#inbox = inbox;
    this.#gathered.push(showSummary(request));
    if (this.#gathered.length > limits.streamedArrivals) this.#gathered.shift();
    this.#plan();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTimer();
    this.#gathered = [];
    this.#response.end();
  }

  #plan(): void {
    if (this.#flushing || this.#ended || this.#gathered.length === 0) return;
    this.#flushing = true;
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(limits.streamPauseMs, () => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    const inbox = this.#inbox;
    if (inbox && this.#gathered.length > 0 && !this.#response.writableNeedDrain) {
      const requests = this.#gathered.reverse();
      this.#gathered = [];
      const { received, repeats } = inbox;
      this.#response.write(`event: arrivals\ndata: ${JSON.stringify({ received, repeats, requests })}\n\n`);
    }
    this.#cancelTimer = this.#clock.after(limits.streamHeartbeatMs, () => this.#beat());
  }

  #beat(): void {
    if (!this.#response.writableNeedDrain) this.#response.write(': still here\n\n');
    this.#cancelTimer = this.#clock.after(limits.streamHeartbeatMs, () => this.#beat());
  }
}
