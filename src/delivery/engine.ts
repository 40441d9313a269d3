import type { Egress } from '../egress/index.ts';
import { match, SubscriptionIndex } from '../matching/index.ts';
import type { Clock } from '../model/clock.ts';
import type { Delivery } from '../model/delivery.ts';
import type { JournalEvent } from '../model/event.ts';
import { Problem } from '../model/problem.ts';
import { isRunning, type Webhook } from '../model/webhook.ts';
import type { Store } from '../store/port.ts';
import type { WebhookChange, WebhookRegistry } from '../webhooks/registry.ts';
import { requireRunning } from '../webhooks/require-running.ts';
import { Checkpoint } from './checkpoint.ts';
import { Lane, type LaneContext } from './lane.ts';
import { preparePayloads } from './prepare.ts';
import { QueueMemory } from './queue-memory.ts';
import { Recorder } from './recorder.ts';
import { outgoingAgain } from './replay/replay-reader.ts';
import { Replays } from './replay/replays.ts';
import { resumeLanes } from './resume.ts';
import { Slots } from './slots.ts';
import { SteadyTime } from './steady-time.ts';
import { systemEventsOf } from './system-events.ts';
import { type TriedOut, tryOut } from './try-out.ts';
import { readUsage, type WebhookUsage } from './usage.ts';

export interface DeliveryEngineOptions {
  readonly store: Store;
  readonly registry: WebhookRegistry;
  readonly egress: Pick<Egress, 'send' | 'close'>;
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
}

/** A stop gives the last writes at least this long. */
const shortestFlushMs = 1_000;
/** Lanes of webhooks that have nothing to do are forgotten above this number. */
const idleLanesKept = 10_000;

/**
 * Delivers the journal to the webhooks. It offers each event at the tail to the lanes of the webhooks that
 * match, and keeps note (`Checkpoint`) of how far each has come, so that a start after a crash goes on there.
 */
export class DeliveryEngine {
  /** Events of the past, sent again on request. */
  readonly replays: Replays;
  readonly #options: DeliveryEngineOptions;
  readonly #index = new SubscriptionIndex();
  readonly #lanes = new Map<number, Lane>();
  readonly #recorder: Recorder;
  readonly #slots: Slots;
  readonly #checkpoint: Checkpoint;
  readonly #context: LaneContext;
  readonly #listeners: Array<(webhook: Webhook, delivery: Delivery) => void> = [];
  #dispatchedSeq = 0;
  #stopping = false;

