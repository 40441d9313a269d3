import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessFigures, processFigures } from './process-figures.ts';
import type { Stage } from './stage.ts';

const ownMainFile = join(import.meta.dirname, '../../src/main.ts');

export interface ServerOptions {
  /** The program; by default this checkout's. */
  readonly mainFile?: string;
  /** Environment variables on top of those that every server of a benchmark has. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** `rowhook serve` in a process and a data directory of its own. */
export class Server {
  readonly directory: string;
  readonly token = randomBytes(24).toString('hex');
  readonly #options: ServerOptions;
  readonly #nodeFlags: readonly string[];
  #child: ChildProcess;
  #url = '';
  #startSeconds = Number.NaN;

  private constructor(stage: Stage, options: ServerOptions) {
    this.directory = mkdtempSync(join(stage.directory, 'server-'));
    this.#options = options;
    this.#nodeFlags = stage.nodeFlags;
    this.#child = this.#launch();
    stage.after(() => this.stop());
  }

  static async start(stage: Stage, options: ServerOptions = {}): Promise<Server> {
    const server = new Server(stage, options);
    await server.#ready();
    return server;
  }

  get url(): string {
    return this.#url;
  }

  /** From the launch of the process to the moment it can be called, the last time it was started. */
  get startSeconds(): number {
    return this.#startSeconds;
  }

  get figures(): ProcessFigures {
    return processFigures(this.#child.pid ?? 0);
  }

  get headers(): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
  }

  /** One call of the API; throws when it does not succeed. */
  async call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(this.#url + path, {
      method,
      headers: body === undefined ? { authorization: `Bearer ${this.token}` } : this.headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as Answer;
  }

  /** A webhook that sends to `url`: independent, 64 requests at once, signed, unless `settings` say otherwise. */
  async createWebhook(url: string, settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const webhook = await this.call<{ id: string }>('POST', '/v1/webhooks', {
      name: 'benchmark',
      url,
      order: 'independent',
      concurrency: webhookConcurrency,
      ...settings,
    });
    return webhook.id;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const tooLong = setTimeout(() => child.kill('SIGKILL'), longestStopMs);
    await ended;
    clearTimeout(tooLong);
  }

  /** Starts again on the same data. */
  async restart(): Promise<void> {
    await this.stop();
    this.#child = this.#launch();
    await this.#ready();
  }

  #launch(): ChildProcess {
    const { mainFile = ownMainFile, settings = {} } = this.#options;
    return spawn(process.execPath, [...this.#nodeFlags, mainFile, 'serve'], {
      env: {
        PATH: process.env.PATH ?? '',
        ROWHOOK_PORT: '0',
        ROWHOOK_DATA_DIR: this.directory,
        ROWHOOK_OPERATOR_TOKEN: this.token,
        ROWHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
        ROWHOOK_LOG_LEVEL: 'warn',
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  /** Resolves once the server has said where it is. */
  #ready(): Promise<void> {
    const child = this.#child;
    const launchedAt = performance.now();
    let printed = '';
    return new Promise((resolve, reject) => {
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        const port = /Rowhook is up: +http:\/\/[^:]+:(\d+)/.exec(printed)?.[1];
        if (port === undefined) return;
        this.#url = `http://127.0.0.1:${port}`;
        this.#startSeconds = (performance.now() - launchedAt) / 1_000;
        resolve();
      });
      child.once('exit', () => reject(new Error(`The server did not come up:\n${printed}`)));
    });
  }
}

/** Requests that a webhook of a benchmark may have under way. */
export const webhookConcurrency = 64;

const longestStopMs = 15_000;
