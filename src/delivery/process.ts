import type { Egress } from '../egress/index.ts';
import type { Clock } from '../model/clock.ts';
import type { Attempt, Delivery } from '../model/delivery.ts';
import { type Prepare, preparePayloads } from './prepare.ts';
import { QueueMemory } from './queue-memory.ts';
import { Slots } from './slots.ts';
import { SteadyTime } from './steady-time.ts';

export interface DeliveryProcessOptions {
  readonly egress: Pick<Egress, 'send' | 'cutOff'>;
  readonly clock: Clock;
  /** Requests under way at once, over all webhooks. */
  readonly maxRequests: number;
  /** Event data that all queues together may hold in memory. */
  readonly queueMemoryBytes: number;
  /** Event data in one batch. */
  readonly maxBatchBytes: number;
  /** A larger body is not sent; its delivery fails. */
  readonly maxPayloadBytes: number;
  /** More events waiting for one webhook than this are told of by a `webhook.backlog` event. */
  readonly backlogNoticeEvents: number;
  /** In [0, 1); spreads retries. */
  readonly random: () => number;
  /** Something that no caller waits for failed; the engine goes on and tries again. */
  readonly onError: (error: unknown) => void;
  /** An attempt is over, of whatever engine. */
  readonly onAttempt?: (delivery: Delivery, attempt: Attempt) => void;
}

/**
 * What the delivery engines of a process share, so that its bounds hold for all of them together: a process
 * has one engine on the embedded store, and in a cluster one for each shard that it owns.
 */
export class DeliveryProcess {
  readonly egress: Pick<Egress, 'send' | 'cutOff'>;
  readonly clock: Clock;
  readonly time: SteadyTime;
  readonly slots: Slots;
  readonly memory: QueueMemory;
  readonly prepare: Prepare;
  readonly maxBatchBytes: number;
  readonly backlogNoticeEvents: number;
  readonly random: () => number;
  readonly onError: (error: unknown) => void;
  readonly onAttempt: (delivery: Delivery, attempt: Attempt) => void;

  constructor(options: DeliveryProcessOptions) {
    this.egress = options.egress;
    this.clock = options.clock;
    this.time = new SteadyTime(options.clock);
    this.slots = new Slots(options.maxRequests);
    this.memory = new QueueMemory(options.queueMemoryBytes);
    this.prepare = preparePayloads(options.maxPayloadBytes);
    this.maxBatchBytes = options.maxBatchBytes;
    this.backlogNoticeEvents = options.backlogNoticeEvents;
    this.random = options.random;
    this.onError = options.onError;
    this.onAttempt = options.onAttempt ?? (() => undefined);
  }
}
