import type { Clock } from '../model/clock.ts';
import type { TokenId } from '../model/ids.ts';
import type { ApiToken } from '../model/workspace.ts';
import type { WorkspaceStore } from '../store/port.ts';

/** Uses are written down so much later, all together, and that of one token no more often. */
const writtenAfterMs = 60_000;

/** Remembers which tokens are used, and writes it down now and then: no request waits for that. */
export class TokenUses {
  readonly #store: Pick<WorkspaceStore, 'saveTokenUses'>;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  #usedAtMs = new Map<TokenId, number>();
  #cancelTimer: (() => void) | null = null;

  constructor(store: Pick<WorkspaceStore, 'saveTokenUses'>, clock: Clock, onError: (error: unknown) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onError = onError;
  }

  note(token: ApiToken): void {
    const nowMs = this.#clock.nowMs();
    if (token.lastUsedAtMs !== null && Math.abs(nowMs - token.lastUsedAtMs) < writtenAfterMs) return;
    this.#usedAtMs.set(token.id, nowMs);
    this.#cancelTimer ??= this.#clock.after(writtenAfterMs, () => void this.flush());
  }

  /** Writes down what is remembered. What cannot be written is forgotten: the next use tells again. */
  async flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.#usedAtMs.size === 0) return;
    const used = this.#usedAtMs;
    this.#usedAtMs = new Map();
    try {
      await this.#store.saveTokenUses(used);
    } catch (error) {
      this.#onError(error);
    }
  }
}
