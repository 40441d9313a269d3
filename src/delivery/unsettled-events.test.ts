import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JournalEvent } from '../model/event.ts';
import { type UnsettledEvent, UnsettledEvents } from './unsettled-events.ts';

const eventAt = (seq: number, bytes = 1, simulatedFor?: string): JournalEvent => ({
  workspaceNumber: 1,
  seq,
  type: 'a.b',
  occurredAtMs: 0,
  acceptedAtMs: 0,
  dataJson: 'x'.repeat(bytes),
  tags: [],
  subject: null,
  ...(simulatedFor === undefined ? {} : { simulatedFor }),
});

const seqs = (entries: readonly UnsettledEvent[]): number[] => entries.map((entry) => entry.event.seq);

test('a batch is bounded in events and in bytes, and has at least one event', () => {
  const events = new UnsettledEvents();
  for (const seq of [1, 2, 3, 4]) events.push(eventAt(seq, 10), 0);
  assert.deepEqual(seqs(events.peek(3, 1_000)), [1, 2, 3]);
  assert.deepEqual(seqs(events.peek(100, 25)), [1, 2]);
  assert.deepEqual(seqs(events.peek(100, 1)), [1]);
  assert.deepEqual(seqs(events.peek(1, 1)), [1]);
});

test('an event that never happened does not travel with those that did', () => {
  const events = new UnsettledEvents();
  events.push(eventAt(1), 0);
  events.push(eventAt(2, 1, 'wh_1'), 0);
  events.push(eventAt(3), 0);
  assert.deepEqual(seqs(events.peek(10, 1_000)), [1]);
  events.leave(1);
  assert.deepEqual(seqs(events.peek(10, 1_000)), [2]);
});

test('whatever leaves and settles in whatever order: the first unsettled place and the counts are right', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('push' as const) }),
    fc.record({ kind: fc.constant('leave' as const), count: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant('settle' as const), which: fc.nat(20) }),
    fc.record({ kind: fc.constant('drop' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const events = new UnsettledEvents();
      const underWay: UnsettledEvent[] = [];
      let waiting: number[] = [];
      let next = 1;
      for (const one of steps) {
        if (one.kind === 'push') {
          events.push(eventAt(next), 0);
          waiting.push(next++);
        } else if (one.kind === 'leave') {
          const entries = events.peek(one.count, 1_000);
          assert.deepEqual(seqs(entries), waiting.slice(0, one.count));
          events.leave(entries.length);
          underWay.push(...entries);
          waiting = waiting.slice(entries.length);
        } else if (one.kind === 'settle') {
          const [entry] = underWay.splice(one.which % Math.max(1, underWay.length), 1);
          if (entry) events.settle([entry]);
        } else {
          assert.deepEqual(seqs(events.dropWaiting()), waiting);
          waiting = [];
        }
        const unsettled = [...seqs(underWay), ...waiting];
        assert.equal(events.size, unsettled.length);
        assert.equal(events.waiting, waiting.length);
        assert.equal(events.firstUnsettledSeq, unsettled.length === 0 ? null : Math.min(...unsettled));
      }
    }),
  );
});
