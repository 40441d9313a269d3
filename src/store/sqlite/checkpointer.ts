import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Database, Statement } from 'better-sqlite3';
import type { CheckpointOrder, CheckpointReport, CheckpointThreadData } from './checkpoint-thread.ts';
import type { CommitQueue } from './commit-queue.ts';
import { isFailedSync, type WriteAheadLog } from './write-ahead-log.ts';

/** The log is folded into the database once it has this many pages, of 4 KiB. */
const foldedAtPages = 4_000;
/** When it could not be folded to its end, it is tried again after so many more. */
const triedAgainAfterPages = 1_000;
/** The size of the log is looked at after so many transactions; asking costs as much as a small one. */
const transactionsPerLook = 16;

/**
 * Folds the log into the database on a thread of its own, so that the event loop waits neither for the
 * copying nor for the disk. A log begins anew only when all of it is folded and nobody reads it, and under
 * load there is always more. So it is done in two steps: most of the log while writing goes on, then the few
 * pages that came meanwhile while the commit queue stands. The thread is started when it is first needed.
 */
export class Checkpointer {
  readonly #databaseFile: string;
  readonly #queue: CommitQueue;
  readonly #log: WriteAheadLog;
  readonly #look: Statement<[], { log: number }>;
  #thread: Worker | null = null;
  /** Takes the report of the checkpoint under way. */
  #onReport: (report: CheckpointReport) => void = () => undefined;
  #folding: Promise<void> | null = null;
  #transactions = 0;
  #foldAtPages = foldedAtPages;
  #stopped = false;

  /** `writer` must not fold the log by itself. */
  constructor(writer: Database, databaseFile: string, queue: CommitQueue, log: WriteAheadLog) {
    this.#look = writer.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#databaseFile = databaseFile;
    this.#queue = queue;
    this.#log = log;
  }

  /** A transaction is durable. */
  committed(): void {
    this.#transactions += 1;
    if (this.#transactions % transactionsPerLook > 0 || this.#folding || this.#stopped) return;
    if ((this.#look.get()?.log ?? 0) < this.#foldAtPages) return;
    this.#folding = this.#fold().finally(() => {
      this.#folding = null;
    });
  }

  /** Ends the thread, after what it does at the moment. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#folding;
    const thread = this.#thread;
    if (thread === null) return;
    const ended = once(thread, 'exit');
    thread.ref();
    thread.postMessage('end' satisfies CheckpointOrder);
    await ended;
  }

  async #fold(): Promise<void> {
    await this.#checkpoint();
    await this.#queue.pause(async () => {
      const report = await this.#checkpoint();
      // Not to its end: another program reads an older state, or the disk is full. The log grows meanwhile.
      const isFolded = 'log' in report && report.log === report.checkpointed;
      this.#foldAtPages = isFolded ? foldedAtPages : (this.#look.get()?.log ?? 0) + triedAgainAfterPages;
    });
  }

  async #checkpoint(): Promise<CheckpointReport> {
    const thread = this.#started();
    thread.ref();
    thread.postMessage('checkpoint' satisfies CheckpointOrder);
    const report = await new Promise<CheckpointReport>((resolve) => {
      this.#onReport = resolve;
    });
    thread.unref();
    if ('code' in report && isFailedSync(report.code)) {
      return this.#log.fail(new Error(`${report.code}: ${report.message}`));
    }
    return report;
  }

  #started(): Worker {
    if (this.#thread) return this.#thread;
    const program = new URL(`checkpoint-thread${extname(import.meta.url)}`, import.meta.url);
    const data: CheckpointThreadData = { databaseFile: this.#databaseFile };
    const thread = new Worker(program, { workerData: data });
    thread.on('message', (report: CheckpointReport) => this.#onReport(report));
    thread.on('error', ({ message }) => {
      // The next fold starts another one.
      this.#thread = null;
      this.#onReport({ code: 'THREAD_ENDED', message });
    });
    this.#thread = thread;
    return thread;
  }
}
