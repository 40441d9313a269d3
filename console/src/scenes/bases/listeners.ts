import type { Table, Webhook } from '../../api/types.ts';

const rowEventTypes = ['row.inserted', 'row.updated', 'row.deleted'];

function matches(pattern: string, type: string): boolean {
  if (pattern === '*') return true;
  return pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}

/** Whether changes of a table's rows can reach a webhook. */
export function listensToTable(
  webhook: Pick<Webhook, 'base' | 'table' | 'eventTypes'>,
  table: Pick<Table, 'id' | 'base'>,
): boolean {
  if (webhook.base !== null && webhook.base !== table.base) return false;
  if (webhook.table !== null && webhook.table !== table.id) return false;
  return webhook.eventTypes.some((pattern) => rowEventTypes.some((type) => matches(pattern, type)));
}
