import type { Findings } from './figures.ts';
import type { Stage } from './parts/stage.ts';

/** How much to measure. */
export interface Extent {
  readonly rounds: number;
  /** Length of one measurement in milliseconds, where the length may be chosen. */
  readonly windowMs: number;
  /** Scales numbers of events, rows and webhooks; 1 is the documented size. */
  readonly scale: number;
  /** Another checkout's `src/main.ts` to compare with; null: none. */
  readonly against: string | null;
}

/** Something that can be measured by name. */
export interface Benchmark {
  readonly name: string;
  /** What question it answers, in one line. */
  readonly question: string;
  /** Starts what it needs on the stage, which stops it afterwards. Null: it has nothing to do. */
  run(stage: Stage, extent: Extent): Promise<Findings | null>;
}
