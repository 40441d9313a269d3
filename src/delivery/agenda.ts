import type { Clock } from '../model/clock.ts';
import type { Webhook } from '../model/webhook.ts';
import type { Intake } from './intake.ts';
import { type Outgoing, outgoingFromRetry } from './outgoing.ts';
import type { Prepare } from './prepare.ts';
import type { DeliveryProcess } from './process.ts';
import { RateLimit } from './rate-limit.ts';
import type { RetryQueue } from './retry-queue.ts';
import type { SteadyTime } from './steady-time.ts';
import type { UnsettledEvent } from './unsettled-events.ts';
import type { WakeUp } from './wake-up.ts';

/** Deliveries of the past that are sent again, as long as nothing new waits. */
export interface ReplaySource {
  /** The next one, or null when there is none yet; the source pumps the lane when it has more. */
  next(): Outgoing | null;
}

/**
 * What one webhook sends next, in this order: what a person asked for, batches that a crash interrupted,
 * retries that are due, new events, replays. While a delivery of an ordered or degraded webhook waits for
 * its retry, none of the later ones leaves.
 */
export class Agenda {
  readonly #intake: Intake;
  readonly #retries: RetryQueue;
  readonly #time: SteadyTime;
  readonly #clock: Clock;
  readonly #wakeUp: WakeUp;
  readonly #maxBatchBytes: number;
  readonly #prepare: Prepare;
  readonly #asked: Outgoing[] = [];
  readonly #interrupted: Outgoing[] = [];
  #rateLimit: RateLimit | null = null;
  /** Steady time before which nothing is sent: the consumer asked for a pause, or a probe must wait. */
  #notBeforeMs = 0;
  /** The oldest failed delivery goes at once, due or not. */
  #probeNow = false;
  replay: ReplaySource | null = null;

  constructor(
    intake: Intake,
    retries: RetryQueue,
    wakeUp: WakeUp,
    process: Pick<DeliveryProcess, 'clock' | 'time' | 'maxBatchBytes' | 'prepare'>,
  ) {
    this.#intake = intake;
    this.#retries = retries;
    this.#wakeUp = wakeUp;
    this.#time = process.time;
    this.#clock = process.clock;
    this.#maxBatchBytes = process.maxBatchBytes;
    this.#prepare = process.prepare;
  }

  get interrupted(): number {
    return this.#interrupted.length;
  }

  get notBeforeMs(): number {
    return this.#notBeforeMs;
  }

  /** A person wants this sent at once. */
  ask(outgoing: Outgoing): void {
    this.#asked.push(outgoing);
  }

  /** A batch that a crash interrupted. */
  repeat(outgoing: Outgoing): void {
    this.#interrupted.push(outgoing);
  }

  holdUntil(steadyMs: number): void {
    this.#notBeforeMs = Math.max(this.#notBeforeMs, steadyMs);
  }

  /** Nothing is held back any longer: the oldest failed delivery leaves first, due or not. */
  hurry(): void {
    this.#notBeforeMs = 0;
    this.#probeNow = this.#retries.count > 0;
  }

  forgetInterrupted(): void {
    this.#interrupted.length = 0;
  }

  /** The next delivery to leave, or null after having arranged to be asked again when there may be one. */
  next(webhook: Webhook, underWay: number): Outgoing | null {
    const nowMs = this.#time.nowMs();
    const asked = this.#asked.shift();
    if (asked) return asked;
    if (this.#notBeforeMs > nowMs) return this.#later(this.#notBeforeMs);
    if (this.#interrupted.length > 0) {
      return this.#withinRate(webhook, nowMs) ? (this.#interrupted.shift() ?? null) : null;
    }
    const { settings, health } = webhook;
    const oneByOne = settings.order === 'ordered' || health.state === 'degraded';
    if (this.#retries.count > 0) {
      const retry = this.#nextRetry(webhook, nowMs, oneByOne, settings.concurrency - underWay);
      if (retry !== null) return retry;
      if (oneByOne) {
        // Nothing passes; what waits need not sit in memory meanwhile.
        this.#intake.shed();
        return null;
      }
    }
    return this.#nextEvents(webhook, nowMs) ?? this.#nextReplay(webhook, nowMs);
  }

  #nextRetry(webhook: Webhook, nowMs: number, oneByOne: boolean, places: number): Outgoing | null {
    const due = this.#retries.nextDueAtMs;
    if (due !== null) {
      if (due > nowMs && !this.#probeNow) this.#wakeUp.at(due);
      else if (oneByOne || this.#probeNow) this.#retries.loadOldest(nowMs, this.#probeNow);
      else this.#retries.loadDue(nowMs, places);
      return null;
    }
    if (this.#retries.loaded === 0 || !this.#withinRate(webhook, nowMs)) return null;
    const retry = this.#retries.take();
    if (retry === null) return null;
    this.#probeNow = false;
    return outgoingFromRetry(retry);
  }

  #nextEvents(webhook: Webhook, nowMs: number): Outgoing | null {
    const { maxEvents, maxWaitMs } = webhook.settings.batch;
    this.#intake.fill(webhook);
    const entries = this.#intake.peek(maxEvents, this.#maxBatchBytes);
    const first = entries[0];
    if (first === undefined) return null;
    if (entries.length < maxEvents && entries.length === this.#intake.queued) {
      // More may come into this batch: from the journal without waiting, or from the tail for a while.
      if (this.#intake.reading) return null;
      const waitedMs = this.#clock.monotonicMs() - first.queuedAtMs;
      if (maxEvents > 1 && waitedMs < maxWaitMs) return this.#later(nowMs + maxWaitMs - waitedMs);
    }
    if (!this.#withinRate(webhook, nowMs)) return null;
    this.#intake.leave(entries.length);
    return compose(entries, first, webhook, this.#prepare);
  }

  #nextReplay(webhook: Webhook, nowMs: number): Outgoing | null {
    if (this.replay === null || this.#intake.mode !== 'live' || this.#intake.queued > 0) return null;
    if (!this.#withinRate(webhook, nowMs)) return null;
    return this.replay.next();
  }

  #withinRate(webhook: Webhook, nowMs: number): boolean {
    const { ratePerSecond } = webhook.settings;
    if (this.#rateLimit?.ratePerSecond !== ratePerSecond) {
      this.#rateLimit = ratePerSecond === null ? null : new RateLimit(ratePerSecond, nowMs);
    }
    const waitMs = this.#rateLimit?.take(nowMs) ?? 0;
    if (waitMs > 0) this.#wakeUp.at(nowMs + waitMs);
    return waitMs === 0;
  }

  #later(atMs: number): null {
    this.#wakeUp.at(atMs);
    return null;
  }
}

function compose(
  entries: readonly UnsettledEvent[],
  first: UnsettledEvent,
  webhook: Webhook,
  prepare: Prepare,
): Outgoing {
  const events = entries.map((entry) => entry.event);
  const payload = prepare(events, webhook.settings);
  return {
    seq: first.event.seq,
    acceptedAtMs: first.event.acceptedAtMs,
    batchSeqs: events.length > 1 ? events.map((event) => event.seq) : null,
    eventType: first.event.type,
    simulated: first.event.simulatedFor !== undefined,
    contentType: payload.contentType,
    body: payload.body,
    unsendable: payload.unsendable,
    attempts: 0,
    scheduleStep: 0,
    origin: { kind: 'new' },
    mark: null,
    recorded: false,
    createdAtMs: null,
    entries,
  };
}
