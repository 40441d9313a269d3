import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Answer, ApiUnderTest } from '../testing/api-under-test.ts';

let api: ApiUnderTest;
before(async () => {
  api = await ApiUnderTest.start();
});
after(() => api.stop());

async function newBase(): Promise<string> {
  const { status, body } = await api.call('POST', '/v1/bases', { body: { name: 'Shop' } });
  assert.equal(status, 201);
  return `/v1/bases/${body.id}`;
}

function createTable(base: string, body: unknown): Promise<Answer> {
  return api.call('POST', `${base}/tables`, { body });
}

async function newTable(columns: unknown = [{ name: 'Name', type: 'text' }]): Promise<string> {
  const base = await newBase();
  const { status, text, body } = await createTable(base, { name: 'Orders', columns });
  assert.equal(status, 201, text);
  return `${base}/tables/${body.id}`;
}

describe('/v1/bases', () => {
  it('makes, lists, shows, renames and deletes bases', async () => {
    const created = await api.call('POST', '/v1/bases', { body: { name: 'First' } });
    assert.equal(created.status, 201);
    assert.match(created.body.id, /^[0-9a-f]{32}$/);
    const path = `/v1/bases/${created.body.id}`;
    assert.deepEqual((await api.call('GET', path)).body, created.body);
    const renamed = await api.call('PATCH', path, { body: { name: 'Renamed' } });
    assert.deepEqual(renamed.body, { ...created.body, name: 'Renamed' });
    assert.deepEqual((await api.call('GET', '/v1/bases')).body, { data: [renamed.body], nextCursor: null });
    assert.equal((await api.call('DELETE', path)).status, 204);
    assert.equal((await api.call('GET', path)).status, 404);
  });

  it('lists them in pages', async () => {
    for (let n = 0; n < 3; n += 1) await newBase();
    const first = (await api.call('GET', '/v1/bases?limit=2')).body;
    const second = (await api.call('GET', `/v1/bases?limit=2&cursor=${first.nextCursor}`)).body;
    assert.deepEqual([first.data.length, second.data.length, second.nextCursor], [2, 1, null]);
  });

  it('refuses a name that is empty, too long, or not there', async () => {
    const bodies = [
      {},
      { name: '' },
      { name: ' ' },
      { name: 'x'.repeat(256) },
      { name: 5 },
      { name: 'a', color: 'red' },
    ];
    for (const body of bodies) {
      const { status, body: problem } = await api.call('POST', '/v1/bases', { body });
      assert.equal(status, 400);
      assert.match(problem.errors[0].pointer, /^\/(name|color)$/);
    }
  });
});

describe('/v1/bases/:base/tables', () => {
  it('makes a table with columns of every kind and shows it by id and by name', async () => {
    const base = await newBase();
    const customers = await createTable(base, {
      name: 'Customers',
      columns: [{ name: 'Name', type: 'text' }],
    });
    const columns = [
      { name: 'No', type: 'text', key: 'no' },
      {
        name: 'State',
        type: 'single-select',
        data: { options: [{ id: 'o1', name: 'Open', color: '#112233' }] },
      },
      { name: 'Due', type: 'date', data: { time: true } },
      { name: 'Customer', type: 'link', data: { table: 'Customers' } },
    ];
    const { status, body } = await createTable(base, { name: 'Orders / 2026', columns });
    assert.equal(status, 201);
    assert.equal(body.base, base.split('/').at(-1));
    assert.deepEqual(
      body.columns.map(({ data }: { data: unknown }) => data),
      [
        {},
        { options: [{ id: 'o1', name: 'Open', color: '#112233' }] },
        { time: true },
        { table: customers.body.id },
      ],
    );
    assert.deepEqual((await api.call('GET', `${base}/tables/${body.id}`)).body, body);
    assert.deepEqual(
      (await api.call('GET', `${base}/tables/${encodeURIComponent('Orders / 2026')}`)).body,
      body,
    );
    assert.deepEqual((await api.call('GET', `${base}/tables`)).body.data, [customers.body, body]);
  });

  it('names every fault of a definition', async () => {
    const base = await newBase();
    const { status, body } = await createTable(base, {
      name: 'T',
      columns: [
        { name: 'A ', type: 'text' },
        { name: 'B', type: 'text', key: 'b c' },
        { name: 'C', type: 'number', data: { time: true } },
      ],
    });
    assert.equal(status, 400);
    assert.deepEqual(
      body.errors.map(({ pointer }: { pointer: string }) => pointer),
      ['/columns/0/name', '/columns/1/key', '/columns/2/data/time'],
    );
    const unknown = await createTable(base, { name: 'T', columns: [{ name: 'A', type: 'string' }] });
    assert.match(unknown.body.detail, /^\/columns\/0\/type must be one of text, long-text, number/);
  });

  it('renames and deletes a table', async () => {
    const table = await newTable();
    assert.equal((await api.call('PATCH', table, { body: { name: 'Renamed' } })).body.name, 'Renamed');
    assert.equal((await api.call('DELETE', table)).status, 204);
    const gone = await api.call('GET', table);
    assert.deepEqual([gone.status, gone.body.type], [404, '/problems/not-found']);
  });
});

