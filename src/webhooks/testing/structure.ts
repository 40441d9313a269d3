import { Egress } from '../../egress/index.ts';
import type { BaseId, ColumnKey, TableId } from '../../model/ids.ts';
import type { Column, Table } from '../../model/table.ts';
import type { WebhookLookups } from '../settings.ts';

/** Members that every webhook needs. */
export const minimal = { name: 'orders', url: 'https://example.com/hook' };

export const baseId = 'b'.repeat(32) as BaseId;

const column = (key: string, name: string, type: Column['type']): Column => ({
  key: key as ColumnKey,
  name,
  type,
  data: {},
});

function table(id: string, number: number, name: string, columns: readonly Column[]): Table {
  const tableId = id as TableId;
  return { id: tableId, number, baseId, workspaceNumber: 1, name, columns, version: 1, createdAtMs: 0 };
}

export const people = table('tttt', 1, 'People', [
  column('nnnn', 'Name', 'text'),
  column('eeee', 'E-mail', 'email'),
  column('rrrr', 'Ready', 'checkbox'),
]);
const empty = table('0000', 2, 'Empty', []);

const egress = new Egress({
  allowedNetworks: [],
  allowedHosts: [],
  allowedDomains: null,
  allowedPorts: null,
  proxyUrl: null,
  dnsServers: null,
  maxConnections: 1,
  maxConnectionsPerOrigin: 1,
});

/** One base with two tables, and the real rules for URLs. */
export const lookups: WebhookLookups = {
  tablesOf: async (base) => (base === baseId ? [people, empty] : null),
  refuseUrl: (url) => {
    const verdict = egress.check(url);
    return verdict.allowed ? null : verdict.message;
  },
};
