import type { Egress, EgressResult } from '../egress/index.ts';
import { render } from '../formats/index.ts';
import type { Clock } from '../model/clock.ts';
import type { JournalEvent } from '../model/event.ts';
import { isRunning, type Webhook, type WebhookHealth } from '../model/webhook.ts';
import type { RetrySummary } from '../store/port.ts';
import { healthAfter } from './health.ts';
import { Intake, type IntakeContext } from './intake.ts';
import {
  type AttemptReport,
  attemptOf,
  deliveryOf,
  judge,
  type Outgoing,
  outgoingFromRetry,
  retryOf,
} from './outgoing.ts';
import { RateLimit } from './rate-limit.ts';
import type { Recorder } from './recorder.ts';
import { requestFor } from './request.ts';
import { RetryQueue } from './retry-queue.ts';
import { probeDelayMs, retryAfterMs, retryDelayMs } from './schedule.ts';
import type { Slots, SlotUser } from './slots.ts';
import type { SteadyTime } from './steady-time.ts';
import type { UnsettledEvent } from './unsettled-events.ts';

/** What all lanes of a process share. */
export interface LaneContext extends IntakeContext {
  readonly clock: Clock;
  readonly time: SteadyTime;
  readonly egress: Pick<Egress, 'send'>;
  readonly recorder: Recorder;
  readonly slots: Slots;
  readonly maxBatchBytes: number;
  /** In [0, 1). */
  random(): number;
  /** The process sends no more: it stops, or the store takes nothing. */
  halted(): boolean;
  /** Stores are written by the lane; the registry and the stream are told here. */
  noticeHealth(webhook: Webhook, health: WebhookHealth): void;
}

/** What the last attempts of a webhook came to. */
export interface LaneRecord {
  lastSuccessAtMs: number | null;
  lastFailureAtMs: number | null;
  lastError: string | null;
  lastHttpStatus: number | null;
}

/**
 * The way of one webhook's deliveries, from its intake to the wire. A lane sends while its webhook runs and
 * it has a free place (`concurrency`, the process's slots, the rate limit), in this order: retries that are
 * due, then new events. An ordered lane sends nothing while a delivery waits for its retry. A degraded lane
 * attempts only its oldest failed delivery, when that is due: one request probes for the whole backlog.
 */
export class Lane implements SlotUser {
  readonly #context: LaneContext;
  readonly #intake: Intake;
  readonly #retries: RetryQueue;
  readonly record: LaneRecord = {
    lastSuccessAtMs: null,
    lastFailureAtMs: null,
    lastError: null,
    lastHttpStatus: null,
  };
  #webhook: Webhook;
  /** Batches that were recorded but not attempted when the last process ended. */
  readonly #interrupted: Outgoing[] = [];
  #underWay = 0;
  /** Attempts of an ordered webhook that are not durable yet. */
  #unrecorded = 0;
  #rateLimit: RateLimit | null = null;
  /** Steady time before which nothing is sent: the consumer asked for a pause, or a probe must wait. */
  #notBeforeMs = 0;
  /** A person enabled the webhook: the oldest failed delivery goes at once, due or not. */
  #probeNow = false;
  #cancelTimer: (() => void) | null = null;
  #timerAtMs = Number.POSITIVE_INFINITY;
  /** The cursor row that the store has for this webhook; null: it shares the checkpoint. */
  storedCursor: { seq: number; waiting: number } | null = null;

  constructor(context: LaneContext, webhook: Webhook) {
    this.#context = context;
    this.#webhook = webhook;
    const pump = (): void => this.pump();
    this.#intake = new Intake(context, pump);
    this.#retries = new RetryQueue(context.store.deliveries, webhook.number, pump, context.onError);
    if (!isRunning(webhook.health.state)) this.#intake.stop();
  }

  get webhook(): Webhook {
    return this.#webhook;
  }

  get workspaceNumber(): number {
    return this.#webhook.workspaceNumber;
  }

  get suspect(): boolean {
    return this.#webhook.health.failuresInRow > 0;
  }

  /** Nothing to send, nothing sent: the webhook can share the checkpoint of all. */
  get settled(): boolean {
    return this.#intake.settled;
  }

  /** Nothing to remember either: the lane can be made anew when it is needed. */
  get idle(): boolean {
    return (
      this.settled &&
      this.waiting === 0 &&
      this.#underWay + this.#unrecorded === 0 &&
      !this.suspect &&
      this.#rateLimit === null
    );
  }

