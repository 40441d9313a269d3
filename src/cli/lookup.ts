import { nearestWord } from '../config/nearest-word.ts';
import type { BaseAnswer, TableAnswer, WebhookAnswer } from './answers.ts';
import type { Client } from './client.ts';
import { Failure } from './failure.ts';
import { printable } from './table.ts';

interface Named {
  readonly id: string;
  readonly name: string;
}

const listedNames = 10;

/** The base with this id, or the only one of this name. */
export async function findBase(client: Client, idOrName: string): Promise<BaseAnswer> {
  return pick('base', await client.all<BaseAnswer>('/v1/bases'), idOrName);
}

/** The table of a base with this id or name. */
export async function findTable(client: Client, base: BaseAnswer, idOrName: string): Promise<TableAnswer> {
  return pick('table', await client.all<TableAnswer>(`/v1/bases/${base.id}/tables`), idOrName);
}

/** The path of a table in the API. */
export function tablePath(base: BaseAnswer, table: TableAnswer): string {
  return `/v1/bases/${base.id}/tables/${encodeURIComponent(table.id)}`;
}

/** The webhook with this id, or the only one of this name. */
export async function findWebhook(client: Client, idOrName: string): Promise<WebhookAnswer> {
  return pick('webhook', await client.all<WebhookAnswer>('/v1/webhooks'), idOrName);
}

/** The one that is meant; a failure says which there are. */
export function pick<Item extends Named>(what: string, items: readonly Item[], idOrName: string): Item {
  const byId = items.find(({ id }) => id === idOrName);
  if (byId) return byId;
  const byName = items.filter(({ name }) => name === idOrName);
  const [only] = byName;
  if (only && byName.length === 1) return only;
  const shown = printable(JSON.stringify(idOrName));
  if (byName.length > 1) {
    throw new Failure(`${byName.length} ${what}s are named ${shown}; give the id of the one you mean:`, [
      ...byName.map(({ id }) => id),
    ]);
  }
  throw new Failure(`There is no ${what} with the id or name ${shown}${hint(what, items, idOrName)}`);
}

function hint(what: string, items: readonly Named[], idOrName: string): string {
  if (items.length === 0) return `; there are no ${what}s yet.`;
  const near = nearestWord(
    idOrName,
    items.map(({ name }) => name),
  );
  if (near !== null) return `; did you mean ${printable(JSON.stringify(near))}?`;
  const names = items.slice(0, listedNames).map(({ name }) => printable(JSON.stringify(name)));
  const more = items.length > names.length ? `, and ${items.length - names.length} more` : '';
  return `; there are ${names.join(', ')}${more}.`;
}
