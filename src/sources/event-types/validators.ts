import type { EventTypeStore } from '../../store/port.ts';
import { eventTypeLimits } from './limits.ts';
import { compileSchema, type DataCheck } from './schema.ts';

/** Schemas compiled when they are first needed; those used last are kept. */
export class Validators {
  readonly #store: Pick<EventTypeStore, 'find'>;
  readonly #checks = new Map<string, DataCheck | null>();

  constructor(store: Pick<EventTypeStore, 'find'>) {
    this.#store = store;
  }

  /** The check of a type as it is in a version; null when it has none. */
  async find(workspaceNumber: number, name: string, version: number): Promise<DataCheck | null> {
    // Of a type that was deleted and made again, versions begin anew; whoever deletes forgets.
    const key = `${workspaceNumber} ${name} ${version}`;
    const known = this.#checks.get(key);
    if (known !== undefined) {
      this.#checks.delete(key);
      this.#checks.set(key, known);
      return known;
    }
    const eventType = await this.#store.find(workspaceNumber, name);
    if (eventType?.schema == null) return null;
    const compiled = compileSchema(eventType.schema);
    const check = compiled.ok ? compiled.check : null;
    // It may have changed since the version was read; then what was found is not what was asked for.
    if (eventType.version === version) this.#keep(key, check);
    return check;
  }

  /** Forgets the checks of a workspace. */
  forget(workspaceNumber: number): void {
    for (const key of this.#checks.keys()) {
      if (key.startsWith(`${workspaceNumber} `)) this.#checks.delete(key);
    }
  }

  #keep(key: string, check: DataCheck | null): void {
    const oldest = this.#checks.keys().next();
    if (this.#checks.size >= eventTypeLimits.validatorsKept && !oldest.done)
      this.#checks.delete(oldest.value);
    this.#checks.set(key, check);
  }
}
