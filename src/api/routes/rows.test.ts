import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest } from '../testing/api-under-test.ts';
import { cells, empty, eventsOf, everyType, insert, newTable } from '../testing/tables.ts';

let api: ApiUnderTest;
before(async () => {
  api = await ApiUnderTest.start();
});
after(() => api.stop());

describe('/v1/bases/:base/tables/:table/rows', () => {
  it('takes and gives back cells of every type', async () => {
    const table = await newTable(api);
    const { body } = await insert(api, table, cells, {});
    assert.match(body.rows[0].id, /^[A-Za-z0-9_-]{22}$/);
    assert.deepEqual(
      body.rows.map(({ cells: shown }: { cells: object }) => shown),
      [cells, empty],
    );
    assert.deepEqual((await api.call('GET', `${table}/rows`)).body, { data: body.rows, nextCursor: null });
    assert.deepEqual((await api.call('GET', `${table}/rows/${body.rows[0].id}`)).body, body.rows[0]);
    const again = await insert(api, table, body.rows[0].cells);
    assert.deepEqual(again.body.rows[0].cells, cells, 'what is shown can be given');
  });

  it('remembers who inserted a row and who changed it last: the user, or else the token', async () => {
    const table = await newTable(api, [...everyType.slice(0, 1), { name: 'No', type: 'auto-number' }]);
    const asAda = { headers: { 'rowhook-user': 'ada' } };
    const inserted = await api.call('POST', `${table}/rows`, { ...asAda, body: { rows: [{ cells: {} }] } });
    const [{ id, createdBy, updatedBy, cells: shown }] = inserted.body.rows;
    assert.deepEqual([createdBy, updatedBy, shown.No], ['ada', 'ada', '1']);
    const token = await api.workspaceToken((await api.defaultWorkspace()).number, 'shop');
    const body = { rows: [{ id, cells: { Name: 'a' } }] };
    const updated = await api.call('PATCH', `${table}/rows`, { token, body });
    assert.deepEqual([updated.body.rows[0].createdBy, updated.body.rows[0].updatedBy], ['ada', 'shop']);
  });

  it('finds and sorts rows, page after page', async () => {
    const table = await newTable(api);
    await insert(
      api,
      table,
      ...[3, 1, 2, 30, 20].map((Count) => ({ Name: `row ${Count}`, Count, Paid: Count < 9 })),
    );
    const countsOf = async (query: string): Promise<[number[], string | null]> => {
      const { status, body, text } = await api.call('GET', `${table}/rows?${query}`);
      assert.equal(status, 200, text);
      return [body.data.map((row: { cells: { Count: number } }) => row.cells.Count), body.nextCursor];
    };
    const [first, cursor] = await countsOf('limit=3&sort=Count&order=desc');
    assert.deepEqual(first, [30, 20, 3]);
    assert.deepEqual(await countsOf(`limit=3&sort=Count&order=desc&cursor=${cursor}`), [[2, 1], null]);
    assert.deepEqual(await countsOf(`filter=${encodeURIComponent('Count>=2')}&filter=Paid%3Dtrue`), [
      [3, 2],
      null,
    ]);
    assert.deepEqual(await countsOf('filter=Name~ROW%203&sort=name'), [[3, 30], null]);
  });

  it('says what is wrong with a filter, an order or a cursor', async () => {
    const table = await newTable(api);
    const faultOf = async (query: string): Promise<{ pointer: string; detail: string }> => {
      const { status, body } = await api.call('GET', `${table}/rows?${query}`);
      assert.equal(status, 400);
      return body.errors[0];
    };
    const { pointer, detail } = await faultOf(`filter=Paid%3Dtrue&filter=${encodeURIComponent('Count>x')}`);
    assert.deepEqual([pointer, detail], ['filter/1', 'must be a number; got "x"']);
    assert.equal((await faultOf('sort=Nothing')).pointer, 'sort');
    assert.equal((await faultOf('order=up')).pointer, 'order');
    await insert(api, table, { Count: 1 }, { Count: 2 });
    const { body } = await api.call('GET', `${table}/rows?limit=1&sort=Count`);
    const { pointer: wrong, detail: allowed } = await faultOf(`cursor=${body.nextCursor}`);
    assert.equal(wrong, 'cursor');
    assert.match(allowed, /of the same list, sorted the same way/);
  });

  it('keeps an index of a column that is marked', async () => {
    const table = await newTable(api, [
      { name: 'Count', type: 'number', key: 'count', data: { indexed: true } },
    ]);
    await insert(api, table, { Count: 2 }, {}, { Count: 1 });
    const { body } = await api.call('GET', `${table}/rows?sort=Count`);
    assert.deepEqual(
      body.data.map((row: { number: number }) => row.number),
      [3, 1, 2],
    );
    const unmarked = await api.call('PATCH', `${table}/columns/count`, { body: { data: {} } });
    assert.deepEqual(unmarked.body.data, {});
  });

  it('names cells by key when asked to', async () => {
    const table = await newTable(api, everyType.slice(0, 1));
    const { rows } = (await insert(api, table, { name: 'Ada' })).body;
    assert.deepEqual(rows[0].cells, { Name: 'Ada' });
    for (const path of ['rows?cellsBy=key', `rows/${rows[0].id}?cellsBy=key`]) {
      const { body } = await api.call('GET', `${table}/${path}`);
      assert.deepEqual((body.data?.[0] ?? body).cells, { name: 'Ada' });
    }
    const keyed = await api.call('POST', `${table}/rows?cellsBy=key`, { body: { rows: [{ cells: {} }] } });
    assert.deepEqual(keyed.body.rows[0].cells, { name: null });
  });

  it('updates the cells named, answers rows in which nothing changed, and makes no event for those', async () => {
    const table = await newTable(api);
    const { rows } = (await insert(api, table, { Name: 'a', State: 'Open' }, { Name: 'b' })).body;
    const body = {
      rows: [
        { id: rows[0].id, cells: { State: 'Done' } },
        { id: rows[1].id, cells: { Name: 'b' } },
      ],
    };
    const updated = await api.call('PATCH', `${table}/rows`, { body });
    assert.equal(updated.status, 200);
    assert.deepEqual(
      updated.body.rows.map((row: { cells: object }) => row.cells),
      [
        { ...empty, Name: 'a', State: 'Done' },
        { ...empty, Name: 'b' },
      ],
    );
    const events = await eventsOf(api, table);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['row.inserted', 'row.inserted', 'row.updated'],
    );
    const { changes, previous } = (events[2] ?? assert.fail()).data as {
      changes: unknown[];
      previous: object;
    };
    assert.deepEqual(previous, { ...empty, Name: 'a', State: 'Open' });
    assert.deepEqual(
      changes.map((change) => [
        (change as { value: string }).value,
        (change as { oldValue: string }).oldValue,
      ]),
      [['Done', 'Open']],
    );
  });

  it('deletes and duplicates rows', async () => {
    const table = await newTable(api);
    const { rows } = (await insert(api, table, { Name: 'a' }, { Name: 'b' })).body;
    const copy = await api.call('POST', `${table}/rows/${rows[0].id}/duplicate`);
    assert.deepEqual([copy.status, copy.body.rows[0].cells.Name, copy.body.rows[0].number], [201, 'a', 3]);
    const ids = rows.map(({ id }: { id: string }) => id);
    const deleted = await api.call('DELETE', `${table}/rows`, { body: { ids } });
    assert.deepEqual([deleted.status, deleted.body.deleted], [200, 2]);
    assert.equal((await api.call('GET', `${table}/rows/${ids[0]}`)).status, 404);
    assert.equal((await api.call('POST', `${table}/rows/${ids[0]}/duplicate`)).status, 404);
    assert.deepEqual((await eventsOf(api, table)).map(({ type }) => type).slice(2), [
      'row.inserted',
      'row.deleted',
      'row.deleted',
    ]);
  });

  it('lists rows in pages, the oldest first', async () => {
    const table = await newTable(api);
    await insert(api, table, ...['a', 'b', 'c', 'd', 'e'].map((Name) => ({ Name })));
    const names: string[] = [];
    for (let cursor = ''; cursor !== 'null'; ) {
      const { body } = await api.call('GET', `${table}/rows?limit=2${cursor && `&cursor=${cursor}`}`);
      names.push(...body.data.map((row: { cells: { Name: string } }) => row.cells.Name));
      cursor = String(body.nextCursor);
    }
    assert.deepEqual(names, ['a', 'b', 'c', 'd', 'e']);
    const wrong = await api.call('GET', `${table}/rows?cursor=abc`);
    assert.deepEqual([wrong.status, wrong.body.errors[0].pointer], [400, 'cursor']);
  });

  it('names every bad value, and then changes nothing', async () => {
    const table = await newTable(api);
    const { rows } = (await insert(api, table, { Name: 'a' })).body;
    const inserted = await api.call('POST', `${table}/rows`, {
      body: { rows: [{ cells: { Name: 'b' } }, { cells: { Count: '5', Nope: 1, State: 'open' } }] },
    });
    assert.equal(inserted.status, 400);
    assert.deepEqual(
      inserted.body.errors.map(({ pointer }: { pointer: string }) => pointer),
      ['/rows/1/cells/Count', '/rows/1/cells/Nope', '/rows/1/cells/State'],
    );
    const updated = await api.call('PATCH', `${table}/rows`, {
      body: {
        rows: [
          { id: rows[0].id, cells: { Name: 'c' } },
          { id: 'nope', cells: {} },
        ],
      },
    });
    assert.deepEqual([updated.status, updated.body.errors[0].pointer], [404, '/rows/1/id']);
    const deleted = await api.call('DELETE', `${table}/rows`, { body: { ids: [rows[0].id, 'nope'] } });
    assert.deepEqual([deleted.status, deleted.body.errors[0].pointer], [404, '/ids/1']);
    assert.deepEqual((await api.call('GET', `${table}/rows`)).body.data, rows);
  });

  it('refuses bodies of another shape', async () => {
    const table = await newTable(api);
    const bodies = [
      {},
      { rows: [] },
      { rows: [{}] },
      { rows: [{ cells: [] }] },
      { rows: [{ cells: {}, id: 'x' }] },
      [{ cells: {} }],
    ];
    for (const body of bodies) assert.equal((await api.call('POST', `${table}/rows`, { body })).status, 400);
    const many = { rows: Array.from({ length: 10_001 }, () => ({ cells: {} })) };
    const tooMany = await api.call('POST', `${table}/rows`, { body: many });
    assert.deepEqual(
      [tooMany.status, tooMany.body.errors],
      [400, [{ pointer: '/rows', detail: 'must have at most 10000 items' }]],
    );
  });

  it('records who made a change: the person named, and the token', async () => {
    const table = await newTable(api);
    const { number } = await api.defaultWorkspace();
    const token = await api.workspaceToken(number, 'shop');
    const body = { rows: [{ cells: { Name: 'a' } }] };
    await api.call('POST', `${table}/rows`, { body, token, headers: { 'rowhook-user': 'ada' } });
    assert.deepEqual((await eventsOf(api, table))[0]?.data.actor, { user: 'ada', app: 'shop' });
  });

  it('is not there for other workspaces', async () => {
    const table = await newTable(api);
    const token = await api.workspaceToken((await api.store.workspaces.create('strangers')).number);
    const body = { rows: [{ cells: {} }] };
    for (const [method, path] of [
      ['GET', 'rows'],
      ['POST', 'rows'],
      ['GET', 'imports'],
    ] as const) {
      const answer = await api.call(method, `${table}/${path}`, {
        token,
        ...(method === 'POST' ? { body } : {}),
      });
      assert.equal(answer.status, 404);
    }
  });

  it('shows columns named like members of every object as any other', async () => {
    const table = await newTable(api, [
      { name: '__proto__', type: 'text', key: 'p' },
      { name: 'constructor', type: 'text' },
    ]);
    const { text } = await insert(api, table, { p: 'x', constructor: 'y' });
    assert.match(text, /"cells":\{"__proto__":"x","constructor":"y"\}/);
  });
});
