import type { EgressSender } from '../egress/index.ts';
import type { Delivery } from '../model/delivery.ts';
import type { JournalEvent } from '../model/event.ts';
import { isRunning, type Webhook } from '../model/webhook.ts';
import type { RetrySummary } from '../store/port.ts';
import { Agenda, type ReplaySource } from './agenda.ts';
import { Intake, type IntakeContext } from './intake.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { type AttemptResult, deliveryOf, notSent, type Outgoing } from './outgoing.ts';
import type { DeliveryProcess } from './process.ts';
import type { Recorder } from './recorder.ts';
import { requestFor } from './request.ts';
import { RetryQueue } from './retry-queue.ts';
import type { SlotUser } from './slots.ts';
import { WakeUp } from './wake-up.ts';

/** What all lanes of an engine share. */
export interface LaneContext extends IntakeContext {
  readonly process: DeliveryProcess;
  readonly recorder: Recorder;
  /** The engine, as whoever opens connections knows it. */
  readonly sender: EgressSender;
  /** Attempts of all lanes that have not come to an end. */
  readonly requests: { underWay: number };
  /** The engine starts no request: it stops, the store takes nothing, or another process may own its webhooks. */
  halted(): boolean;
  /** The engine has ended: what comes of an attempt is not its business any more. */
  ended(): boolean;
  /** An attempt is over; runs before its outcome is written down. `before` and `after` may differ in health. */
  noticeOutcome(before: Webhook, after: Webhook, delivery: Delivery): void;
  /** A lane whose place is written down has caught up, and nothing that it sent would tell of it. */
  noticeCaughtUp(): void;
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
 * it has a free place: `concurrency` of its own (one, if ordered or degraded), and one of the process's
 * slots. What it sends next is the agenda's to say, what an answer means `outcomeOf`'s.
 */
export class Lane implements SlotUser {
  readonly #context: LaneContext;
  readonly #intake: Intake;
  readonly #retries: RetryQueue;
  readonly #agenda: Agenda;
  readonly #wakeUp: WakeUp;
  readonly record: LaneRecord = {
    lastSuccessAtMs: null,
    lastFailureAtMs: null,
    lastError: null,
    lastHttpStatus: null,
  };
  #webhook: Webhook;
  #underWay = 0;
  /** Attempts of an ordered webhook that are not durable yet. */
  #unrecorded = 0;
  /** The cursor row that the store has for this webhook; null: it shares the checkpoint. */
  storedCursor: { seq: number; waiting: number } | null = null;

