import { isRunning, type Webhook } from '../model/webhook.ts';

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

/** What cannot be seen from how a webhook is now. */
export interface ChangeNote {
  /** Who made the change. */
  readonly by: string;
  /** It was told to go on at what comes next. */
  readonly skips: boolean;
}

/** A webhook as it is from now on, and what has changed, in the order in which to tell of it. */
export interface TakenOver {
  readonly webhook: Webhook;
  readonly changes: readonly WebhookChange[];
}

/**
 * Pure: what it means that the store has a webhook like this. Whoever read it may have been overtaken by a later
 * change, and several changes may have been read as one. Of an attempt's effect on its health memory knows more than
 * the store in the process that delivers to it (`healthIsOurs`), and less in any other.
 *
 * @param known as this process knows it; null: not at all
 */
export function takeOver(
  known: Webhook | null,
  stored: Webhook,
  note: ChangeNote,
  healthIsOurs: boolean,
): TakenOver {
  if (known === null) return { webhook: stored, changes: [{ kind: 'created', webhook: stored }] };
  if (stored.revision < known.revision) return { webhook: known, changes: [] };
  const isIntervention = stored.interventions > known.interventions;
  const health = isIntervention || !healthIsOurs ? stored.health : known.health;
  const webhook = { ...stored, health };
  const changes: WebhookChange[] = [];
  let before = known;
  // Revisions that are no changes of state are changes of settings or secrets.
  if (stored.revision - known.revision > stored.interventions - known.interventions) {
    before = { ...webhook, health: known.health };
    changes.push({ kind: 'saved', webhook, before: known });
  }
  if (isIntervention) {
    const skips = note.skips || stored.startsAfterSeq > known.startsAfterSeq;
    const isNowRunning = isRunning(health.state);
    // Enabled to skip what waited, and stopped again: what was skipped stays skipped.
    if (isNowRunning || stored.startsAfterSeq > known.startsAfterSeq) {
      changes.push({ kind: 'enabled', webhook, before, from: skips ? 'skip' : 'continue', by: note.by });
      before = webhook;
    }
    if (!isNowRunning) changes.push({ kind: 'paused', webhook, before });
  } else if (health.state !== known.health.state) {
    changes.push({ kind: 'health', webhook, before });
  }
  return { webhook, changes };
}
