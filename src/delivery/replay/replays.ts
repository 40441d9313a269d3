import type { Clock } from '../../model/clock.ts';
import { newReplayId, type ReplayId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { Replay, ReplayScope } from '../../model/replay.ts';
import type { Webhook } from '../../model/webhook.ts';
import type { Store } from '../../store/port.ts';
import { requireRunning } from '../../webhooks/require-running.ts';
import type { ReplaySource } from '../agenda.ts';
import type { Prepare } from '../prepare.ts';
import type { SteadyTime } from '../steady-time.ts';
import { countReplay, type ReplayCount } from './replay-count.ts';
import { ReplayRun } from './replay-run.ts';

/** How often the progress of a running replay is written down: what a crash may make it send twice. */
const saveIntervalMs = 1_000;

/** What replays need of the delivery engine. */
export interface ReplaysContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly time: SteadyTime;
  readonly prepare: Prepare;
  webhook(number: number): Webhook | null;
  /** Every event of the webhook up to here has been dealt with in the ordinary way. */
  settledSeq(webhook: Webhook): number;
  attach(webhook: Webhook, source: ReplaySource | null): void;
  pump(webhookNumber: number): void;
  onError(error: unknown): void;
}

export interface ReplayWish {
  readonly scope: ReplayScope;
  readonly sinceMs: number;
  readonly untilMs: number;
}

export interface ReplayRequest extends ReplayWish {
  readonly ratePerSecond: number;
  readonly by: string;
}

/** The replays of this process: started, paused, cancelled by people, and taken up again after a restart. */
export class Replays {
  readonly #context: ReplaysContext;
  readonly #runs = new Map<ReplayId, ReplayRun>();
  readonly #savedAtMs = new Map<ReplayId, number>();

  constructor(context: ReplaysContext) {
    this.#context = context;
  }

  /** Takes up what the last process left running or paused. */
  async resume(): Promise<void> {
    for (const replay of await this.#context.store.replays.unfinished()) {
      const webhook = this.#context.webhook(replay.webhookNumber);
      if (webhook) this.#run(replay, webhook);
      else
        await this.#context.store.replays.save({
          ...replay,
          state: 'cancelled',
          reason: 'The webhook was deleted.',
        });
    }
  }

  /** Begins a replay. Throws a Problem when the webhook has one already, or does not run. */
  async start(webhook: Webhook, request: ReplayRequest): Promise<Replay> {
    const { store, clock } = this.#context;
    requireRunning(webhook, 'replaying events to it');
    const running = [...this.#runs.values()].find((run) => run.replay.webhookNumber === webhook.number);
    if (running) {
      const { id, state } = running.replay;
      throw new Problem(
        'conflict',
        `The replay ${id} of this webhook is ${state}; wait for its end, or cancel it.`,
      );
    }
    const { fromSeq, toSeq } = await this.#range(webhook, request);
    const replay: Replay = {
      id: newReplayId(),
      workspaceNumber: webhook.workspaceNumber,
      webhookNumber: webhook.number,
      scope: request.scope,
      sinceMs: request.sinceMs,
      untilMs: request.untilMs,
      fromSeq,
      toSeq,
      positionSeq: fromSeq,
      ratePerSecond: request.ratePerSecond,
      state: 'running',
      reason: null,
      succeeded: 0,
      failed: 0,
      createdBy: request.by,
      createdAtMs: clock.nowMs(),
      finishedAtMs: null,
    };
    await store.replays.create(replay);
    return this.#run(replay, webhook).replay;
  }

  /** What such a replay would send if it started now; at most `maxEvents` of the journal are looked at. */
  async count(webhook: Webhook, wish: ReplayWish, maxEvents: number): Promise<ReplayCount> {
    const range = await this.#range(webhook, wish);
    return countReplay(this.#context.store, { ...range, scope: wish.scope }, webhook, maxEvents);
  }

  /** As it is at this moment; the store may be a second behind. */
  async find(workspaceNumber: number, id: ReplayId): Promise<Replay | null> {
    const run = this.#runs.get(id);
    if (run) return run.replay.workspaceNumber === workspaceNumber ? run.replay : null;
    return this.#context.store.replays.find(workspaceNumber, id);
  }

  async pause(replay: Replay, by: string): Promise<Replay> {
    return this.#end(replay, 'paused', `Paused by ${by}.`);
  }

  async cancel(replay: Replay, by: string): Promise<Replay> {
    return this.#end(replay, 'cancelled', `Cancelled by ${by}.`);
  }

  /** A paused replay goes on. */
  async continue(replay: Replay): Promise<Replay> {
    const run = this.#runs.get(replay.id);
    const webhook = this.#context.webhook(replay.webhookNumber);
    if (!run || !webhook || run.replay.state !== 'paused') {
      throw new Problem(
        'conflict',
        `The replay is ${run?.replay.state ?? replay.state}; only a paused one can go on.`,
      );
    }
    run.continue();
    await this.#context.store.replays.save(run.replay);
    this.#context.attach(webhook, run);
    return run.replay;
  }

  /** Places in the journal: after `fromSeq`, up to `toSeq`, and no event that is still on its ordinary way. */
  async #range(webhook: Webhook, wish: ReplayWish): Promise<Pick<Replay, 'fromSeq' | 'toSeq'>> {
    const { journal } = this.#context.store;
    const fromSeq = await journal.seqBefore(wish.sinceMs);
    const toSeq = Math.min(await journal.seqBefore(wish.untilMs), this.#context.settledSeq(webhook));
    return { fromSeq, toSeq: Math.max(fromSeq, toSeq) };
  }

  /** Writes down how far the running replays have come. */
  async save(): Promise<void> {
    const { replays } = this.#context.store;
    await Promise.all([...this.#runs.values()].map((run) => replays.save(run.replay)));
  }

  /** The engine has ended: whoever comes next takes up what the store has. */
  stop(): void {
    for (const run of this.#runs.values()) run.stop();
    this.#runs.clear();
  }

  async #end(replay: Replay, state: 'paused' | 'cancelled', reason: string): Promise<Replay> {
    const run = this.#runs.get(replay.id);
    if (!run) throw new Problem('conflict', `The replay is ${replay.state} already.`);
    run.end(state, reason);
    await this.#context.store.replays.save(run.replay);
    return run.replay;
  }

  #run(replay: Replay, webhook: Webhook): ReplayRun {
    const { number } = webhook;
    const run = new ReplayRun(replay, {
      store: this.#context.store,
      time: this.#context.time,
      prepare: this.#context.prepare,
      webhook: () => this.#context.webhook(number),
      pump: () => this.#context.pump(number),
      onProgress: (progressed) => this.#progressed(progressed),
      onError: this.#context.onError,
    });
    this.#runs.set(replay.id, run);
    if (replay.state === 'running') this.#context.attach(webhook, run);
    return run;
  }

  #progressed(replay: Replay): void {
    const nowMs = this.#context.time.nowMs();
    const isEnd = replay.state !== 'running';
    if (!isEnd && nowMs - (this.#savedAtMs.get(replay.id) ?? 0) < saveIntervalMs) return;
    this.#savedAtMs.set(replay.id, nowMs);
    this.#context.store.replays.save(replay).catch(this.#context.onError);
    if (!isEnd) return;
    const webhook = this.#context.webhook(replay.webhookNumber);
    if (webhook) this.#context.attach(webhook, null);
    if (replay.state === 'paused') return;
    this.#runs.delete(replay.id);
    this.#savedAtMs.delete(replay.id);
  }
}
