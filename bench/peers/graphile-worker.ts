import { type Job, Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import type { OpenPeer } from './peer.ts';

const task = 'deliver';
/** Jobs that the process holds ready, so that no job waits for a fetch of its own. */
const localQueueSize = 500;
const poolSize = 10;
const pollIntervalMs = 2_000;

interface Payload {
  readonly body: string;
}

/**
 * graphile-worker with a local queue, and jobs completed in batches, as its page on performance says. It
 * deletes a job that is done, so each attempt is a row of a table, written before.
 */
export const openGraphileWorker: OpenPeer = async (storeUrl) => {
  const pgPool = new pg.Pool({ connectionString: storeUrl, max: poolSize });
  const utils = await makeWorkerUtils({ pgPool });
  return {
    prepare: async () => {
      await utils.migrate();
      await pgPool.query(
        'CREATE TABLE attempts (job_id bigint NOT NULL, event text NOT NULL, attempt json NOT NULL)',
      );
    },
    produce: async (bodies) => {
      await utils.addJobs(bodies.map((body) => ({ identifier: task, payload: { body } })));
    },
    work: async (concurrency, deliver) => {
      const runner = await run({
        pgPool,
        noHandleSignals: true,
        // By default it prints a line for each job.
        logger: new Logger(() => () => undefined),
        preset: {
          worker: {
            concurrentJobs: concurrency,
            maxPoolSize: poolSize,
            pollInterval: pollIntervalMs,
            localQueue: { size: localQueueSize },
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
          },
        },
        taskList: {
          [task]: async (payload: unknown, { job }: { job: Job }) => {
            const { body } = payload as Payload;
            const attempt = await deliver(job.id, body);
            await pgPool.query({
              name: 'attempt',
              text: 'INSERT INTO attempts (job_id, event, attempt) VALUES ($1, $2, $3)',
              values: [job.id, body, JSON.stringify(attempt)],
            });
          },
        },
      });
      runner.promise.catch((error: unknown) => console.error(error));
    },
    recorded: async () => {
      const { rows } = await pgPool.query<{ count: number }>('SELECT count(*)::int AS count FROM attempts');
      return rows[0]?.count ?? 0;
    },
  };
};
