import type { ServerResponse } from 'node:http';
import type { Clock } from '../model/clock.ts';
import type { JournalEvent } from '../model/event.ts';
import { eventId } from '../model/ids.ts';

/** Events appended by another process are found by looking so often. */
const lookAgainMs = 1_000;
/** A sign of life, so that proxies do not cut the connection. */
const heartbeatMs = 15_000;

/** What a feed reads, and what it makes of it. */
export interface FeedSource {
  /** Events after a place, in order; none when there are none yet. */
  read(afterSeq: number): Promise<readonly JournalEvent[]>;
  /** The place after which the feed ends; null: never. */
  readonly untilSeq: number | null;
  /** What is told of an event; null: nothing. */
  show(event: JournalEvent): unknown;
}

/**
 * A reader that gets every event of a workspace, in order, as server-sent events whose id is the event's: a
 * reader that was cut off goes on with `Last-Event-ID`. The journal is the buffer, so a slow reader holds
 * one page in memory and loses nothing.
 */
export class EventFeed {
  readonly #response: ServerResponse;
  readonly #source: FeedSource;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  #seq: number;
  #reading = false;
  /** Something was appended while a page was being read. */
  #wokenWhileReading = false;
  #ended = false;
  #cancelLook: () => void = () => undefined;
  #cancelHeartbeat: () => void;

  /** @param afterSeq the place after which the feed begins */
  constructor(
    response: ServerResponse,
    source: FeedSource,
    afterSeq: number,
    clock: Clock,
    ends: { readonly onEnd: () => void; readonly onError: (error: unknown) => void },
  ) {
    this.#response = response;
    this.#source = source;
    this.#seq = afterSeq;
    this.#clock = clock;
    this.#onError = ends.onError;
    response.once('close', () => {
      this.end();
      ends.onEnd();
    });
    response.write('retry: 1000\n: following\n\n');
    this.#cancelHeartbeat = clock.after(heartbeatMs, () => this.#beat());
    this.wake();
  }

  /** There may be something new. */
  wake(): void {
    if (this.#ended) return;
    if (this.#reading) {
      this.#wokenWhileReading = true;
      return;
    }
    void this.#readOn();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelLook();
    this.#cancelHeartbeat();
    this.#response.end();
  }

  async #readOn(): Promise<void> {
    this.#reading = true;
    this.#cancelLook();
    try {
      do {
        this.#wokenWhileReading = false;
        for (let page = await this.#nextPage(); page.length > 0 && !this.#ended; ) {
          await this.#tell(page);
          page = await this.#nextPage();
        }
      } while (this.#wokenWhileReading && !this.#ended);
    } catch (error) {
      this.#onError(error);
      // Whoever reads comes back, and goes on at the last event that it has.
      this.end();
    }
    this.#reading = false;
    if (!this.#ended) this.#cancelLook = this.#clock.after(lookAgainMs, () => this.wake());
  }

  async #nextPage(): Promise<readonly JournalEvent[]> {
    const { untilSeq } = this.#source;
    if (untilSeq === null || this.#seq < untilSeq) return this.#source.read(this.#seq);
    this.end();
    return [];
  }

  async #tell(page: readonly JournalEvent[]): Promise<void> {
    const { untilSeq } = this.#source;
    for (const event of page) {
      if (untilSeq !== null && event.seq > untilSeq) this.end();
      if (this.#ended) return;
      this.#seq = event.seq;
      const shown = this.#source.show(event);
      if (shown === null) continue;
      const id = eventId(event.acceptedAtMs, event.seq);
      const taken = this.#response.write(`id: ${id}\nevent: event\ndata: ${JSON.stringify(shown)}\n\n`);
      if (!taken) await this.#drained();
    }
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        this.#response.off('drain', go);
        this.#response.off('close', go);
        resolve();
      };
      this.#response.once('drain', go);
      this.#response.once('close', go);
    });
  }

  #beat(): void {
    if (!this.#response.writableNeedDrain) this.#response.write(': still here\n\n');
    this.#cancelHeartbeat = this.#clock.after(heartbeatMs, () => this.#beat());
  }
}
