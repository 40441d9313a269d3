import type { BaseId, TableId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { Base, Table } from '../../model/table.ts';
import { type BaseStore, StructureChanged } from '../../store/port.ts';

/** Bases whose tables are kept in memory; those in use are kept beyond that number. */
const keptBases = 1_000;
/** Times that work is begun which finds another structure than it was begun with. */
const mostTries = 4;

/** A base with its tables as they are now. There is at most one for each base, so all who use it agree. */
export class OpenBase {
  base: Base;
  readonly tables = new Map<TableId, Table>();
  /** Being deleted, or gone. */
  deleted = false;
  #structureChanges: Promise<unknown> = Promise.resolve();

  constructor(base: Base, tables: readonly Table[]) {
    this.base = base;
    for (const table of tables) this.tables.set(table.id, table);
  }

  /** The table with that id or, failing that, that name. */
  findTable(idOrName: string): Table | undefined {
    const byId = this.tables.get(idOrName as TableId);
    return byId ?? [...this.tables.values()].find((table) => table.name === idOrName);
  }

  /** The table with that id or, failing that, that name; a Problem when there is none. */
  table(idOrName: string): Table {
    const table = this.deleted ? undefined : this.findTable(idOrName);
    if (table) return table;
    throw new Problem(
      'not-found',
      `The base "${this.base.name}" has no table with the id or name "${idOrName}".`,
    );
  }

  /** Changes of structure happen one after another; each sees what the one before made. */
  changingStructure<Result>(change: () => Promise<Result>): Promise<Result> {
    const changed = this.#structureChanges.then(() => {
      if (this.deleted) throw noSuchBase(this.base.id);
      return change();
    });
    this.#structureChanges = changed.catch(() => undefined);
    return changed;
  }
}

interface Entry {
  readonly opened: Promise<OpenBase>;
  users: number;
}

/** The structure of the bases used last, so that a row change need not read it from the store. */
export class StructureCache {
  readonly #store: BaseStore;
  readonly #onOpened: (table: Table) => void;
  /** In order of use, the last one last. */
  readonly #entries = new Map<string, Entry>();

  /** `onOpened` is told of each table that is read from the store. */
  constructor(store: BaseStore, onOpened: (table: Table) => void) {
    this.#store = store;
    this.#onOpened = onOpened;
  }

  /**
   * Lets `work` use a base of the workspace; a Problem when there is none with that id. `work` is done again, with the
   * structure as it is then, when the store finds that another process has changed it.
   */
  async use<Result>(
    workspaceNumber: number,
    id: string,
    work: (open: OpenBase) => Promise<Result>,
  ): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#tryWith(workspaceNumber, id, work);
      } catch (error) {
        if (!(error instanceof StructureChanged)) throw error;
        this.#entries.delete(entryKey(workspaceNumber, id));
        if (tries === mostTries) {
          throw new Problem('conflict', 'The structure of the base is changing all the time. Try again.');
        }
      }
    }
  }

  async #tryWith<Result>(
    workspaceNumber: number,
    id: string,
    work: (open: OpenBase) => Promise<Result>,
  ): Promise<Result> {
    const key = entryKey(workspaceNumber, id);
    const entry = this.#entries.get(key) ?? { opened: this.#open(workspaceNumber, id as BaseId), users: 0 };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.users += 1;
    try {
      const open = await entry.opened.catch((error: unknown) => {
        this.#drop(key, entry);
        throw error;
      });
      if (open.deleted) throw noSuchBase(id);
      return await work(open);
    } finally {
      entry.users -= 1;
      this.#evict();
    }
  }

  /** Reads the base from the store again when it is next used. */
  forget(base: Base): void {
    this.#entries.delete(entryKey(base.workspaceNumber, base.id));
  }

  /** Reads these bases again when they are next used: another process has changed them. */
  forgetMany(ids: readonly string[]): void {
    for (const key of this.#entries.keys()) {
      if (ids.some((id) => key.endsWith(`/${id}`))) this.#entries.delete(key);
    }
  }

  async #open(workspaceNumber: number, id: BaseId): Promise<OpenBase> {
    const base = await this.#store.findBase(workspaceNumber, id);
    if (!base) throw noSuchBase(id);
    const tables = await this.#store.listTables(id);
    for (const table of tables) this.#onOpened(table);
    return new OpenBase(base, tables);
  }

  #drop(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  #evict(): void {
    let surplus = this.#entries.size - keptBases;
    if (surplus <= 0) return;
    for (const [key, entry] of this.#entries) {
      if (entry.users > 0) continue;
      this.#entries.delete(key);
      surplus -= 1;
      if (surplus <= 0) return;
    }
  }
}

/** With the workspace, so that a stranger's question for a base cannot answer its owner's. */
function entryKey(workspaceNumber: number, id: string): string {
  return `${workspaceNumber}/${id}`;
}

function noSuchBase(id: string): Problem {
  return new Problem('not-found', `There is no base with the id "${id}".`);
}