  get cursorSeq(): number {
    return this.#intake.cursorSeq;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Events not delivered yet: new ones, and failed deliveries that wait for their retry. */
  get waiting(): number {
    return this.#intake.waiting + this.#retries.count + this.#interrupted.length;
  }

  /** Events after the cursor that match and are not settled; what a cursor row keeps. */
  get waitingAfterCursor(): number {
    return this.#intake.waiting;
  }

  get oldestInMemory(): JournalEvent | null {
    return this.#intake.oldest;
  }

  /** Wall-clock time of the next attempt that is already fixed; null when there is none to wait for. */
  get nextAttemptAtMs(): number | null {
    if (!isRunning(this.#webhook.health.state)) return null;
    const dueAtMs = this.#retries.nextDueAtMs ?? 0;
    const nextMs = Math.max(dueAtMs, this.#notBeforeMs);
    return nextMs > this.#context.time.nowMs() ? Math.round(nextMs) : null;
  }

  /** After a start: the store's retries, and where to go on in the journal. */
  restoreRetries(summary: RetrySummary): void {
    this.#retries.restore(summary);
  }

  resumeAt(seq: number, waiting: number, repeatableUpToSeq: number): void {
    this.#intake.resumeAt(seq, waiting, repeatableUpToSeq);
    if (!isRunning(this.#webhook.health.state)) this.#intake.stop();
  }

  /** Sends deliveries again that were put together but not recorded as attempted when the process ended. */
  repeat(outgoing: Outgoing): void {
    this.#interrupted.push(outgoing);
  }

  /** A matching event at the journal's tail. The caller pumps once it has offered all it has. */
  offer(event: JournalEvent): void {
    this.#intake.offer(event);
  }

  /** The webhook as it is now; settings apply from the next request on. */
  update(webhook: Webhook): void {
    this.#webhook = webhook;
    if (this.#rateLimit?.ratePerSecond !== webhook.settings.ratePerSecond) this.#rateLimit = null;
  }

  /** The webhook runs no more: everything waiting is held in the journal. */
  stop(): void {
    this.#intake.stop();
    this.#retries.shed();
    this.#clearTimer();
    this.#context.slots.leave(this);
  }

  /** The webhook runs again: at once, whatever was due later. */
  start(): void {
    this.#notBeforeMs = 0;
    this.#probeNow = this.#retries.count > 0;
    this.#intake.start();
    this.pump();
  }

  /** Everything that waits is given up; answers how many events and failed deliveries that were. */
  discardWaiting(by: string): number {
    const discarded = this.#intake.skipToTail() + this.#retries.count;
    this.#interrupted.length = 0;
    this.#context.recorder.add({
      kind: 'discarded',
      webhookNumber: this.#webhook.number,
      by,
      atMs: this.#context.clock.nowMs(),
    });
    this.#retries.reset();
    return discarded;
  }

  /** It is this lane's turn: one delivery leaves, and for the next one it stands in line again. */
  slotFreed(): void {
    this.pump(1);
    if (this.#mayStart() && this.#intake.queued > 0) this.#context.slots.wait(this);
  }

  /** Sends whatever may be sent now, and sees to it that it is called when more may be. */
  pump(atMost = Number.POSITIVE_INFINITY): void {
    for (let started = 0; started < atMost && this.#mayStart(); started += 1) {
      if (!this.#context.slots.hasRoomFor(this)) {
        this.#context.slots.wait(this);
        return;
      }
      const outgoing = this.#next();
      if (outgoing === null) return;
      const giveBack = this.#context.slots.take(this);
      this.#intake.leave(outgoing.entries.length);
      this.#underWay += 1;
      void this.#deliver(outgoing, giveBack);
    }
  }

  #mayStart(): boolean {
    const { health, settings } = this.#webhook;
    if (!isRunning(health.state) || this.#context.halted()) return false;
    const places = health.state === 'degraded' || settings.order === 'ordered' ? 1 : settings.concurrency;
    return this.#underWay + this.#unrecorded < places;
  }

  /** What leaves next, or null after having arranged to be called when there may be something. */
  #next(): Outgoing | null {
    const nowMs = this.#context.time.nowMs();
    if (this.#notBeforeMs > nowMs) return this.#wakeAt(this.#notBeforeMs);
    const interrupted = this.#interrupted[0];
    if (interrupted) return this.#withinRate(nowMs) ? (this.#interrupted.shift() ?? null) : null;

    const { settings, health } = this.#webhook;
    const oneByOne = settings.order === 'ordered' || health.state === 'degraded';
    if (this.#retries.count > 0) {
      const retry = this.#nextRetry(nowMs, oneByOne);
      if (retry !== null) return retry;
      if (oneByOne) {
        // Nothing passes; what waits need not sit in memory meanwhile.
        this.#intake.shed();
        return null;
      }
    }
    return this.#nextEvents(nowMs);
  }

  #nextRetry(nowMs: number, oneByOne: boolean): Outgoing | null {
    const due = this.#retries.nextDueAtMs;
    if (due !== null) {
      if (due > nowMs && !this.#probeNow) this.#wakeAt(due);
      else if (oneByOne || this.#probeNow) this.#retries.loadOldest(nowMs, this.#probeNow);
      else this.#retries.loadDue(nowMs, this.#webhook.settings.concurrency - this.#underWay);
      return null;
    }
    if (this.#retries.loaded === 0 || !this.#withinRate(nowMs)) return null;
    const retry = this.#retries.take();
    if (retry === null) return null;
    this.#probeNow = false;
    return outgoingFromRetry(retry);
  }

  #nextEvents(nowMs: number): Outgoing | null {
    const { maxEvents, maxWaitMs } = this.#webhook.settings.batch;
    this.#intake.fill(this.#webhook);
    const entries = this.#intake.peek(maxEvents, this.#context.maxBatchBytes);
    const first = entries[0];
    if (first === undefined) return null;
    if (entries.length < maxEvents && entries.length === this.#intake.queued) {
      // More may come into this batch: from the journal without waiting, or from the tail for a while.
      if (this.#intake.reading) return null;
      const waitedMs = this.#context.monotonicMs() - first.queuedAtMs;
      if (maxEvents > 1 && waitedMs < maxWaitMs) return this.#wakeAt(nowMs + maxWaitMs - waitedMs);
    }
    return this.#withinRate(nowMs) ? this.#compose(entries, first) : null;
  }

  #compose(entries: readonly UnsettledEvent[], first: UnsettledEvent): Outgoing {
    const events = entries.map((entry) => entry.event);
    const payload = render(events, this.#webhook.settings);
    return {
      seq: first.event.seq,
      acceptedAtMs: first.event.acceptedAtMs,
      batchSeqs: events.length > 1 ? events.map((event) => event.seq) : null,
      eventType: first.event.type,
      simulated: first.event.simulatedFor !== undefined,
      contentType: payload.contentType,
      body: payload.body,
      attempts: 0,
      scheduleStep: 0,
      replay: null,
      recorded: false,
      createdAtMs: null,
      entries,
    };
  }

  async #deliver(outgoing: Outgoing, giveBack: () => void): Promise<void> {
    const webhook = this.#webhook;
    let recorded = outgoing;
    if (webhook.settings.batch.maxEvents > 1 && !outgoing.recorded) {
      // A batch is written down before it leaves, so that after a crash the same events go out under the same id.
      recorded = { ...outgoing, recorded: true, createdAtMs: this.#context.clock.nowMs() };
      const delivery = deliveryOf(recorded, webhook, 'sending', recorded.createdAtMs ?? 0, null, null, null);
      await new Promise<void>((resolve) =>
        this.#context.recorder.add({ kind: 'sending', delivery }, resolve),
      );
    }
    const startedAtMs = this.#context.clock.nowMs();
    const result = await this.#context.egress.send(requestFor(recorded, webhook, startedAtMs));
    this.#underWay -= 1;
    // Cut off by our own stop: not an attempt that failed. It is repeated after the next start.
    if (!(result.kind === 'error' && result.code === 'ABORTED'))
      this.#finish(recorded, webhook, startedAtMs, result);
    giveBack();
    this.pump();
  }

  #finish(outgoing: Outgoing, webhook: Webhook, startedAtMs: number, result: EgressResult): void {
    const nowMs = this.#context.clock.nowMs();
    const report = judge(result, webhook.settings.success);
    const attempt = attemptOf(outgoing, webhook, startedAtMs, result, report);
    this.#remember(report, nowMs);
    this.#applyHealth(report, nowMs);
    const dueAtMs = report.succeeded ? null : this.#dueAgainAtMs(outgoing, result);
    const state = report.succeeded ? 'succeeded' : dueAtMs === null ? 'exhausted' : 'retrying';
    const finishedAtMs = state === 'retrying' ? null : nowMs;
    const delivery = deliveryOf(outgoing, webhook, state, startedAtMs, finishedAtMs, attempt, dueAtMs);
    const retry = dueAtMs === null ? null : retryOf(outgoing, webhook, dueAtMs);
    const write = { kind: outgoing.recorded ? 'attempted' : 'delivered', delivery, attempt, retry } as const;
    this.#context.recorder.add(write, this.#whenDurable(outgoing, dueAtMs));
    this.#intake.settle(outgoing.entries);
  }

  /** What the lane does once the attempt, and the row of its retry if there is one, is durable. */
  #whenDurable(outgoing: Outgoing, dueAtMs: number | null): (() => void) | undefined {
    if (outgoing.attempts > 0) return () => this.#retries.attempted(outgoing.seq, dueAtMs !== null);
    if (dueAtMs !== null) {
      const failed = this.#retries.failed();
      return () => failed.recorded(dueAtMs);
    }
    if (this.#webhook.settings.order !== 'ordered') return undefined;
    // The next event leaves only when this one will not be repeated: a consumer never sees the order go back.
    this.#unrecorded += 1;
    return () => {
      this.#unrecorded -= 1;
      this.pump();
    };
  }

  #remember(report: AttemptReport, nowMs: number): void {
    this.record.lastHttpStatus = report.httpStatus ?? this.record.lastHttpStatus;
    if (report.succeeded) {
      this.record.lastSuccessAtMs = nowMs;
    } else {
      this.record.lastFailureAtMs = nowMs;
      this.record.lastError = report.errorMessage;
    }
  }

  #applyHealth(report: AttemptReport, nowMs: number): void {
    const { health, settings } = this.#webhook;
    const after = healthAfter(
      health,
      report.succeeded
        ? { kind: 'succeeded' }
        : { kind: 'failed', error: report.errorMessage ?? '', gone: report.httpStatus === 410 },
      settings.disable,
      nowMs,
    );
    if (after === health) return;
    const changed = after.state !== health.state;
    this.#webhook = { ...this.#webhook, health: after };
    this.#context.recorder.add({
      kind: 'health',
      webhookNumber: this.#webhook.number,
      health: after,
      change: changed
        ? { webhookNumber: this.#webhook.number, atMs: nowMs, state: after.state, reason: after.reason }
        : null,
    });
    this.#context.noticeHealth(this.#webhook, after);
    if (!isRunning(after.state) && isRunning(health.state)) this.stop();
  }

  /** Steady time of the next attempt of a delivery that has just failed, or null when there is none. */
  #dueAgainAtMs(outgoing: Outgoing, result: EgressResult): number | null {
    const { settings, health } = this.#webhook;
    const nowMs = this.#context.time.nowMs();
    const delayMs = retryDelayMs(settings.retry, outgoing.scheduleStep + 1, this.#context.random());
    const askedMs =
      result.kind === 'response'
        ? retryAfterMs(result.status, result.headers, this.#context.clock.nowMs())
        : null;
    if (askedMs !== null) this.#notBeforeMs = Math.max(this.#notBeforeMs, nowMs + askedMs);
    // Held for a webhook that has just been disabled: due as soon as it runs again.
    if (!isRunning(health.state)) return nowMs;
    if (delayMs === null) {
      if (health.state === 'degraded')
        this.#notBeforeMs = Math.max(this.#notBeforeMs, nowMs + probeDelayMs(health.failuresInRow));
      return null;
    }
    return nowMs + Math.max(delayMs, askedMs ?? 0);
  }

  #withinRate(nowMs: number): boolean {
    const { ratePerSecond } = this.#webhook.settings;
    if (ratePerSecond === null) return true;
    this.#rateLimit ??= new RateLimit(ratePerSecond, nowMs);
    const waitMs = this.#rateLimit.take(nowMs);
    if (waitMs > 0) this.#wakeAt(nowMs + waitMs);
    return waitMs === 0;
  }

  #wakeAt(atMs: number): null {
    if (atMs >= this.#timerAtMs) return null;
    this.#clearTimer();
    this.#timerAtMs = atMs;
    this.#cancelTimer = this.#context.time.at(atMs, () => {
      this.#clearTimer();
      this.pump();
    });
    return null;
  }

  #clearTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
  }
}
