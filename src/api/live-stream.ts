import type { ServerResponse } from 'node:http';
import type { Clock } from '../model/clock.ts';

/** What happens is gathered for so long and told together. */
const gatherMs = 250;
/** Messages of one kind told together; older ones are left out and counted. */
const toldTogether = 50;
/** A sign of life, so that proxies do not cut the connection. */
const heartbeatMs = 15_000;

/**
 * One reader of server-sent events. What happens faster than it can be told, or than the reader reads, is
 * left out and counted, so that a reader holds no memory however busy the server is.
 */
export class LiveStream {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #gathered = new Map<string, { messages: unknown[]; leftOut: number }>();
  #cancelTimer: (() => void) | null = null;
  #cancelHeartbeat: () => void;
  #ended = false;

  constructor(response: ServerResponse, clock: Clock, onEnd: () => void) {
    this.#response = response;
    this.#clock = clock;
    response.once('close', () => {
      this.end();
      onEnd();
    });
    response.write('retry: 1000\n: watching\n\n');
    this.#cancelHeartbeat = clock.after(heartbeatMs, () => this.#beat());
  }

  /** Of the messages with the same `kind` only the newest are told, when there are too many. */
  tell(kind: string, message: unknown): void {
    if (this.#ended) return;
    const gathered = this.#gathered.get(kind) ?? { messages: [], leftOut: 0 };
    gathered.messages.push(message);
    if (gathered.messages.length > toldTogether) {
      gathered.messages.shift();
      gathered.leftOut += 1;
    }
    this.#gathered.set(kind, gathered);
    this.#cancelTimer ??= this.#clock.after(gatherMs, () => this.#flush());
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTimer?.();
    this.#cancelHeartbeat();
    this.#gathered.clear();
    this.#response.end();
  }

  #flush(): void {
    this.#cancelTimer = null;
    if (this.#response.writableNeedDrain) {
      this.#cancelTimer = this.#clock.after(gatherMs, () => this.#flush());
      return;
    }
    for (const [kind, { messages, leftOut }] of this.#gathered) {
      this.#response.write(`event: ${kind}\ndata: ${JSON.stringify({ data: messages, leftOut })}\n\n`);
    }
    this.#gathered.clear();
  }

  #beat(): void {
    if (!this.#response.writableNeedDrain) this.#response.write(': still here\n\n');
    this.#cancelHeartbeat = this.#clock.after(heartbeatMs, () => this.#beat());
  }
}
