import type { Clock } from '../model/clock.ts';
import { newWebhookId, type WebhookId } from '../model/ids.ts';
import { Problem } from '../model/problem.ts';
import type { SigningSecrets } from '../model/signing-secret.ts';
import type { Webhook, WebhookHealth, WebhookSettings } from '../model/webhook.ts';
import type { Store, WebhookStart } from '../store/port.ts';
import { webhookLimits } from './limits.ts';
import { rotatedSecrets, secretsAfterChange } from './secret.ts';

/** Where a webhook that is enabled again goes on: at the events held for it, or at what comes next. */
export type EnableFrom = 'continue' | 'skip';

export type WebhookChange =
  | { readonly kind: 'created'; readonly webhook: Webhook }
  | { readonly kind: 'saved'; readonly webhook: Webhook; readonly before: Webhook }
  | { readonly kind: 'paused'; readonly webhook: Webhook; readonly before: Webhook }
  /** An attempt changed its health. */
  | { readonly kind: 'health'; readonly webhook: Webhook; readonly before: Webhook }
  | {
      readonly kind: 'enabled';
      readonly webhook: Webhook;
      readonly before: Webhook;
      readonly from: EnableFrom;
      readonly by: string;
    }
  | { readonly kind: 'deleted'; readonly webhook: Webhook; readonly by: string };

/** How many webhooks are read at once when the process starts. */
const loadedAtOnce = 1_000;

/**
 * Every webhook of this process, in memory. All changes go through here: they are stored first, then
 * told to those who listen (the subscription index, the delivery engine), in the same turn.
 */
export class WebhookRegistry {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #byNumber = new Map<number, Webhook>();
  readonly #numberById = new Map<WebhookId, number>();
  readonly #byWorkspace = new Map<number, Map<number, Webhook>>();
  readonly #listeners = new Set<(change: WebhookChange) => void>();

  private constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  static async load(store: Store, clock: Clock): Promise<WebhookRegistry> {
    const registry = new WebhookRegistry(store, clock);
    for (let after = 0; ; ) {
      const webhooks = await store.webhooks.all(after, loadedAtOnce);
      for (const webhook of webhooks) registry.#keep(webhook);
      const last = webhooks.at(-1);
      if (last === undefined) return registry;
      after = last.number;
    }
  }

