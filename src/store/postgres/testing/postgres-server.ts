import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chownSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { findPostgres, type PostgresBinaries } from './postgres-binaries.ts';

/** Settings of postgresql.conf, such as `{ fsync: 'on' }`. */
export type PostgresSettings = Readonly<Record<string, string>>;

/** How a server is stopped: `fast` ends sessions in order, `immediate` is a crash, `kill` is kill -9. */
export type StopMode = 'fast' | 'immediate' | 'kill';

/** Quick rather than safe: nobody needs the data of a test after a power cut. */
const quickSettings: PostgresSettings = {
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'logical',
  wal_keep_size: '128MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '1h',
  max_connections: '150',
  shared_buffers: '64MB',
  max_locks_per_transaction: '256',
  autovacuum: 'off',
  jit: 'off',
  log_line_prefix: '%m [%p] %d ',
  lc_messages: 'C',
  timezone: 'UTC',
};

const superuser = 'rowhook';
const readyPollMs = 10;
const readyPolls = 3_000;
/** Ports tried, should another process be quicker to take the free one that was found. */
const portTries = 5;
const stopSignals = { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' } as const;

/**
 * Starts the server and tells its process id. When this process closes the pipe, or is gone, even by kill -9,
 * the server is stopped and its directory removed.
 */
const supervisor = `
  directory=$1; shift
  exec 3<&0
  "$@" </dev/null 3<&- &
  server=$!
  ( read -r _ <&3
    trap '' TERM
    kill -QUIT "$server" 2>/dev/null
    while kill -0 "$server" 2>/dev/null; do sleep 0.05; done
    rm -rf "$directory" ) >/dev/null &
  watcher=$!
  echo "$server"
  wait "$server"
  kill "$watcher" 2>/dev/null
  exit 0`;

/** A real PostgreSQL server of this test process, on a free port of the loopback interface. */
export class PostgresServer {
  /** Holds the data directory `data`, the socket and the log. */
  readonly directory: string;
  readonly #binaries: PostgresBinaries;
  #port = 0;
  #supervisor: ChildProcess | null = null;
  #pid = 0;
  #lastDatabase = 0;
  #version = 0;

  private constructor(directory: string, binaries: PostgresBinaries) {
    this.directory = directory;
    this.#binaries = binaries;
  }

  /** A new, empty server. */
  static async start(settings: PostgresSettings = {}): Promise<PostgresServer> {
    const server = PostgresServer.#inNewDirectory();
    server.run('initdb', [
      '--no-sync',
      '--encoding=UTF8',
      '--locale=C',
      '--auth=trust',
      `--username=${superuser}`,
      `--pgdata=${server.data}`,
    ]);
    server.configure({ ...quickSettings, ...settings });
    await server.restart();
    return server;
  }

  /** Makes a streaming standby of this server; it is running, and has caught up or is about to. */
  async standby(settings: PostgresSettings = {}): Promise<PostgresServer> {
    const standby = PostgresServer.#inNewDirectory();
    const client = await this.connect();
    try {
      // In the words of PostgreSQL 14, or of later ones.
      const isOld = (await this.version()) < 150_000;
      await client.query(
        isOld ? "SELECT pg_start_backup('standby', true, false)" : "SELECT pg_backup_start('standby', true)",
      );
      this.#copyData(standby);
      const stopped = await client.query<{ labelfile: string }>(
        isOld
          ? 'SELECT labelfile FROM pg_stop_backup(false, false)'
          : 'SELECT labelfile FROM pg_backup_stop(false)',
      );
      standby.#write('backup_label', stopped.rows[0]?.labelfile ?? '');
    } finally {
      await client.end();
    }
    standby.#write('standby.signal', '');
    standby.configure({
      hot_standby: 'on',
      primary_conninfo: `host=127.0.0.1 port=${this.port} user=${superuser} application_name=standby`,
      ...settings,
    });
    await standby.restart();
    return standby;
  }

  static #inNewDirectory(): PostgresServer {
    const binaries = findPostgres();
    const directory = mkdtempSync(join(tmpdir(), 'rowhook-postgres-'));
    if (binaries.user) chownSync(directory, binaries.user.uid, binaries.user.gid);
    return new PostgresServer(directory, binaries);
  }

  get port(): number {
    return this.#port;
  }

  get data(): string {
    return join(this.directory, 'data');
  }

  /** Process id of the server: for SIGSTOP and the like. */
  get pid(): number {
    return this.#pid;
  }

  url(database = 'postgres'): string {
    return `postgres://${superuser}@127.0.0.1:${this.#port}/${database}`;
  }

  /** A connection of its own, to be ended by the caller. */
  async connect(database = 'postgres'): Promise<Client> {
    const client = new Client({ connectionString: this.url(database) });
    await client.connect();
    return client;
  }

  /** Runs one statement or several as the superuser and answers the rows. */
  async query(
    text: string,
    parameters: unknown[] = [],
    database = 'postgres',
  ): Promise<Record<string, unknown>[]> {
    const client = await this.connect(database);
    try {
      return (await client.query(text, parameters)).rows ?? [];
    } finally {
      await client.end();
    }
  }

  /** Makes a database, empty or a copy of another that nobody is connected to, and answers its name. */
  async createDatabase(template = 'template1'): Promise<string> {
    this.#lastDatabase += 1;
    const name = `test_${this.#lastDatabase}`;
    // Copying files is quicker than writing every page to the log, and all that PostgreSQL 14 knows.
    const strategy = (await this.version()) >= 150_000 ? 'STRATEGY file_copy' : '';
    await this.query(`CREATE DATABASE ${name} TEMPLATE ${template} ${strategy}`);
    return name;
  }

  /** Of the server, as `server_version_num` has it: 150018 is 15.18. */
  async version(): Promise<number> {
    if (this.#version === 0) {
      const [row] = await this.query('SHOW server_version_num');
      this.#version = Number(row?.['server_version_num']);
    }
    return this.#version;
  }

  async dropDatabase(name: string): Promise<void> {
    await this.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }

  /** Everything that the server has logged. */
  log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  /** Changes settings; most hold from the next `restart` on, others after `SELECT pg_reload_conf()`. */
  configure(settings: PostgresSettings): void {
    const lines = Object.entries(settings).map(
      ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`,
    );
    appendFileSync(join(this.data, 'postgresql.conf'), lines.join(''));
  }

  /** Stops the server if it runs, and starts it on the same data and port. */
  async restart(mode: StopMode = 'fast'): Promise<void> {
    await this.stop(mode);
    for (let tries = 1; ; tries += 1) {
      if (this.#port === 0) this.#port = await freePort();
      await this.#launch();
      if (await this.#isReady()) return;
      const isTaken = /could not bind|still in use/.test(this.log());
      if (!isTaken || tries === portTries) throw new Error(`PostgreSQL does not start:\n${this.log()}`);
      if (/could not bind/.test(this.log())) this.#port = 0;
      await sleep(100);
    }
  }

  async stop(mode: StopMode = 'fast'): Promise<void> {
    const supervisor = this.#supervisor;
    if (supervisor === null) return;
    supervisor.ref();
    const ended = supervisor.exitCode === null ? once(supervisor, 'exit') : null;
    this.#signal(stopSignals[mode]);
    await ended;
    this.#supervisor = null;
  }

  /** Halts the whole server where it stands (SIGSTOP), with every session, until `resume`. */
  suspend(): void {
    for (const pid of this.#processes()) process.kill(pid, 'SIGSTOP');
  }

  resume(): void {
    for (const pid of this.#processes()) process.kill(pid, 'SIGCONT');
  }

  /** Makes a standby the primary, and waits until it takes writes. */
  promote(): void {
    this.run('pg_ctl', ['promote', '--wait', `--pgdata=${this.data}`]);
  }

  /** Stops the server and removes all it has. */
  async remove(): Promise<void> {
    await this.stop('immediate');
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Runs one of PostgreSQL's programs to its end. */
  run(program: string, parameters: readonly string[]): void {
    const { status, stdout, stderr, error } = spawnSync(join(this.#binaries.directory, program), parameters, {
      encoding: 'utf8',
      cwd: this.directory,
      env: environment(),
      ...this.#binaries.user,
    });
    if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? ''}${stdout}${stderr}`);
  }

  get #logFile(): string {
    return join(this.directory, 'log');
  }

  async #launch(): Promise<void> {
    const log = openSync(this.#logFile, 'w');
    const postgres = join(this.#binaries.directory, 'postgres');
    const parameters = ['-D', this.data, '-h', '127.0.0.1', '-p', String(this.#port), '-k', this.directory];
    const child = spawn('/bin/sh', ['-c', supervisor, 'sh', this.directory, postgres, ...parameters], {
      cwd: this.directory,
      env: environment(),
      stdio: ['pipe', 'pipe', log],
      ...this.#binaries.user,
    });
    this.#supervisor = child;
    const [line] = (await once(
      createInterface({ input: child.stdout as NodeJS.ReadableStream }),
      'line',
    )) as [string];
    this.#pid = Number(line);
    // A server that nobody stops must not keep a test process from ending.
    child.unref();
    for (const pipe of [child.stdin, child.stdout]) (pipe as unknown as { unref(): void }).unref();
  }

  async #isReady(): Promise<boolean> {
    for (let polls = 0; polls < readyPolls; polls += 1) {
      if (this.#supervisor?.exitCode !== null) return false;
      try {
        await this.query('SELECT 1');
        return true;
      } catch {
        await sleep(readyPollMs);
      }
    }
    return false;
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(this.#pid, signal);
    } catch {
      // It has ended by itself.
    }
  }

  /** The server's process and those of its sessions. */
  #processes(): number[] {
    const { stdout } = spawnSync('ps', ['-o', 'pid=,ppid=', '-A'], { encoding: 'utf8' });
    const all = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
    return [this.#pid, ...all.flatMap(([pid, parent]) => (parent === this.#pid && pid ? [pid] : []))];
  }

  #copyData(standby: PostgresServer): void {
    // Files come and go while they are copied; the write-ahead log makes up for it.
    spawnSync('cp', ['-a', this.data, standby.data], { ...this.#binaries.user });
    for (const name of ['postmaster.pid', 'postmaster.opts'])
      rmSync(join(standby.data, name), { force: true });
  }

  #write(name: string, content: string): void {
    const file = join(this.data, name);
    writeFileSync(file, content, { mode: 0o600 });
    if (this.#binaries.user) chownSync(file, this.#binaries.user.uid, this.#binaries.user.gid);
  }
}

let shared: Promise<PostgresServer> | null = null;

/** The one server that all tests of a file share; it ends with the process. */
export function sharedServer(): Promise<PostgresServer> {
  shared ??= PostgresServer.start();
  return shared;
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No free port was found.');
  return address.port;
}
