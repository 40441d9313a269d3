import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../model/problem.ts';
import type { DeliveryStore, DeliveryWrite } from '../store/port.ts';
import { Recorder } from './recorder.ts';
import { ManualClock } from './testing/manual-clock.ts';

const write = (seq: number): DeliveryWrite => ({ kind: 'checkpoint', seq });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A store's way of taking writes, with what it took; `refuse` says why it does not take a group. */
function recorderWith(refuse: (group: readonly DeliveryWrite[]) => unknown) {
  const groups: Array<readonly DeliveryWrite[]> = [];
  const errors: unknown[] = [];
  const clock = new ManualClock();
  let resumed = 0;
  const store: Pick<DeliveryStore, 'write'> = {
    write: async (group) => {
      await turn();
      const reason = refuse(group);
      if (reason) throw reason;
      groups.push(group);
    },
  };
  const recorder = new Recorder(
    store,
    clock,
    () => resumed++,
    (error) => errors.push(error),
  );
  return { recorder, groups, errors, clock, resumed: () => resumed };
}

test('what is added in one turn is written as one group, what comes meanwhile as the next', async () => {
  const { recorder, groups } = recorderWith(() => null);
  recorder.add(write(1));
  recorder.add(write(2));
  await Promise.resolve();
  await Promise.resolve();
  recorder.add(write(3));
  await recorder.flush();
  assert.deepEqual(groups, [[write(1), write(2)], [write(3)]]);
});

test('callbacks run only once their write is durable, in order', async () => {
  const { recorder, groups } = recorderWith(() => null);
  const calls: string[] = [];
  recorder.add(write(1), () => calls.push(`1 after ${groups.length}`));
  recorder.add(write(2), () => calls.push(`2 after ${groups.length}`));
  assert.deepEqual(calls, []);
  await recorder.flush();
  assert.deepEqual(calls, ['1 after 1', '2 after 1']);
});

test('a full disk suspends; nothing is dropped, and it goes on by itself', async () => {
  let isFull = true;
  const { recorder, groups, clock, errors, resumed } = recorderWith(() =>
    isFull ? new Problem('storage-full', 'full') : null,
  );
  recorder.add(write(1));
  await turn();
  await turn();
  assert.equal(recorder.suspended, true);
  recorder.add(write(2));
  isFull = false;
  await clock.advance(1_000, turn);
  await recorder.flush();
  assert.equal(recorder.suspended, false);
  assert.deepEqual(groups.flat(), [write(1), write(2)]);
  assert.deepEqual([errors.length, resumed()], [1, 1]);
});

test('one write that the store will never take does not stop the others', async () => {
  const { recorder, groups, errors } = recorderWith((group) =>
    group.some((one) => one.kind === 'checkpoint' && one.seq === 2) ? new Error('refused') : null,
  );
  for (const seq of [1, 2, 3]) recorder.add(write(seq));
  recorder.add(write(4));
  await recorder.flush();
  assert.deepEqual(groups.flat(), [write(1), write(3), write(4)]);
  assert.equal(recorder.suspended, false);
  assert.ok(errors.length >= 1);
});
