import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postedEvent, webhookOf } from '../matching/testing/events.ts';
import type { JournalEvent } from '../model/event.ts';
import type { Store } from '../store/port.ts';
import { Intake } from './intake.ts';
import { QueueMemory } from './queue-memory.ts';
import { ManualClock } from './testing/manual-clock.ts';

const eventAt = (seq: number): JournalEvent => ({ ...postedEvent('thing.happened', {}), seq });

test('an event that is read from the journal before the tail has come to it is taken in once', async () => {
  const webhook = webhookOf({ eventTypes: ['*'] });
  const { promise: read, resolve: answerRead } = Promise.withResolvers<readonly JournalEvent[]>();
  const { promise: taken, resolve: tellTaken } = Promise.withResolvers<void>();
  let dispatchedSeq = 2;
  // Only what a reading asks for.
  const store = {
    journal: { read: () => read },
    deliveries: { recordedSeqs: async () => new Set() },
  } as unknown as Store;
  const process = {
    memory: new QueueMemory(1_000_000),
    clock: new ManualClock(),
    onError: (error: unknown) => assert.fail(String(error)),
  };
  const intake = new Intake({ store, process, dispatchedSeq: () => dispatchedSeq }, tellTaken);
  intake.resumeAt(0, 2, 0);
  intake.fill(webhook);
  // Another process has appended two more, of which the tail will tell later.
  answerRead([1, 2, 3, 4].map(eventAt));
  await taken;
  for (const seq of [3, 4, 5]) {
    intake.offer(eventAt(seq));
    dispatchedSeq = seq;
  }
  assert.deepEqual(
    intake.peek(10, 1_000_000).map(({ event }) => event.seq),
    [1, 2, 3, 4, 5],
  );
  assert.equal(intake.mode, 'live');
});
