import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { systemClock } from '../model/clock.ts';
import type { Base, Table } from '../model/table.ts';
import type { Webhook, WebhookSettings } from '../model/webhook.ts';
import { BaseService } from '../sources/bases/service.ts';
import type { Store } from '../store/port.ts';
import { openSqliteStore } from '../store/sqlite/index.ts';
import { WebhookRegistry } from './registry.ts';
import { resolveSettings } from './settings.ts';
import { followStructureChanges } from './structure-changes.ts';

let directory: string;
let store: Store;
let bases: BaseService;
let registry: WebhookRegistry;
let workspaceNumber: number;
let base: Base;
let table: Table;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'structure-changes-'));
  store = openSqliteStore({ directory, clock: systemClock, secretKey: 'test' });
  workspaceNumber = (await store.workspaces.create('default')).number;
  bases = new BaseService(store, systemClock);
  registry = await WebhookRegistry.load(store, systemClock);
  followStructureChanges(bases, registry, (error) => assert.fail(String(error)));
  base = await bases.createBase(workspaceNumber, 'Shop');
  table = await bases.createTable(workspaceNumber, base.id, {
    name: 'Orders',
    columns: ['Title', 'Paid', 'Sent'].map((name, index) => ({
      name,
      type: index === 0 ? 'text' : 'checkbox',
    })),
  });
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

async function createWebhook(input: Record<string, unknown>): Promise<Webhook> {
  const { settings } = await resolveSettings(
    { name: 'w', url: 'https://consumer.example/', base: base.id, table: table.id, ...input },
    { tablesOf: (id) => bases.listTables(workspaceNumber, id), refuseUrl: () => null },
  );
  return registry.create(
    workspaceNumber,
    settings as WebhookSettings,
    'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz',
    true,
  );
}

/** Saving the health is asynchronous: wait for it to be told. */
function toldOf(webhook: Webhook): Promise<void> {
  return new Promise((resolve) => {
    registry.onChange((change) => change.webhook.number === webhook.number && resolve());
  });
}

const healthOf = (webhook: Webhook) => registry.byNumber(webhook.number)?.health;
const address = () => ({ workspaceNumber, base: base.id, table: table.id });
const keyOf = (name: string): string => table.columns.find((column) => column.name === name)?.key ?? '';

test('deleting its ready column makes a webhook invalid, and says why', async () => {
  const webhook = await createWebhook({ readyColumn: 'Paid' });
  const told = toldOf(webhook);
  await bases.deleteColumn(address(), keyOf('Paid'));
  await told;
  assert.deepEqual(
    [healthOf(webhook)?.state, healthOf(webhook)?.reason],
    ['invalid', 'Its ready column "Paid" was deleted.'],
  );
});

test('deleting another column, or renaming the one it needs, does not', async () => {
  const webhook = await createWebhook({ filterColumns: ['Paid'] });
  const other = await createWebhook({ filterColumns: ['Sent'] });
  const told = toldOf(other);
  await bases.changeColumn(address(), keyOf('Paid'), { name: 'Settled' });
  await bases.deleteColumn(address(), keyOf('Sent'));
  await told;
  assert.equal(healthOf(webhook)?.state, 'active');
  assert.equal(healthOf(other)?.state, 'invalid');
});

test('renaming a column that its filter names makes a webhook invalid: the expression would fail from now on', async () => {
  const webhook = await createWebhook({ filter: 'record.Paid == true' });
  const told = toldOf(webhook);
  await bases.changeColumn(address(), keyOf('Paid'), { name: 'Settled' });
  await told;
  assert.equal(
    healthOf(webhook)?.reason,
    'Its filter names the column "Paid", which the table no longer has.',
  );
});

test('converting its ready column to another type makes a webhook invalid: it could never fire again', async () => {
  const webhook = await createWebhook({ readyColumn: 'Paid' });
  const told = toldOf(webhook);
  await bases.convertColumn(address(), keyOf('Paid'), { type: 'text' });
  await told;
  assert.equal(healthOf(webhook)?.reason, 'Its ready column "Paid" is no checkbox any more.');
});

test('saving the mended settings makes it active again', async () => {
  const webhook = await createWebhook({ readyColumn: 'Paid' });
  const told = toldOf(webhook);
  await bases.deleteColumn(address(), keyOf('Paid'));
  await told;
  const invalid = registry.byNumber(webhook.number);
  assert.ok(invalid);
  await registry.save(invalid, { ...invalid.settings, readyColumn: null }, 'ann');
  assert.equal(healthOf(webhook)?.state, 'active');
});

test('deleting its table or base makes it invalid, too', async () => {
  const webhook = await createWebhook({});
  const told = toldOf(webhook);
  await bases.deleteTable(address());
  await told;
  assert.equal(healthOf(webhook)?.state, 'invalid');
});
