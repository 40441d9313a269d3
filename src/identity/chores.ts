import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../model/clock.ts';
import type { AuditStore, PortalLinkStore } from '../store/port.ts';
import type { Sessions } from './sessions.ts';

/** After a start there is more urgent work. */
const firstAfterMs = 60_000;
const everyMs = 3_600_000;
/** Rows that one transaction removes at most; others who write wait for it. */
const removedAtOnce = 500;
const dayMs = 24 * 3_600_000;
/** A portal link that has ended is still listed for so long. */
const endedLinksKeptMs = 30 * dayMs;

export interface ChoresOptions {
  readonly sessions: Sessions;
  readonly portalLinks: PortalLinkStore;
  readonly audit: AuditStore;
  readonly clock: Clock;
  /** How long the audit log is kept; null: for ever. */
  readonly auditAgeMs: number | null;
  /** Chores failed; they are done again at their next time. */
  readonly onError: (error: unknown) => void;
  /** Chores were done. */
  readonly onDone?: () => void;
}

/** Removes what has ended: sessions, portal links, and the old end of the audit log. */
export class Chores {
  readonly #options: ChoresOptions;
  #stopped = false;
  #cancelTimer: (() => void) | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ChoresOptions) {
    this.#options = options;
  }

  start(): void {
    this.#schedule(firstAfterMs);
  }

  /** Resolves once the step under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    await this.#running;
  }

  #schedule(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      this.#running = this.#run();
    });
  }

  async #run(): Promise<void> {
    const { sessions, portalLinks, audit, clock, auditAgeMs, onError, onDone } = this.#options;
    const nowMs = clock.nowMs();
    try {
      await this.#repeat(() => sessions.removeEnded());
      await this.#repeat(() => portalLinks.removeEnded(nowMs - endedLinksKeptMs, removedAtOnce));
      if (auditAgeMs !== null)
        await this.#repeat(() => audit.removeBefore(nowMs - auditAgeMs, removedAtOnce));
    } catch (error) {
      onError(error);
    }
    this.#schedule(everyMs);
    onDone?.();
  }

  /** Until nothing is left to remove. */
  async #repeat(step: () => Promise<number>): Promise<void> {
    while (!this.#stopped && (await step()) > 0) await setImmediate();
  }
}