describe('/v1/bases/:base/tables/:table/columns', () => {
  it('adds, changes, moves and deletes columns', async () => {
    const table = await newTable();
    const added = await api.call('POST', `${table}/columns`, {
      body: { name: 'Ready', type: 'checkbox', position: 0 },
    });
    assert.equal(added.status, 201);
    assert.match(added.body.key, /^[0-9A-Za-z]{4}$/);
    const changed = await api.call('PATCH', `${table}/columns/Ready`, {
      body: { name: 'Is ready?', position: 1 },
    });
    assert.deepEqual(changed.body, { ...added.body, name: 'Is ready?' });
    const names = async () =>
      (await api.call('GET', table)).body.columns.map(({ name }: { name: string }) => name);
    assert.deepEqual(await names(), ['Name', 'Is ready?']);
    assert.equal((await api.call('DELETE', `${table}/columns/${added.body.key}`)).status, 204);
    assert.deepEqual(await names(), ['Name']);
  });

  it('tells why a column cannot be as asked', async () => {
    const table = await newTable();
    const taken = await api.call('POST', `${table}/columns`, { body: { name: 'Name', type: 'text' } });
    assert.deepEqual([taken.status, taken.body.errors[0].pointer], [409, '/name']);
    const other = await api.call('PATCH', `${table}/columns/Name`, { body: { type: 'number' } });
    assert.deepEqual([other.status, other.body.errors[0].pointer], [400, '/type']);
    const missing = await api.call('PATCH', `${table}/columns/Nam`, { body: {} });
    assert.deepEqual(
      [missing.status, missing.body.detail],
      [404, 'The table "Orders" has no column "Nam"; it has "Name".'],
    );
    assert.equal((await api.call('DELETE', `${table}/columns/Name`)).status, 409);
  });
});

describe('POST /v1/bases/:base/tables/:table/columns/:column/convert', () => {
  it('tells with dryRun what would be lost, and then converts the column', async () => {
    const table = await newTable([{ name: 'Price', type: 'text', key: 'cost' }]);
    const rows = ['5', '1.0', 'free'].map((Price) => ({ cells: { Price } }));
    await api.call('POST', `${table}/rows`, { body: { rows } });
    const convert = (body: object) => api.call('POST', `${table}/columns/Price/convert`, { body });
    const found = {
      convertible: 2,
      changed: 1,
      lost: 1,
      examples: [
        { row: 2, before: '1.0', after: 1 },
        { row: 3, before: 'free', after: null },
      ],
    };
    const dry = await convert({ type: 'number', dryRun: true });
    assert.deepEqual([dry.status, dry.body], [200, { ...found, column: null }]);
    assert.equal((await api.call('GET', table)).body.columns[0].type, 'text');
    const column = { key: 'cost', name: 'Price', type: 'number', data: { indexed: true } };
    const wet = await convert({ type: 'number', data: { indexed: true } });
    assert.deepEqual([wet.status, wet.body], [200, { ...found, column }]);
    const shown = await api.call('GET', `${table}/rows?sort=Price`);
    assert.deepEqual(
      shown.body.data.map((row: { cells: object }) => row.cells),
      [{ Price: 1 }, { Price: 5 }, { Price: null }],
    );
  });

  it('says what is wrong with a conversion', async () => {
    const table = await newTable();
    const convert = (body: object, column = 'Name') =>
      api.call('POST', `${table}/columns/${column}/convert`, { body });
    assert.equal((await convert({ type: 'number' }, 'Nothing')).status, 404);
    assert.equal((await convert({ type: 'created' })).body.errors[0].pointer, '/type');
    const noTable = await convert({ type: 'link', dryRun: true });
    assert.deepEqual([noTable.status, noTable.body.errors[0].pointer], [400, '/data/table']);
  });
});
