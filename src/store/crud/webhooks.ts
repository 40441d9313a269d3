import type { Insertable, Selectable, Transaction } from 'kysely';
import type { AuditNote } from '../../model/audit.ts';
import type { Clock } from '../../model/clock.ts';
import type { WebhookId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { SigningSecrets } from '../../model/signing-secret.ts';
import type { Webhook, WebhookHealth, WebhookSettings, WebhookState } from '../../model/webhook.ts';
import { readCursor } from '../cursor.ts';
import type { HealthChange, NewWebhook, Page, PageRequest, WebhookStart, WebhookStore } from '../port.ts';
import type { Schema } from '../schema.ts';
import type { SecretBox } from '../secret-box.ts';
import { changesBetween } from './audit-facts.ts';
import type { Note } from './audit-log.ts';
import type { Database } from './database.ts';
import { parseSettings, printSettings } from './stored-settings.ts';
import { webhookFacts } from './webhook-facts.ts';

export class Webhooks implements WebhookStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #secrets: SecretBox;
  readonly #note: Note;

  constructor(database: Database, clock: Clock, secrets: SecretBox, note: Note) {
    this.#database = database;
    this.#clock = clock;
    this.#secrets = secrets;
    this.#note = note;
  }

  async create(webhook: NewWebhook): Promise<Webhook> {
    return this.#database.transaction(async (transaction) => {
      const nowMs = this.#clock.nowMs();
      const headSeq = await this.#database.headSeq(transaction, webhook.workspaceNumber);
      const created = await transaction
        .insertInto('webhooks')
        .values({
          ...(await this.#database.webhookNumber(transaction, webhook.workspaceNumber)),
          id: webhook.id,
          workspace_number: webhook.workspaceNumber,
          version: 1,
          settings_json: this.#print(webhook.settings),
          sealed_secret: this.#seal({ secret: webhook.secret, previousSecrets: [] }),
          ...healthColumns(webhook.health),
          starts_after_seq: headSeq,
          revision: 1,
          interventions: 0,
          created_at: nowMs,
          updated_at: nowMs,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await this.#keepVersion(transaction, created, nowMs);
      await this.#database.placeCursor(transaction, created.number, headSeq);
      await recordChange(transaction, created.number, webhook.health);
      const made = this.#read(created);
      await this.#enter(
        transaction,
        'webhook.created',
        made,
        changesBetween(null, webhookFacts(made.settings)),
      );
      return made;
    });
  }

  async saveSettings(
    webhook: Webhook,
    settings: WebhookSettings,
    secrets: SigningSecrets | null = null,
  ): Promise<Webhook> {
    return this.#database.transaction(async (transaction) => {
      const nowMs = this.#clock.nowMs();
      const saved = await transaction
        .updateTable('webhooks')
        .set((expression) => ({
          version: expression('version', '+', 1),
          revision: expression('revision', '+', 1),
          settings_json: this.#print(settings),
          ...(secrets === null ? {} : { sealed_secret: this.#seal(secrets) }),
          updated_at: nowMs,
        }))
        .where('number', '=', webhook.number)
        .returningAll()
        .executeTakeFirst();
      if (!saved) throw gone(webhook);
      await this.#keepVersion(transaction, saved, nowMs);
      const after = this.#read(saved);
      const changes = changesBetween(webhookFacts(webhook.settings), webhookFacts(settings));
      await this.#enter(transaction, 'webhook.changed', after, changes);
      if (secrets !== null) await this.#enter(transaction, 'webhook.secret-changed', after, []);
      return after;
    });
  }

  async saveSecrets(webhook: Webhook, secrets: SigningSecrets): Promise<Webhook> {
    return this.#database.transaction(async (transaction) => {
      const saved = await transaction
        .updateTable('webhooks')
        .set((expression) => ({
          sealed_secret: this.#seal(secrets),
          revision: expression('revision', '+', 1),
          updated_at: this.#clock.nowMs(),
        }))
        .where('number', '=', webhook.number)
        .returningAll()
        .executeTakeFirst();
      if (!saved) throw gone(webhook);
      const after = this.#read(saved);
      await this.#enter(transaction, 'webhook.secret-changed', after, []);
      return after;
    });
  }

  async saveHealth(webhook: Webhook, health: WebhookHealth, starts: WebhookStart, by = ''): Promise<Webhook> {
    return this.#database.transaction(async (transaction) => {
      await this.#database.noteChange(transaction, { by, starts });
      const headSeq =
        starts === 'atHead' ? await this.#database.headSeq(transaction, webhook.workspaceNumber) : null;
      const saved = await transaction
        .updateTable('webhooks')
        .set((expression) => ({
          ...healthColumns(health),
          ...(headSeq === null ? {} : { starts_after_seq: headSeq }),
          revision: expression('revision', '+', 1),
          interventions: expression('interventions', '+', 1),
        }))
        .where('number', '=', webhook.number)
        .returningAll()
        .executeTakeFirst();
      if (!saved) throw gone(webhook);
      if (headSeq !== null) await this.#database.placeCursor(transaction, webhook.number, headSeq);
      await recordChange(transaction, webhook.number, health);
      const after = this.#read(saved);
      const changes = changesBetween(
        { shown: { state: webhook.health.state, reason: webhook.health.reason } },
        { shown: { state: health.state, reason: health.reason } },
      );
      await this.#enter(transaction, healthActions[health.state], after, changes);
      return after;
    });
  }

  async delete(webhook: Webhook, by = ''): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      await this.#database.noteChange(transaction, { by, starts: 'unchanged' });
      await transaction.deleteFrom('webhooks').where('number', '=', webhook.number).execute();
      const changes = changesBetween(webhookFacts(webhook.settings), null);
      await this.#enter(transaction, 'webhook.deleted', webhook, changes);
    });
  }

  async all(afterNumber: number, limit: number): Promise<readonly Webhook[]> {
    const found = await this.#database.reader
      .selectFrom('webhooks')
      .selectAll()
      .where('number', '>', afterNumber)
      .orderBy('number')
      .limit(limit)
      .execute();
    return found.map((webhook) => this.#read(webhook));
  }

  async findMany(numbers: readonly number[]): Promise<readonly Webhook[]> {
    if (numbers.length === 0) return [];
    const found = await this.#database.reader
      .selectFrom('webhooks')
      .selectAll()
      .where('number', 'in', numbers)
      .orderBy('number')
      .execute();
    return found.map((webhook) => this.#read(webhook));
  }

  async version(webhookNumber: number, version: number): Promise<WebhookSettings | null> {
    const found = await this.#database.reader
      .selectFrom('webhook_versions')
      .select('settings_json')
      .where('webhook_number', '=', webhookNumber)
      .where('version', '=', version)
      .executeTakeFirst();
    return found ? this.#parse(found.settings_json) : null;
  }

  async healthHistory(webhookNumber: number, page: PageRequest): Promise<Page<HealthChange>> {
    let query = this.#database.reader
      .selectFrom('health_changes')
      .selectAll()
      .where('webhook_number', '=', webhookNumber)
      .orderBy('id', 'desc')
      .limit(page.limit + 1);
    if (page.cursor !== null) query = query.where('id', '<', readCursor(page.cursor));
    const found = await query.execute();
    const shown = found.slice(0, page.limit);
    return {
      items: shown.map((change) => ({
        webhookNumber: change.webhook_number,
        atMs: change.at,
        state: change.state as WebhookState,
        reason: change.reason,
      })),
      nextCursor: found.length > page.limit ? String(shown.at(-1)?.id) : null,
    };
  }

  #enter(
    transaction: Transaction<Schema>,
    action: AuditNote['action'],
    webhook: Webhook,
    changes: AuditNote['changes'],
  ): Promise<void> {
    const target = { kind: 'webhook', id: webhook.id, name: webhook.settings.name };
    return this.#note(transaction, { action, workspaceNumber: webhook.workspaceNumber, target, changes });
  }

  async #keepVersion(
    transaction: Transaction<Schema>,
    saved: Selectable<Schema['webhooks']>,
    nowMs: number,
  ): Promise<void> {
    await transaction
      .insertInto('webhook_versions')
      .values({
        webhook_number: saved.number,
        version: saved.version,
        settings_json: saved.settings_json,
        created_at: nowMs,
      })
      .execute();
  }

  #seal({ secret, previousSecrets }: SigningSecrets): string {
    return this.#secrets.seal(JSON.stringify({ secret, previousSecrets } satisfies SigningSecrets));
  }

  #print(settings: WebhookSettings): string {
    return printSettings(settings, this.#secrets);
  }

  #parse(json: string): WebhookSettings {
    return parseSettings(json, this.#secrets);
  }

  #read(found: Selectable<Schema['webhooks']>): Webhook {
    return {
      id: found.id as WebhookId,
      number: found.number,
      workspaceNumber: found.workspace_number,
      version: found.version,
      settings: this.#parse(found.settings_json),
      ...(JSON.parse(this.#secrets.open(found.sealed_secret)) as SigningSecrets),
      health: {
        state: found.state as WebhookState,
        reason: found.reason,
        sinceMs: found.since,
        failuresInRow: found.failures_in_row,
        failingSinceMs: found.failing_since,
      },
      startsAfterSeq: found.starts_after_seq,
      revision: found.revision,
      interventions: found.interventions,
      createdAtMs: found.created_at,
      updatedAtMs: found.updated_at,
    };
  }
}

/** What a change of state by a person is called in the audit log. */
const healthActions: Readonly<Record<WebhookState, AuditNote['action']>> = {
  active: 'webhook.enabled',
  degraded: 'webhook.enabled',
  paused: 'webhook.paused',
  disabled: 'webhook.paused',
  invalid: 'webhook.invalidated',
};

function healthColumns(health: WebhookHealth) {
  return {
    state: health.state,
    reason: health.reason,
    since: health.sinceMs,
    failures_in_row: health.failuresInRow,
    failing_since: health.failingSinceMs,
  } satisfies Partial<Insertable<Schema['webhooks']>>;
}

async function recordChange(
  transaction: Transaction<Schema>,
  webhookNumber: number,
  health: WebhookHealth,
): Promise<void> {
  await transaction
    .insertInto('health_changes')
    .values({ webhook_number: webhookNumber, at: health.sinceMs, state: health.state, reason: health.reason })
    .execute();
}

function gone(webhook: Webhook): Problem {
  return new Problem('not-found', `The webhook ${webhook.id} was deleted meanwhile.`);
}
