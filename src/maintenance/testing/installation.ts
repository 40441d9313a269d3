import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { systemClock } from '../../model/clock.ts';
import { newEvent, newWebhook, webhookSettings, workspaceNumber } from '../../store/contract/samples.ts';
import type { Store } from '../../store/port.ts';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import { type Backup, type BackupOptions, backUp } from '../backup.ts';
import { dataDirectory } from '../data-directory.ts';
import { secretKeysOf } from '../key-file.ts';
import { type Restored, type RestoreOptions, restore } from '../restore.ts';

const unset = { secretKey: null, previousSecretKeys: [] };

/** A data directory with a store in it, and room for backups beside it. */
export class Installation {
  readonly parent = mkdtempSync(join(tmpdir(), 'rowhook-installation-'));
  readonly directory = dataDirectory(this.place('data'));

  /** A path beside the data directory. */
  place(name: string): string {
    return join(this.parent, name);
  }

  open(): Store {
    const { current, previous } = secretKeysOf(this.directory, unset);
    return openSqliteStore({
      directory: this.directory.path,
      clock: systemClock,
      secretKey: current,
      previousSecretKeys: previous,
    });
  }

  /** A webhook with secrets, and events of the given types. */
  async fill(...types: readonly string[]): Promise<void> {
    const store = this.open();
    const owner = await workspaceNumber(store, 'acme');
    const headers = { authorization: 'Bearer hidden-in-a-header' };
    await newWebhook(store, owner, webhookSettings({ headers }), 'whsec_hidden');
    for (const type of types) await store.journal.append(owner, [newEvent({ type })]);
    await store.close();
  }

  /** Accepts one more event. */
  async append(type: string): Promise<void> {
    const store = this.open();
    const [workspace] = await store.workspaces.list();
    await store.journal.append(workspace?.number ?? 0, [newEvent({ type })]);
    await store.close();
  }

  /** What can be read: types of events, and secrets of webhooks. */
  async contents(): Promise<{ types: readonly string[]; secrets: readonly string[] }> {
    const store = this.open();
    try {
      const [workspace] = await store.workspaces.list();
      const events = await store.journal.read(workspace?.number ?? 0, 0, 1_000, 1e9);
      const webhooks = await store.webhooks.all(0, 100);
      return {
        types: events.map(({ type }) => type),
        secrets: webhooks.flatMap(({ secret, settings }) => [secret, ...Object.values(settings.headers)]),
      };
    } finally {
      await store.close();
    }
  }

  backUp(name: string, options: Partial<BackupOptions> = {}): Promise<Backup> {
    return backUp({
      directory: this.directory,
      destination: this.place(name),
      keys: secretKeysOf(this.directory, unset),
      includeSecretKey: false,
      rowhookVersion: '0.0.0',
      nowMs: Date.parse('2026-01-31T12:00:00Z'),
      ...options,
    });
  }

  restore(name: string, options: Partial<RestoreOptions> = {}): Promise<Restored> {
    return restore({
      backup: this.place(name),
      directory: this.directory,
      replace: false,
      ...unset,
      nowMs: Date.parse('2026-02-01T12:00:00Z'),
      ...options,
    });
  }

  /** Loses everything. */
  destroy(): void {
    rmSync(this.directory.path, { recursive: true });
  }

  /** The names in the data directory that begin with a text. */
  files(start: string): readonly string[] {
    return readdirSync(this.directory.path).filter((name) => name.startsWith(start));
  }

  /** Runs SQL in the database while no store has it open. */
  execute(sql: string): void {
    const database = new Database(this.directory.database);
    database.exec(sql);
    database.close();
  }

  remove(): void {
    rmSync(this.parent, { recursive: true, force: true });
  }
}
