import type { Replay } from '../../model/replay.ts';
import type { Webhook } from '../../model/webhook.ts';
import type { Store } from '../../store/port.ts';
import type { ReplaySource } from '../agenda.ts';
import type { Outgoing } from '../outgoing.ts';
import type { Prepare } from '../prepare.ts';
import { RateLimit } from '../rate-limit.ts';
import type { SteadyTime } from '../steady-time.ts';
import { outgoingAgain, type ReplayItem, readReplayPage } from './replay-reader.ts';

/** Deliveries that fail one after the other until the replay pauses: the consumer is not there. */
const pausedAfterFailures = 10;
/** How long to wait before reading the journal again that could not be read. */
const readAgainMs = 1_000;

/** What a run needs of the process it is in. */
export interface ReplayRunContext {
  readonly store: Store;
  readonly time: SteadyTime;
  readonly prepare: Prepare;
  /** The webhook as it is now; null when it was deleted. */
  webhook(): Webhook | null;
  /** There is something to send. */
  pump(): void;
  /** The replay has come further, or has ended. */
  onProgress(replay: Replay): void;
  onError(error: unknown): void;
}

/** A replay that is running: hands one delivery after the other to the lane of its webhook, at a bounded rate. */
export class ReplayRun implements ReplaySource {
  readonly #context: ReplayRunContext;
  readonly #rateLimit: RateLimit;
  #replay: Replay;
  #items: ReplayItem[] = [];
  /** Everything up to here is in `items`, under way, or done. */
  #readSeq: number;
  /** Places of the items under way, in order of leaving. */
  readonly #underWay = new Set<number>();
  #failuresInRow = 0;
  #reading = false;
  #cancelTimer: (() => void) | null = null;
  #stopped = false;

  constructor(replay: Replay, context: ReplayRunContext) {
    this.#replay = replay;
    this.#context = context;
    this.#readSeq = replay.positionSeq;
    this.#rateLimit = new RateLimit(replay.ratePerSecond, context.time.nowMs());
  }

  get replay(): Replay {
    return this.#replay;
  }

  next(): Outgoing | null {
    if (this.#replay.state !== 'running') return null;
    const webhook = this.#context.webhook();
    if (webhook === null) {
      this.end('cancelled', 'The webhook was deleted.');
      return null;
    }
    if (this.#items.length === 0) {
      this.#read(webhook);
      return null;
    }
    const waitMs = this.#rateLimit.take(this.#context.time.nowMs());
    if (waitMs > 0) {
      this.#cancelTimer ??= this.#context.time.at(this.#context.time.nowMs() + waitMs, () => {
        this.#cancelTimer = null;
        this.#context.pump();
      });
      return null;
    }
    const item = this.#items.shift() as ReplayItem;
    const seq = item.events[0]?.seq ?? 0;
    this.#underWay.add(seq);
    const mark = this.#replay.scope === 'failed' ? 'recover' : 'replay';
    return outgoingAgain(item, webhook, this.#context.prepare, mark, (succeeded) =>
      this.#finished(seq, succeeded),
    );
  }

  /** Stops handing out deliveries; those under way still count. */
  end(state: Replay['state'], reason: string | null): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const isFinal = state === 'done' || state === 'cancelled';
    this.#change({ state, reason, finishedAtMs: isFinal ? Math.round(this.#context.time.nowMs()) : null });
  }

  /** The engine has ended: whatever still comes in changes nothing. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  /** A paused run goes on. */
  continue(): void {
    this.#failuresInRow = 0;
    this.#change({ state: 'running', reason: null });
  }

  #finished(seq: number, succeeded: boolean): void {
    this.#underWay.delete(seq);
    this.#failuresInRow = succeeded ? 0 : this.#failuresInRow + 1;
    this.#change({
      succeeded: this.#replay.succeeded + (succeeded ? 1 : 0),
      failed: this.#replay.failed + (succeeded ? 0 : 1),
    });
    if (this.#failuresInRow >= pausedAfterFailures && this.#replay.state === 'running') {
      this.end('paused', `${this.#failuresInRow} deliveries failed one after the other.`);
    }
    this.#endIfDone();
  }

  #read(webhook: Webhook): void {
    if (this.#reading) return;
    if (this.#readSeq >= this.#replay.toSeq) {
      this.#endIfDone();
      return;
    }
    this.#reading = true;
    const end = (): void => {
      this.#reading = false;
      this.#context.pump();
    };
    readReplayPage(this.#context.store, this.#replay, webhook, this.#readSeq)
      .then((page) => {
        this.#items.push(...page.items);
        this.#readSeq = page.upToSeq;
        this.#change({});
        this.#endIfDone();
      })
      .then(end, (error: unknown) => {
        this.#context.onError(error);
        this.#context.time.at(this.#context.time.nowMs() + readAgainMs, end);
      });
  }

  #endIfDone(): void {
    const isDone =
      this.#readSeq >= this.#replay.toSeq && this.#items.length === 0 && this.#underWay.size === 0;
    if (isDone && this.#replay.state === 'running') this.end('done', null);
  }

  #change(change: Partial<Replay>): void {
    if (this.#stopped) return;
    this.#replay = { ...this.#replay, ...change, positionSeq: this.#positionSeq() };
    this.#context.onProgress(this.#replay);
  }

  /** What lies before is dealt with: a run after a restart begins there. */
  #positionSeq(): number {
    const unfinished = [
      ...this.#underWay,
      ...(this.#items[0]?.events.slice(0, 1).map(({ seq }) => seq) ?? []),
    ];
    return unfinished.length === 0 ? this.#readSeq : Math.min(...unfinished) - 1;
  }
}
