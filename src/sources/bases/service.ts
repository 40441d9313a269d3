import type { Clock } from '../../model/clock.ts';
import { type BaseId, type ColumnKey, newTableId, type TableId } from '../../model/ids.ts';
import { invalidField, Problem } from '../../model/problem.ts';
import type { Base, Column, Row, Table } from '../../model/table.ts';
import type { BaseStore, Page, RowStore, Store } from '../../store/port.ts';
import type { TableAddress } from './address.ts';
import {
  type ColumnChange,
  type ColumnInput,
  withChangedColumn,
  withMovedColumn,
  withNewColumns,
} from './columns.ts';
import type { ConversionPreview } from './conversion.ts';
import { type ConversionInput, Conversions, newCellKey, type ReplaceColumn } from './conversion-service.ts';
import { listed } from './faults.ts';
import { ImportService } from './import-service.ts';
import { limits } from './limits.ts';
import { RowService } from './row-service.ts';
import { type OpenBase, StructureCache } from './structure-cache.ts';
import { findColumn } from './table-index.ts';
import { nameFault } from './texts.ts';
import { UndoService } from './undo-service.ts';

/** What others may have to react to: webhooks name bases, tables and columns. */
export type StructureChange =
  | { readonly kind: 'baseDeleted'; readonly workspaceNumber: number; readonly baseId: BaseId }
  | { readonly kind: 'tableDeleted'; readonly table: Table }
  | { readonly kind: 'columnDeleted'; readonly table: Table; readonly column: Column }
  /** Renamed, or its columns were added, renamed, moved or given other options. */
  | { readonly kind: 'tableChanged'; readonly table: Table };

/**
 * Bases, their tables and columns, and through `rows`, `imports` and `undo` what is in them. Changes of structure
 * make no events.
 */
export class BaseService {
  readonly rows: RowService;
  readonly imports: ImportService;
  readonly undo: UndoService;
  readonly #bases: BaseStore;
  readonly #rowStore: RowStore;
  readonly #structures: StructureCache;
  readonly #conversions: Conversions;
  readonly #listeners: Array<(change: StructureChange) => void> = [];

