import type { Selectable, Transaction } from 'kysely';
import type { AuditNote } from '../../model/audit.ts';
import type { Clock } from '../../model/clock.ts';
import { type BaseId, newBaseId, type TableId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { Base, Column, Table } from '../../model/table.ts';
import { type BaseStore, StructureChanged } from '../port.ts';
import type { Schema } from '../schema.ts';
import { changesBetween, type Facts } from './audit-facts.ts';
import type { Note } from './audit-log.ts';
import type { Database } from './database.ts';

/** Removes a table's rows inside the engine's own hot table; runs after the table itself is gone. */
export type DeleteRows = (table: Pick<Table, 'number' | 'workspaceNumber'>) => Promise<void>;

export class Bases implements BaseStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #deleteRows: DeleteRows;
  readonly #note: Note;

  constructor(database: Database, clock: Clock, deleteRows: DeleteRows, note: Note) {
    this.#database = database;
    this.#clock = clock;
    this.#deleteRows = deleteRows;
    this.#note = note;
  }

  async createBase(workspaceNumber: number, name: string): Promise<Base> {
    const created = {
      id: newBaseId(),
      workspace_number: workspaceNumber,
      name,
      created_at: this.#clock.nowMs(),
    };
    const base = toBase(created);
    await this.#database.transaction(async (transaction) => {
      await transaction.insertInto('bases').values(created).execute();
      await this.#noteBase(transaction, 'base.created', base, changesBetween(null, { shown: { name } }));
    });
    return base;
  }

  async listBases(workspaceNumber: number): Promise<readonly Base[]> {
    const found = await this.#database.reader
      .selectFrom('bases')
      .selectAll()
      .where('workspace_number', '=', workspaceNumber)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return found.map(toBase);
  }

  async findBase(workspaceNumber: number, id: BaseId): Promise<Base | null> {
    const found = await this.#database.reader
      .selectFrom('bases')
      .selectAll()
      .where('id', '=', id)
      .where('workspace_number', '=', workspaceNumber)
      .executeTakeFirst();
    return found ? toBase(found) : null;
  }

  async renameBase(id: BaseId, name: string): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      const before = await transaction
        .selectFrom('bases')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      if (!before) return;
      await transaction.updateTable('bases').set({ name }).where('id', '=', id).execute();
      const changes = changesBetween({ shown: { name: before.name } }, { shown: { name } });
      await this.#noteBase(transaction, 'base.renamed', toBase({ ...before, name }), changes);
    });
  }

  async deleteBase(id: BaseId): Promise<void> {
    const tables = await this.#database.transaction(async (transaction) => {
      const deleted = await transaction
        .deleteFrom('base_tables')
        .where('base_id', '=', id)
        .returning(['number', 'workspace_number'])
        .execute();
      const [base] = await transaction.deleteFrom('bases').where('id', '=', id).returningAll().execute();
      if (base) {
        const changes = changesBetween({ shown: { name: base.name, tables: deleted.length } }, null);
        await this.#noteBase(transaction, 'base.deleted', toBase(base), changes);
      }
      return deleted;
    });
    for (const { number, workspace_number } of tables) {
      await this.#deleteRows({ number, workspaceNumber: workspace_number });
    }
  }

  async createTable(base: Base, id: TableId, name: string, columns: readonly Column[]): Promise<Table> {
    return this.#database.transaction(async (transaction) => {
      const found = await transaction
        .selectFrom('bases')
        .select('id')
        .where('id', '=', base.id)
        .executeTakeFirst();
      if (!found) throw new Problem('not-found', `The base "${base.name}" was deleted meanwhile.`);
      const taken = await transaction
        .selectFrom('base_tables')
        .select('id')
        .where('base_id', '=', base.id)
        .where('name', '=', name)
        .executeTakeFirst();
      if (taken) throw new Problem('conflict', `The base has a table named "${name}" already.`);
      const created = await transaction
        .insertInto('base_tables')
        .values({
          id,
          base_id: base.id,
          workspace_number: base.workspaceNumber,
          name,
          version: 1,
          columns_json: JSON.stringify(columns),
          next_row_number: 1,
          created_at: this.#clock.nowMs(),
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      const table = toTable(created);
      await keepVersion(transaction, table, this.#clock.nowMs());
      await this.#noteTable(transaction, 'table.created', table, changesBetween(null, factsOf(table)));
      return table;
    });
  }

  async listTables(baseId: BaseId): Promise<readonly Table[]> {
    const found = await this.#database.reader
      .selectFrom('base_tables')
      .selectAll()
      .where('base_id', '=', baseId)
      .orderBy('number')
      .execute();
    return found.map(toTable);
  }

  async saveTable(table: Table): Promise<Table> {
    return this.#database.transaction(async (transaction) => {
      const taken = await transaction
        .selectFrom('base_tables')
        .select('number')
        .where('base_id', '=', table.baseId)
        .where('name', '=', table.name)
        .where('number', '<>', table.number)
        .executeTakeFirst();
      if (taken) throw new Problem('conflict', `The base has a table named "${table.name}" already.`);
      const before = await transaction
        .selectFrom('base_tables')
        .selectAll()
        .where('number', '=', table.number)
        .executeTakeFirst();
      const saved = await transaction
        .updateTable('base_tables')
        .set((expression) => ({
          name: table.name,
          version: expression('version', '+', 1),
          columns_json: JSON.stringify(table.columns),
        }))
        .where('number', '=', table.number)
        .where('version', '=', table.version)
        .returningAll()
        .executeTakeFirst();
      if (!saved && before) throw new StructureChanged(table);
      if (!saved) throw new Problem('not-found', `The table "${table.name}" was deleted meanwhile.`);
      const after = toTable(saved);
      await keepVersion(transaction, after, this.#clock.nowMs());
      const changes = changesBetween(before ? factsOf(toTable(before)) : null, factsOf(after));
      await this.#noteTable(transaction, 'table.changed', after, changes);
      return after;
    });
  }

  async deleteTable(table: Table): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      await transaction.deleteFrom('base_tables').where('number', '=', table.number).execute();
      await this.#noteTable(transaction, 'table.deleted', table, changesBetween(factsOf(table), null));
    });
    await this.#deleteRows(table);
  }

  #noteBase(
    transaction: Transaction<Schema>,
    action: AuditNote['action'],
    { workspaceNumber, id, name }: Base,
    changes: AuditNote['changes'],
  ): Promise<void> {
    return this.#note(transaction, { action, workspaceNumber, target: { kind: 'base', id, name }, changes });
  }

  #noteTable(
    transaction: Transaction<Schema>,
    action: AuditNote['action'],
    { workspaceNumber, baseId, id, name }: Table,
    changes: AuditNote['changes'],
  ): Promise<void> {
    const target = { kind: 'table', id: `${baseId}/${id}`, name };
    return this.#note(transaction, { action, workspaceNumber, target, changes });
  }
}

