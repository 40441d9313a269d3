import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { type ActivityCounts, noActivity, spanMs } from '../../model/activity.ts';
import type { ActivityRow } from '../port.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

const startMs = Date.UTC(2026, 0, 1);

function counts(attempts: number): ActivityCounts {
  const latencies = noActivity.latencies.map((_, index) => (index === 3 ? attempts : 0));
  return { attempts, succeeded: attempts - 1, failed: 1, exhausted: 0, latencies };
}

function row(minute: number, attempts: number, different: Partial<ActivityRow> = {}): ActivityRow {
  return {
    workspaceNumber: 1,
    webhookNumber: 7,
    span: 'minute',
    startsAtMs: startMs + minute * spanMs.minute,
    writer: 'a',
    counts: counts(attempts),
    ...different,
  };
}

export function activityContract(createPlace: CreatePlace): void {
  describe('activity', () => {
    const attemptsOf = (rows: readonly ActivityRow[]): number =>
      rows.reduce((sum, { counts: { attempts } }) => sum + attempts, 0);

    storeTest(createPlace, 'is read by webhook and period', async (bench) => {
      const rows = [
        row(0, 1),
        row(1, 2),
        row(2, 3),
        row(1, 4, { webhookNumber: 0 }),
        row(1, 5, { workspaceNumber: 2 }),
      ];
      await bench.store.activity.save(rows);
      const store = await bench.reopen();
      const read = await store.activity.read(1, 7, startMs, startMs + 2 * spanMs.minute);
      assert.deepEqual(
        [...read].sort((one, other) => one.startsAtMs - other.startsAtMs),
        rows.slice(0, 2),
      );
    });

    storeTest(createPlace, 'counts nothing twice when it is saved again', async ({ store }) => {
      await store.activity.save([row(0, 1)]);
      await store.activity.save([row(0, 3), row(0, 10, { writer: 'b' })]);
      await store.activity.save([row(0, 3)]);
      const read = await store.activity.read(1, 7, startMs, startMs + 1);
      assert.equal(attemptsOf(read), 13);
      assert.equal(read.length, 2);
    });

    storeTest(createPlace, 'is put together to longer spans, and keeps its sums', async ({ store }) => {
      const { activity } = store;
      await activity.save(Array.from({ length: 150 }, (_, minute) => row(minute, minute + 1)));
      await activity.save([row(3, 7, { writer: 'b' }), row(3, 9, { webhookNumber: 8 })]);
      const all = () => activity.read(1, 7, startMs, startMs + spanMs.day);
      const sum = attemptsOf(await all());
      const beforeMs = startMs + 2 * spanMs.hour;
      let steps = 0;
      while ((await activity.compact('minute', 'hour', beforeMs, `step ${steps}`, 50)) > 0) steps += 1;
      assert.equal(steps, 3);
      const read = await all();
      assert.equal(attemptsOf(read), sum);
      assert.ok(read.every(({ span, startsAtMs }) => (span === 'minute') === startsAtMs >= beforeMs));
      assert.ok(read.every(({ counts: { latencies, attempts } }) => latencies[3] === attempts));
      assert.equal(attemptsOf(await activity.read(1, 8, startMs, startMs + spanMs.day)), 9);
      await activity.compact('hour', 'day', beforeMs, 'days', 100);
      assert.equal(attemptsOf(await all()), sum);
      assert.ok((await all()).some(({ span }) => span === 'day'));
    });

    storeTest(createPlace, 'is put together once, however many do it at once', async ({ store }) => {
      await store.activity.save(Array.from({ length: 120 }, (_, minute) => row(minute, 1)));
      const replaced = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          store.activity.compact('minute', 'hour', startMs + spanMs.day, `writer ${index}`, 30),
        ),
      );
      assert.ok(replaced.reduce((sum, count) => sum + count, 0) <= 120);
      assert.equal(attemptsOf(await store.activity.read(1, 7, startMs, startMs + spanMs.day)), 120);
    });

    storeTest(createPlace, 'is removed by age', async ({ store }) => {
      await store.activity.save([0, 1, 2, 3].map((day) => row(day * 1_440, 1, { span: 'day' })));
      await store.activity.save([row(0, 5)]);
      assert.equal(await store.activity.remove('day', startMs + 2 * spanMs.day, 1), 1);
      assert.equal(await store.activity.remove('day', startMs + 2 * spanMs.day, 10), 1);
      assert.equal(await store.activity.remove('day', startMs + 2 * spanMs.day, 10), 0);
      assert.equal(attemptsOf(await store.activity.read(1, 7, startMs, startMs + 9 * spanMs.day)), 7);
    });
  });
}
