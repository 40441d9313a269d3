import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Answer, ApiUnderTest, ConsumerUnderTest } from '../testing/api-under-test.ts';

let api: ApiUnderTest;
before(async () => {
  api = await ApiUnderTest.start();
});
after(() => api.stop());

const everyType = [
  { name: 'Name', key: 'name', type: 'text' },
  { name: 'Notes', type: 'long-text' },
  { name: 'Count', key: 'count', type: 'number' },
  { name: 'Paid', type: 'checkbox' },
  { name: 'Day', type: 'date' },
  { name: 'At', type: 'date', data: { time: true } },
  {
    name: 'State',
    key: 'state',
    type: 'single-select',
    data: { options: [{ id: 'o1', name: 'Open' }, { name: 'Done' }] },
  },
  { name: 'Tags', type: 'multiple-select', data: { options: [{ name: 'a' }, { name: 'b' }] } },
  { name: 'Mail', type: 'email' },
  { name: 'Site', type: 'url' },
  { name: 'Who', type: 'collaborator' },
  { name: 'Files', type: 'file' },
  { name: 'Pictures', type: 'image' },
  { name: 'Takes', type: 'duration' },
  { name: 'Stars', type: 'rating' },
  { name: 'Place', type: 'geolocation' },
];
const cells = {
  Name: 'Ada',
  Notes: 'line\nline "quoted"',
  Count: 12.5,
  Paid: true,
  Day: '2024-02-29',
  At: '2024-02-29T10:00:00.000Z',
  State: 'Open',
  Tags: ['b', 'a'],
  Mail: 'ada@example.com',
  Site: 'https://example.com/',
  Who: ['ada', 'bob'],
  Files: [{ name: 'a.pdf', url: 'https://example.com/a.pdf', size: 3 }],
  Pictures: ['https://example.com/a.png'],
  Takes: 5_400,
  Stars: 4,
  Place: { lat: 47.37, lng: 8.54 },
};
const empty = Object.fromEntries(Object.keys(cells).map((name) => [name, null]));

async function newTable(columns: unknown = everyType): Promise<string> {
  const base = await api.call('POST', '/v1/bases', { body: { name: 'Shop' } });
  const table = await api.call('POST', `/v1/bases/${base.body.id}/tables`, {
    body: { name: 'Orders', columns },
  });
  assert.equal(table.status, 201, table.text);
  return `/v1/bases/${base.body.id}/tables/${table.body.id}`;
}

async function insert(table: string, ...rows: object[]): Promise<Answer> {
  const answer = await api.call('POST', `${table}/rows`, {
    body: { rows: rows.map((row) => ({ cells: row })) },
  });
  assert.equal(answer.status, 201, answer.text);
  return answer;
}

async function eventsOf(table: string): Promise<{ type: string; data: Record<string, unknown> }[]> {
  const { body } = await api.call('GET', '/v1/events?limit=1000');
  const id = table.split('/').at(-1);
  return body.data.filter((event: { row: { table: string } }) => event.row.table === id).reverse();
}

