import type { Workspace } from '../model/workspace.ts';
import type { WorkspaceStore } from '../store/port.ts';

declare module 'fastify' {
  interface FastifyInstance {
    directory: WorkspaceDirectory;
  }
}

/** Name of the workspace in which an operator acts without saying where; the first start creates it. */
export const defaultWorkspaceName = 'default';

/**
 * Workspaces by number, id and name, in memory. Workspaces are never renamed or removed, so what is known
 * stays true; a miss asks the store, because another process may have created the workspace.
 */
export class WorkspaceDirectory {
  readonly #store: Pick<WorkspaceStore, 'list'>;
  readonly #byNumber = new Map<number, Workspace>();
  readonly #byIdOrName = new Map<string, Workspace>();

  constructor(store: Pick<WorkspaceStore, 'list'>) {
    this.#store = store;
  }

  /** The workspace if it is known already; answers at once. */
  known(numberOrIdOrName: number | string): Workspace | null {
    const found =
      typeof numberOrIdOrName === 'number'
        ? this.#byNumber.get(numberOrIdOrName)
        : this.#byIdOrName.get(numberOrIdOrName);
    return found ?? null;
  }

  /** The workspace, asking the store if it is not known yet. */
  async find(numberOrIdOrName: number | string): Promise<Workspace | null> {
    const known = this.known(numberOrIdOrName);
    if (known) return known;
    for (const workspace of await this.#store.list()) this.#add(workspace);
    return this.known(numberOrIdOrName);
  }

  #add(workspace: Workspace): void {
    this.#byNumber.set(workspace.number, workspace);
    this.#byIdOrName.set(workspace.name, workspace);
    this.#byIdOrName.set(workspace.id, workspace);
  }
}
