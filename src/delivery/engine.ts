import type { EgressSender } from '../egress/index.ts';
import { match, SubscriptionIndex } from '../matching/index.ts';
import type { Delivery } from '../model/delivery.ts';
import type { JournalEvent } from '../model/event.ts';
import { Problem } from '../model/problem.ts';
import { isRunning, type Webhook } from '../model/webhook.ts';
import type { Store } from '../store/port.ts';
import type { WebhookRegistry } from '../webhooks/registry.ts';
import { requireRunning } from '../webhooks/require-running.ts';
import type { WebhookChange } from '../webhooks/webhook-changes.ts';
import { Checkpoint } from './checkpoint.ts';
import type { Deliveries, DeliveryListener } from './deliveries.ts';
import { Lane, type LaneContext } from './lane.ts';
import type { DeliveryProcess } from './process.ts';
import { Recorder } from './recorder.ts';
import { outgoingAgain } from './replay/replay-reader.ts';
import { Replays } from './replay/replays.ts';
import { resumeLanes } from './resume.ts';
import { systemEventsOf } from './system-events.ts';
import { type TriedOut, tryOut } from './try-out.ts';
import { readUsage, type WebhookUsage } from './usage.ts';

/** The webhooks that an engine delivers to: all, or those of its shard. */
export type EngineWebhooks = Pick<WebhookRegistry, 'all' | 'byNumber' | 'onChange' | 'noticeHealth'>;

export interface DeliveryEngineOptions {
  readonly store: Store;
  readonly registry: EngineWebhooks;
  readonly process: DeliveryProcess;
  /** Whether nobody else can be delivering to these webhooks; asked before each request. Default: always. */
  readonly mayDeliver?: () => boolean;
}

/** A stop gives the last writes at least this long. */
const shortestFlushMs = 1_000;
/** Lanes of webhooks that have nothing to do are forgotten above this number. */
const idleLanesKept = 10_000;

/**
 * Delivers the journal to the webhooks. It offers each event at the tail to the lanes of the webhooks that
 * match, and keeps note (`Checkpoint`) of how far each has come, so that a start after a crash goes on there.
 */
export class DeliveryEngine implements Deliveries {
  readonly replays: Replays;
  readonly #options: DeliveryEngineOptions;
  readonly #process: DeliveryProcess;
  readonly #sender: EgressSender;
  readonly #index = new SubscriptionIndex();
  readonly #lanes = new Map<number, Lane>();
  readonly #recorder: Recorder;
  readonly #checkpoint: Checkpoint;
  readonly #context: LaneContext;
  readonly #listeners = new Set<DeliveryListener>();
  #unfollowWebhooks: () => void = () => undefined;
  #dispatchedSeq = 0;
  #stopping = false;
  #ended = false;