  /** Answers how to stop listening. */
  onChange(listener: (change: WebhookChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  all(): Iterable<Webhook> {
    return this.#byNumber.values();
  }

  /** In order of creation. */
  list(workspaceNumber: number): readonly Webhook[] {
    return [...(this.#byWorkspace.get(workspaceNumber)?.values() ?? [])];
  }

  find(workspaceNumber: number, id: WebhookId): Webhook | null {
    const webhook = this.byNumber(this.#numberById.get(id) ?? -1);
    return webhook?.workspaceNumber === workspaceNumber ? webhook : null;
  }

  byNumber(number: number): Webhook | null {
    return this.#byNumber.get(number) ?? null;
  }

  async create(
    workspaceNumber: number,
    settings: WebhookSettings,
    secret: string,
    enabled: boolean,
  ): Promise<Webhook> {
    const webhook = await this.#store.webhooks.create({
      id: newWebhookId(),
      workspaceNumber,
      settings,
      secret,
      health: enabled ? this.#healthy() : this.#paused('Created disabled.', null),
    });
    this.#keep(webhook);
    this.#tell({ kind: 'created', webhook });
    return webhook;
  }

  /**
   * Saves settings as a new version. A disabled or invalid webhook is active again, as in SeaTable. With a
   * signature of another kind it gets a secret of that kind, and the former one signs for a while, too.
   */
  async save(webhook: Webhook, settings: WebhookSettings, by: string): Promise<Webhook> {
    const secrets = secretsAfterChange(webhook, settings.signature, this.#clock.nowMs());
    const stored = await this.#store.webhooks.saveSettings(webhook, settings, secrets);
    const before = this.#current(webhook);
    const { health, startsAfterSeq, interventions } = before;
    const saved = { ...stored, health, startsAfterSeq, interventions };
    this.#keep(saved);
    this.#tell({ kind: 'saved', webhook: saved, before });
    const { state } = saved.health;
    return state === 'disabled' || state === 'invalid' ? this.enable(saved, 'continue', by) : saved;
  }

  /** A person stops the webhook; its events are held from here on. */
  async pause(webhook: Webhook, reason: string): Promise<Webhook> {
    return this.#changeHealth(webhook, this.#paused(reason, webhook), 'unchanged', (saved, before) => ({
      kind: 'paused',
      webhook: saved,
      before,
    }));
  }

  /** The webhook needs something that no longer exists; its events are held until a person has mended it. */
  async invalidate(webhook: Webhook, reason: string): Promise<Webhook> {
    const health = { ...this.#paused(reason, webhook), state: 'invalid' } as const;
    return this.#changeHealth(webhook, health, 'unchanged', (saved, before) => ({
      kind: 'paused',
      webhook: saved,
      before,
    }));
  }

  async enable(webhook: Webhook, from: EnableFrom, by: string): Promise<Webhook> {
    const starts = from === 'skip' ? 'atHead' : 'unchanged';
    return this.#changeHealth(webhook, this.#healthy(), starts, (saved, before) => ({
      kind: 'enabled',
      webhook: saved,
      before,
      from,
      by,
    }));
  }

  /** Replaces the secret; the former one signs for `overlapMs` more. */
  async rotateSecret(webhook: Webhook, secret: string, overlapMs: number): Promise<Webhook> {
    const rotated = rotatedSecrets(webhook, secret, overlapMs, this.#clock.nowMs());
    const most = webhookLimits.previousSecrets;
    if (rotated.previousSecrets.length > most) {
      const detail = `${most} former secrets still sign; end their overlap first, or rotate without one.`;
      throw new Problem('conflict', detail);
    }
    return this.#saveSecrets(webhook, rotated);
  }

  /** Former secrets sign no more. */
  async forgetPreviousSecrets(webhook: Webhook): Promise<Webhook> {
    return this.#saveSecrets(webhook, { secret: webhook.secret, previousSecrets: [] });
  }

  async #saveSecrets(webhook: Webhook, secrets: SigningSecrets): Promise<Webhook> {
    const { secret, previousSecrets, updatedAtMs } = await this.#store.webhooks.saveSecrets(webhook, secrets);
    const before = this.#current(webhook);
    const saved = { ...before, secret, previousSecrets, updatedAtMs };
    this.#keep(saved);
    this.#tell({ kind: 'saved', webhook: saved, before });
    return saved;
  }

  async delete(webhook: Webhook, by: string): Promise<void> {
    await this.#store.webhooks.delete(webhook);
    const before = this.#current(webhook);
    this.#byNumber.delete(webhook.number);
    this.#numberById.delete(webhook.id);
    this.#byWorkspace.get(webhook.workspaceNumber)?.delete(webhook.number);
    this.#tell({ kind: 'deleted', webhook: before, by });
  }

  /** The delivery engine noticed another health; it stores that itself, together with the attempt. */
  noticeHealth(number: number, health: WebhookHealth): Webhook | null {
    const webhook = this.#byNumber.get(number);
    if (!webhook) return null;
    const noticed = { ...webhook, health };
    this.#keep(noticed);
    if (health.state !== webhook.health.state)
      this.#tell({ kind: 'health', webhook: noticed, before: webhook });
    return noticed;
  }

  async #changeHealth(
    webhook: Webhook,
    health: WebhookHealth,
    starts: WebhookStart,
    toChange: (saved: Webhook, before: Webhook) => WebhookChange,
  ): Promise<Webhook> {
    const { startsAfterSeq, interventions } = await this.#store.webhooks.saveHealth(webhook, health, starts);
    const before = this.#current(webhook);
    const saved = { ...before, health, startsAfterSeq, interventions };
    this.#keep(saved);
    this.#tell(toChange(saved, before));
    return saved;
  }

  /** As it is now: it may have changed while the store was writing. */
  #current(webhook: Webhook): Webhook {
    const current = this.#byNumber.get(webhook.number);
    if (!current) throw new Problem('not-found', `The webhook ${webhook.id} was deleted meanwhile.`);
    return current;
  }

  #keep(webhook: Webhook): void {
    this.#byNumber.set(webhook.number, webhook);
    this.#numberById.set(webhook.id, webhook.number);
    const ofWorkspace = this.#byWorkspace.get(webhook.workspaceNumber);
    if (ofWorkspace) ofWorkspace.set(webhook.number, webhook);
    else this.#byWorkspace.set(webhook.workspaceNumber, new Map([[webhook.number, webhook]]));
  }

  #tell(change: WebhookChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  #healthy(): WebhookHealth {
    return {
      state: 'active',
      reason: null,
      sinceMs: this.#clock.nowMs(),
      failuresInRow: 0,
      failingSinceMs: null,
    };
  }

  #paused(reason: string, webhook: Webhook | null): WebhookHealth {
    return {
      state: 'paused',
      reason,
      sinceMs: this.#clock.nowMs(),
      failuresInRow: webhook?.health.failuresInRow ?? 0,
      failingSinceMs: webhook?.health.failingSinceMs ?? null,
    };
  }
}
