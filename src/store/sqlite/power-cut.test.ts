import assert from 'node:assert/strict';
import { cpSync, fdatasync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { JournalEvent } from '../../model/event.ts';
import { HeldClock } from '../contract/held-clock.ts';
import { insertRows, newEvent, newTable } from '../contract/samples.ts';
import { testSecretKey } from '../contract/store-place.ts';
import { openSqliteStore } from './index.ts';
import { SqlitePlace } from './sqlite-place.ts';
import type { SyncFile } from './write-ahead-log.ts';

/** What a disk keeps or loses as a whole. */
const sectorBytes = 512;
const clock = new HeldClock();

/**
 * A disk of which each sync is watched: what it surely holds from the end of a sync on is what the file held
 * when the sync began. Of what was written later, a power cut leaves any sectors, in any order.
 */
class WatchedDisk {
  readonly #logFile: string;
  /** What the log held when each sync that has ended began. */
  readonly ended: Buffer[] = [];

  constructor(logFile: string) {
    this.#logFile = logFile;
  }

  readonly sync: SyncFile = (file, done) => {
    const content = this.content();
    fdatasync(file, (error) => {
      this.ended.push(content);
      done(error);
    });
  };

  content(): Buffer {
    return readFileSync(this.#logFile);
  }
}

/** `kept` as it surely is, with some of the sectors that `written` has besides. */
function afterPowerCut(kept: Buffer, written: Buffer, hasSector: (sector: number) => boolean): Buffer {
  const left = Buffer.alloc(written.length);
  kept.copy(left);
  for (let at = 0, sector = 0; at < written.length; at += sectorBytes, sector += 1) {
    if (hasSector(sector)) written.copy(left, at, at, at + sectorBytes);
  }
  return left;
}

interface Step {
  readonly kind: 'append' | 'rows' | 'configure';
  readonly bytes: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('append', 'append', 'rows', 'configure'),
  bytes: fc.integer({ min: 1, max: 6_000 }),
});
const callers = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });
/** Which sectors of the unsynced part reach the disk: by their number, modulo a length. */
const luck = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });

async function runAndCut(
  plan: readonly Step[][],
  chance: number,
  reaches: readonly boolean[],
): Promise<void> {
  const place = SqlitePlace.create();
  const after = SqlitePlace.create();
  try {
    const disk = new WatchedDisk(`${place.databaseFile}-wal`);
    const store = openSqliteStore({
      directory: place.directory,
      clock,
      secretKey: testSecretKey,
      sync: disk.sync,
    });
    const table = await newTable(store);
    const firstCut = disk.ended.length;
    const heard: JournalEvent[] = [];
    /** What was promised by the end of each sync. */
    const promised: Array<{ readonly events: number; readonly bases: number }> = [];
    let bases = 1;
    const note = (): void => {
      promised[disk.ended.length] = { events: heard.length, bases };
    };
    note();
    store.journal.onAppended((events) => {
      heard.push(...events);
      note();
    });
    const caller = async (steps: readonly Step[]): Promise<void> => {
      for (const { kind, bytes } of steps) {
        const text = 'x'.repeat(bytes);
        if (kind === 'append') {
          await store.journal.append(table.workspaceNumber, [newEvent({ dataJson: JSON.stringify(text) })]);
        } else if (kind === 'rows') await insertRows(store, table, [text, text]);
        else {
          await store.bases.createBase(table.workspaceNumber, text);
          bases += 1;
          note();
        }
      }
    };
    await Promise.all(plan.map(caller));

    // The power is cut after this sync has ended and been told of, while later ones may be under way.
    const cut = firstCut + Math.floor(chance * (disk.ended.length - firstCut + 1));
    const last = disk.ended[cut - 1];
    const kept = promised.slice(0, cut + 1).findLast((promise) => promise !== undefined);
    assert.ok(last && kept);
    cpSync(place.databaseFile, after.databaseFile);
    const left = afterPowerCut(last, disk.content(), (sector) => reaches[sector % reaches.length] ?? false);
    writeFileSync(`${after.databaseFile}-wal`, left);
    await store.close();

    const restarted = openSqliteStore({ directory: after.directory, clock, secretKey: testSecretKey });
    const journal = await restarted.journal.readAll(0, 10_000, 100_000_000);
    assert.ok(journal.length >= kept.events, `${journal.length} events of ${kept.events} accepted`);
    assert.deepEqual(journal, heard.slice(0, journal.length), 'no hole, and nothing made up');
    assert.equal(
      await restarted.rows.count(table),
      journal.filter(({ subject }) => subject !== null).length,
      'no row without its event',
    );
    const found = (await restarted.bases.listBases(table.workspaceNumber)).length;
    assert.ok(found >= kept.bases, `${found} bases of ${kept.bases}`);
    await restarted.close();
  } finally {
    await place.remove();
    await after.remove();
  }
}

describe('a power cut', () => {
  it('takes back nothing that was answered, and leaves no part of a transaction', async () => {
    await fc.assert(
      fc.asyncProperty(
        callers,
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        luck,
        runAndCut,
      ),
      { numRuns: 60 },
    );
  });
});
