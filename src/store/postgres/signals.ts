import type { Client } from 'pg';
import type { Connections } from './connections.ts';
import type { Signals } from './shard-store.ts';

/** How long to wait before connecting again, the first time and at most. */
const firstRetryMs = 100;
const longestRetryMs = 5_000;

interface Message {
  readonly channel: string;
  readonly payload: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * NOTIFY and LISTEN on a connection of their own, which is made when it is first needed and made anew when it
 * breaks. Messages leave together: NOTIFY makes transactions that use it wait for each other until they are
 * committed, so it is kept out of those that write.
 */
export class SignalHub implements Signals {
  readonly #connections: Connections;
  readonly #listeners = new Map<string, Set<(payload: string) => void>>();
  readonly #reconnected = new Set<() => void>();
  #client: Client | null = null;
  #connecting: Promise<Client> | null = null;
  #waiting: Message[] = [];
  #sending = false;
  #retryMs = firstRetryMs;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  async listen(channel: string, listener: (payload: string) => void): Promise<() => void> {
    if (!/^[a-z_]+$/.test(channel)) throw new Error(`${channel} is no name of a channel.`);
    const known = this.#listeners.get(channel);
    const listeners = known ?? new Set();
    listeners.add(listener);
    if (!known) {
      this.#listeners.set(channel, listeners);
      await (await this.#connected()).query(`LISTEN ${channel}`);
    }
    return () => {
      listeners.delete(listener);
    };
  }

  onReconnected(listener: () => void): () => void {
    this.#reconnected.add(listener);
    return () => this.#reconnected.delete(listener);
  }

  send(channel: string, payload: string): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ channel, payload, resolve, reject });
      if (this.#sending) return;
      this.#sending = true;
      setImmediate(() => this.#sendAll());
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#connecting?.catch(() => undefined);
    this.#client?.end().catch(() => undefined);
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const messages = this.#waiting;
      this.#waiting = [];
      try {
        const client = await this.#connected();
        await client.query(
          'SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS sent (channel, payload)',
          [messages.map(({ channel }) => channel), messages.map(({ payload }) => payload)],
        );
        for (const { resolve } of messages) resolve();
      } catch (error) {
        for (const { reject } of messages) reject(error);
      }
    }
    this.#sending = false;
  }

  #connected(): Promise<Client> {
    if (this.#client) return Promise.resolve(this.#client);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #connect(): Promise<Client> {
    const client: Client = await this.#connections.dedicated(() => this.#lost(client));
    // A message that nobody wrote down need not wait for the disk.
    await client.query("SET synchronous_commit = 'off'");
    client.on('notification', ({ channel, payload }) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener(payload ?? '');
    });
    for (const channel of this.#listeners.keys()) await client.query(`LISTEN ${channel}`);
    this.#client = client;
    this.#retryMs = firstRetryMs;
    return client;
  }

  #lost(client: Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    client.end().catch(() => undefined);
    if (!this.#closed && this.#listeners.size > 0) this.#reconnectSoon();
  }

  #reconnectSoon(): void {
    this.#timer = setTimeout(() => {
      this.#connected().then(
        () => {
          for (const listener of this.#reconnected) listener();
        },
        () => this.#closed || this.#reconnectSoon(),
      );
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
  }
}
