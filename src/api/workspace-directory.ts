import type { Clock } from '../model/clock.ts';
import type { Workspace } from '../model/workspace.ts';
import type { WorkspaceStore } from '../store/port.ts';

declare module 'fastify' {
  interface FastifyInstance {
    directory: WorkspaceDirectory;
  }
}

/** Name of the workspace in which an operator acts without saying where; the first start creates it. */
export const defaultWorkspaceName = 'default';

/** How long a workspace that another process has renamed or deleted may still be known as it was. */
const keptMs = 10_000;

/** Workspaces by number, id and name, in memory. A miss asks the store. */
export class WorkspaceDirectory {
  readonly #store: Pick<WorkspaceStore, 'list'>;
  readonly #clock: Clock;
  #byNumber = new Map<number, Workspace>();
  #byIdOrName = new Map<string, Workspace>();
  #untilMs = 0;

  constructor(store: Pick<WorkspaceStore, 'list'>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The workspace if it is known already; answers at once. */
  known(numberOrIdOrName: number | string): Workspace | null {
    if (this.#untilMs <= this.#clock.monotonicMs()) return null;
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
    const all = await this.#store.list();
    this.#byNumber = new Map(all.map((workspace) => [workspace.number, workspace]));
    this.#byIdOrName = new Map([
      ...all.map((workspace) => [workspace.name, workspace] as const),
      ...all.map((workspace) => [workspace.id, workspace] as const),
    ]);
    this.#untilMs = this.#clock.monotonicMs() + keptMs;
    return this.known(numberOrIdOrName);
  }

  /** To be called when a workspace changes or is deleted: that counts at once. */
  forget(): void {
    this.#untilMs = 0;
  }
}
