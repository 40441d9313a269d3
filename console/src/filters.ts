import type { DeliveryFilter } from './api/queries/deliveries.ts';
import type { EventFilter } from './api/queries/events.ts';
import type { RowQuery } from './api/queries/rows.ts';
import type { DeliveryState } from './api/types.ts';

export const deliveryStates = ['sending', 'retrying', 'succeeded', 'exhausted', 'discarded'] as const;

type Search = Record<string, unknown>;

function text(search: Search, name: string): string | undefined {
  const value = search[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function instant(search: Search, name: string): string | undefined {
  const value = text(search, name);
  const time = value === undefined ? Number.NaN : Date.parse(value);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** Without the members that are undefined, so that they leave the address, too. */
function present<Members extends object>(
  members: Members,
): { [Key in keyof Members]?: NonNullable<Members[Key]> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}

/** The filter of deliveries that an address names; what makes no sense is dropped. */
export function deliverySearch(search: Search): DeliveryFilter {
  const state = text(search, 'state');
  const status = Number(search.httpStatus);
  return present({
    webhook: text(search, 'webhook'),
    state: deliveryStates.includes(state as DeliveryState) ? (state as DeliveryState) : undefined,
    eventType: text(search, 'eventType'),
    httpStatus: Number.isInteger(status) && status >= 100 && status <= 999 ? status : undefined,
    since: instant(search, 'since'),
    until: instant(search, 'until'),
  });
}

/** The filter of events that an address names; what makes no sense is dropped. */
export function eventSearch(search: Search): EventFilter {
  return present({
    type: text(search, 'type'),
    tag: text(search, 'tag'),
    since: instant(search, 'since'),
    until: instant(search, 'until'),
  });
}

/** Which rows of a table an address names, and in which order. */
export function rowSearch(search: Search): RowQuery {
  const filters = (Array.isArray(search.filter) ? search.filter : [search.filter]).filter(
    (filter) => typeof filter === 'string' && filter !== '',
  );
  const sort = text(search, 'sort');
  return present({
    filter: filters.length > 0 ? filters : undefined,
    sort,
    order: sort !== undefined && search.order === 'desc' ? ('desc' as const) : undefined,
  });
}

/** Of which type an event is to be sent. */
export function sendSearch(search: Search): { type?: string } {
  return present({ type: text(search, 'type') });
}

/** What a new webhook's form is filled with at first. */
export function newWebhookSearch(search: Search): { base?: string; table?: string; inbox?: string } {
  return present({ base: text(search, 'base'), table: text(search, 'table'), inbox: text(search, 'inbox') });
}
