import type { Lane, LaneContext } from './lane.ts';
import { backlogEvent } from './system-events.ts';

/** How often the places of the lanes are written down: what a crash may make the next start look at again. */
const intervalMs = 1_000;

/**
 * Writes down how far delivery has come. Lanes that have settled everything share one row, the checkpoint;
 * only a lane with events in memory, lagging or stopped has a cursor of its own. So a webhook that exists
 * but has nothing to do costs nothing, and all rows of one round commit together.
 */
export class Checkpoint {
  readonly #context: LaneContext;
  readonly #onSettled: (lane: Lane) => void;
  /** Lanes that may not have settled everything, or have a cursor row. */
  readonly #watched = new Set<Lane>();
  readonly #noticed = new WeakSet<Lane>();
  #writtenSeq = -1;
  #cancelTimer: (() => void) | null = null;
  #stopped = false;

  constructor(context: LaneContext, onSettled: (lane: Lane) => void) {
    this.#context = context;
    this.#onSettled = onSettled;
  }

  /** Something moved: the places are written down within the interval. While nothing moves, nothing is. */
  touch(): void {
    if (this.#stopped) return;
    this.#cancelTimer ??= this.#context.process.clock.after(intervalMs, () => {
      this.#cancelTimer = null;
      if (this.#context.recorder.suspended) this.touch();
      else this.write();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  watch(lane: Lane): void {
    this.#watched.add(lane);
    this.touch();
  }

  unwatch(lane: Lane): void {
    this.#watched.delete(lane);
  }

  /** Tells once when more waits for a lane than the bound, and again only after half of that is gone. */
  #noticeBacklog(lane: Lane): void {
    const { recorder } = this.#context;
    const { backlogNoticeEvents: bound, clock } = this.#context.process;
    if (lane.waiting <= bound / 2) this.#noticed.delete(lane);
    if (lane.waiting <= bound || this.#noticed.has(lane)) return;
    this.#noticed.add(lane);
    const event = backlogEvent(lane.webhook, lane.waiting, bound, clock.nowMs());
    recorder.add({ kind: 'event', workspaceNumber: lane.workspaceNumber, event });
  }

  /** Hands the places that changed to the recorder, behind everything delivered so far. */
  write(): void {
    const { recorder } = this.#context;
    for (const lane of this.#watched) {
      this.#noticeBacklog(lane);
      if (lane.settled) this.#join(lane);
      else this.#writeCursor(lane);
    }
    const seq = this.#context.dispatchedSeq();
    if (seq === this.#writtenSeq) return;
    this.#writtenSeq = seq;
    recorder.add({ kind: 'checkpoint', seq });
  }

  #join(lane: Lane): void {
    if (lane.storedCursor !== null) {
      lane.storedCursor = null;
      this.#context.recorder.add({ kind: 'caughtUp', webhookNumber: lane.webhook.number });
    }
    this.#watched.delete(lane);
    this.#onSettled(lane);
  }

  #writeCursor(lane: Lane): void {
    const cursor = { seq: lane.cursorSeq, waiting: lane.waitingAfterCursor };
    const stored = lane.storedCursor;
    // Also when only the count has changed: events up to the checkpoint are not counted again after a crash.
    if (stored?.seq === cursor.seq && stored.waiting === cursor.waiting) return;
    lane.storedCursor = cursor;
    this.#context.recorder.add({ kind: 'cursor', webhookNumber: lane.webhook.number, ...cursor });
  }
}
