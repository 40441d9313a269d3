import assert from 'node:assert/strict';
import { describe } from 'node:test';
import fc from 'fast-check';
import type { JournalEvent } from '../../model/event.ts';
import { newRowId, newTableId, type RowId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { Row, Table } from '../../model/table.ts';
import type { RowChanges, Store } from '../port.ts';
import {
  everyPage,
  nameCells,
  nameColumn,
  newEvent,
  newRow,
  problem,
  rowEvent,
  workspaceNumber,
} from './samples.ts';
import { type CreatePlace, type StoreBench, storeTest } from './store-place.ts';

/**
 * What one caller does. `row` picks one of a few rows that all callers share, so that they meet: an upsert
 * inserts it or replaces its text, a remove deletes it if it is there.
 */
type Step =
  | { readonly kind: 'append'; readonly count: number }
  | { readonly kind: 'upsert'; readonly row: number; readonly text: string }
  | { readonly kind: 'remove'; readonly row: number }
  | { readonly kind: 'refused'; readonly row: number }
  | { readonly kind: 'rename' };

const sharedRows = 4;

const row = fc.integer({ min: 0, max: sharedRows - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('upsert' as const), row, text: fc.string({ unit: 'binary', maxLength: 4 }) }),
  fc.record({ kind: fc.constant('remove' as const), row }),
  fc.record({ kind: fc.constant('refused' as const), row }),
  fc.record({ kind: fc.constant('rename' as const) }),
);
/** Several callers; each takes its next step when its last one is answered. */
const callers = fc.array(fc.array(step, { maxLength: 6 }), { minLength: 1, maxLength: 5 });

/** The data of a row event in this suite: the row as it is afterwards, null when it is gone. */
interface ToldRow {
  readonly after: Row | null;
}

function told(
  table: Table,
  type: 'row.inserted' | 'row.updated' | 'row.deleted',
  id: RowId,
  after: Row | null,
) {
  return { ...rowEvent(table, type, id), dataJson: JSON.stringify({ after } satisfies ToldRow) };
}

function upsert(
  table: Table,
  id: RowId,
  text: string,
  found: Row | undefined,
  nextNumber: number,
): RowChanges<null> {
  const after = found ? { ...found, cells: nameCells(text) } : newRow(nextNumber, text, { id });
  return {
    inserts: found ? [] : [after],
    updates: found ? [after] : [],
    deletes: [],
    events: [told(table, found ? 'row.updated' : 'row.inserted', id, after)],
    result: null,
  };
}

function remove(table: Table, id: RowId, found: Row | undefined): RowChanges<null> {
  const events = found ? [told(table, 'row.deleted', id, null)] : [];
  return { inserts: [], updates: [], deletes: found ? [id] : [], events, result: null };
}

/** One run of the callers against one table of one workspace. */
class Run {
  readonly #store: Store;
  readonly #table: Table;
  readonly #ids = Array.from({ length: sharedRows }, newRowId);
  /** Data of the events that `append` was answered for, in the order of the answers. */
  readonly accepted: JournalEvent[] = [];
  #appends = 0;

  constructor(store: Store, table: Table) {
    this.#store = store;
    this.#table = table;
  }

  async caller(steps: readonly Step[]): Promise<void> {
    for (const next of steps) await this.#take(next);
  }

  async #take(next: Step): Promise<void> {
    switch (next.kind) {
      case 'append':
        return this.#append(next.count);
      case 'upsert': {
        const id = this.#id(next.row);
        await this.#store.rows.change(this.#table, [id], (current, nextNumber) =>
          upsert(this.#table, id, next.text, current.get(id), nextNumber),
        );
        return;
      }
      case 'remove': {
        const id = this.#id(next.row);
        await this.#store.rows.change(this.#table, [id], (current) =>
          remove(this.#table, id, current.get(id)),
        );
        return;
      }
      case 'refused':
        return this.#refused(this.#id(next.row));
      case 'rename':
        return this.#store.bases.renameBase(this.#table.baseId, 'Books');
    }
  }

  async #append(count: number): Promise<void> {
    const events = Array.from({ length: count }, () => {
      this.#appends += 1;
      return newEvent({ dataJson: String(this.#appends) });
    });
    this.accepted.push(...(await this.#store.journal.append(this.#table.workspaceNumber, events)));
  }

  async #refused(id: RowId): Promise<void> {
    const refused = this.#store.rows.change(this.#table, [id], () => {
      throw new Problem('invalid-input', 'Not like this.');
    });
    await assert.rejects(refused, problem('invalid-input'));
  }

  #id(index: number): RowId {
    const id = this.#ids[index];
    assert.ok(id);
    return id;
  }
}

/** The rows that the events tell of, as a simple model keeps them. */
function rowsToldBy(events: readonly JournalEvent[]): Row[] {
  const rows = new Map<RowId, Row>();
  for (const event of events) {
    if (event.subject === null) continue;
    const { after } = JSON.parse(event.dataJson) as ToldRow;
    assert.equal(event.type === 'row.inserted', after !== null && !rows.has(event.subject.rowId));
    if (after === null) assert.ok(rows.delete(event.subject.rowId), 'only a row that exists is deleted');
    else rows.set(event.subject.rowId, after);
  }
  return [...rows.values()].sort((a, b) => a.number - b.number);
}

async function runAndCheck(bench: StoreBench, plan: readonly Step[][]): Promise<void> {
  const store = await bench.reopen();
  const owner = await workspaceNumber(store, `workspace ${newTableId()}${newTableId()}`);
  const base = await store.bases.createBase(owner, 'Books');
  const table = await store.bases.createTable(base, newTableId(), 'Invoices', [nameColumn]);
  const heard: JournalEvent[] = [];
  store.journal.onAppended((events) => heard.push(...events));

  const run = new Run(store, table);
  await Promise.all(plan.map((steps) => run.caller(steps)));

  const reopened = await bench.reopen();
  const journal = await reopened.journal.read(owner, 0, 10_000, 10_000_000);
  assert.deepEqual(journal, heard, 'the journal holds what the listener heard, in the same order');
  const seqs = journal.map((event) => event.seq);
  assert.deepEqual(
    seqs,
    [...new Set(seqs)].sort((a, b) => a - b),
  );
  const posted = journal.filter((event) => event.subject === null);
  assert.deepEqual(
    posted,
    run.accepted.sort((a, b) => a.seq - b.seq),
    'every accepted event is there once, and no other',
  );
  const rows = await everyPage((page) => reopened.rows.list(table, page), 100);
  assert.deepEqual(rows, rowsToldBy(journal), 'the rows are those that the events tell of');
}

export function interleavingsContract(createPlace: CreatePlace): void {
  describe('whatever several callers do at once', () => {
    storeTest(createPlace, 'the journal, its listeners and the rows tell the same', async (bench) => {
      await fc.assert(
        fc.asyncProperty(callers, (plan) => runAndCheck(bench, plan)),
        { numRuns: 40 },
      );
    });
  });
}
