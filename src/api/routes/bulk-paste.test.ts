import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest, ConsumerUnderTest } from '../testing/api-under-test.ts';
import { newTable } from '../testing/tables.ts';

let api: ApiUnderTest;
before(async () => {
  api = await ApiUnderTest.start();
});
after(() => api.stop());

describe('a bulk paste of 10,000 rows', () => {
  it('is answered once committed, whatever the state of any webhook, and is one change set in order', async () => {
    const slow = await ConsumerUnderTest.start();
    const broken = await ConsumerUnderTest.start();
    broken.status = 500;
    try {
      const table = await newTable(api, [{ name: 'Count', type: 'number' }]);
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
