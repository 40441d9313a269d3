import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest } from '../../api/testing/api-under-test.ts';
import { cells, eventsOf, everyType, insert, newTable } from '../../api/testing/tables.ts';
import { answered, EngineHarness } from '../../delivery/testing/engine-harness.ts';
import { webhookOf } from '../../matching/testing/events.ts';
import { rowEventTypes, systemEventTypes } from '../../model/event.ts';
import { warningOf } from '../../webhooks/certificate-watch.ts';
import { builtInEventTypes, findBuiltIn } from './built-in.ts';
import { compileSchema } from './schema.ts';

/** What the schema of a built-in type finds wrong with data. */
function faultsOf(type: string, data: unknown): string[] {
  const builtIn = findBuiltIn(type);
  assert.ok(builtIn, type);
  const compiled = compileSchema(builtIn.schema);
  assert.ok(compiled.ok, JSON.stringify(compiled));
  const faults = compiled.check(data, JSON.stringify(data).length) ?? [];
  return faults.map(({ pointer, detail }) => `${type} ${pointer} ${detail}`);
}

describe('the built-in event types', () => {
  it('are all that Rowhook itself sends', () => {
    const names = [...rowEventTypes, ...systemEventTypes].sort();
    assert.deepEqual(
      builtInEventTypes.map(({ name }) => name),
      names,
    );
  });

  for (const { name, example, description } of builtInEventTypes) {
    it(`have an example that fits: ${name}`, () => {
      assert.deepEqual(faultsOf(name, example), []);
      assert.ok(description.length > 0);
    });
  }

  it('refuse data with a member more or less', () => {
    for (const { name, example } of builtInEventTypes) {
      assert.notDeepEqual(faultsOf(name, { ...example, more: 1 }), [], name);
      for (const member of Object.keys(example)) {
        const { [member]: _, ...less } = example as Record<string, unknown>;
        assert.notDeepEqual(faultsOf(name, less), [], `${name} without ${member}`);
      }
    }
  });
});

describe('the schemas of row events', () => {
  let api: ApiUnderTest;
  before(async () => {
    api = await ApiUnderTest.start();
  });
  after(() => api.stop());

  it('fit what is sent, with a column of every type', async () => {
    const auto = ['created', 'modified', 'created-by', 'modified-by', 'auto-number'];
    const table = await newTable(api, [...everyType, ...auto.map((type) => ({ name: type, type }))]);
    const { body } = await insert(api, table, cells, {}, { Name: 'x' });
    const [first, second] = body.rows.map(({ id }: { id: string }) => id);
    const update = {
      rows: [
        { id: first, cells: { Name: 'Bob', State: null, Tags: [] } },
        { id: second, cells },
      ],
    };
    assert.equal((await api.call('PATCH', `${table}/rows`, { body: update })).status, 200);
    assert.equal((await api.call('DELETE', `${table}/rows`, { body: { ids: [first, second] } })).status, 200);
    const events = await eventsOf(api, table);
    assert.deepEqual(new Set(events.map(({ type }) => type)), new Set(rowEventTypes));
    for (const { type, data } of events) assert.deepEqual(faultsOf(type, data), []);
  });
});

describe('the schemas of notices', () => {
  it('fit what is sent', async () => {
    const harness = await EngineHarness.start();
    const own = { eventTypes: ['thing.happened'], order: 'independent', concurrency: 1 } as const;
    harness.answer = () => answered(500);
    await harness.createWebhook({ ...own, retry: { delaysMs: [1_000], forever: false, jitter: 0 } });
    await harness.createWebhook({ ...own, disable: { afterFailures: 4, afterFailingMs: null } });
    await harness.append(1, 2, 3, 4, 5);
    for (let step = 0; step < 10; step++) await harness.advance(5_000);
    harness.answer = () => answered(200);
    for (let step = 0; step < 10; step++) await harness.advance(60_000);
    harness.answer = () => new Promise(() => undefined);
    await harness.append(...Array.from({ length: 1_100 }, (_, index) => index));
    await harness.advance(2_000);

    const events = await harness.store.journal.read(harness.workspaceNumber, 0, 10_000, 2 ** 30);
    const certificate = readFileSync(
      new URL('../../egress/fixtures/client-one.pem', import.meta.url),
      'utf8',
    );
    const secured = webhookOf({ tls: { certificate, key: 'k', ca: null } });
    const warning = warningOf(secured, 0, Date.UTC(2200, 0, 1));
    assert.ok(warning);
    const notices = [...events.filter(({ type }) => type !== 'thing.happened'), warning];
    assert.deepEqual(new Set(notices.map(({ type }) => type)), new Set(systemEventTypes));
    for (const { type, dataJson } of notices) assert.deepEqual(faultsOf(type, JSON.parse(dataJson)), []);
    await harness.stop();
  });
});
