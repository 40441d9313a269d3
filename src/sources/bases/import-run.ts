import type { ImportId, TableId } from '../../model/ids.ts';
import type { ProblemCode } from '../../model/problem.ts';
import type { ChunkOutcome } from './import-chunk.ts';
import type { ImportFault } from './import-fault.ts';
import { importLimits } from './limits.ts';

export type ImportState = 'running' | 'done' | 'failed' | 'cancelled';

/** How far an import has come. */
export interface ImportProgress {
  readonly id: ImportId;
  readonly tableId: TableId;
  readonly state: ImportState;
  /** Rows committed, with their events. They stay, whatever becomes of the rest of the file. */
  readonly rowsImported: number;
  readonly rowsSkipped: number;
  /** The first of the skipped rows, with the reason. */
  readonly skipped: readonly ImportFault[];
  readonly bytesRead: number;
  /** Null when the length of the file was not announced. */
  readonly bytesTotal: number | null;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  /** Why it failed. */
  readonly error: (ImportFault & { readonly code: ProblemCode }) | null;
}

/** Thrown into an import that somebody cancelled. */
export class ImportCancelled extends Error {}

/** One import: its progress, and the switch that cancels it. */
export class ImportRun {
  readonly #abort = new AbortController();
  readonly #finished = Promise.withResolvers<void>();
  readonly #skipped: ImportFault[] = [];
  #progress: Omit<ImportProgress, 'skipped'>;

  constructor(id: ImportId, tableId: TableId, bytesTotal: number | null, startedAtMs: number) {
    this.#progress = {
      id,
      tableId,
      state: 'running',
      rowsImported: 0,
      rowsSkipped: 0,
      bytesRead: 0,
      bytesTotal,
      startedAtMs,
      finishedAtMs: null,
      error: null,
    };
  }

  get isRunning(): boolean {
    return this.#progress.state === 'running';
  }

  /** Resolves when it is no longer running. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  progress(): ImportProgress {
    return { ...this.#progress, skipped: [...this.#skipped] };
  }

  addBytes(count: number): void {
    this.#progress = { ...this.#progress, bytesRead: this.#progress.bytesRead + count };
  }

  addRows({ imported, skipped }: ChunkOutcome): void {
    const { rowsImported, rowsSkipped } = this.#progress;
    this.#skipped.push(...skipped.slice(0, importLimits.listedSkips - this.#skipped.length));
    this.#progress = {
      ...this.#progress,
      rowsImported: rowsImported + imported,
      rowsSkipped: rowsSkipped + skipped.length,
    };
  }

  finish(
    state: Exclude<ImportState, 'running'>,
    finishedAtMs: number,
    error: ImportProgress['error'] = null,
  ): void {
    this.#progress = { ...this.#progress, state, finishedAtMs, error };
    this.#finished.resolve();
  }

  cancel(): void {
    this.#abort.abort(new ImportCancelled('The import was cancelled.'));
  }

  throwIfCancelled(): void {
    this.#abort.signal.throwIfAborted();
  }

  /** Calls back when the import is cancelled; the answer stops that. */
  onCancelled(listener: (reason: unknown) => void): () => void {
    const { signal } = this.#abort;
    const heard = () => listener(signal.reason);
    signal.addEventListener('abort', heard, { once: true });
    return () => signal.removeEventListener('abort', heard);
  }
}
