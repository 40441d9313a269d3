import type { NewEvent } from '../../model/event.ts';
import { newRowId, type RowId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import { actorName, type Row, type Table } from '../../model/table.ts';
import type { RowChanges } from '../../store/port.ts';
import { Faults, quoted } from './faults.ts';
import { type ChangeContext, deletedEvent, insertedEvent, updatedEvent } from './row-events.ts';
import { type CellsInput, patched, readCells, rowFault } from './row-input.ts';
import { type RowValues, rowValues, sameValues, storedCells, withAutoCells } from './row-values.ts';

/** Rows of a table as it was when they were read or changed. */
export interface TableRows {
  readonly table: Table;
  readonly rows: readonly Row[];
}

export interface RowInput {
  readonly cells: CellsInput;
}

export interface RowUpdateInput extends RowInput {
  readonly id: string;
}

type CurrentRows = ReadonlyMap<RowId, Row>;

/** Decides what becomes of a table when rows are inserted. */
export function decideInsert(
  table: Table,
  inputs: readonly RowInput[],
  nextNumber: number,
  context: ChangeContext,
): RowChanges<TableRows> {
  const faults = new Faults();
  const rows = inputs.map((input, position) => {
    const pointer = `/rows/${position}/cells`;
    const values = patched(table, [], readCells(table, input.cells, pointer, faults));
    const fault = rowFault(values);
    if (fault !== null) faults.add(pointer, fault);
    return values;
  });
  faults.throwIfAny();
  return insertedRows(table, rows, nextNumber, context);
}

/** Decides what becomes of a table when rows get new cells: all of them do, or none. */
export function decideUpdate(
  table: Table,
  inputs: readonly RowUpdateInput[],
  current: CurrentRows,
  context: ChangeContext,
): RowChanges<TableRows> {
  const ids = inputs.map(({ id }) => id as RowId);
  requireDistinct(ids, (position) => `/rows/${position}/id`);
  requireExisting(ids, current, (position) => `/rows/${position}/id`);
  const faults = new Faults();
  const rows: Row[] = [];
  const updates: Row[] = [];
  const events: NewEvent[] = [];
  for (const [position, input] of inputs.entries()) {
    const row = current.get(input.id as RowId);
    if (!row) continue;
    const pointer = `/rows/${position}/cells`;
    const before = rowValues(table, row);
    const after = patched(table, before, readCells(table, input.cells, pointer, faults));
    if (sameValues(before, after)) {
      rows.push(row);
      continue;
    }
    const fault = rowFault(after);
    if (fault !== null) faults.add(pointer, fault);
    const updated = changedRow(table, row, after, context);
    rows.push(updated);
    updates.push(updated);
    events.push(updatedEvent(table, updated, before, withAutoCells(table, after, updated), context));
  }
  faults.throwIfAny();
  return { inserts: [], updates, deletes: [], events, result: { table, rows } };
}

/** Decides what becomes of a table when rows are deleted: all of them are, or none. */
export function decideDelete(
  table: Table,
  ids: readonly RowId[],
  current: CurrentRows,
  context: ChangeContext,
): RowChanges<number> {
  requireDistinct(ids, (position) => `/ids/${position}`);
  requireExisting(ids, current, (position) => `/ids/${position}`);
  const events = ids.flatMap((id) => {
    const row = current.get(id);
    return row ? [deletedEvent(table, row, rowValues(table, row), context)] : [];
  });
  return { inserts: [], updates: [], deletes: ids, events, result: ids.length };
}

/** Decides what becomes of a table when a row is inserted again under a new id. */
export function decideDuplicate(
  table: Table,
  id: RowId,
  current: CurrentRows,
  nextNumber: number,
  context: ChangeContext,
): RowChanges<TableRows> {
  const row = current.get(id);
  if (!row) throw noSuchRow(table, id);
  return insertedRows(table, [rowValues(table, row)], nextNumber, context);
}

/** New rows that hold these values, with their events. */
export function insertedRows(
  table: Table,
  newRows: readonly RowValues[],
  nextNumber: number,
  context: ChangeContext,
): RowChanges<TableRows> {
  const rows: Row[] = [];
  const events: NewEvent[] = [];
  const by = actorName(context.actor);
  for (const [position, values] of newRows.entries()) {
    const row: Row = {
      id: newRowId(),
      number: nextNumber + position,
      cells: storedCells(table, values),
      createdAtMs: context.nowMs,
      updatedAtMs: context.nowMs,
      createdBy: by,
      updatedBy: by,
    };
    rows.push(row);
    events.push(insertedEvent(table, row, withAutoCells(table, values, row), context));
  }
  return { inserts: rows, updates: [], deletes: [], events, result: { table, rows } };
}

/** A row that holds other values from now on. */
function changedRow(table: Table, row: Row, values: RowValues, { nowMs, actor }: ChangeContext): Row {
  return { ...row, cells: storedCells(table, values), updatedAtMs: nowMs, updatedBy: actorName(actor) };
}

export function noSuchRow(table: Table, id: string): Problem {
  return new Problem('not-found', `The table "${table.name}" has no row with the id ${quoted(id)}.`);
}

function requireExisting(
  ids: readonly RowId[],
  current: CurrentRows,
  pointer: (position: number) => string,
): void {
  const faults = new Faults();
  for (const [position, id] of ids.entries()) {
    if (!current.has(id)) faults.add(pointer(position), `the table has no row with the id ${quoted(id)}`);
  }
  faults.throwIfAny('not-found');
}

function requireDistinct(ids: readonly RowId[], pointer: (position: number) => string): void {
  const faults = new Faults();
  const seen = new Map<RowId, number>();
  for (const [position, id] of ids.entries()) {
    const first = seen.get(id);
    if (first === undefined) seen.set(id, position);
    else faults.add(pointer(position), `the row ${quoted(id)} is named already at ${pointer(first)}`);
  }
  faults.throwIfAny();
}
