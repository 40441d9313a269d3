import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What a benchmark starts is stopped again here, in reverse order, however the benchmark ends. */
export class Stage {
  /** Databases lie here: on the disk of the repository, since a temporary directory may be memory. */
  readonly directory: string;
  /** Flags of Node for every server, `--cpu-prof` for example. */
  readonly nodeFlags: readonly string[];
  readonly #stops: Array<() => unknown> = [];

  constructor(parentDirectory: string, nodeFlags: readonly string[] = []) {
    this.nodeFlags = nodeFlags;
    this.directory = mkdtempSync(join(parentDirectory, 'bench-'));
    this.after(() => rmSync(this.directory, { recursive: true, force: true }));
  }

  after(stop: () => unknown): void {
    this.#stops.push(stop);
  }

  async clear(): Promise<void> {
    for (const stop of this.#stops.reverse()) await stop();
    this.#stops.length = 0;
  }
}
