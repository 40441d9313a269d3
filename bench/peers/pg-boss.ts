import { PgBoss } from 'pg-boss';
import type { AttemptRecord, OpenPeer } from './peer.ts';

const queueName = 'deliveries';
/** Jobs that one fetch takes; they are settled together, each with its own result. */
const batchSize = 32;
const pollingIntervalSeconds = 0.5;
const connections = 10;

interface JobData {
  readonly body: string;
}

/**
 * pg-boss. Several workers of one process fetch batches, so that one fetches while others send; NOTIFY wakes
 * them, and full batches are followed by the next fetch at once. The output of a job is the record of its attempt.
 */
export const openPgBoss: OpenPeer = async (storeUrl) => {
  const boss = new PgBoss({
    connectionString: storeUrl,
    max: connections,
    useListenNotify: true,
    // Nothing that is counted here goes into it.
    openTelemetry: { enabled: false },
  });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  return {
    prepare: () => boss.createQueue(queueName, { notify: true }),
    produce: async (bodies) => {
      await boss.insert(
        queueName,
        bodies.map((body) => ({ data: { body } })),
      );
    },
    work: async (concurrency, deliver) => {
      const options = {
        batchSize,
        localConcurrency: Math.ceil(concurrency / batchSize),
        pollingIntervalSeconds,
        notifyPollingIntervalSeconds: pollingIntervalSeconds,
        burstWhenBatchFull: true,
        perJobResults: true,
      } as const;
      await boss.work<JobData, AttemptRecord, typeof options>(queueName, options, (jobs) =>
        Promise.all(
          jobs.map(async ({ id, data }) => ({
            id,
            status: 'completed' as const,
            output: await deliver(id, data.body),
          })),
        ),
      );
    },
    recorded: async () => {
      const { rows } = await boss
        .getDb()
        .executeSql(`SELECT count(*)::int AS count FROM pgboss.job WHERE output IS NOT NULL`);
      return (rows as Array<{ count: number }>)[0]?.count ?? 0;
    },
  };
};
