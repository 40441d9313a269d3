import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listensToTable } from './listeners.ts';

const table = { id: 'T1', base: 'B1' };
const webhook = { base: null, table: null, eventTypes: ['*'] };

test('a webhook without a base listens to every table', () => {
  assert.ok(listensToTable(webhook, table));
});

test('another base or table does not reach it', () => {
  assert.ok(!listensToTable({ ...webhook, base: 'B2' }, table));
  assert.ok(!listensToTable({ ...webhook, base: 'B1', table: 'T2' }, table));
  assert.ok(listensToTable({ ...webhook, base: 'B1', table: 'T1' }, table));
});

test('only types of row changes count', () => {
  assert.ok(listensToTable({ ...webhook, eventTypes: ['row.updated'] }, table));
  assert.ok(listensToTable({ ...webhook, eventTypes: ['row.*'] }, table));
  assert.ok(!listensToTable({ ...webhook, eventTypes: ['invoice.*', 'rows.updated'] }, table));
});
