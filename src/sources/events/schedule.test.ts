import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ManualClock } from '../../delivery/testing/manual-clock.ts';
import { newScheduledEventId } from '../../model/ids.ts';
import type { Store } from '../../store/port.ts';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import { EventSchedule } from './schedule.ts';

const laterMs = 20_000;

describe('scheduled events', () => {
  let directory: string;
  let clock: ManualClock;
  let store: Store;
  let schedule: EventSchedule;
  let workspaceNumber: number;
  let errors: unknown[];

  const begin = (): void => {
    schedule = new EventSchedule({
      publications: store.publications,
      clock,
      onError: (error) => errors.push(error),
    });
    schedule.start();
  };
  /** The store writes beside the event loop: only it knows when it has. */
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      await store.journal.append(workspaceNumber, []);
    }
  };
  const open = (): Store =>
    openSqliteStore({ directory, clock, secretKey: 'a key of the tests, long enough' });
  const add = async (dueAtMs: number): Promise<void> => {
    const event = { type: 'a', dataJson: `{"due":${dueAtMs}}`, tags: [] };
    const scheduled = [{ id: newScheduledEventId(), dueAtMs, occurredAtMs: null, event }];
    await store.publications.publish({ workspaceNumber, events: [], scheduled, key: null });
    schedule.changed();
  };
  const published = async (): Promise<number[]> => {
    const events = await store.journal.read(workspaceNumber, 0, 1_000, 2 ** 20);
    return events.map(({ dataJson }) => JSON.parse(dataJson).due - startMs);
  };
  let startMs: number;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'rowhook-schedule-'));
    clock = new ManualClock();
    startMs = clock.nowMs();
    errors = [];
    store = open();
    workspaceNumber = (await store.workspaces.create('one')).number;
    begin();
  });
  afterEach(async () => {
    await schedule.stop();
    await store.close();
    rmSync(directory, { recursive: true });
  });

  it('are published when they are due, and not before', async () => {
    await add(startMs + 2_500);
    await add(startMs + laterMs);
    await clock.advance(2_499, settle);
    assert.deepEqual(await published(), []);
    await clock.advance(1, settle);
    assert.deepEqual(await published(), [2_500]);
    await clock.advance(laterMs, settle);
    assert.deepEqual(await published(), [2_500, laterMs]);
  });

  it('cost no transaction while none is due', async () => {
    await add(startMs + laterMs);
    await settle();
    const { transactions } = store.counts();
    await clock.advance(laterMs - 1, async () => {
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    });
    assert.equal(store.counts().transactions, transactions);
  });

  it('are published by the next process, be they overdue or not', async () => {
    await add(startMs + 1_000);
    await add(startMs + laterMs);
    await settle();
    await schedule.stop();
    await store.close();
    clock.restart();
    await clock.advance(5_000, async () => undefined);
    store = open();
    begin();
    await settle();
    await clock.advance(10, settle);
    assert.deepEqual(await published(), [1_000]);
    await clock.advance(laterMs, settle);
    assert.deepEqual(await published(), [1_000, laterMs]);
  });

  it('follow the wall clock when it is set forward or back', async () => {
    await add(startMs + laterMs);
    await settle();
    clock.jump(-2 * laterMs);
    await clock.advance(laterMs, settle);
    assert.deepEqual(await published(), []);
    clock.jump(2 * laterMs);
    await clock.advance(1_000, settle);
    assert.deepEqual(await published(), [laterMs]);
  });

  it('are tried again when the store cannot take them', async () => {
    await add(startMs + 1_000);
    await settle();
    const { publishDue } = store.publications;
    store.publications.publishDue = async () => {
      throw new Error('the disk is full');
    };
    await clock.advance(2_000, settle);
    assert.equal(errors.length, 1);
    store.publications.publishDue = publishDue;
    await clock.advance(5_000, settle);
    assert.deepEqual(await published(), [1_000]);
  });
});
