import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

/** What the thread is started with. */
export interface CheckpointThreadData {
  readonly databaseFile: string;
}

/** What one checkpoint came to: pages in the log, and how many of them are in the database, too. */
export type CheckpointReport =
  | { readonly log: number; readonly checkpointed: number }
  /** Code and message of SQLite's error. */
  | { readonly code: string; readonly message: string };

/** Orders to the thread. `checkpoint` is answered by a report, `end` by its end. */
export type CheckpointOrder = 'checkpoint' | 'end';

const pageCacheKiB = 1_024;

if (parentPort !== null) serve(parentPort, workerData as CheckpointThreadData);

/** The thread of the `Checkpointer`: a connection of its own, which does nothing but checkpoints. */
function serve(port: NonNullable<typeof parentPort>, { databaseFile }: CheckpointThreadData): void {
  const database = new Database(databaseFile);
  // In this mode a checkpoint waits for the disk where it must: before pages are copied, and after.
  database.pragma('synchronous = NORMAL');
  database.pragma('checkpoint_fullfsync = ON');
  database.pragma(`cache_size = -${pageCacheKiB}`);
  const checkpoint = database.prepare<[], { log: number; checkpointed: number }>(
    'PRAGMA wal_checkpoint(PASSIVE)',
  );
  port.on('message', (order: CheckpointOrder) => {
    if (order === 'end') {
      database.close();
      port.close();
    } else {
      port.postMessage(reportOf(() => checkpoint.get()));
    }
  });
}

function reportOf(checkpoint: () => { log: number; checkpointed: number } | undefined): CheckpointReport {
  try {
    return checkpoint() ?? { log: 0, checkpointed: 0 };
  } catch (error) {
    if (error instanceof Database.SqliteError) return { code: error.code, message: error.message };
    throw error;
  }
}
