import type { Clock } from '../../model/clock.ts';
import type { DeliveryWrite } from '../port.ts';
import { appendCall, appendedEvents } from './append.ts';
import { dayOf } from './days.ts';
import { DeliveryBatch } from './delivery-batch.ts';
import { GroupCommit } from './group-commit.ts';
import type { Link } from './link.ts';
import type { Call } from './statement.ts';
import type { Tails } from './tails.ts';

/** What one engine has to write down; all of it commits together. */
interface ShardWrites {
  /** Of each write. */
  readonly shards: readonly number[];
  readonly writes: readonly DeliveryWrite[];
}

/** About what a write costs to send, beside the body of a retry and the answer in an attempt. */
const bytesOfWrite = 1_000;

/** Lends the connection that writes. */
export type UseLink = <Result>(work: (link: Link) => Promise<Result>) => Promise<Result>;

/** Writes down what engines deliver, those of all shards together: one transaction at a time. */
export class DeliveryWriter {
  readonly #use: UseLink;
  readonly #clock: Clock;
  readonly #tails: Tails;
  readonly #groups: GroupCommit<ShardWrites, null>;

  constructor(use: UseLink, clock: Clock, tails: Tails) {
    this.#use = use;
    this.#clock = clock;
    this.#tails = tails;
    this.#groups = new GroupCommit({ commit: (group) => this.#commit(group), bytesOf });
  }

  async write(writes: readonly DeliveryWrite[], shardOf: (write: DeliveryWrite) => number): Promise<void> {
    if (writes.length > 0) await this.#groups.add({ writes, shards: writes.map(shardOf) });
  }

  /** Runs one statement of an engine, apart from the groups. */
  async run(asked: Call): Promise<void> {
    await this.#use((link) => link.commitAll([asked]));
  }

  drain(): Promise<void> {
    return this.#groups.drain();
  }

  async #commit(group: readonly ShardWrites[]): Promise<readonly null[]> {
    const batch = new DeliveryBatch();
    for (const { shards, writes } of group) {
      for (const [index, write] of writes.entries()) batch.add(shards[index] ?? 0, write);
    }
    const acceptedAtMs = this.#clock.nowMs();
    const appends = batch.events.map(({ shard, workspaceNumber, event }) => ({
      shard,
      workspaceNumber,
      events: [event],
      acceptedAtMs,
    }));
    // Places in the journal are taken last: whoever appends to the same shard waits from there on.
    const last = appends.length > 0 ? [appendCall(appends, dayOf(acceptedAtMs))] : [];
    const results = await this.#use((link) => link.commitAll([...batch.calls(), ...last]));
    if (appends.length > 0) {
      const appended = appendedEvents(appends, results.at(-1)?.rows ?? []);
      await this.#tails.appended(
        appended.map((events, index) => ({ shard: appends[index]?.shard ?? 0, events })),
      );
    }
    return group.map(() => null);
  }
}

function bytesOf({ writes }: ShardWrites): number {
  return writes.reduce((bytes, write) => {
    const retry = 'retry' in write ? (write.retry?.body.byteLength ?? 0) * 2 : 0;
    const answer = 'attempt' in write ? (write.attempt.responseBody?.length ?? 0) : 0;
    return bytes + bytesOfWrite + retry + answer;
  }, 0);
}