/** Each column on its own, so that a change of one does not tell all of them again. */
function factsOf({ name, columns }: Table): Facts {
  const shown: Record<string, unknown> = { name };
  for (const column of columns) {
    shown[`columns.${column.key}`] = { name: column.name, type: column.type, data: column.data };
  }
  return { shown };
}

async function keepVersion(transaction: Transaction<Schema>, table: Table, nowMs: number): Promise<void> {
  await transaction
    .insertInto('table_versions')
    .values({
      table_number: table.number,
      version: table.version,
      id: table.id,
      base_id: table.baseId,
      workspace_number: table.workspaceNumber,
      name: table.name,
      columns_json: JSON.stringify(table.columns),
      created_at: nowMs,
    })
    .execute();
}

function toBase(found: Schema['bases']): Base {
  return {
    id: found.id as BaseId,
    workspaceNumber: found.workspace_number,
    name: found.name,
    createdAtMs: found.created_at,
  };
}

function toTable(found: Selectable<Schema['base_tables']>): Table {
  return {
    id: found.id as TableId,
    number: found.number,
    version: found.version,
    baseId: found.base_id as BaseId,
    workspaceNumber: found.workspace_number,
    name: found.name,
    columns: JSON.parse(found.columns_json) as Column[],
    createdAtMs: found.created_at,
  };
}