describe('/v1/bases/:base/tables/:table/rows', () => {
  it('takes and gives back cells of every type', async () => {
    const table = await newTable();
    const { body } = await insert(table, cells, {});
    assert.match(body.rows[0].id, /^[A-Za-z0-9_-]{22}$/);
    assert.deepEqual(
      body.rows.map(({ cells: shown }: { cells: object }) => shown),
      [cells, empty],
    );
    assert.deepEqual((await api.call('GET', `${table}/rows`)).body, { data: body.rows, nextCursor: null });
    assert.deepEqual((await api.call('GET', `${table}/rows/${body.rows[0].id}`)).body, body.rows[0]);
    const again = await insert(table, body.rows[0].cells);
    assert.deepEqual(again.body.rows[0].cells, cells, 'what is shown can be given');
  });

  it('remembers who inserted a row and who changed it last: the user, or else the token', async () => {
    const table = await newTable([...everyType.slice(0, 1), { name: 'No', type: 'auto-number' }]);
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
    const table = await newTable();
    await insert(
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
    const table = await newTable();
    const faultOf = async (query: string): Promise<{ pointer: string; detail: string }> => {
      const { status, body } = await api.call('GET', `${table}/rows?${query}`);
      assert.equal(status, 400);
      return body.errors[0];
    };
    const { pointer, detail } = await faultOf(`filter=Paid%3Dtrue&filter=${encodeURIComponent('Count>x')}`);
    assert.deepEqual([pointer, detail], ['filter/1', 'must be a number; got "x"']);
    assert.equal((await faultOf('sort=Nothing')).pointer, 'sort');
    assert.equal((await faultOf('order=up')).pointer, 'order');
    await insert(table, { Count: 1 }, { Count: 2 });
    const { body } = await api.call('GET', `${table}/rows?limit=1&sort=Count`);
    const { pointer: wrong, detail: allowed } = await faultOf(`cursor=${body.nextCursor}`);
    assert.equal(wrong, 'cursor');
    assert.match(allowed, /of the same list, sorted the same way/);
  });

  it('keeps an index of a column that is marked', async () => {
    const table = await newTable([{ name: 'Count', type: 'number', key: 'count', data: { indexed: true } }]);
    await insert(table, { Count: 2 }, {}, { Count: 1 });
    const { body } = await api.call('GET', `${table}/rows?sort=Count`);
    assert.deepEqual(
      body.data.map((row: { number: number }) => row.number),
      [3, 1, 2],
    );
    const unmarked = await api.call('PATCH', `${table}/columns/count`, { body: { data: {} } });
    assert.deepEqual(unmarked.body.data, {});
  });

  it('names cells by key when asked to', async () => {
    const table = await newTable(everyType.slice(0, 1));
    const { rows } = (await insert(table, { name: 'Ada' })).body;
    assert.deepEqual(rows[0].cells, { Name: 'Ada' });
    for (const path of ['rows?cellsBy=key', `rows/${rows[0].id}?cellsBy=key`]) {
      const { body } = await api.call('GET', `${table}/${path}`);
      assert.deepEqual((body.data?.[0] ?? body).cells, { name: 'Ada' });
    }
    const keyed = await api.call('POST', `${table}/rows?cellsBy=key`, { body: { rows: [{ cells: {} }] } });
    assert.deepEqual(keyed.body.rows[0].cells, { name: null });
  });

  it('updates the cells named, answers rows in which nothing changed, and makes no event for those', async () => {
    const table = await newTable();
    const { rows } = (await insert(table, { Name: 'a', State: 'Open' }, { Name: 'b' })).body;
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
    const events = await eventsOf(table);
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
    const table = await newTable();
    const { rows } = (await insert(table, { Name: 'a' }, { Name: 'b' })).body;
    const copy = await api.call('POST', `${table}/rows/${rows[0].id}/duplicate`);
    assert.deepEqual([copy.status, copy.body.rows[0].cells.Name, copy.body.rows[0].number], [201, 'a', 3]);
    const ids = rows.map(({ id }: { id: string }) => id);
    const deleted = await api.call('DELETE', `${table}/rows`, { body: { ids } });
    assert.deepEqual([deleted.status, deleted.body], [200, { deleted: 2 }]);
    assert.equal((await api.call('GET', `${table}/rows/${ids[0]}`)).status, 404);
    assert.equal((await api.call('POST', `${table}/rows/${ids[0]}/duplicate`)).status, 404);
    assert.deepEqual((await eventsOf(table)).map(({ type }) => type).slice(2), [
      'row.inserted',
      'row.deleted',
      'row.deleted',
    ]);
  });

  it('lists rows in pages, the oldest first', async () => {
    const table = await newTable();
    await insert(table, ...['a', 'b', 'c', 'd', 'e'].map((Name) => ({ Name })));
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
    const table = await newTable();
    const { rows } = (await insert(table, { Name: 'a' })).body;
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
    const table = await newTable();
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
    const table = await newTable();
    const { number } = await api.defaultWorkspace();
    const token = await api.workspaceToken(number, 'shop');
    const body = { rows: [{ cells: { Name: 'a' } }] };
    await api.call('POST', `${table}/rows`, { body, token, headers: { 'rowhook-user': 'ada' } });
    assert.deepEqual((await eventsOf(table))[0]?.data.actor, { user: 'ada', app: 'shop' });
  });

  it('is not there for other workspaces', async () => {
    const table = await newTable();
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
    const table = await newTable([
      { name: '__proto__', type: 'text', key: 'p' },
      { name: 'constructor', type: 'text' },
    ]);
    const { text } = await insert(table, { p: 'x', constructor: 'y' });
    assert.match(text, /"cells":\{"__proto__":"x","constructor":"y"\}/);
  });
});

describe('/v1/bases/:base/tables/:table/undo', () => {
  it('takes back the last change, and undoes the undo when named', async () => {
    const table = await newTable();
    const { rows } = (await insert(table, { Name: 'a' })).body;
    await api.call('DELETE', `${table}/rows`, { body: { ids: [rows[0].id] } });
    const undone = await api.call('POST', `${table}/undo`);
    assert.equal(undone.status, 200, undone.text);
    assert.equal(undone.body.rows, 1);
    assert.equal((await api.call('GET', `${table}/rows/${rows[0].id}`)).body.cells.Name, 'a');
    const { data } = (await api.call('GET', `${table}/change-sets`)).body;
    assert.deepEqual(
      data.map(({ undoes, undoneBy }: Record<string, unknown>) => [undoes, undoneBy]),
      [
        [data[1].id, null],
        [null, data[0].id],
        [null, null],
      ],
    );
    const redone = await api.call('POST', `${table}/undo`, { body: { changeSet: undone.body.changeSet } });
    assert.equal(redone.status, 200, redone.text);
    assert.equal((await api.call('GET', `${table}/rows/${rows[0].id}`)).status, 404);
    const events = await eventsOf(table);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['row.inserted', 'row.deleted', 'row.inserted', 'row.deleted'],
    );
  });

  it('is a conflict when a row has changed since', async () => {
    const table = await newTable();
    const { rows } = (await insert(table, { Name: 'a' })).body;
    const { data } = (await api.call('GET', `${table}/change-sets`)).body;
    await api.call('PATCH', `${table}/rows`, { body: { rows: [{ id: rows[0].id, cells: { Name: 'b' } }] } });
    const refused = await api.call('POST', `${table}/undo`, { body: { changeSet: data[0].id } });
    assert.equal(refused.status, 409);
    assert.match(refused.body.detail, /row 1 has changed since/);
  });
});

