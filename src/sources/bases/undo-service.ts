import type { Clock } from '../../model/clock.ts';
import type { JournalEvent } from '../../model/event.ts';
import { type ChangeSetId, newChangeSetId, type RowId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { Actor, Table } from '../../model/table.ts';
import { type ChangeSet, type JournalStore, type RowStore, rememberedChangeSets } from '../../store/port.ts';
import type { TableAddress } from './address.ts';
import type { StructureCache } from './structure-cache.ts';
import { decideUndo } from './undo.ts';

/** What an undo did. */
export interface Undone {
  /** Its own change set; undoing that one does everything again. */
  readonly changeSet: ChangeSetId;
  readonly undoes: ChangeSetId;
  /** Rows that it changed, each with its event. */
  readonly rows: number;
}

/** Bytes of events read from the journal at once. */
const pageBytes = 4_000_000;

/** Undoes the last change sets of a table, from what the journal tells of them. */
export class UndoService {
  readonly #rows: RowStore;
  readonly #journal: Pick<JournalStore, 'read'>;
  readonly #structures: StructureCache;
  readonly #clock: Clock;

  constructor(rows: RowStore, journal: Pick<JournalStore, 'read'>, structures: StructureCache, clock: Clock) {
    this.#rows = rows;
    this.#journal = journal;
    this.#structures = structures;
    this.#clock = clock;
  }

  /** The change sets that are remembered, the newest first. */
  list(address: TableAddress): Promise<readonly ChangeSet[]> {
    return this.#structures.use(address.workspaceNumber, address.base, async (open) =>
      this.#rows.changeSets(open.table(address.table)),
    );
  }

  /**
   * Undoes a change set, or the last one that is neither undone nor itself an undo, so that one call after
   * the other goes back step by step. It is a change set of its own, with events.
   */
  undo(address: TableAddress, id: string | null, actor: Actor): Promise<Undone> {
    return this.#structures.use(address.workspaceNumber, address.base, async (open) => {
      const table = open.table(address.table);
      const changeSet = chosen(table, await this.#rows.changeSets(table), id);
      const events = await this.#eventsOf(table, changeSet);
      const context = { actor, changeSetId: newChangeSetId(), nowMs: this.#clock.nowMs() };
      const rowIds = events.flatMap(({ subject }): readonly RowId[] => (subject ? [subject.rowId] : []));
      const rows = await this.#rows.change(open.table(table.id), rowIds, (current) =>
        decideUndo(open.table(table.id), changeSet, events, current, context),
      );
      return { changeSet: context.changeSetId, undoes: changeSet.id, rows };
    });
  }

  async #eventsOf(
    { workspaceNumber }: Table,
    { id, firstSeq, lastSeq }: ChangeSet,
  ): Promise<readonly JournalEvent[]> {
    const events: JournalEvent[] = [];
    for (let after = firstSeq - 1; after < lastSeq; ) {
      const page = await this.#journal.read(workspaceNumber, after, lastSeq - after, pageBytes);
      const last = page.at(-1);
      if (!last) break;
      events.push(...page.filter(({ seq }) => seq <= lastSeq));
      after = last.seq;
    }
    if (events.length === lastSeq - firstSeq + 1) return events;
    throw new Problem(
      'gone',
      `Events of the change set ${id} are no longer kept, so that it cannot be undone.`,
    );
  }
}

function chosen(table: Table, changeSets: readonly ChangeSet[], id: string | null): ChangeSet {
  if (id === null) {
    const last = changeSets.find(({ undoes, undoneBy }) => undoes === null && undoneBy === null);
    if (last) return last;
    throw new Problem(
      'conflict',
      `There is nothing to undo: the table "${table.name}" remembers its last ${rememberedChangeSets} change sets.`,
    );
  }
  const named = changeSets.find((changeSet) => changeSet.id === id);
  if (!named) {
    throw new Problem(
      'not-found',
      `"${id}" is not among the last ${rememberedChangeSets} change sets of the table "${table.name}".`,
    );
  }
  if (named.undoneBy === null) return named;
  throw new Problem('conflict', `The change set ${id} is undone already, by ${named.undoneBy}.`);
}
