import type { JournalEvent, NewEvent, RowEventData } from '../../model/event.ts';
import type { RowId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import { actorName, isAutoColumnType, type Row, type Table } from '../../model/table.ts';
import type { ChangeSet, RowChanges } from '../../store/port.ts';
import { sameCell } from './cells.ts';
import { type ToldRow, toldRow } from './event-rows.ts';
import { type ChangeContext, deletedEvent, insertedEvent, updatedEvent } from './row-events.ts';
import { type RowValues, rowValues, storedCells, withAutoCells } from './row-values.ts';

type CurrentRows = ReadonlyMap<RowId, Row>;

/** What is to become of one row. */
type Step =
  | { readonly kind: 'insert' | 'delete'; readonly row: Row; readonly event: NewEvent }
  | { readonly kind: 'update'; readonly row: Row; readonly event: NewEvent }
  | { readonly kind: 'conflict'; readonly number: number; readonly why: string };

/**
 * Decides what becomes of a table when a change set is undone: inserted rows go, deleted ones come back
 * under their id and number, updated ones get their former cells; the last change first. All of the rows, or
 * none: a Problem when one has changed since.
 */
export function decideUndo(
  table: Table,
  changeSet: ChangeSet,
  events: readonly JournalEvent[],
  current: CurrentRows,
  context: ChangeContext,
): RowChanges<number> {
  const steps = events.toReversed().map((event) => undoRow(table, changeSet, event, current, context));
  const conflicts = steps.filter((step) => step.kind === 'conflict');
  const [first] = conflicts;
  if (first) {
    const others = conflicts.length > 1 ? `, nor can ${conflicts.length - 1} more` : '';
    throw new Problem(
      'conflict',
      `The change set ${changeSet.id} cannot be undone: row ${first.number} ${first.why}${others}.`,
    );
  }
  const inserts: Row[] = [];
  const updates: Row[] = [];
  const deletes: RowId[] = [];
  const undoing: NewEvent[] = [];
  for (const step of steps) {
    if (step.kind === 'conflict') continue;
    undoing.push(step.event);
    if (step.kind === 'insert') inserts.push(step.row);
    else if (step.kind === 'update') updates.push(step.row);
    else deletes.push(step.row.id);
  }
  return { inserts, updates, deletes, events: undoing, result: undoing.length, undoes: changeSet.id };
}

function undoRow(
  table: Table,
  changeSet: ChangeSet,
  event: JournalEvent,
  current: CurrentRows,
  context: ChangeContext,
): Step {
  const told = toldRow(table, event);
  const { before, after, data } = told;
  const now = current.get(data.row.id);
  if (after === null) return restored(table, changeSet, data, before ?? [], now, context);
  const { number } = data.row;
  if (!now) return { kind: 'conflict', number, why: 'was deleted since' };
  const values = rowValues(table, now);
  if (!isUnchanged(table, told, values)) return { kind: 'conflict', number, why: 'has changed since' };
  if (before === null) return { kind: 'delete', row: now, event: deletedEvent(table, now, values, context) };
  const former = values.map((value, position) => (told.tells[position] ? before[position] : value));
  const row: Row = { ...now, cells: storedCells(table, former), ...changedNow(context) };
  const shown = withAutoCells(table, former, row);
  return { kind: 'update', row, event: updatedEvent(table, row, values, shown, context) };
}

function restored(
  table: Table,
  changeSet: ChangeSet,
  { row: { id, number } }: RowEventData,
  values: RowValues,
  now: Row | undefined,
  context: ChangeContext,
): Step {
  if (now) return { kind: 'conflict', number, why: 'is there again' };
  const made = changeSet.deletedRows.get(id);
  const row: Row = {
    id,
    number,
    cells: storedCells(table, values),
    createdAtMs: made?.createdAtMs ?? context.nowMs,
    createdBy: made?.createdBy ?? null,
    ...changedNow(context),
  };
  return {
    kind: 'insert',
    row,
    event: insertedEvent(table, row, withAutoCells(table, values, row), context),
  };
}

function changedNow({ nowMs, actor }: ChangeContext): Pick<Row, 'updatedAtMs' | 'updatedBy'> {
  return { updatedAtMs: nowMs, updatedBy: actorName(actor) };
}

/** Whether a row is as the event left it. A column that came since must be empty, one of another type stops it. */
function isUnchanged(table: Table, { tells, after }: ToldRow, values: RowValues): boolean {
  return table.columns.every(({ type }, position) => {
    if (isAutoColumnType(type)) return true;
    return sameCell(values[position], tells[position] ? after?.[position] : undefined);
  });
}
