import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../main.ts', import.meta.url));

/** How often a list is asked for until it shows what is waited for. */
const maxRuns = 50;

export interface Outcome {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

interface RunOptions {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The command `rowhook`, run as a shell runs it, and a server that it starts, in a directory of their own. */
export class RowhookUnderTest {
  readonly directory: string;
  readonly consumer: ConsumerUnderTest;
  #server: ChildProcess | null = null;
  #address = '';

  private constructor(directory: string, consumer: ConsumerUnderTest) {
    this.directory = directory;
    this.consumer = consumer;
  }

  static async start(): Promise<RowhookUnderTest> {
    const directory = await mkdtemp(join(tmpdir(), 'rowhook-cli-'));
    const rowhook = new RowhookUnderTest(directory, await ConsumerUnderTest.start());
    await rowhook.#serve();
    return rowhook;
  }

  /** Where the server is. */
  get address(): string {
    return this.#address;
  }

  run(args: readonly string[], { input = '', environment = {} }: RunOptions = {}): Promise<Outcome> {
    const child = this.#spawn(args, { ROWHOOK_SERVER: this.#address, ...environment });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => errors.push(chunk));
    child.stdin?.end(input);
    return new Promise((resolve) => {
      child.once('close', (exitCode) =>
        resolve({
          exitCode,
          output: Buffer.concat(output).toString(),
          errors: Buffer.concat(errors).toString(),
        }),
      );
    });
  }

  /** Starts a command that goes on until it is stopped. */
  begin(args: readonly string[]): RunningCommand {
    return new RunningCommand(this.#spawn(args, { ROWHOOK_SERVER: this.#address }));
  }

  /** Runs a command that must work; answers with what it prints. */
  async succeed(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { exitCode, output, errors } = await this.run(args, options);
    assert.equal(exitCode, 0, `rowhook ${args.join(' ')}\n${errors}`);
    return output;
  }

  async json<Answer>(args: readonly string[], options: RunOptions = {}): Promise<Answer> {
    return JSON.parse(await this.succeed([...args, '--json'], options)) as Answer;
  }

  /** Runs a command that must not work. */
  async fail(args: readonly string[], exitCode: number, errors: RegExp): Promise<void> {
    const outcome = await this.run(args);
    assert.match(outcome.errors, errors);
    assert.equal(outcome.exitCode, exitCode);
    assert.equal(outcome.output, '');
  }

  /** Runs a list again until it shows what is waited for. */
  async listed<Item>(args: readonly string[], isThere: (items: readonly Item[]) => boolean): Promise<Item[]> {
    for (let run = 0; run < maxRuns; run++) {
      const { data } = await this.json<{ data: Item[] }>(args);
      if (isThere(data)) return data;
    }
    throw new Error(`It never came: rowhook ${args.join(' ')}`);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server && server.exitCode === null) {
      const gone = new Promise((resolve) => server.once('close', resolve));
      server.kill('SIGTERM');
      await gone;
    }
    await this.consumer.stop();
    await rm(this.directory, { recursive: true });
  }

  #serve(): Promise<void> {
    const { authority } = this.consumer;
    const args = ['serve', '--port', '0', '--data-dir', './data', '--allowed-hosts', authority];
    const server = this.#spawn(args, {});
    this.#server = server;
    return new Promise((resolve, reject) => {
      let said = '';
      const listen = (chunk: Buffer): void => {
        said += chunk.toString();
        const url = /Rowhook is up: +(\S+)/.exec(said)?.[1];
        if (url === undefined) return;
        this.#address = url;
        resolve();
      };
      server.stdout?.on('data', listen);
      server.stderr?.on('data', listen);
      server.once('exit', () => reject(new Error(`The server did not start: ${said}`)));
    });
  }

  #spawn(args: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
    const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('ROWHOOK_'));
    return spawn(process.execPath, [main, ...args], {
      cwd: this.directory,
      env: {
        ...Object.fromEntries(clean),
        NODE_COMPILE_CACHE: join(this.directory, 'compiled'),
        ...environment,
      },
    });
  }
}

/** A command that goes on, and what it has printed. */
export class RunningCommand {
  readonly #child: ChildProcess;
  #said = '';
  #heard: () => void = () => undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    const hear = (chunk: Buffer): void => {
      this.#said += chunk.toString();
      this.#heard();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('close', () => this.#heard());
  }

  /** Resolves with the match once it was printed, on either output. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#said);
      if (found) return found;
      if (this.#child.exitCode !== null) throw new Error(`It ended, and said only: ${this.#said}`);
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGTERM');
    await gone;
  }
}

/** A consumer on loopback that keeps what it receives and answers with a status of its choice. */
class ConsumerUnderTest {
  readonly received: { headers: IncomingHttpHeaders; body: string }[] = [];
  status = 200;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ConsumerUnderTest> {
    const server = createServer();
    const consumer = new ConsumerUnderTest(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        consumer.received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
        // A careless terminal would clear itself.
        response.writeHead(consumer.status).end('seen\u001b[2J');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return consumer;
  }

  get authority(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.authority}/hook`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
