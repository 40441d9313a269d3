import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { presets, type WebhookSettings } from '../model/webhook.ts';
import { presetBehaviours, retrySchedules } from './presets.ts';
import { differsFromPreset, patchSettings, resolveSettings } from './settings.ts';
import { showSettings } from './show.ts';
import { faultsOf } from './testing/faults.ts';
import { baseId, lookups, minimal, people } from './testing/structure.ts';

const day = 24 * 60 * 60 * 1_000;

const settingsOf = async (input: object): Promise<WebhookSettings> =>
  (await resolveSettings({ ...minimal, ...input }, lookups)).settings;

describe('settings of a new webhook', () => {
  it('are those of the preset plain, where nothing is said', async () => {
    const { settings, enabled, secret } = await resolveSettings(minimal, lookups);
    assert.equal(settings.preset, 'plain');
    for (const [name, value] of Object.entries(presetBehaviours.plain)) {
      assert.deepEqual(settings[name as keyof WebhookSettings], value, name);
    }
    assert.deepEqual(differsFromPreset(settings), []);
    assert.deepEqual([enabled, secret], [true, null]);
    assert.equal(settings.concurrency, 1);
    assert.equal(settings.connectTimeoutMs, 10_000);
  });

  it('take null for "as the preset has it"', async () => {
    const names = Object.keys(showSettings(await settingsOf({}))).filter((name) => !(name in minimal));
    const nulls = Object.fromEntries(names.map((name) => [name, null]));
    assert.deepEqual(await settingsOf(nulls), await settingsOf({}));
  });

  it('find tables and columns by id or key, or else by name', async () => {
    const byName = { base: baseId, table: 'People', readyColumn: 'Ready', filterColumns: ['E-mail', 'nnnn'] };
    const byKey = { base: baseId, table: people.id, readyColumn: 'rrrr', filterColumns: ['eeee', 'Name'] };
    const settings = await settingsOf(byName);
    assert.deepEqual(settings, await settingsOf(byKey));
    assert.equal(settings.tableId, people.id);
    assert.equal(settings.readyColumn, 'rrrr');
    assert.deepEqual(settings.filterColumns, ['eeee', 'nnnn']);
  });

  it('take a column once that is named twice', async () => {
    const filterColumns = ['Name', 'nnnn'];
    assert.deepEqual((await settingsOf({ base: baseId, table: 'People', filterColumns })).filterColumns, [
      'nnnn',
    ]);
  });

  it('keep headers under lower-case names', async () => {
    const headers = { 'X-Team': 'blue', Authorization: 'Bearer 1' };
    assert.deepEqual((await settingsOf({ headers })).headers, {
      'x-team': 'blue',
      authorization: 'Bearer 1',
    });
  });

  it('take retry schedules by name', async () => {
    for (const [name, schedule] of Object.entries(retrySchedules)) {
      assert.deepEqual((await settingsOf({ retry: name })).retry, schedule);
    }
  });

  it('fill in members of retry, disable and batch from the preset', async () => {
    const { retry, disable, batch } = await settingsOf({
      retry: { jitter: 1 },
      disable: { afterFailures: 3 },
      batch: { maxEvents: 7 },
    });
    assert.deepEqual(retry, { ...presetBehaviours.plain.retry, jitter: 1 });
    assert.deepEqual(disable, { afterFailures: 3, afterFailingMs: 5 * day });
    assert.deepEqual(batch, { maxEvents: 7, maxWaitMs: 0 });
  });

  it('let a webhook never be disabled', async () => {
    const disable = { afterFailures: null, afterFailingMs: null };
    assert.deepEqual((await settingsOf({ disable })).disable, disable);
  });

  it('send several requests at once when they are independent', async () => {
    assert.equal((await settingsOf({ order: 'independent' })).concurrency, 10);
    assert.equal((await settingsOf({ order: 'independent', concurrency: 3 })).concurrency, 3);
  });

  it('connect within a time of their own', async () => {
    assert.equal((await settingsOf({ connectTimeoutMs: 500 })).connectTimeoutMs, 500);
  });

  it('take a secret of the right form', async () => {
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    assert.equal((await resolveSettings({ ...minimal, secret, enabled: false }, lookups)).secret, secret);
  });

  it('take every limit exactly', async () => {
    await settingsOf({
      name: 'n'.repeat(255),
      memo: 'm'.repeat(10_000),
      eventTypes: Array.from({ length: 100 }, (_, index) => `type.${index}`),
      tags: Array.from({ length: 10 }, (_, index) => `tag:${index}`),
      headers: Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`x-${index}`, 'v'])),
      timeoutMs: 120_000,
      retry: { delaysMs: Array.from({ length: 100 }, () => 30 * day), jitter: 0, forever: true },
      disable: { afterFailures: 100_000, afterFailingMs: 365 * day },
      batch: { maxEvents: 1_000, maxWaitMs: 3_600_000 },
      order: 'independent',
      concurrency: 100,
      ratePerSecond: 0.001,
    });
  });
});