  constructor(store: Store, clock: Clock) {
    this.#bases = store.bases;
    this.#rowStore = store.rows;
    this.#conversions = new Conversions(store.rows);
    this.#structures = new StructureCache(store.bases, (table) => {
      this.#followIndexes(table);
      this.#resumeConversions(table);
    });
    this.rows = new RowService(store.rows, this.#structures, clock);
    this.undo = new UndoService(store.rows, store.journal, this.#structures, clock);
    this.imports = new ImportService(store.rows, this.#structures, clock, (address, columns) =>
      this.addColumns(address, columns),
    );
  }

  /** Calls back after every change of structure that is committed. */
  onStructureChanged(listener: (change: StructureChange) => void): void {
    this.#listeners.push(listener);
  }

  async createBase(workspaceNumber: number, name: string): Promise<Base> {
    requireName(name);
    return this.#bases.createBase(workspaceNumber, name);
  }

  listBases(workspaceNumber: number): Promise<readonly Base[]> {
    return this.#bases.listBases(workspaceNumber);
  }

  getBase(workspaceNumber: number, base: string): Promise<Base> {
    return this.#structures.use(workspaceNumber, base, async (open) => open.base);
  }

  renameBase(workspaceNumber: number, base: string, name: string): Promise<Base> {
    return this.#changeStructure({ workspaceNumber, base }, async (open) => {
      requireName(name);
      await this.#bases.renameBase(open.base.id, name);
      open.base = { ...open.base, name };
      return open.base;
    });
  }

  /** Deletes a base with its tables and rows. The rows make no events. */
  deleteBase(workspaceNumber: number, base: string): Promise<void> {
    return this.#changeStructure({ workspaceNumber, base }, async (open) => {
      // From now on nobody finds it; should deleting fail, it is read from the store again.
      open.deleted = true;
      try {
        await this.#bases.deleteBase(open.base.id);
      } finally {
        this.#structures.forget(open.base);
      }
      this.#tell({ kind: 'baseDeleted', workspaceNumber, baseId: open.base.id });
    });
  }

  /** Another process has changed the structure of these bases. */
  structureChangedElsewhere(ids: readonly string[]): void {
    this.#structures.forgetMany(ids);
  }

  /** In the order in which they were made. */
  listTables(workspaceNumber: number, base: string): Promise<readonly Table[]> {
    return this.#structures.use(workspaceNumber, base, async (open) => [...open.tables.values()]);
  }

  getTable(address: TableAddress): Promise<Table> {
    return this.#structures.use(address.workspaceNumber, address.base, async (open) =>
      open.table(address.table),
    );
  }

  createTable(
    workspaceNumber: number,
    base: string,
    input: { readonly name: string; readonly columns: readonly ColumnInput[] },
  ): Promise<Table> {
    return this.#changeStructure({ workspaceNumber, base }, async (open) => {
      requireTableName(open, input.name, null);
      if (open.tables.size >= limits.tablesPerBase) {
        throw new Problem('conflict', `A base has at most ${limits.tablesPerBase} tables.`);
      }
      if (input.columns.length === 0) throw invalidField('/columns', 'a table needs at least one column');
      const columns = withNewColumns([], input.columns, (position) => `/columns/${position}`, open);
      const table = await this.#bases.createTable(open.base, newIdIn(open), input.name, columns);
      open.tables.set(table.id, table);
      this.#followIndexes(table);
      this.#tell({ kind: 'tableChanged', table });
      return table;
    });
  }

  renameTable(address: TableAddress, name: string): Promise<Table> {
    return this.#changeStructure(address, async (open) => {
      const table = open.table(address.table);
      requireTableName(open, name, table);
      return this.#save(open, { ...table, name });
    });
  }

  /** Deletes a table with its rows. The rows make no events. */
  deleteTable(address: TableAddress): Promise<void> {
    return this.#changeStructure(address, async (open) => {
      const table = open.table(address.table);
      open.tables.delete(table.id);
      try {
        await this.#bases.deleteTable(table);
      } catch (error) {
        open.tables.set(table.id, table);
        throw error;
      }
      this.#tell({ kind: 'tableDeleted', table });
    });
  }

  /** Adds a column, at a position counted from 0, or after the present ones. */
  addColumn(address: TableAddress, input: ColumnInput & { readonly position?: number }): Promise<Column> {
    return this.#changeStructure(address, async (open) => {
      const table = open.table(address.table);
      const { position, ...definition } = input;
      const columns = withNewColumns(table.columns, [definition], () => '', open);
      if (input.key !== undefined) await this.#refuseUsedKey(table, input.key as ColumnKey);
      const placed = position === undefined ? columns : withMovedColumn(columns, input.name, position);
      return requireColumn(await this.#save(open, { ...table, columns: placed }), input.name);
    });
  }

  /** Adds columns after the present ones: all of them, or none. */
  addColumns(address: TableAddress, inputs: readonly ColumnInput[]): Promise<Table> {
    return this.#changeStructure(address, async (open) => {
      const table = open.table(address.table);
      const columns = withNewColumns(table.columns, inputs, (position) => `/columns/${position}`, open);
      return this.#save(open, { ...table, columns });
    });
  }

  /** Renames a column, replaces its options, or moves it to a position counted from 0. */
  changeColumn(
    address: TableAddress,
    keyOrName: string,
    change: ColumnChange & { readonly position?: number },
  ): Promise<Column> {
    return this.#changeStructure(address, async (open) => {
      const table = open.table(address.table);
      const column = requireColumn(table, keyOrName);
      const { position, ...definition } = change;
      const changed = withChangedColumn(table.columns, column, definition, open);
      const name = change.name ?? column.name;
      const columns = position === undefined ? changed : withMovedColumn(changed, name, position);
      return requireColumn(await this.#save(open, { ...table, columns }), column.key);
    });
  }

  /** What would become of the cells of a column if it were converted; nothing changes. */
  previewConversion(
    address: TableAddress,
    keyOrName: string,
    input: ConversionInput,
  ): Promise<ConversionPreview> {
    return this.#structures.use(address.workspaceNumber, address.base, async (open) => {
      const table = open.table(address.table);
      const column = requireColumn(table, keyOrName);
      return (await this.#conversions.preview(open, table, column, input)).preview;
    });
  }

  /** Converts a column and its cells into another type, without events. Cells that do not fit become empty. */
  convertColumn(
    address: TableAddress,
    keyOrName: string,
    input: ConversionInput,
  ): Promise<{ readonly column: Column; readonly preview: ConversionPreview }> {
    return this.#structures.use(address.workspaceNumber, address.base, async (open) => {
      const table = open.table(address.table);
      const column = requireColumn(table, keyOrName);
      const { to, preview } = await this.#conversions.preview(open, table, column, input);
      const marked = await this.#replaceColumn(open, table, column.key, (now) => {
        if (now.becomes)
          throw new Problem('conflict', `The column "${column.name}" is being converted already.`);
        if (now.type !== column.type || now.data !== column.data) {
          throw new Problem('conflict', `The column "${column.name}" was changed meanwhile.`);
        }
        return { ...now, becomes: { ...to, cellKey: newCellKey(now) } };
      });
      return { column: await this.#convert(open, marked ?? table, column.key), preview };
    });
  }

  /** Deletes a column; its cells are no longer shown, and no rows change. */
  deleteColumn(address: TableAddress, keyOrName: string): Promise<void> {
    return this.#changeStructure(address, async (open) => {
      const table = open.table(address.table);
      const column = requireColumn(table, keyOrName);
      const columns = table.columns.filter(({ key }) => key !== column.key);
      if (columns.length === 0)
        throw new Problem('conflict', 'A table keeps at least one column; delete the table.');
      const saved = await this.#save(open, { ...table, columns });
      this.#tell({ kind: 'columnDeleted', table: saved, column });
    });
  }

  #changeStructure<Result>(
    { workspaceNumber, base }: { readonly workspaceNumber: number; readonly base: string },
    change: (open: OpenBase) => Promise<Result>,
  ): Promise<Result> {
    return this.#structures.use(workspaceNumber, base, (open) => open.changingStructure(() => change(open)));
  }

  /** Goes through the rows of a table whose column is marked as becoming something else. */
  async #convert(open: OpenBase, table: Table, key: ColumnKey): Promise<Column> {
    const replace: ReplaceColumn = (of, change) => this.#replaceColumn(open, table, of, change);
    try {
      return await this.#conversions.run(open, table, requireColumn(table, key), replace);
    } catch (error) {
      // The cells are all there as they were; should this fail too, it goes on when the base is next opened.
      await replace(key, ({ becomes: _, ...column }) => column).catch(() => undefined);
      throw error;
    }
  }

  #replaceColumn(
    open: OpenBase,
    { id }: Table,
    key: ColumnKey,
    change: (column: Column) => Column,
  ): Promise<Table | null> {
    return open.changingStructure(async () => {
      const table = open.tables.get(id);
      if (!table?.columns.some((column) => column.key === key)) return null;
      const columns = table.columns.map((column) => (column.key === key ? change(column) : column));
      return this.#save(open, { ...table, columns });
    });
  }

  /** What the end of the process interrupted. */
  #resumeConversions({ workspaceNumber, baseId, id, columns }: Table): void {
    for (const { key, becomes } of columns) {
      if (!becomes) continue;
      const resumed = this.#structures.use(workspaceNumber, baseId, (open) =>
        this.#convert(open, open.table(id), key),
      );
      // Nobody waits for it. What fails is as it was before.
      resumed.catch(() => undefined);
    }
  }

  async #save(open: OpenBase, table: Table): Promise<Table> {
    const saved = await this.#bases.saveTable(table);
    // Only now: an event must not name a structure that a crash would undo.
    open.tables.set(saved.id, saved);
    this.#followIndexes(saved);
    this.#tell({ kind: 'tableChanged', table: saved });
    return saved;
  }

  /** Indexes are made in the background. One that fails is missed by nobody, and tried again when next opened. */
  #followIndexes(table: Table): void {
    this.#rowStore.followColumns(table).catch(() => undefined);
  }

  /**
   * Cells of a deleted column stay in the store, unread. A column under its key would bring them back, so
   * the rows are looked through when a caller chooses the key of a new column.
   */
  async #refuseUsedKey(table: Table, key: ColumnKey): Promise<void> {
    for (let cursor: string | null = null; ; ) {
      const page: Page<Row> = await this.#rowStore.list(table, { limit: limits.rowsPerPage, cursor });
      if (page.items.some((row) => Object.hasOwn(row.cells, key))) {
        const detail = `the key "${key}" belonged to a deleted column of this table; choose another`;
        throw new Problem('conflict', `/key: ${detail}`, [{ pointer: '/key', detail }]);
      }
      if (page.nextCursor === null) return;
      cursor = page.nextCursor;
    }
  }

  #tell(change: StructureChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function requireName(name: string): void {
  const fault = nameFault(name);
  if (fault !== null) throw invalidField('/name', fault);
}

/** Tables are addressed by id or name, so no name may stand for two of them. */
function requireTableName(open: OpenBase, name: string, self: Table | null): void {
  requireName(name);
  const other = open.findTable(name);
  if (!other || other.id === self?.id) return;
  const taken = other.name === name ? 'has a table of that name already' : 'has a table with that id';
  throw new Problem('conflict', `/name: the base ${taken}`, [
    { pointer: '/name', detail: `the base ${taken}` },
  ]);
}

function requireColumn(table: Table, keyOrName: string): Column {
  const column = findColumn(table, keyOrName);
  if (column) return column;
  const names = listed(table.columns.map(({ name }) => name));
  throw new Problem('not-found', `The table "${table.name}" has no column "${keyOrName}"; it has ${names}.`);
}

function newIdIn(open: OpenBase): TableId {
  let id: TableId;
  do id = newTableId();
  while (open.findTable(id));
  return id;
}