  constructor(options: DeliveryEngineOptions) {
    const { store, process, mayDeliver = () => true } = options;
    const { clock, onError } = process;
    this.#options = options;
    this.#process = process;
    this.#recorder = new Recorder(store.deliveries, clock, () => this.pump(), onError);
    this.#sender = { maySend: () => !this.#ended && mayDeliver() };
    this.#context = {
      store,
      process,
      recorder: this.#recorder,
      sender: this.#sender,
      requests: { underWay: 0 },
      dispatchedSeq: () => this.#dispatchedSeq,
      halted: () => this.#stopping || this.#recorder.suspended || !mayDeliver(),
      ended: () => this.#ended,
      noticeOutcome: (before, after, delivery) => this.#notice(before, after, delivery),
      noticeCaughtUp: () => this.#checkpoint.touch(),
    };
    this.replays = new Replays({
      store,
      clock,
      time: process.time,
      prepare: process.prepare,
      webhook: (number) => options.registry.byNumber(number),
      settledSeq: (webhook) => this.#lanes.get(webhook.number)?.cursorSeq ?? this.#dispatchedSeq,
      attach: (webhook, source) => this.#lane(webhook).setReplay(source),
      pump: (webhookNumber) => this.#lanes.get(webhookNumber)?.pump(),
      onError,
    });
    this.#checkpoint = new Checkpoint(this.#context, (lane) => this.#forgetIfIdle(lane));
  }

  /** Called with each attempt's outcome, and the webhook as it then is; before it is written down. */
  onDelivery(listener: DeliveryListener): void {
    this.#listeners.add(listener);
  }

  watch(workspaceNumber: number, listener: DeliveryListener): () => void {
    const filtered: DeliveryListener = (webhook, delivery) => {
      if (webhook.workspaceNumber === workspaceNumber) listener(webhook, delivery);
    };
    this.#listeners.add(filtered);
    return () => this.#listeners.delete(filtered);
  }

  /** The store takes nothing at the moment, so nothing is sent. */
  get suspended(): boolean {
    return this.#recorder.suspended;
  }

  /**
   * Resumes what the last process left, then follows the journal. Call once, before events are accepted, or on a
   * store whose head stays where it is until somebody follows it.
   */
  async start(): Promise<void> {
    const { store, registry } = this.#options;
    for (const webhook of registry.all()) this.#index.add(webhook);
    this.#dispatchedSeq = store.journal.headSeq();
    this.#unfollowWebhooks = registry.onChange((change) => this.#webhookChanged(change));
    await resumeLanes(
      store,
      registry,
      this.#index,
      (webhook) => this.#lane(webhook),
      this.#dispatchedSeq,
      this.#process.time.nowMs(),
      this.#process.prepare,
    );
    if (this.#ended) return;
    store.journal.onAppended((events) => this.#dispatch(events));
    await this.replays.resume();
    this.pump();
  }

  /**
   * Starts no more requests, waits up to `graceMs` for those under way, and cuts the rest off: they are
   * repeated after the next start. Then writes down how far everything has come.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#checkpoint.stop();
    const { clock, egress } = this.#process;
    const { requests } = this.#context;
    const deadlineMs = clock.monotonicMs() + graceMs;
    while (requests.underWay > 0 && clock.monotonicMs() < deadlineMs && !this.#ended) {
      await new Promise<void>((resolve) => setTimeout(resolve, 10));
    }
    if (this.#ended) return;
    egress.cutOff(this.#sender);
    this.#checkpoint.write();
    // A store that takes nothing must not keep the process from stopping.
    const bound = new Promise<void>((resolve) =>
      setTimeout(resolve, Math.max(graceMs, shortestFlushMs)).unref(),
    );
    const written = Promise.all([this.#recorder.flush(), this.replays.save().catch(this.#process.onError)]);
    await Promise.race([written, bound]);
    this.abandon();
  }

  /**
   * Ends at once, and writes nothing more: somebody else may be delivering to these webhooks by now. What is under
   * way is cut off.
   */
  abandon(): void {
    if (this.#ended) return;
    this.#stopping = true;
    this.#ended = true;
    this.#unfollowWebhooks();
    this.#checkpoint.stop();
    this.replays.stop();
    this.#recorder.abandon();
    this.#process.egress.cutOff(this.#sender);
    for (const lane of this.#lanes.values()) lane.close();
    this.#lanes.clear();
  }

  /** Sends whatever may be sent: to be called when `mayDeliver` turns true. */
  pump(): void {
    for (const lane of this.#lanes.values()) lane.pump();
  }

  /** What there is to do at present: webhooks with something to do, and what waits for them. */
  get load(): { readonly lanes: number; readonly waiting: number } {
    let waiting = 0;
    for (const lane of this.#lanes.values()) waiting += lane.waiting;
    return { lanes: this.#lanes.size, waiting };
  }

  usage(webhook: Webhook): Promise<WebhookUsage> {
    return readUsage(this.#options.store, webhook, this.#lanes.get(webhook.number) ?? null);
  }

  async clearQueue(webhook: Webhook, by: string): Promise<number> {
    const discarded = this.#lane(webhook).discardWaiting(this.#dispatchedSeq, by);
    await this.flush();
    return discarded;
  }

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
      outgoingAgain({ events, before: delivery }, webhook, this.#process.prepare, 'resend', () => undefined),
    );
  }

  tryOut(webhook: Webhook, event: JournalEvent): Promise<TriedOut> {
    return tryOut(webhook, event, this.#process);
  }

  /** Resolves when everything that was delivered so far is recorded, and how far that is. */
  async flush(): Promise<void> {
    this.#checkpoint.write();
    await this.#recorder.flush();
  }

  #dispatch(events: readonly JournalEvent[]): void {
    if (this.#ended) return;
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
    for (const event of systemEventsOf(before, after, delivery, this.#process.clock.nowMs())) {
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
      interventions: after.interventions,
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
    if (change.kind === 'created') {
      this.#begin(webhook);
    } else if (change.kind === 'enabled') {
      const started = lane ?? this.#lane(webhook);
      if (change.from === 'skip') started.discardWaiting(webhook.startsAfterSeq, change.by);
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
    lane?.discardWaiting(this.#dispatchedSeq, by);
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

  /** A new webhook: what was dispatched since it began, before this engine heard of it, is read from the journal. */
  #begin(webhook: Webhook): void {
    const lane = this.#lane(webhook);
    const { startsAfterSeq } = webhook;
    lane.storedCursor = { seq: startsAfterSeq, waiting: 0 };
    if (startsAfterSeq < this.#dispatchedSeq) lane.resumeAt(startsAfterSeq, 0, startsAfterSeq);
    lane.pump();
  }

  #forgetIfIdle(lane: Lane): void {
    if (this.#lanes.size > idleLanesKept && lane.idle) this.#lanes.delete(lane.webhook.number);
  }
}
