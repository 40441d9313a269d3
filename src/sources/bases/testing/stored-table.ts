import assert from 'node:assert/strict';
import type { NewEvent, RowEventData } from '../../../model/event.ts';
import type { BaseId, ChangeSetId, ColumnKey, RowId, TableId } from '../../../model/ids.ts';
import { Problem } from '../../../model/problem.ts';
import type { Column, Row, Table } from '../../../model/table.ts';
import type { RowChanges } from '../../../store/port.ts';
import { decideDelete, decideDuplicate, decideInsert, decideUpdate } from '../row-changes.ts';
import type { ChangeContext } from '../row-events.ts';
import { showRow } from '../row-values.ts';

export const options = [
  { id: 'o1', name: 'Open' },
  { id: 'o2', name: 'Done' },
];

export function tableOf(columns: readonly Column[]): Table {
  return {
    id: 'T001' as TableId,
    number: 1,
    version: 1,
    baseId: 'b'.repeat(32) as BaseId,
    workspaceNumber: 1,
    name: 'Tasks',
    columns,
    createdAtMs: 0,
  };
}

export function column(key: string, name: string, type: Column['type'], data: Column['data'] = {}): Column {
  return { key: key as ColumnKey, name, type, data };
}

export const tasks = tableOf([
  column('name', 'Name', 'text'),
  column('stat', 'State', 'single-select', { options }),
  column('paid', 'Paid', 'checkbox'),
]);

export const context: ChangeContext = {
  actor: { user: 'ada', app: 'shop' },
  changeSetId: 'chg_1' as ChangeSetId,
  nowMs: 1_700_000_000_000,
};

/** A table as the store keeps it: rows printed as JSON. */
export class StoredTable {
  readonly table: Table;
  readonly rows = new Map<RowId, string>();
  readonly events: NewEvent[] = [];
  nextNumber = 1;

  constructor(table: Table) {
    this.table = table;
  }

  current(): ReadonlyMap<RowId, Row> {
    return new Map([...this.rows].map(([id, row]) => [id, JSON.parse(row) as Row]));
  }

  commit<Result>(changes: RowChanges<Result>): Result {
    for (const row of [...changes.inserts, ...changes.updates]) this.rows.set(row.id, JSON.stringify(row));
    for (const id of changes.deletes) this.rows.delete(id);
    this.nextNumber += changes.inserts.length;
    this.events.push(...changes.events);
    return changes.result;
  }

  insert(...cells: Record<string, unknown>[]): RowId[] {
    const inputs = cells.map((one) => ({ cells: one }));
    return this.commit(decideInsert(this.table, inputs, this.nextNumber, context)).rows.map(({ id }) => id);
  }

  update(...rows: { id: string; cells: Record<string, unknown> }[]): void {
    this.commit(decideUpdate(this.table, rows, this.current(), context));
  }

  delete(...ids: RowId[]): void {
    this.commit(decideDelete(this.table, ids, this.current(), context));
  }

  duplicate(id: RowId): void {
    this.commit(decideDuplicate(this.table, id, this.current(), this.nextNumber, context));
  }

  shown(): Map<string, unknown> {
    const rows = [...this.current().values()];
    return new Map(rows.map((row) => [row.id, showRow(this.table, row, 'name').cells]));
  }
}

export function dataOf(event: NewEvent | undefined): RowEventData {
  assert.ok(event);
  return JSON.parse(event.dataJson) as RowEventData;
}

export function problemOf(action: () => unknown): Problem {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    return error;
  }
  assert.fail('should be refused');
}
