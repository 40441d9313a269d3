import { compileFilter } from '../matching/index.ts';
import type { Table } from '../model/table.ts';
import type { Webhook, WebhookSettings } from '../model/webhook.ts';
import type { BaseService, StructureChange } from '../sources/bases/service.ts';
import type { WebhookRegistry } from './registry.ts';

/**
 * Makes the webhooks invalid that need something which was deleted. Their events are held, so that nothing
 * is lost until a person has mended their settings; saving them makes them active again.
 */
export function followStructureChanges(
  bases: Pick<BaseService, 'onStructureChanged'>,
  registry: WebhookRegistry,
  onError: (error: unknown) => void,
): void {
  bases.onStructureChanged((change) => {
    const workspaceNumber =
      change.kind === 'baseDeleted' ? change.workspaceNumber : change.table.workspaceNumber;
    for (const webhook of registry.list(workspaceNumber)) {
      const reason = missingAfter(change, webhook);
      if (reason !== null) registry.invalidate(webhook, reason).catch(onError);
    }
  });
}

/** What the webhook needs and no longer has after the change, as a sentence; null when it lacks nothing. */
function missingAfter(change: StructureChange, { settings }: Webhook): string | null {
  switch (change.kind) {
    case 'baseDeleted':
      return settings.baseId === change.baseId ? 'Its base was deleted.' : null;
    case 'tableDeleted':
      return isOf(settings, change.table) ? `Its table "${change.table.name}" was deleted.` : null;
    case 'columnDeleted': {
      const { key, name } = change.column;
      if (!isOf(settings, change.table)) return null;
      if (settings.readyColumn === key) return `Its ready column "${name}" was deleted.`;
      if (settings.filterColumns.includes(key)) return `Its filter column "${name}" was deleted.`;
      return missingInFilter(settings, change.table);
    }
    case 'tableChanged':
      if (!isOf(settings, change.table)) return null;
      return notReadable(settings, change.table) ?? missingInFilter(settings, change.table);
  }
}

function isOf(settings: WebhookSettings, table: Table): boolean {
  return settings.tableId === table.id && settings.baseId === table.baseId;
}

/** A ready column that is no checkbox any more can never become true. */
function notReadable({ readyColumn }: WebhookSettings, table: Table): string | null {
  const column = table.columns.find(({ key }) => key === readyColumn);
  if (!column || column.type === 'checkbox') return null;
  return `Its ready column "${column.name}" is no checkbox any more.`;
}

/** Ready and filter columns are known by key; an expression names columns, and so notices a new name. */
function missingInFilter({ filter }: WebhookSettings, table: Table): string | null {
  if (filter === null) return null;
  const compiled = compileFilter(filter);
  if (!compiled.ok) return null;
  const missing = compiled.filter.columns.find(
    (named) => !table.columns.some((column) => column.name === named.name),
  );
  return missing ? `Its filter names the column "${missing.name}", which the table no longer has.` : null;
}
