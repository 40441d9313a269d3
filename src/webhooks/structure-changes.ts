import type { Webhook } from '../model/webhook.ts';
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
      return settings.tableId === change.table.id && settings.baseId === change.table.baseId
        ? `Its table "${change.table.name}" was deleted.`
        : null;
    case 'columnDeleted': {
      const { key, name } = change.column;
      if (settings.tableId !== change.table.id || settings.baseId !== change.table.baseId) return null;
      if (settings.readyColumn === key) return `Its ready column "${name}" was deleted.`;
      return settings.filterColumns.includes(key) ? `Its filter column "${name}" was deleted.` : null;
    }
    case 'tableChanged':
      return null;
  }
}
