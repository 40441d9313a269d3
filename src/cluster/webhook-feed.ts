import type { Webhook } from '../model/webhook.ts';
import type { WebhookStore } from '../store/port.ts';
import type { WebhookRegistry } from '../webhooks/registry.ts';
import type { ChangeNote } from '../webhooks/webhook-changes.ts';
import type { Change, ChangeFeed } from './change-feed.ts';

/** Webhooks that are read at once. */
const readAtOnce = 500;
const noNote: ChangeNote = { by: '', skips: false };

/** Keeps the registry of this process as the store has it, whichever process makes a change. */
export class WebhookFeed {
  readonly #registry: WebhookRegistry;
  readonly #store: Pick<WebhookStore, 'findMany' | 'all'>;
  readonly #feed: ChangeFeed;

  constructor(registry: WebhookRegistry, store: Pick<WebhookStore, 'findMany' | 'all'>, feed: ChangeFeed) {
    this.#registry = registry;
    this.#store = store;
    this.#feed = feed;
    feed.on('webhook', (changes) => this.#follow(changes));
    feed.onLost(() => this.#readAll());
  }

  /**
   * Reads the webhooks of a shard that this process has just come to own: its last owner knew their failures, of which
   * nobody else is told.
   */
  async readShard(webhooks: Iterable<Webhook>): Promise<void> {
    await this.#feed.catchUp();
    await this.#feed.inTurn(() =>
      this.#follow(
        [...webhooks].map(({ number }) => ({ kind: 'webhook', name: String(number), note: null })),
      ),
    );
  }

  async #follow(changes: readonly Change[]): Promise<void> {
    for (let start = 0; start < changes.length; start += readAtOnce) {
      const some = changes.slice(start, start + readAtOnce);
      const found = await this.#store.findMany(some.map(({ name }) => Number(name)));
      const byNumber = new Map(found.map((webhook) => [webhook.number, webhook]));
      for (const { name, note } of some) {
        this.#registry.follow(Number(name), byNumber.get(Number(name)) ?? null, readNote(note));
      }
    }
  }

  async #readAll(): Promise<void> {
    const gone = new Set<number>();
    for (const { number } of this.#registry.all()) gone.add(number);
    for (let after = 0; ; ) {
      const found = await this.#store.all(after, readAtOnce);
      for (const webhook of found) {
        gone.delete(webhook.number);
        this.#registry.follow(webhook.number, webhook, noNote);
      }
      const last = found.at(-1);
      if (last === undefined) break;
      after = last.number;
    }
    // Created by this process meanwhile, and so not read, is not gone: only what the store says is.
    const stillThere = new Set((await this.#store.findMany([...gone])).map(({ number }) => number));
    for (const number of gone) if (!stillThere.has(number)) this.#registry.follow(number, null, noNote);
  }
}

/** As the store notes it (`Database.noteChange`). */
function readNote(note: string | null): ChangeNote {
  if (note === null) return noNote;
  const { by, starts } = JSON.parse(note) as { readonly by: string; readonly starts: string };
  return { by, skips: starts === 'atHead' };
}
