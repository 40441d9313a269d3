import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest, ConsumerUnderTest } from '../testing/api-under-test.ts';
import { cells, empty, everyType, insert, newTable } from '../testing/tables.ts';

let api: ApiUnderTest;
before(async () => {
  api = await ApiUnderTest.start();
});
after(() => api.stop());

describe('POST /v1/bases/:base/tables/:table/rows?flat=1', () => {
  it('takes the body that a webhook with the format of Grist received', async () => {
    const consumer = await ConsumerUnderTest.start();
    try {
      const source = await newTable(api, [{ name: 'No', type: 'auto-number' }, ...everyType]);
      const [base, , id] = source.split('/').slice(3);
      const webhook = await api.call('POST', '/v1/webhooks', {
        body: { name: 'copy', url: consumer.url, preset: 'grist', base, table: id },
      });
      assert.equal(webhook.status, 201, webhook.text);
      await insert(api, source, cells, {});
      let received: Record<string, unknown>[] = [];
      for (let requests = 1; received.length < 2; requests += 1) {
        await consumer.receives(requests);
        received = consumer.received.flatMap(({ body }) => JSON.parse(body));
      }
      const copy = await newTable(api);
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
    const table = await newTable(api, [
      { name: 'Price (CAD)', type: 'number' },
      { name: 'Created', type: 'created' },
    ]);
    const row = { id: 7, manualSort: 7, gristHelper_Display: 1, Price_CAD_: 5, Created: 1_764_000_000 };
    const answer = await api.call('POST', `${table}/rows?flat=1`, { body: [row] });
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual([answer.body.rows[0].number, answer.body.rows[0].cells['Price (CAD)']], [1, 5]);
  });

  it('says what is wrong with a body of another shape, or a cell', async () => {
    const table = await newTable(api);
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
