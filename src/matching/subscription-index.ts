import type { JournalEvent } from '../model/event.ts';
import { rowEventTypes } from '../model/event.ts';
import { groupPrefix } from '../model/event-type.ts';
import type { Webhook, WebhookSettings } from '../model/webhook.ts';

/** The places of all events of one type and table. */
interface Found {
  readonly workspaceNumber: number;
  readonly type: string;
  readonly baseId: string | undefined;
  readonly tableId: string | undefined;
  readonly places: ReadonlyArray<ReadonlyMap<number, Webhook>>;
}

/**
 * Which webhooks may fire for an event, without looking at those that cannot: a webhook is filed under
 * its workspace and, for each event type, the narrowest place it names (table, base, or type alone). The
 * cost of an event follows the number of webhooks found, not of those that exist.
 */
export class SubscriptionIndex {
  readonly #filed = new Map<string, Map<number, Webhook>>();
  /** For simulated events, which go to one webhook whatever it listens to. */
  readonly #byId = new Map<string, Webhook>();
  #lastFound: Found | null = null;

  add(webhook: Webhook): void {
    this.#lastFound = null;
    this.#byId.set(webhook.id, webhook);
    for (const key of keysOf(webhook)) {
      const place = this.#filed.get(key);
      if (place) place.set(webhook.number, webhook);
      else this.#filed.set(key, new Map([[webhook.number, webhook]]));
    }
  }

  /** Takes the webhook out as it was added: with the settings it had then. */
  remove(webhook: Webhook): void {
    this.#lastFound = null;
    this.#byId.delete(webhook.id);
    for (const key of keysOf(webhook)) {
      const place = this.#filed.get(key);
      place?.delete(webhook.number);
      if (place?.size === 0) this.#filed.delete(key);
    }
  }

  /** Calls back once for each webhook that may fire; `match` still decides. */
  forEachCandidate(event: JournalEvent, visit: (webhook: Webhook) => void): void {
    if (event.simulatedFor !== undefined) {
      const webhook = this.#byId.get(event.simulatedFor);
      if (webhook?.workspaceNumber === event.workspaceNumber) visit(webhook);
      return;
    }
    const [first, ...others] = this.#placesOf(event);
    if (first === undefined) return;
    for (const webhook of first.values()) visit(webhook);
    for (const [index, place] of others.entries()) {
      // A webhook that names several patterns is filed in several places; visit it in the first.
      const earlier = [first, ...others.slice(0, index)];
      for (const webhook of place.values()) {
        if (!earlier.some((visited) => visited.has(webhook.number))) visit(webhook);
      }
    }
  }

  /** Events come in runs of the same type and table, so what was found for the last one is kept. */
  #placesOf(event: JournalEvent): ReadonlyArray<ReadonlyMap<number, Webhook>> {
    const { workspaceNumber, subject, type, groups = [] } = event;
    if (groups.length > 0) return this.#findPlaces(event);
    const last = this.#lastFound;
    const table = subject?.table;
    if (
      last !== null &&
      last.type === type &&
      last.workspaceNumber === workspaceNumber &&
      last.tableId === table?.id &&
      last.baseId === table?.baseId
    ) {
      return last.places;
    }
    const places = this.#findPlaces(event);
    this.#lastFound = { workspaceNumber, type, baseId: table?.baseId, tableId: table?.id, places };
    return places;
  }

  #findPlaces({ workspaceNumber, subject, type, groups }: JournalEvent): Array<Map<number, Webhook>> {
    const scopes =
      subject === null
        ? [scopeKey(workspaceNumber, null, null)]
        : [
            scopeKey(workspaceNumber, subject.table.baseId, subject.table.id),
            scopeKey(workspaceNumber, subject.table.baseId, null),
            scopeKey(workspaceNumber, null, null),
          ];
    const places: Array<Map<number, Webhook>> = [];
    for (const scope of scopes) {
      for (const pattern of patternsFor(type, groups)) {
        const place = this.#filed.get(`${scope}|${pattern}`);
        if (place) places.push(place);
      }
    }
    return places;
  }
}

function scopeKey(workspaceNumber: number, baseId: string | null, tableId: string | null): string {
  return `${workspaceNumber}|${baseId ?? ''}|${tableId ?? ''}`;
}

function keysOf(webhook: Webhook): readonly string[] {
  const { settings } = webhook;
  // Ids of tables are unique within a base: a table without a base is looked for in all of them.
  const tableId = settings.baseId === null ? null : settings.tableId;
  const scope = scopeKey(webhook.workspaceNumber, settings.baseId, tableId);
  return [...new Set(filedUnder(settings))].map((pattern) => `${scope}|${pattern}`);
}

/** A ready column turns an update into an insert, so such a webhook must see every row event. */
function filedUnder(settings: WebhookSettings): readonly string[] {
  return settings.readyColumn === null ? settings.eventTypes : [...settings.eventTypes, ...rowEventTypes];
}

/** Every pattern that a name is matched by: itself, what it is below of, its groups, and all. */
function patternsFor(type: string, groups: readonly string[] = []): readonly string[] {
  const patterns = [type, '*', ...groups.map((group) => groupPrefix + group)];
  for (let dot = type.lastIndexOf('.'); dot > 0; dot = type.lastIndexOf('.', dot - 1)) {
    patterns.push(`${type.slice(0, dot)}.*`);
  }
  return patterns;
}
