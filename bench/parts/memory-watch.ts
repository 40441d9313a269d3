import type { ProcessFigures } from './process-figures.ts';

/** Between two looks at the memory of a process. */
const intervalMs = 50;

/** Looks at a process again and again, for the most memory it has while something goes on. */
export class MemoryWatch {
  readonly #timer: NodeJS.Timeout;
  #peakMiB = 0;

  constructor(watched: { readonly figures: ProcessFigures }) {
    this.#timer = setInterval(() => {
      this.#peakMiB = Math.max(this.#peakMiB, watched.figures.residentMiB);
    }, intervalMs);
  }

  /** Ends the watch; answers the most that was resident. */
  end(): number {
    clearInterval(this.#timer);
    return this.#peakMiB;
  }
}
