import { type ImportId, newImportId } from '../../model/ids.ts';
import { invalidField, Problem } from '../../model/problem.ts';
import type { Table } from '../../model/table.ts';
import { ImportRun } from './import-run.ts';
import { importLimits } from './limits.ts';

interface Entry {
  readonly workspaceNumber: number;
  readonly table: Table;
  readonly run: ImportRun;
}

/** The imports that run, and the last ones that ran, in the memory of this process. */
export class ImportLog {
  /** In the order in which they started. */
  readonly #entries = new Map<string, Entry>();

  /** Notes a new import; `id` is the caller's choice, or null. */
  start(table: Table, id: string | null, bytesTotal: number | null, nowMs: number): ImportRun {
    const { workspaceNumber } = table;
    if (id !== null && !(/^[A-Za-z0-9_-]+$/.test(id) && id.length <= importLimits.idCharacters)) {
      throw invalidField('importId', `must be 1 to ${importLimits.idCharacters} letters, digits, - or _`);
    }
    const key = entryKey(workspaceNumber, id ?? newImportId());
    if (this.#entries.has(key))
      throw new Problem('conflict', `There is an import with the id "${id}" already.`);
    const running = [...this.#entries.values()].filter(
      (entry) => entry.workspaceNumber === workspaceNumber && entry.run.isRunning,
    );
    if (running.length >= importLimits.runningPerWorkspace) {
      throw new Problem(
        'too-many-requests',
        `At most ${importLimits.runningPerWorkspace} imports run at the same time in a workspace; wait for one to end.`,
      );
    }
    this.#forgetOldest();
    const run = new ImportRun(key.slice(key.indexOf('/') + 1) as ImportId, table.id, bytesTotal, nowMs);
    this.#entries.set(key, { workspaceNumber, table, run });
    return run;
  }

  /** An import into the table, or null. */
  find(table: Table, id: string): ImportRun | null {
    const entry = this.#entries.get(entryKey(table.workspaceNumber, id));
    return entry?.table.number === table.number ? entry.run : null;
  }

  /** Imports into the table, the last one first. */
  list(table: Table): readonly ImportRun[] {
    const entries = [...this.#entries.values()].filter((entry) => entry.table.number === table.number);
    return entries.map(({ run }) => run).reverse();
  }

  running(): readonly ImportRun[] {
    return [...this.#entries.values()].map(({ run }) => run).filter((run) => run.isRunning);
  }

  #forgetOldest(): void {
    let surplus = this.#entries.size + 1 - importLimits.rememberedImports;
    for (const [key, { run }] of this.#entries) {
      if (surplus <= 0) return;
      if (run.isRunning) continue;
      this.#entries.delete(key);
      surplus -= 1;
    }
  }
}

function entryKey(workspaceNumber: number, id: string): string {
  return `${workspaceNumber}/${id}`;
}
