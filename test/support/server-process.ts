import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from './api-client.ts';
import type { Scope } from './scope.ts';

const mainFile = join(import.meta.dirname, '../../src/main.ts');
export const operatorToken = 'operator-token-of-the-system-tests';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

type Settings = Readonly<Record<string, string>>;

/** What the system lets the process have. */
interface ProcessLimits {
  readonly openFiles?: number | null;
}

/** `rowhook serve` in a process and a data directory of its own. It may be ended and launched again. */
export class ServerProcess {
  readonly dataDirectory = mkdtempSync(join(tmpdir(), 'rowhook-system-'));
  readonly #settings: Settings;
  /** What is started from now on; null: the program as it is. */
  program: string | null = null;
  #child: ChildProcess | null = null;
  #ended: Promise<Exit> = Promise.resolve({ code: 0, signal: null });
  #url: string | null = null;
  #stdout = '';
  #stderr = '';

  readonly #openFiles: number | null;

  private constructor(settings: Settings, openFiles: number | null) {
    this.#settings = settings;
    this.#openFiles = openFiles;
  }

  /**
   * A server that takes requests, and may reach consumers on this machine. `openFiles`: how many it may have open
   * at once.
   */
  static async start(
    scope: Scope,
    settings: Settings = {},
    limits: ProcessLimits = {},
  ): Promise<ServerProcess> {
    const server = ServerProcess.prepare(scope, settings, limits);
    await server.start();
    return server;
  }

  /** A server that is not started yet. */
  static prepare(
    scope: Scope,
    settings: Settings = {},
    { openFiles = null }: ProcessLimits = {},
  ): ServerProcess {
    const server = new ServerProcess({ ROWHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', ...settings }, openFiles);
    scope.after(() => server.#remove());
    return server;
  }

  /** Where the API is; another place after each start. */
  get url(): string {
    if (this.#url === null) throw new Error('The server has not been ready since it was last launched.');
    return this.#url;
  }

  get api(): ApiClient {
    return new ApiClient(this.url, operatorToken);
  }

  get processId(): number {
    return this.#running().pid ?? 0;
  }

  /** What the process has printed since it was last launched. */
  get printed(): { readonly stdout: string; readonly stderr: string } {
    return { stdout: this.#stdout, stderr: this.#stderr };
  }

  /** What a process of the command line needs to talk to this server, or to be one on the same data. */
  get environment(): Settings {
    return {
      PATH: process.env.PATH ?? '',
      ROWHOOK_DATA_DIR: this.dataDirectory,
      ROWHOOK_PORT: '0',
      ROWHOOK_LOG_LEVEL: 'warn',
      ROWHOOK_OPERATOR_TOKEN: operatorToken,
      ...this.#settings,
    };
  }

  async start(): Promise<void> {
    this.launch();
    await this.ready();
  }

  /** Starts the process; whether it comes up is not waited for. */
  launch(): void {
    const command = [process.execPath, this.program ?? mainFile, 'serve'] as const;
    const [program, ...args] =
      this.#openFiles === null
        ? command
        : (['sh', '-c', `ulimit -n ${this.#openFiles} && exec "$@"`, 'sh', ...command] as const);
    const child = spawn(program, args, {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#url = null;
    this.#stdout = '';
    this.#stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /** Resolves once the server says where it is and answers that it is ready. */
  async ready(): Promise<void> {
    const child = this.#running();
    let ended = false;
    void this.#ended.then(() => {
      ended = true;
    });
    for (;;) {
      const address = /Rowhook is up: +http:\/\/[^:]+:(\d+)/.exec(this.#stdout);
      if (address) {
        this.#url = `http://127.0.0.1:${address[1]}`;
        break;
      }
      if (ended) throw new Error(`The server did not come up:\n${this.#stdout}${this.#stderr}`);
      await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), this.#ended]);
    }
    for (;;) {
      const answer = await fetch(`${this.#url}/readyz`);
      const text = await answer.text();
      if (answer.status === 200) return;
      // One among others has to find its place first.
      if (!this.environment.ROWHOOK_DATABASE_URL)
        throw new Error(`/readyz answered ${answer.status}: ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** kill -9; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended;
    this.#child = null;
  }

  /** Resolves when the process has ended by itself. */
  async ended(): Promise<Exit> {
    const exit = await this.#ended;
    this.#child = null;
    return exit;
  }

  /** Sends a signal and resolves when the process has ended by itself. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.#running().kill(signal);
    const exit = await this.#ended;
    this.#child = null;
    return exit;
  }

  #running(): ChildProcess {
    if (!this.#child) throw new Error('The server does not run.');
    return this.#child;
  }

  async #remove(): Promise<void> {
    await this.kill();
    rmSync(this.dataDirectory, { recursive: true, force: true });
  }
}
