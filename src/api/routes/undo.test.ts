import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest } from '../testing/api-under-test.ts';
import { eventsOf, insert, newTable } from '../testing/tables.ts';

let api: ApiUnderTest;
before(async () => {
  api = await ApiUnderTest.start();
});
after(() => api.stop());

describe('/v1/bases/:base/tables/:table/undo', () => {
  it('takes back the last change, and undoes the undo when named', async () => {
    const table = await newTable(api);
    const { rows } = (await insert(api, table, { Name: 'a' })).body;
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
    const events = await eventsOf(api, table);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['row.inserted', 'row.deleted', 'row.inserted', 'row.deleted'],
    );
  });

  it('takes the change set that a change of rows was answered with', async () => {
    const table = await newTable(api);
    const inserted = (await insert(api, table, { Name: 'a' })).body;
    const rows = [{ id: inserted.rows[0].id, cells: { Name: 'b' } }];
    const updated = (await api.call('PATCH', `${table}/rows`, { body: { rows } })).body;
    assert.equal((await api.call('PATCH', `${table}/rows`, { body: { rows } })).body.changeSet, null);
    const deleted = (await api.call('DELETE', `${table}/rows`, { body: { ids: [rows[0]?.id] } })).body;
    for (const { changeSet } of [deleted, updated, inserted]) {
      const undone = await api.call('POST', `${table}/undo`, { body: { changeSet } });
      assert.deepEqual([undone.status, undone.body.undoes], [200, changeSet]);
    }
    assert.deepEqual((await api.call('GET', `${table}/rows`)).body.data, []);
  });

  it('is a conflict when a row has changed since', async () => {
    const table = await newTable(api);
    const { rows } = (await insert(api, table, { Name: 'a' })).body;
    const { data } = (await api.call('GET', `${table}/change-sets`)).body;
    await api.call('PATCH', `${table}/rows`, { body: { rows: [{ id: rows[0].id, cells: { Name: 'b' } }] } });
    const refused = await api.call('POST', `${table}/undo`, { body: { changeSet: data[0].id } });
    assert.equal(refused.status, 409);
    assert.match(refused.body.detail, /row 1 has changed since/);
  });
});
