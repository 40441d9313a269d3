import type { Clock } from '../model/clock.ts';
import { newWebhookId, type WebhookId } from '../model/ids.ts';
import { Problem } from '../model/problem.ts';
import type { SigningSecrets } from '../model/signing-secret.ts';
import type { Webhook, WebhookHealth, WebhookSettings } from '../model/webhook.ts';
import type { Store } from '../store/port.ts';
import { webhookLimits } from './limits.ts';
import { rotatedSecrets, secretsAfterChange } from './secret.ts';
import { type ChangeNote, type EnableFrom, takeOver, type WebhookChange } from './webhook-changes.ts';

/** How many webhooks are read at once when the process starts. */
const loadedAtOnce = 1_000;

/**
 * Every webhook, in memory. All changes go through here: they are stored first, then told to those who listen
 * (the subscription index, the delivery engine), in the same turn. What another process has changed comes in
 * through `follow`.
 */
export class WebhookRegistry {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #byNumber = new Map<number, Webhook>();
  readonly #numberById = new Map<WebhookId, number>();
  readonly #byWorkspace = new Map<number, Map<number, Webhook>>();
  readonly #listeners = new Set<(change: WebhookChange) => void>();
  /** Numbers are never used again; whoever read the store before the deletion must not bring a webhook back. */
  readonly #deleted = new Set<number>();
  readonly #deliversTo: (webhook: Webhook) => boolean;

  private constructor(store: Store, clock: Clock, deliversTo: (webhook: Webhook) => boolean) {
    this.#store = store;
    this.#clock = clock;
    this.#deliversTo = deliversTo;
  }

  /** `deliversTo`: whether this process delivers to the webhook, and so knows best how healthy it is. */
  static async load(
    store: Store,
    clock: Clock,
    deliversTo: (webhook: Webhook) => boolean = () => true,
  ): Promise<WebhookRegistry> {
    const registry = new WebhookRegistry(store, clock, deliversTo);
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
    const ofWorkspace = [...(this.#byWorkspace.get(workspaceNumber)?.values() ?? [])];
    // Of those that other processes create, a later one may be heard of first.
    return ofWorkspace.sort((one, other) => one.number - other.number);
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
    return this.#changed(webhook, webhook);
  }

  /**
   * Saves settings as a new version. A disabled or invalid webhook is active again, as in SeaTable. With a
   * signature of another kind it gets a secret of that kind, and the former one signs for a while, too.
   */
  async save(webhook: Webhook, settings: WebhookSettings, by: string): Promise<Webhook> {
    const secrets = secretsAfterChange(webhook, settings.signature, this.#clock.nowMs());
    const stored = await this.#store.webhooks.saveSettings(webhook, settings, secrets);
    const saved = this.#changed(webhook, stored);
    const { state } = saved.health;
    return state === 'disabled' || state === 'invalid' ? this.enable(saved, 'continue', by) : saved;
  }

  /** A person stops the webhook; its events are held from here on. */
  async pause(webhook: Webhook, reason: string): Promise<Webhook> {
    return this.#changeHealth(webhook, this.#paused(reason, webhook), 'continue', '');
  }

  /** The webhook needs something that no longer exists; its events are held until a person has mended it. */
  async invalidate(webhook: Webhook, reason: string): Promise<Webhook> {
    return this.#changeHealth(
      webhook,
      { ...this.#paused(reason, webhook), state: 'invalid' },
      'continue',
      '',
    );
  }

  async enable(webhook: Webhook, from: EnableFrom, by: string): Promise<Webhook> {
    return this.#changeHealth(webhook, this.#healthy(), from, by);
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
    return this.#changed(webhook, await this.#store.webhooks.saveSecrets(webhook, secrets));
  }

  async delete(webhook: Webhook, by: string): Promise<void> {
    await this.#store.webhooks.delete(webhook, by);
    this.#forget(webhook.number, by);
  }

  /** Takes over how a webhook is in the store, after another process has changed it; null: it was deleted. */
  follow(number: number, stored: Webhook | null, note: ChangeNote): void {
    if (stored === null) this.#forget(number, note.by);
    else if (!this.#deleted.has(number)) this.#takeOver(stored, note);
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
    from: EnableFrom,
    by: string,
  ): Promise<Webhook> {
    const starts = from === 'skip' ? 'atHead' : 'unchanged';
    const stored = await this.#store.webhooks.saveHealth(webhook, health, starts, by);
    return this.#changed(webhook, stored, { by, skips: from === 'skip' });
  }

  /** This process has stored a change; answers the webhook as it is now, which may have changed further meanwhile. */
  #changed(webhook: Webhook, stored: Webhook, note: ChangeNote = { by: '', skips: false }): Webhook {
    if (this.#deleted.has(stored.number)) {
      throw new Problem('not-found', `The webhook ${webhook.id} was deleted meanwhile.`);
    }
    return this.#takeOver(stored, note);
  }

  #takeOver(stored: Webhook, note: ChangeNote): Webhook {
    const known = this.byNumber(stored.number);
    const { webhook, changes } = takeOver(known, stored, note, this.#deliversTo(stored));
    this.#keep(webhook);
    for (const change of changes) this.#tell(change);
    return this.byNumber(stored.number) ?? webhook;
  }

  #forget(number: number, by: string): void {
    this.#deleted.add(number);
    const webhook = this.byNumber(number);
    if (!webhook) return;
    this.#byNumber.delete(number);
    this.#numberById.delete(webhook.id);
    this.#byWorkspace.get(webhook.workspaceNumber)?.delete(number);
    this.#tell({ kind: 'deleted', webhook, by });
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
