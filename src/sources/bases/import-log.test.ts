import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BaseId, TableId } from '../../model/ids.ts';
import type { Table } from '../../model/table.ts';
import { ImportLog } from './import-log.ts';

const table: Table = {
  id: 'T001' as TableId,
  number: 1,
  version: 1,
  baseId: 'b' as BaseId,
  workspaceNumber: 1,
  name: 'Things',
  columns: [],
  createdAtMs: 0,
};

describe('ImportLog', () => {
  it('remembers the last 1,000 imports, and those that run however old they are', () => {
    const log = new ImportLog();
    log.start(table, 'running', null, 0);
    for (let n = 0; n < 1_500; n += 1) log.start(table, `import-${n}`, null, 0).finish('done', 1);
    assert.equal(log.list(table).length, 1_000);
    assert.equal(log.find(table, 'running')?.isRunning, true);
    assert.equal(log.find(table, 'import-500'), null);
    assert.equal(log.list(table)[0]?.progress().id, 'import-1499');
  });

  it('keeps the imports of tables and workspaces apart', () => {
    const log = new ImportLog();
    log.start(table, 'same', null, 0);
    const elsewhere = { ...table, workspaceNumber: 2, number: 2 };
    log.start(elsewhere, 'same', null, 0);
    assert.equal(log.find({ ...table, number: 3 }, 'same'), null);
    assert.equal(log.list(elsewhere).length, 1);
  });
});
