import type { Replay } from '../../model/replay.ts';
import type { Webhook } from '../../model/webhook.ts';
import type { Workspace } from '../../model/workspace.ts';
import { Replays } from '../crud/replays.ts';
import { Webhooks } from '../crud/webhooks.ts';
import { Workspaces } from '../crud/workspaces.ts';
import type { DeliveryWriter } from './delivery-writer.ts';
import { Session } from './owner-session.ts';
import type { OwnerSession, ShardStore } from './shard-store.ts';
import type { StoreParts } from './store-parts.ts';
import { StoreView } from './store-view.ts';
import type { Tail } from './tails.ts';

/** Of each session, what writes for the engines of its shards: together. */
const writers = new WeakMap<Session, DeliveryWriter>();

/** One shard, for the engine that delivers it. */
export class ShardView extends StoreView implements ShardStore {
  readonly shard: number;
  readonly #parts: StoreParts;
  readonly #tail: Tail;

  private constructor(parts: StoreParts, writer: DeliveryWriter, tail: Tail) {
    const isOwn = ({ workspaceNumber }: { readonly workspaceNumber: number }): boolean =>
      parts.shards.ofWorkspace(workspaceNumber) === tail.shard;
    super(parts, writer, tail, {
      workspaces: new ShardWorkspaces(parts, isOwn),
      webhooks: new ShardWebhooks(parts, isOwn),
      replays: new ShardReplays(parts, isOwn),
    });
    this.shard = tail.shard;
    this.#parts = parts;
    this.#tail = tail;
  }

  /** The session holds the shard's lock by now, so that the head read here is behind all that the last owner wrote. */
  static async open(parts: StoreParts, shard: number, session: OwnerSession): Promise<ShardView> {
    if (!(session instanceof Session)) throw new Error('The session is of another store.');
    const tail = await parts.tails.open(shard, true);
    await parts.follower.follow(tail);
    return new ShardView(parts, writerOf(parts, session), tail);
  }

  follow(): Promise<void> {
    return this.#parts.tails.follow([this.#tail]);
  }

  async close(): Promise<void> {
    this.#parts.follower.leave(this.#tail);
    this.#parts.tails.close(this.#tail);
  }
}

function writerOf(parts: StoreParts, session: Session): DeliveryWriter {
  const known = writers.get(session);
  if (known) return known;
  const writer = parts.writerOn((work) => session.use(work));
  writers.set(session, writer);
  return writer;
}

type IsOwn = (of: { readonly workspaceNumber: number }) => boolean;

class ShardWorkspaces extends Workspaces {
  readonly #isOwn: IsOwn;

  constructor({ crud, options, audit }: StoreParts, isOwn: IsOwn) {
    super(crud, options.clock, audit.note);
    this.#isOwn = isOwn;
  }

  override async list(): Promise<readonly Workspace[]> {
    return (await super.list()).filter(({ number }) => this.#isOwn({ workspaceNumber: number }));
  }

  override async deletedNumbers(): Promise<readonly number[]> {
    return (await super.deletedNumbers()).filter((number) => this.#isOwn({ workspaceNumber: number }));
  }
}

class ShardWebhooks extends Webhooks {
  readonly #isOwn: IsOwn;

  constructor({ crud, options, secrets, audit }: StoreParts, isOwn: IsOwn) {
    super(crud, options.clock, secrets, audit.note);
    this.#isOwn = isOwn;
  }

  /** A page has one of the shard's webhooks at least, unless there are no more. */
  override async all(afterNumber: number, limit: number): Promise<readonly Webhook[]> {
    for (let after = afterNumber; ; ) {
      const page = await super.all(after, limit);
      const own = page.filter(this.#isOwn);
      const last = page.at(-1);
      if (own.length > 0 || last === undefined) return own;
      after = last.number;
    }
  }
}

class ShardReplays extends Replays {
  readonly #isOwn: IsOwn;

  constructor({ crud }: StoreParts, isOwn: IsOwn) {
    super(crud);
    this.#isOwn = isOwn;
  }

  override async unfinished(): Promise<readonly Replay[]> {
    return (await super.unfinished()).filter(this.#isOwn);
  }
}