describe('POST /v1/bases/:base/tables/:table/rows?flat=1', () => {
  it('takes the body that a webhook with the format of Grist received', async () => {
    const consumer = await ConsumerUnderTest.start();
    try {
      const source = await newTable([{ name: 'No', type: 'auto-number' }, ...everyType]);
      const [base, , id] = source.split('/').slice(3);
      const webhook = await api.call('POST', '/v1/webhooks', {
        body: { name: 'copy', url: consumer.url, preset: 'grist', base, table: id },
      });
      assert.equal(webhook.status, 201, webhook.text);
      await insert(source, cells, {});
      let received: Record<string, unknown>[] = [];
      for (let requests = 1; received.length < 2; requests += 1) {
        await consumer.receives(requests);
        received = consumer.received.flatMap(({ body }) => JSON.parse(body));
      }
      const copy = await newTable();
      const copied = received.map(({ No: _, ...row }) => row);
      const answer = await api.call('POST', `${copy}/rows?flat=1`, { body: copied });
      assert.equal(answer.status, 201, answer.text);
      assert.deepEqual(
        answer.body.rows.map((row: { cells: object }) => row.cells),
        [cells, { ...empty, Paid: false }],
      );
    } finally {
      await consumer.stop();
    }
  });

  it('drops id, manualSort and what the table fills in, and names columns as Grist does', async () => {
    const table = await newTable([
      { name: 'Price (CAD)', type: 'number' },
      { name: 'Created', type: 'created' },
    ]);
    const row = { id: 7, manualSort: 7, gristHelper_Display: 1, Price_CAD_: 5, Created: 1_764_000_000 };
    const answer = await api.call('POST', `${table}/rows?flat=1`, { body: [row] });
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual([answer.body.rows[0].number, answer.body.rows[0].cells['Price (CAD)']], [1, 5]);
  });

  it('says what is wrong with a body of another shape, or a cell', async () => {
    const table = await newTable();
    const post = (body: unknown) => api.call('POST', `${table}/rows?flat=1`, { body });
    const object = await post({ rows: [] });
    assert.deepEqual(
      [object.status, object.body.detail],
      [400, 'The body must be a list of rows, as flat=1 is given.'],
    );
    assert.equal((await post([5])).body.errors[0].pointer, '/rows/0/cells');
    assert.equal((await post([{ Count: 'x' }])).body.errors[0].pointer, '/rows/0/cells/count');
    assert.match((await post([{ Nothing: 'x' }])).body.detail, /there is no such column/);
  });
});

