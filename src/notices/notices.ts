import type { Clock } from '../model/clock.ts';
import type { JournalEvent } from '../model/event.ts';
import type { JournalStore, Store } from '../store/port.ts';
import { Collection } from './collection.ts';
import { mailOf } from './mail.ts';
import type { Mailer } from './mailer.ts';
import { noticeOf } from './notice.ts';

/** From the first notice to the mail that tells of it, and of all that came meanwhile. */
const collectMs = 60_000;
/** After a failure: doubled with each further one, up to the longest. */
const shortestRetryMs = 60_000;
const longestRetryMs = 3_600_000;

export interface NoticesOptions {
  readonly store: Pick<Store, 'workspaces'>;
  readonly clock: Clock;
  readonly mailer: Mailer;
  /** Where people reach the console, without a slash at the end. */
  readonly publicUrl: string;
  /** A mail was not sent, or not to everyone; unless the process stops, it is tried again. */
  readonly onError: (error: unknown) => void;
}

/**
 * Mails what happened to webhooks. It is in one of these states:
 *
 * - idle: nothing is collected; the first notice sets a timer.
 * - collecting: until the timer rings.
 * - sending: one mail is under way; what comes is collected for the next one.
 * - waiting: the last mail failed; its notices are collected again, and a longer timer is set.
 *
 * It only listens to the journal and remembers a bounded sum, so delivery never waits for it. What is in
 * memory when the process dies is lost.
 */
export class Notices {
  readonly #options: NoticesOptions;
  readonly #abort = new AbortController();
  #collection = new Collection();
  #sending: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;
  #failuresInRow = 0;
  #stopped = false;

  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  /** Listens to a journal from now on; in a cluster each shard has one. */
  follow(journal: Pick<JournalStore, 'onAppended'>): void {
    journal.onAppended((events) => this.#collect(events));
  }

  /** Sends what is collected, once, and gives up after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    const cancelGrace = this.#options.clock.after(graceMs, () => this.#abort.abort());
    await this.#sending;
    if (!this.#collection.isEmpty && !this.#abort.signal.aborted) await this.#send();
    cancelGrace();
    this.#options.mailer.close();
  }

  #collect(events: readonly JournalEvent[]): void {
    if (this.#stopped) return;
    for (const event of events) {
      const notice = noticeOf(event);
      if (notice !== null) this.#collection.add(notice);
    }
    if (!this.#collection.isEmpty && this.#sending === null) this.#schedule(collectMs);
  }

  /** Unless a timer runs already. */
  #schedule(delayMs: number): void {
    this.#cancelTimer ??= this.#options.clock.after(delayMs, () => {
      this.#cancelTimer = null;
      this.#sending = this.#send().finally(() => {
        this.#sending = null;
        if (this.#collection.isEmpty || this.#stopped) return;
        this.#schedule(this.#failuresInRow === 0 ? collectMs : this.#retryDelayMs());
      });
    });
  }

  #retryDelayMs(): number {
    return Math.min(shortestRetryMs * 2 ** (this.#failuresInRow - 1), longestRetryMs);
  }

  async #send(): Promise<void> {
    const { store, mailer, publicUrl, onError } = this.#options;
    const collection = this.#collection;
    this.#collection = new Collection();
    try {
      const workspaces = await store.workspaces.list();
      const workspaceNames = new Map(workspaces.map(({ number, name }) => [number, name]));
      const mail = mailOf(collection, { publicUrl, workspaceNames });
      const refused = await mailer.send(mail, this.#abort.signal);
      this.#failuresInRow = 0;
      if (refused.length > 0)
        onError(new Error(`The mail server refused the recipients ${refused.join(', ')}.`));
    } catch (error) {
      this.#failuresInRow += 1;
      collection.join(this.#collection);
      this.#collection = collection;
      onError(new Error('The mail server did not take a mail with notices.', { cause: error }));
    }
  }
}
