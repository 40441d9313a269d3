import { Queue, Worker } from 'bullmq';
import type { AttemptRecord, OpenPeer } from './peer.ts';

const queueName = 'deliveries';

interface JobData {
  readonly body: string;
}

/**
 * BullMQ on Redis. Jobs are added in bulk, a transaction for each call. What the processor answers is stored
 * with the completed job, which stays: that is the record of the attempt.
 */
export const openBullmq: OpenPeer = async (storeUrl) => {
  const { hostname, port } = new URL(storeUrl);
  const connection = { host: hostname, port: Number(port), maxRetriesPerRequest: null };
  const queue = new Queue<JobData, AttemptRecord>(queueName, { connection });
  return {
    prepare: async () => {
      await queue.waitUntilReady();
    },
    produce: async (bodies) => {
      await queue.addBulk(bodies.map((body) => ({ name: 'deliver', data: { body } })));
    },
    work: async (concurrency, deliver) => {
      const worker = new Worker<JobData, AttemptRecord>(
        queueName,
        (job) => deliver(job.id ?? '', job.data.body),
        { connection, concurrency },
      );
      worker.on('error', (error) => console.error(error));
      await worker.waitUntilReady();
    },
    recorded: () => queue.getCompletedCount(),
  };
};