describe('a bulk paste of 10,000 rows', () => {
  it('is answered once committed, whatever the state of any webhook, and is one change set in order', async () => {
    const slow = await ConsumerUnderTest.start();
    const broken = await ConsumerUnderTest.start();
    broken.status = 500;
    try {
      const table = await newTable([{ name: 'Count', type: 'number' }]);
      const [base, , id] = table.split('/').slice(3);
      const hook = (name: string, url: string, settings: object = {}) =>
        api.call('POST', '/v1/webhooks', { body: { name, url, base, table: id, ...settings } });
      const batch = { order: 'ordered', batch: { maxEvents: 1_000, maxWaitMs: 10 } };
      const answers = [
        await hook('works', slow.url, batch),
        await hook('fails', broken.url, { order: 'ordered' }),
        await hook('is down', 'http://127.0.0.1:1/', { order: 'ordered' }),
        await hook('is disabled', slow.url, { enabled: false }),
      ];
      assert.deepEqual(
        answers.map(({ status }) => status),
        [201, 201, 201, 201],
      );
      const rows = Array.from({ length: 10_000 }, (_, Count) => ({ cells: { Count } }));
      const pasted = await api.call('POST', `${table}/rows`, { body: { rows } });
      assert.deepEqual([pasted.status, pasted.body.rows.length], [201, 10_000]);
      const head = api.store.journal.headSeq();
      const { number } = await api.defaultWorkspace();
      const events = (await api.store.journal.read(number, head - 10_000, 10_000, 100_000_000)).filter(
        (event) => event.subject !== null,
      );
      assert.equal(events.length, 10_000);
      assert.equal(new Set(events.map(({ subject }) => subject?.changeSetId)).size, 1);
      assert.deepEqual(
        events.map(({ dataJson }) => JSON.parse(dataJson).record.Count),
        Array.from({ length: 10_000 }, (_, Count) => Count),
      );
      let delivered: number[] = [];
      for (let requests = 1; delivered.length < 10_000; requests += 1) {
        await slow.receives(requests);
        delivered = slow.received.flatMap(({ body }) =>
          [JSON.parse(body)]
            .flat()
            .map((event: { data: { record: { Count: number } } }) => event.data.record.Count),
        );
      }
      assert.deepEqual(
        delivered,
        Array.from({ length: 10_000 }, (_, Count) => Count),
      );
      assert.ok(slow.received.length <= 20, `delivered in ${slow.received.length} requests`);
    } finally {
      await slow.stop();
      await broken.stop();
    }
  });
});
