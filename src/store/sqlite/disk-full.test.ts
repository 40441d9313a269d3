import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { JournalEvent } from '../../model/event.ts';
import type { Table } from '../../model/table.ts';
import { HeldClock } from '../contract/held-clock.ts';
import {
  failedAttempt,
  insertRows,
  newDelivery,
  newEvent,
  newRetry,
  newTable,
  newWebhook,
  problem,
  retrying,
  workspaceNumber,
} from '../contract/samples.ts';
import { testSecretKey } from '../contract/store-place.ts';
import type { Store } from '../port.ts';
import { SqlitePlace } from './sqlite-place.ts';

const options = { clock: new HeldClock(), secretKey: testSecretKey };
const megabyte = 1_000_000;
const largeText = 'x'.repeat(100_000);
const largeEvent = newEvent({ dataJson: JSON.stringify(largeText) });
/** More events of this size than the small disk holds. */
const moreThanFit = 100;

/** A disk of a few megabytes, mounted on a store's directory. */
class SmallDisk {
  readonly place = SqlitePlace.create();
  readonly #filler = join(this.place.directory, 'filler');

  /** False where this user may not mount. */
  mount(): boolean {
    return run('mount', '-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', this.place.directory);
  }

  grow(): void {
    assert.ok(run('mount', '-o', 'remount,size=40m', this.place.directory));
  }

