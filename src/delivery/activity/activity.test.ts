import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { spanMs } from '../../model/activity.ts';
import type { Attempt, Delivery } from '../../model/delivery.ts';
import type { ActivityRow } from '../../store/port.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { ActivityRecorder, allWebhooks } from './activity-recorder.ts';
import { ActivityUpkeep } from './activity-upkeep.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Rig {
  readonly clock = new ManualClock();
  readonly rows = new Map<string, ActivityRow>();
  saves = 0;
  failing = false;
  errors = 0;
  readonly recorder = new ActivityRecorder({
    clock: this.clock,
    activity: {
      save: async (rows) => {
        if (this.failing) throw new Error('the disk is full');
        this.saves += 1;
        for (const row of rows) this.rows.set(`${row.webhookNumber} ${row.startsAtMs} ${row.writer}`, row);
      },
    },
    onError: () => {
      this.errors += 1;
    },
  });

  attempt(webhookNumber: number, outcome: 'succeeded' | 'failed' = 'succeeded', totalMs = 7): void {
    const delivery = { workspaceNumber: 1, webhookNumber, state: 'succeeded' } as Delivery;
    const timing = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs };
    this.recorder.count(delivery, { outcome, timing } as Attempt);
  }

  attemptsOf(webhookNumber: number): number {
    return [...this.rows.values()]
      .filter((row) => row.webhookNumber === webhookNumber)
      .reduce((sum, { counts }) => sum + counts.attempts, 0);
  }
}

describe('the counters of attempts', () => {
  it('cost a row for each webhook and minute, and one for all, however many attempts there are', async () => {
    const rig = new Rig();
    for (let index = 0; index < 1_000; index++)
      rig.attempt(1 + (index % 3), index % 10 ? 'succeeded' : 'failed');
    await rig.clock.advance(30_000, settle);
    assert.equal(rig.saves, 1);
    assert.equal(rig.rows.size, 4);
    const all = [...rig.rows.values()].find(({ webhookNumber }) => webhookNumber === allWebhooks);
    assert.deepEqual([all?.counts.attempts, all?.counts.succeeded, all?.counts.failed], [1_000, 900, 100]);
    await rig.clock.advance(600_000, settle);
    assert.equal(rig.saves, 1);
  });

  it('are kept by the minute, across the end of one', async () => {
    const rig = new Rig();
    for (let minute = 0; minute < 5; minute++) {
      rig.attempt(1);
      rig.attempt(1);
      await rig.clock.advance(spanMs.minute, settle);
    }
    assert.equal(rig.rows.size, 10);
    assert.ok([...rig.rows.values()].every(({ counts }) => counts.attempts === 2));
  });

  it('are written again whole after a failure, and so count nothing twice and lose nothing', async () => {
    const rig = new Rig();
    rig.attempt(1);
    await rig.clock.advance(20_000, settle);
    rig.failing = true;
    rig.attempt(1);
    await rig.clock.advance(20_000, settle);
    assert.equal(rig.errors, 1);
    rig.failing = false;
    rig.attempt(1);
    await rig.clock.advance(20_000, settle);
    assert.equal(rig.attemptsOf(1), 3);
    await rig.recorder.stop();
    assert.equal(rig.attemptsOf(1), 3);
  });

  it('are written down for whoever reads, at most once a second, and when the server stops', async () => {
    const rig = new Rig();
    rig.attempt(1);
    await rig.recorder.freshen();
    assert.equal(rig.attemptsOf(1), 1);
    rig.attempt(1);
    await rig.recorder.freshen();
    assert.equal(rig.attemptsOf(1), 1);
    await rig.clock.advance(1_000, settle);
    await rig.recorder.freshen();
    assert.equal(rig.attemptsOf(1), 2);
    rig.attempt(1);
    await rig.recorder.stop();
    assert.equal(rig.attemptsOf(1), 3);
  });
});

describe('the upkeep of counters', () => {
  it('puts what is old together, whole spans only, and removes what is very old', async () => {
    const clock = new ManualClock(Date.UTC(2026, 5, 15, 10, 30));
    const calls: string[] = [];
    const iso = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 16);
    const left = [500, 3];
    const upkeep = new ActivityUpkeep({
      activity: {
        compact: async (from, to, beforeMs) => {
          calls.push(`${from} ${to} ${iso(beforeMs)}`);
          return from === 'minute' ? (left.shift() ?? 0) : 0;
        },
        remove: async (span, beforeMs) => {
          calls.push(`${span} ${iso(beforeMs)}`);
          return 0;
        },
      },
      clock,
      daysMs: 365 * spanMs.day,
      onError: (error) => assert.ifError(error),
    });
    upkeep.start();
    await clock.advance(600_100, settle);
    assert.equal(calls.length, 9);
    assert.deepEqual(calls.slice(0, 3), [
      'minute hour 2026-06-13T10:00',
      'hour day 2026-03-17T00:00',
      'day 2025-06-15T10:40',
    ]);
    await upkeep.stop();
  });
});