describe('a change of settings', () => {
  const change = async (current: WebhookSettings, patch: object): Promise<WebhookSettings> => {
    const patched = await patchSettings(current, patch, lookups);
    assert.ok(patched.settings);
    return patched.settings;
  };

  it('leaves alone what is not sent', async () => {
    const current = await settingsOf({ memo: 'note', tags: ['a:b'], timeoutMs: 1_000 });
    assert.deepEqual(await change(current, { name: 'new' }), { ...current, name: 'new' });
  });

  it('touches no setting when only the state is to change', async () => {
    const current = await settingsOf({});
    assert.deepEqual(await patchSettings(current, { enabled: false }, lookups), {
      settings: null,
      enabled: false,
    });
    assert.deepEqual(await patchSettings(current, {}, lookups), { settings: null, enabled: null });
  });

  it('goes back to the preset with null', async () => {
    const current = await settingsOf({ timeoutMs: 1_000, memo: 'note', retry: 'none' });
    const changed = await change(current, { timeoutMs: null, memo: null, retry: null });
    assert.deepEqual(changed, await settingsOf({}));
  });

  it('changes members of retry, disable and batch one by one', async () => {
    const current = await settingsOf({
      retry: { delaysMs: [1_000], jitter: 0.5, forever: true },
      disable: { afterFailures: 5, afterFailingMs: null },
      batch: { maxEvents: 10, maxWaitMs: 100 },
    });
    const changed = await change(current, {
      retry: { jitter: 0 },
      disable: { afterFailures: null },
      batch: { maxWaitMs: 0 },
    });
    assert.deepEqual(changed.retry, { delaysMs: [1_000], jitter: 0, forever: true });
    assert.deepEqual(changed.disable, { afterFailures: null, afterFailingMs: null });
    assert.deepEqual(changed.batch, { maxEvents: 10, maxWaitMs: 0 });
  });

  it('keeps the hidden value of a header that is sent back, and drops headers that are not', async () => {
    const current = await settingsOf({
      headers: { Authorization: 'Bearer 1', 'x-api-key': 'k', 'x-team': 'blue' },
    });
    const shown = showSettings(current).headers;
    assert.deepEqual(shown, { authorization: '***', 'x-api-key': '***', 'x-team': 'blue' });
    const changed = await change(current, { headers: { AUTHORIZATION: '***', 'x-team': 'red' } });
    assert.deepEqual(changed.headers, { authorization: 'Bearer 1', 'x-team': 'red' });
  });

  it('lets the new order decide how many requests leave at once', async () => {
    const independent = await settingsOf({ order: 'independent', concurrency: 50 });
    const ordered = await change(independent, { order: 'ordered' });
    assert.equal(ordered.concurrency, 1);
    assert.equal((await change(ordered, { order: 'independent' })).concurrency, 10);
    assert.deepEqual(
      await faultsOf(patchSettings(independent, { order: 'ordered', concurrency: 2 }, lookups)),
      ['/concurrency must be 1 for an ordered webhook, not 2; or set order to independent'],
    );
  });

  it('that moves a webhook to another table tells of columns that are not there', async () => {
    const current = await settingsOf({ base: baseId, table: 'People', filterColumns: ['Name'] });
    assert.deepEqual(await faultsOf(patchSettings(current, { table: 'Empty' }, lookups)), [
      '/filterColumns/0 must be the key or name of a column of the table, not "nnnn"; it has no columns',
    ]);
    assert.deepEqual((await change(current, { table: 'Empty', filterColumns: [] })).filterColumns, []);
  });

  it('refuses what creation refuses', async () => {
    const current = await settingsOf({});
    const faults = await faultsOf(patchSettings(current, { urll: 'x', timeoutMs: 'x', status: {} }, lookups));
    assert.deepEqual(
      faults.map((fault) => fault.split(' ')[0]),
      ['/urll', '/status', '/timeoutMs'],
    );
    assert.deepEqual(
      await faultsOf(patchSettings(current, { secret: 'x' }, lookups)).then(
        ([fault]) => fault?.split(';')[0],
      ),
      '/secret is not a known field',
    );
    for (const patch of [undefined, null, 'x', 1, []]) {
      assert.equal((await faultsOf(patchSettings(current, patch, lookups))).length, 1);
    }
  });
});

describe('presets', () => {
  for (const preset of presets) {
    it(`${preset} needs a name and a URL, and nothing else`, async () => {
      const settings = await settingsOf({ preset });
      assert.deepEqual(differsFromPreset(settings), []);
    });
  }

  it('tell which knobs were turned', async () => {
    const settings = await settingsOf({ timeoutMs: 1_000, order: 'independent', memo: 'note' });
    assert.deepEqual(differsFromPreset(settings), ['timeoutMs', 'order']);
  });
});
