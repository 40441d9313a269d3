/** A process as its row shows it. */
export interface SeenProcess {
  readonly id: string;
  readonly beats: number;
}

/**
 * Tells which processes have given no sign of life for too long. Time is that of the watcher, counted from
 * when it saw the last change, so that nobody's clock need be right; and only time in which the watcher itself was
 * awake counts. Otherwise one that was paused, or waited for the database together with all others, would take the
 * living for dead.
 */
export class ProcessWatch {
  readonly #timeoutMs: number;
  readonly #seen = new Map<string, { beats: number; sinceMs: number }>();
  #lastLookMs = Number.NEGATIVE_INFINITY;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** To be called with all processes, about every second; answers those that are silent. */
  look(processes: readonly SeenProcess[], nowMs: number): readonly string[] {
    if (nowMs - this.#lastLookMs > this.#timeoutMs / 2) this.#seen.clear();
    this.#lastLookMs = nowMs;
    const silent: string[] = [];
    for (const { id, beats } of processes) {
      const seen = this.#seen.get(id);
      if (seen?.beats !== beats) this.#seen.set(id, { beats, sinceMs: nowMs });
      else if (nowMs - seen.sinceMs > this.#timeoutMs) silent.push(id);
    }
    const ids = new Set(processes.map(({ id }) => id));
    for (const id of this.#seen.keys()) if (!ids.has(id)) this.#seen.delete(id);
    return silent;
  }
}