  constructor(options: DeliveryEngineOptions) {
    const { store, clock, egress } = options;
    this.#options = options;
    this.#slots = new Slots(options.maxRequests);
    this.#recorder = new Recorder(store.deliveries, clock, () => this.#pumpAll(), options.onError);
    this.#context = {
      store,
      clock,
      egress,
      time: new SteadyTime(clock),
      recorder: this.#recorder,
      slots: this.#slots,
      memory: new QueueMemory(options.queueMemoryBytes),
      maxBatchBytes: options.maxBatchBytes,
      prepare: preparePayloads(options.maxPayloadBytes),
      backlogNoticeEvents: options.backlogNoticeEvents,
      random: options.random,
      onError: options.onError,
      monotonicMs: () => clock.monotonicMs(),
      dispatchedSeq: () => this.#dispatchedSeq,
      halted: () => this.#stopping || this.#recorder.suspended,
      noticeOutcome: (before, after, delivery) => this.#notice(before, after, delivery),
    };
    this.replays = new Replays({
      store,
      clock,
      time: this.#context.time,
      prepare: this.#context.prepare,
      webhook: (number) => options.registry.byNumber(number),
      settledSeq: (webhook) => this.#lanes.get(webhook.number)?.cursorSeq ?? this.#dispatchedSeq,
      attach: (webhook, source) => this.#lane(webhook).setReplay(source),
      pump: (webhookNumber) => this.#lanes.get(webhookNumber)?.pump(),
      onError: options.onError,
    });
    this.#checkpoint = new Checkpoint(this.#context, (lane) => this.#forgetIfIdle(lane));
  }

  /** Called with each attempt's outcome, and the webhook as it then is; before it is written down. */
  onDelivery(listener: (webhook: Webhook, delivery: Delivery) => void): void {
    this.#listeners.push(listener);
  }

  /** The store takes nothing at the moment, so nothing is sent. */
  get suspended(): boolean {
    return this.#recorder.suspended;
  }

  /** Resumes what the last process left, then follows the journal. Call once, before events are accepted. */
  async start(): Promise<void> {
    const { store, registry } = this.#options;
    for (const webhook of registry.all()) this.#index.add(webhook);
    this.#dispatchedSeq = store.journal.headSeq();
    registry.onChange((change) => this.#webhookChanged(change));
    await resumeLanes(
      store,
      registry,
      this.#index,
      (webhook) => this.#lane(webhook),
      this.#dispatchedSeq,
      this.#context.time.nowMs(),
      this.#context.prepare,
    );
    store.journal.onAppended((events) => this.#dispatch(events));
    await this.replays.resume();
    this.#pumpAll();
  }

  /**
   * Starts no more requests, waits up to `graceMs` for those under way, and cuts the rest off: they are
   * repeated after the next start. Then writes down how far everything has come.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#checkpoint.stop();
    const deadlineMs = this.#options.clock.monotonicMs() + graceMs;
    while (this.#slots.taken > 0 && this.#options.clock.monotonicMs() < deadlineMs) {
      await new Promise<void>((resolve) => setTimeout(resolve, 10));
    }
    await this.#options.egress.close();
    this.#checkpoint.write();
    // A store that takes nothing must not keep the process from stopping.
    const bound = new Promise<void>((resolve) =>
      setTimeout(resolve, Math.max(graceMs, shortestFlushMs)).unref(),
    );
    await Promise.race([this.#recorder.flush(), bound]);
  }

  usage(webhook: Webhook): Promise<WebhookUsage> {
    return readUsage(this.#options.store, webhook, this.#lanes.get(webhook.number) ?? null);
  }

  /** Gives up everything that waits for the webhook; answers how many events and failed deliveries that was. */
  async clearQueue(webhook: Webhook, by: string): Promise<number> {
    const discarded = this.#lane(webhook).discardWaiting(by);
    await this.flush();
    return discarded;
  }

  /**
   * Sends one delivery again, now: a failed one its next attempt, any other one more attempt. Throws a Problem
   * when the webhook does not run, or the delivery is under way.
   */
  async resend(webhook: Webhook, delivery: Delivery): Promise<void> {
    requireRunning(webhook, 'sending to it');
    const lane = this.#lane(webhook);
    if (delivery.state === 'retrying' && (await lane.retryNow(delivery.seq))) return;
    if (delivery.state === 'retrying' || delivery.state === 'sending') {
      throw new Problem('conflict', 'The delivery is being attempted at this moment.');
    }
    const seqs = delivery.batchSeqs ?? [delivery.seq];
    const events = await this.#options.store.journal.findMany(delivery.workspaceNumber, seqs);
    if (events.length < seqs.length) {
      throw new Problem(
        'gone',
        'The events of this delivery are no longer kept, so it cannot be sent again.',
      );
    }
    lane.sendAgain(
      outgoingAgain({ events, before: delivery }, webhook, this.#context.prepare, 'resend', () => undefined),
    );
  }

  /** One exchange with a consumer, to see what it does; the webhook need not be saved. */
  tryOut(webhook: Webhook, event: JournalEvent): Promise<TriedOut> {
    return tryOut(webhook, event, this.#context);
  }

  /** Resolves when everything that was delivered so far is recorded, and how far that is. */
  async flush(): Promise<void> {
    this.#checkpoint.write();
    await this.#recorder.flush();
  }

  #dispatch(events: readonly JournalEvent[]): void {
    const touched = new Set<Lane>();
    for (const event of events) {
      this.#index.forEachCandidate(event, (candidate) => {
        if (!match(event, candidate).fires) return;
        const lane = this.#lane(candidate);
        lane.offer(event);
        touched.add(lane);
      });
      this.#dispatchedSeq = event.seq;
    }
    this.#checkpoint.touch();
    for (const lane of touched) {
      this.#checkpoint.watch(lane);
      lane.pump();
    }
  }

  /** Writes down how the webhook is now, if an attempt changed that. */
  #notice(before: Webhook, after: Webhook, delivery: Delivery): void {
    this.#checkpoint.touch();
    for (const listener of this.#listeners) listener(after, delivery);
    for (const event of systemEventsOf(before, after, delivery, this.#options.clock.nowMs())) {
      this.#recorder.add({ kind: 'event', workspaceNumber: after.workspaceNumber, event });
    }
    const { health } = after;
    if (health === before.health) return;
    this.#options.registry.noticeHealth(after.number, health);
    const changed = health.state !== before.health.state;
    const { state, reason, sinceMs } = health;
    this.#recorder.add({
      kind: 'health',
      webhookNumber: after.number,
      health,
      change: changed ? { webhookNumber: after.number, atMs: sinceMs, state, reason } : null,
    });
  }

  #webhookChanged(change: WebhookChange): void {
    const { webhook } = change;
    // That came from a lane, which knows.
    if (change.kind === 'health') return;
    if (change.kind !== 'created') this.#index.remove(change.kind === 'deleted' ? webhook : change.before);
    if (change.kind === 'deleted') {
      this.#forget(webhook, change.by);
      return;
    }
    this.#index.add(webhook);
    const lane = this.#lanes.get(webhook.number);
    lane?.update(webhook);
    if (change.kind === 'enabled') {
      const started = lane ?? this.#lane(webhook);
      if (change.from === 'skip') started.discardWaiting(change.by);
      started.start();
    } else if (!isRunning(webhook.health.state)) {
      const stopped = lane ?? this.#lane(webhook);
      stopped.stop();
      this.#checkpoint.watch(stopped);
    } else {
      lane?.pump();
    }
  }

  #forget(webhook: Webhook, by: string): void {
    const lane = this.#lanes.get(webhook.number);
    lane?.stop();
    lane?.discardWaiting(by);
    this.#lanes.delete(webhook.number);
    if (lane) this.#checkpoint.unwatch(lane);
    this.#recorder.add({ kind: 'caughtUp', webhookNumber: webhook.number });
  }

  #lane(webhook: Webhook): Lane {
    const known = this.#lanes.get(webhook.number);
    if (known) return known;
    const lane = new Lane(this.#context, this.#options.registry.byNumber(webhook.number) ?? webhook);
    this.#lanes.set(webhook.number, lane);
    this.#checkpoint.watch(lane);
    return lane;
  }

  #forgetIfIdle(lane: Lane): void {
    if (this.#lanes.size > idleLanesKept && lane.idle) this.#lanes.delete(lane.webhook.number);
  }

  #pumpAll(): void {
    for (const lane of this.#lanes.values()) lane.pump();
  }
}
