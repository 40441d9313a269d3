import { join } from 'node:path';
import Database from 'better-sqlite3';

/**
 * Puts into the database of a stopped server what a long life would have left there. Copies of a row that the
 * server has written itself, since millions of calls would take hours.
 */
export class StoredRows {
  readonly #database: Database.Database;

  constructor(dataDirectory: string) {
    this.#database = new Database(join(dataDirectory, 'rowhook.db'));
    // Nobody needs what a power cut would take from a benchmark.
    this.#database.pragma('synchronous = OFF');
    this.#database.pragma('cache_size = -262144');
  }

  /** So many copies of the last event of a type. */
  addEvents(type: string, copies: number): void {
    const columns = this.#columns('events', ['seq']);
    this.#copy(
      `INSERT INTO events (${columns}) SELECT ${columns} FROM copies CROSS JOIN (
         SELECT ${columns} FROM events WHERE type = ? ORDER BY seq DESC LIMIT 1)`,
      copies,
      type,
    );
  }

  /** So many copies of the last delivery, each with its attempt: one for each of the last events. */
  addDeliveries(copies: number): void {
    const columns = this.#columns('deliveries', ['id', 'seq']);
    this.#copy(
      `INSERT INTO deliveries (seq, ${columns})
       SELECT (SELECT max(seq) FROM events) - ${copies} + copies.copy, ${columns} FROM copies
       CROSS JOIN (SELECT ${columns} FROM deliveries ORDER BY id DESC LIMIT 1)`,
      copies,
    );
  }

  /** Copies of the one webhook there is, each with an event type of its own. */
  addWebhooks(copies: number, eventType: string): void {
    const columns = this.#columns('webhooks', ['number', 'id', 'settings_json']);
    this.#copy(
      `INSERT INTO webhooks (id, settings_json, ${columns})
       SELECT printf('wh_%016d', copies.copy), replace(settings_json, ?, ? || copies.copy), ${columns}
       FROM copies CROSS JOIN (SELECT * FROM webhooks ORDER BY number LIMIT 1)`,
      copies,
      eventType,
      eventType,
    );
  }

  /** The one webhook that lags has as many events more before it, and everyone else has come to the end. */
  lagBehind(events: number): void {
    this.#database.prepare('UPDATE cursors SET waiting = waiting + ? WHERE webhook_number > 0').run(events);
    this.#database
      .prepare('UPDATE cursors SET seq = (SELECT max(seq) FROM events) WHERE webhook_number = 0')
      .run();
  }

  close(): void {
    this.#database.close();
  }

  #columns(table: string, without: readonly string[]): string {
    const all = this.#database.prepare(`SELECT name FROM pragma_table_info('${table}')`).pluck().all();
    return (all as string[]).filter((name) => !without.includes(name)).join(', ');
  }

  #copy(statement: string, copies: number, ...parameters: unknown[]): void {
    if (copies === 0) return;
    const numbers = `WITH RECURSIVE copies(copy) AS (
      SELECT 1 UNION ALL SELECT copy + 1 FROM copies WHERE copy < ${copies})`;
    this.#database.prepare(`${numbers} ${statement}`).run(...parameters);
  }
}