  constructor(context: LaneContext, webhook: Webhook) {
    this.#context = context;
    this.#webhook = webhook;
    const pump = (): void => void this.pump();
    const { clock, time, onError } = context.process;
    this.#wakeUp = new WakeUp(time, pump);
    this.#intake = new Intake(context, () => {
      this.pump();
      // A page may have held nothing that is still to be sent.
      if (this.settled && this.storedCursor !== null) context.noticeCaughtUp();
    });
    this.#retries = new RetryQueue(context.store.deliveries, webhook.number, clock, pump, onError);
    this.#agenda = new Agenda(this.#intake, this.#retries, this.#wakeUp, context.process);
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
    const busy = this.waiting + this.#underWay + this.#unrecorded > 0;
    return this.settled && !busy && !this.suspect && this.#agenda.replay === null;
  }

  get cursorSeq(): number {
    return this.#intake.cursorSeq;
  }

  /** Events not delivered yet: new ones, and failed deliveries that wait for their retry. */
  get waiting(): number {
    return this.#intake.waiting + this.#retries.count + this.#agenda.interrupted;
  }

  /** Events after the cursor that match and are not settled; what a cursor row keeps. */
  get waitingAfterCursor(): number {
    return this.#intake.waiting;
  }

  get oldestInMemory(): JournalEvent | null {
    return this.#intake.oldest;
  }

  /** Time of the next attempt that is already fixed; null when there is none to wait for. */
  get nextAttemptAtMs(): number | null {
    if (!isRunning(this.#webhook.health.state)) return null;
    const nextMs = Math.max(this.#retries.nextDueAtMs ?? 0, this.#agenda.notBeforeMs);
    return nextMs > this.#context.process.time.nowMs() ? Math.round(nextMs) : null;
  }

  /** After a start: the store's retries. */
  restoreRetries(summary: RetrySummary): void {
    this.#retries.restore(summary);
  }

  /** After a start: where to go on in the journal. */
  resumeAt(seq: number, waiting: number, repeatableUpToSeq: number): void {
    this.#intake.resumeAt(seq, waiting, repeatableUpToSeq);
    if (!isRunning(this.#webhook.health.state)) this.#intake.stop();
  }

  /** After a start: a batch that was put together but not recorded as attempted. */
  repeat(outgoing: Outgoing): void {
    this.#agenda.repeat(outgoing);
  }

  /** A matching event at the journal's tail. The caller pumps once it has offered all it has. */
  offer(event: JournalEvent): void {
    this.#intake.offer(event);
  }

  /** A person wants this delivery sent again, now. */
  sendAgain(outgoing: Outgoing): void {
    this.#agenda.ask(outgoing);
    this.pump();
  }

  /** A person wants the failed delivery attempted now; false when it is not waiting for its retry. */
  async retryNow(seq: number): Promise<boolean> {
    const found = await this.#retries.loadNow(seq);
    if (found) this.#agenda.hurry();
    this.pump();
    return found;
  }

  /** Deliveries of the past to send while nothing new waits; null: no more. */
  setReplay(source: ReplaySource | null): void {
    this.#agenda.replay = source;
    this.pump();
  }

  /** The webhook as it is now; settings apply from the next request on. */
  update(webhook: Webhook): void {
    this.#webhook = webhook;
  }

  /** The webhook runs no more: everything waiting is held in the journal. */
  stop(): void {
    this.#intake.stop();
    this.#retries.shed();
    this.#wakeUp.clear();
    this.#context.process.slots.leave(this);
  }

  /** The engine has ended: nothing is held, and nothing wakes the lane any more. */
  close(): void {
    this.stop();
    this.#intake.close();
  }

  /** The webhook runs again: at once, whatever was due later. */
  start(): void {
    this.#agenda.hurry();
    this.#intake.start();
    this.pump();
  }

  /**
   * Everything that waits up to a place in the journal is given up; answers how many events and failed
   * deliveries that were.
   */
  discardWaiting(upToSeq: number, by: string): number {
    const skipped = this.#intake.skipTo(upToSeq);
    const discarded = skipped + this.#retries.resting + this.#agenda.interrupted;
    this.#agenda.forgetInterrupted();
    this.#retries.reset();
    this.#context.recorder.add({
      kind: 'discarded',
      webhookNumber: this.#webhook.number,
      by,
      atMs: this.#context.process.clock.nowMs(),
    });
    return discarded;
  }

  /** It is this lane's turn: one delivery leaves, and for the next one it stands in line again. */
  slotFreed(): void {
    // Who found nothing to send now does not stand in line: it will be called for its own reasons.
    if (this.pump(1) > 0 && this.#mayStart() && this.#intake.queued > 0)
      this.#context.process.slots.wait(this);
  }

  /** Sends whatever may be sent now, and sees to it that it is called when more may be; answers how many it sent. */
  pump(atMost = Number.POSITIVE_INFINITY): number {
    const { slots } = this.#context.process;
    let started = 0;
    for (; started < atMost && this.#mayStart(); started += 1) {
      if (!slots.hasRoomFor(this)) {
        slots.wait(this);
        break;
      }
      const outgoing = this.#agenda.next(this.#webhook, this.#underWay);
      if (outgoing === null) break;
      this.#underWay += 1;
      this.#context.requests.underWay += 1;
      void this.#deliver(outgoing, slots.take(this));
    }
    return started;
  }

  #mayStart(): boolean {
    const { health, settings } = this.#webhook;
    if (!isRunning(health.state) || this.#context.halted()) return false;
    const places = health.state === 'degraded' || settings.order === 'ordered' ? 1 : settings.concurrency;
    return this.#underWay + this.#unrecorded < places;
  }

  async #deliver(chosen: Outgoing, giveBack: () => void): Promise<void> {
    const webhook = this.#webhook;
    const batches = webhook.settings.batch.maxEvents > 1 && !chosen.recorded;
    const outgoing = batches ? await this.#recordBatch(chosen, webhook) : chosen;
    if (outgoing !== null) await this.#attempt(outgoing, webhook);
    this.#underWay -= 1;
    this.#context.requests.underWay -= 1;
    giveBack();
    this.pump();
  }

  async #attempt(outgoing: Outgoing, webhook: Webhook): Promise<void> {
    const { process, sender } = this.#context;
    const startedAtMs = process.clock.nowMs();
    const result = outgoing.unsendable
      ? notSent(outgoing.unsendable)
      : await process.egress.send(requestFor(outgoing, webhook, startedAtMs, sender));
    // Cut off by our own stop: not an attempt that failed. It is repeated after the next start.
    const isCutOff = result.kind === 'error' && result.code === 'ABORTED';
    if (!isCutOff && !this.#context.ended()) this.#finish(outgoing, webhook, startedAtMs, result);
  }

  /**
   * A batch is written down before it leaves, so that after a crash the same events go out under the same id.
   * Null when the engine ended meanwhile.
   */
  async #recordBatch(chosen: Outgoing, webhook: Webhook): Promise<Outgoing | null> {
    const createdAtMs = this.#context.process.clock.nowMs();
    const delivery = deliveryOf(chosen, webhook, 'sending', createdAtMs, null, null, null);
    const isDurable = await this.#context.recorder.durable({ kind: 'sending', delivery });
    return isDurable ? { ...chosen, recorded: true, createdAtMs } : null;
  }

  #finish(outgoing: Outgoing, sentAs: Webhook, startedAtMs: number, result: AttemptResult): void {
    const { recorder } = this.#context;
    const { clock, time, random } = this.#context.process;
    const before = this.#webhook;
    const moment = {
      startedAtMs,
      nowMs: clock.nowMs(),
      steadyMs: time.nowMs(),
      random: random(),
    };
    const outcome = outcomeOf(outgoing, sentAs, before, result, moment);
    this.#remember(outcome, moment.nowMs);
    this.#agenda.holdUntil(outcome.notBeforeMs);
    if (outcome.health !== before.health) this.#webhook = { ...before, health: outcome.health };
    this.#context.noticeOutcome(before, this.#webhook, outcome.delivery);
    this.#context.process.onAttempt(outcome.delivery, outcome.attempt);
    recorder.add(outcome.write, this.#whenDurable(outgoing, outcome));
    this.#intake.settle(outgoing.entries);
    if (isRunning(before.health.state) && !isRunning(outcome.health.state)) this.stop();
  }

  /** What the lane does once the attempt, and the row of its retry if there is one, is durable. */
  #whenDurable(outgoing: Outgoing, { retry, report }: Outcome): (() => void) | undefined {
    const { origin } = outgoing;
    if (origin.kind === 'again') return () => origin.onFinished(report.succeeded);
    if (origin.kind === 'retry') return () => this.#retries.attempted(outgoing.seq, retry !== null);
    if (retry !== null) {
      const failed = this.#retries.failed();
      return () => failed.recorded(retry.dueAtMs);
    }
    if (this.#webhook.settings.order !== 'ordered') return undefined;
    // The next event leaves only when this one will not be repeated: a consumer never sees the order go back.
    this.#unrecorded += 1;
    return () => {
      this.#unrecorded -= 1;
      this.pump();
    };
  }

  #remember({ report }: Outcome, nowMs: number): void {
    this.record.lastHttpStatus = report.httpStatus ?? this.record.lastHttpStatus;
    if (report.succeeded) {
      this.record.lastSuccessAtMs = nowMs;
    } else {
      this.record.lastFailureAtMs = nowMs;
      this.record.lastError = report.errorMessage;
    }
  }
}