  /** Takes all the space that is left. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.place.directory);
    writeFileSync(this.#filler, Buffer.alloc(bavail * bsize));
  }

  clear(): void {
    rmSync(this.#filler);
  }

  async remove(): Promise<void> {
    run('umount', '--lazy', this.place.directory);
    await this.place.remove();
  }
}

function run(command: string, ...parameters: string[]): boolean {
  return spawnSync(command, parameters).status === 0;
}

/** Declares a test on a small disk; skipped only where mounting one is refused. */
function diskTest(name: string, body: (disk: SmallDisk) => Promise<void>): void {
  it(name, async (context: TestContext) => {
    const disk = new SmallDisk();
    // A hook, because it runs even when the test never comes to an end.
    context.after(() => disk.remove());
    if (disk.mount()) await body(disk);
    else context.skip('mounting a small disk is refused to this user');
  });
}

/** Appends until the disk is full; answers what was accepted. */
async function appendUntilFull(store: Store, owner: number): Promise<JournalEvent[]> {
  const accepted: JournalEvent[] = [];
  for (let count = 0; count < moreThanFit; count += 1) {
    try {
      accepted.push(...(await store.journal.append(owner, [largeEvent])));
    } catch (error) {
      assert.ok(problem('storage-full')(error));
      return accepted;
    }
  }
  return assert.fail('The disk did not become full.');
}

async function assertHolds(store: Store, owner: number, accepted: readonly JournalEvent[]): Promise<void> {
  const journal = await store.journal.read(owner, 0, 1_000, 100 * megabyte);
  assert.deepEqual(
    journal.map((event) => [event.seq, event.dataJson.length]),
    accepted.map((event) => [event.seq, event.dataJson.length]),
  );
}

/** Every kind of write, each too large for a full disk. */
function largeWrites(store: Store, table: Table): Array<() => Promise<unknown>> {
  const owner = table.workspaceNumber;
  return [
    () => store.journal.append(owner, [largeEvent]),
    () => insertRows(store, table, [largeText]),
    () => store.bases.createBase(owner, largeText),
    () => store.bases.saveTable({ ...table, name: largeText }),
  ];
}

describe('a full disk', () => {
  diskTest('refuses what does not fit as storage-full, and loses nothing that was accepted', async (disk) => {
    const store = await disk.place.open(options);
    const owner = await workspaceNumber(store);
    const heard: JournalEvent[] = [];
    store.journal.onAppended((events) => heard.push(...events));
    const accepted = await appendUntilFull(store, owner);
    assert.ok(accepted.length > 0);
    assert.deepEqual(heard, accepted, 'listeners hear of accepted events only');
    assert.equal(store.journal.headSeq(), accepted.at(-1)?.seq);
    await assertHolds(store, owner, accepted);
    await store.close();

    disk.grow();
    const reopened = await disk.place.open(options);
    await assertHolds(reopened, owner, accepted);
    await reopened.close();
  });

  diskTest('refuses every kind of write the same way, and changes nothing', async (disk) => {
    const store = await disk.place.open(options);
    const table = await newTable(store);
    const webhook = await newWebhook(store, table.workspaceNumber);
    const delivery = retrying(newDelivery(webhook, 1), 1, 0);
    const retry = newRetry(delivery, { body: Buffer.from(largeText) });
    disk.fill();
    const writes = [
      ...largeWrites(store, table),
      () =>
        store.deliveries.write([
          { kind: 'checkpoint', seq: 7 },
          { kind: 'delivered', delivery, attempt: failedAttempt(1), retry },
        ]),
      () => newWebhook(store, table.workspaceNumber, { memo: largeText }),
    ];
    for (const write of writes) await assert.rejects(write(), problem('storage-full'));
    const together = await Promise.allSettled(writes.map((write) => write()));
    for (const outcome of together) {
      assert.ok(outcome.status === 'rejected' && problem('storage-full')(outcome.reason));
    }
    assert.equal(store.journal.headSeq(), 0);
    assert.equal(await store.rows.count(table), 0);
    assert.equal((await store.bases.listBases(table.workspaceNumber)).length, 1);
    assert.deepEqual(await store.bases.listTables(table.baseId), [table]);
    assert.equal((await store.deliveries.positions()).checkpointSeq, 0);
    assert.deepEqual(await store.webhooks.all(0, 10), [webhook]);
    await store.close();
  });

  diskTest('refuses one change that is larger than the disk and than memory for pages', async (disk) => {
    const store = await disk.place.open(options);
    const table = await newTable(store);
    const texts = Array.from({ length: 200 }, () => largeText);
    const heard: JournalEvent[] = [];
    store.journal.onAppended((events) => heard.push(...events));
    const outcomes = await Promise.allSettled([
      store.journal.append(table.workspaceNumber, [newEvent()]),
      insertRows(store, table, texts),
    ]);
    for (const outcome of outcomes) {
      assert.ok(outcome.status === 'rejected' && problem('storage-full')(outcome.reason));
    }
    assert.deepEqual(heard, []);
    assert.equal(await store.rows.count(table), 0);
    const [row] = await insertRows(store, table, ['small']);
    assert.equal(row?.number, 1);
    await store.close();
  });

  diskTest('is taken up again by the same store when there is space', async (disk) => {
    const store = await disk.place.open(options);
    const table = await newTable(store);
    disk.fill();
    for (const write of largeWrites(store, table)) await assert.rejects(write(), problem('storage-full'));
    disk.clear();
    for (const write of largeWrites(store, table)) await write();
    const journal = await store.journal.read(table.workspaceNumber, 0, 10, 100 * megabyte);
    assert.deepEqual(
      journal.map((event) => event.type),
      ['invoice.paid', 'row.inserted'],
    );
    assert.equal((await store.rows.list(table, { limit: 10, cursor: null })).items[0]?.number, 1);
    await store.close();
  });

  diskTest('lets the store be closed, and opened again by the next process', async (disk) => {
    const store = await disk.place.open(options);
    const owner = await workspaceNumber(store);
    const accepted = await appendUntilFull(store, owner);
    disk.fill();
    await store.close();
    const reopened = await disk.place.open(options);
    await assertHolds(reopened, owner, accepted);
    await reopened.close();
  });

  diskTest('refuses a new store with an error that tells why', async (disk) => {
    disk.fill();
    await assert.rejects(disk.place.open(options), /disk is full|no space left/i);
    disk.clear();
    await (await disk.place.open(options)).close();
  });
});
