import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import Database from 'better-sqlite3';
import { dataDirectory } from '../../src/maintenance/data-directory.ts';
import { readKeyFile } from '../../src/maintenance/key-file.ts';
import { Installation } from '../../src/maintenance/testing/installation.ts';
import { systemClock } from '../../src/model/clock.ts';
import { newEvent } from '../../src/store/contract/samples.ts';
import { migrate } from '../../src/store/sqlite/migrate.ts';
import { noteCount, upgradeSteps } from './maintenance-kill-data.ts';
import { SeededRandom } from './store-kill-random.ts';

const workerFile = join(import.meta.dirname, 'maintenance-worker.ts');
const seed = 20_260_301;
/** More file operations than any of the commands makes. */
const mostOperations = 60;
/** Kills at any moment, for what SQLite writes by itself. */
const kills = 4;
const latestKillMs = 150;

type Operation = 'backup' | 'restore' | 'rotate-key' | 'first-start' | 'upgrade';

/** Runs the worker; `killBefore` makes it die before that file operation, `killMs` kills it so long after it began. */
async function work(
  operation: Operation,
  directory: string,
  other: string,
  { killBefore = 0, killMs = null }: { killBefore?: number; killMs?: number | null } = {},
): Promise<'done' | 'killed'> {
  const worker = spawn(process.execPath, [workerFile, operation, directory, other, String(killBefore)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  worker.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  if (killMs !== null) {
    worker.stdout.once('data', () => setTimeout(() => worker.kill('SIGKILL'), killMs));
  }
  worker.stdout.resume();
  const [code, signal] = await once(worker, 'close');
  if (signal === 'SIGKILL') return 'killed';
  assert.equal(code, 0, errors);
  return 'done';
}

/** Kills the operation before each of its file operations in turn; `check` looks at what that leaves. */
async function killEverywhere(
  operation: Operation,
  run: (killBefore: number) => Promise<'done' | 'killed'>,
  check: (killBefore: number) => Promise<void>,
): Promise<number> {
  for (let killBefore = 1; killBefore <= mostOperations; killBefore += 1) {
    if ((await run(killBefore)) === 'done') return killBefore - 1;
    await check(killBefore);
  }
  return assert.fail(`${operation} makes more than ${mostOperations} file operations.`);
}

let installation: Installation;

beforeEach(async () => {
  installation = new Installation();
  await installation.fill('first', 'second');
});

afterEach(() => installation.remove());

test('kill -9 during a backup: the server goes on, and a backup that is there is whole', async (context) => {
  const random = new SeededRandom(seed);
  const store = installation.open();
  const [workspace] = await store.workspaces.list();
  const owner = workspace?.number ?? 0;
  const large = newEvent({ dataJson: JSON.stringify('x'.repeat(100_000)) });
  for (let count = 0; count < 60; count += 1) await store.journal.append(owner, [large]);
  const destination = installation.place('copy');
  const check = async (): Promise<void> => {
    await store.journal.append(owner, [newEvent()]);
    if (!existsSync(destination)) return;
    // What has got the name is whole: it can be restored.
    const elsewhere = dataDirectory(installation.place('elsewhere'));
    await installation.restore('copy', { directory: elsewhere });
    for (const made of [elsewhere.path, destination]) rmSync(made, { recursive: true });
  };
  const { path } = installation.directory;
  const points = await killEverywhere(
    'backup',
    (killBefore) => work('backup', path, destination, { killBefore }),
    check,
  );
  rmSync(destination, { recursive: true });
  let cut = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    if ((await work('backup', path, destination, { killMs: random.below(latestKillMs) })) === 'killed')
      cut += 1;
    await check();
  }
  const head = store.journal.headSeq();
  assert.equal(await work('backup', path, destination), 'done');
  await store.close();
  assert.deepEqual(
    readdirSync(installation.parent).sort(),
    ['copy', 'data'],
    'nothing is left of those that were killed',
  );
  installation.destroy();
  await installation.restore('copy');
  assert.equal((await installation.contents()).types.length, head);
  context.diagnostic(`killed before each of ${points} file operations, and ${cut} times in between`);
});

test('kill -9 during a restore: the old state, the new one, or a server that refuses to start; never a mixture', async (context) => {
  await installation.backUp('copy', { includeSecretKey: true });
  await installation.append('third');
  const { path } = installation.directory;
  cpSync(path, installation.place('before'), { recursive: true });
  const reset = (): void => {
    rmSync(path, { recursive: true });
    cpSync(installation.place('before'), path, { recursive: true });
  };
  const outcomes = { old: 0, new: 0, refused: 0 };
  const check = async (killBefore: number): Promise<void> => {
    try {
      const { types, secrets } = await installation.contents();
      assert.equal(secrets.length, 2);
      if (types.length === 3) outcomes.old += 1;
      else {
        assert.deepEqual(types, ['first', 'second']);
        outcomes.new += 1;
      }
    } catch (error) {
      assert.match(String(error), /A restore into .* was interrupted/, `killed before ${killBefore}`);
      outcomes.refused += 1;
    }
    const { kept } = await installation.restore('copy', { replace: true });
    assert.deepEqual((await installation.contents()).types, ['first', 'second']);
    assert.deepEqual(installation.files('rowhook.db.'), []);
    // The state before is kept whole, whichever of the restores has moved it.
    const places = installation.files('replaced-').map((name) => join(path, name, 'rowhook.db'));
    assert.ok(kept !== null && places.some((file) => countEvents(file) === 3), `killed before ${killBefore}`);
    reset();
  };
  const points = await killEverywhere(
    'restore',
    (killBefore) => work('restore', path, installation.place('copy'), { killBefore }),
    check,
  );
  context.diagnostic(
    `killed before each of ${points} file operations: ${outcomes.old} times the old state, ${outcomes.refused} ` +
      `times a server that refuses to start, ${outcomes.new} times the new state`,
  );
  assert.ok(outcomes.old > 0 && outcomes.refused > 0);
});

test('kill -9 during a change of the secret key: every secret opens, and the change is finished later', async (context) => {
  const secrets = ['whsec_hidden', 'Bearer hidden-in-a-header'];
  const { path } = installation.directory;
  const points = await killEverywhere(
    'rotate-key',
    (killBefore) => work('rotate-key', path, '', { killBefore }),
    async () => assert.deepEqual((await installation.contents()).secrets, secrets),
  );
  assert.equal(readKeyFile(installation.directory).length, 1, 'the last one was finished');
  assert.deepEqual((await installation.contents()).secrets, secrets);
  context.diagnostic(`killed before each of ${points} file operations`);
});

test('kill -9 during a first start: the next start has a whole key', async (context) => {
  installation.destroy();
  const { path } = installation.directory;
  const points = await killEverywhere(
    'first-start',
    (killBefore) => work('first-start', path, '', { killBefore }),
    async () => {
      await installation.fill('first');
      assert.equal((await installation.contents()).secrets[0], 'whsec_hidden');
      installation.destroy();
    },
  );
  context.diagnostic(`killed before each of ${points} file operations`);
});

test('kill -9 during an upgrade: each step is done or not, and a copy from before is kept', async (context) => {
  const random = new SeededRandom(seed + 1);
  const directory = mkdtempSync(join(tmpdir(), 'rowhook-upgrade-'));
  const file = join(directory, 'old.db');
  const begin = (): void => {
    for (const name of readdirSync(directory)) rmSync(join(directory, name));
    const database = new Database(file);
    database.pragma('journal_mode = WAL');
    migrate(database, systemClock, file, upgradeSteps.slice(0, 1));
    database.close();
  };
  const versions = new Map<number, number>();
  const check = async (): Promise<void> => {
    const version = assertStep(file);
    versions.set(version, (versions.get(version) ?? 0) + 1);
    assert.equal(await work('upgrade', directory, ''), 'done');
    assert.equal(assertStep(file), 3);
    const names = readdirSync(directory);
    assert.deepEqual(
      names.filter((name) => name.endsWith('.partial')),
      [],
    );
    const copies = names.filter((name) => /before-2-\d+$/.test(name));
    assert.ok(copies.length > 0, 'the copy from before the upgrade is there');
    for (const copy of copies) assert.equal(assertStep(join(directory, copy)), 1);
    begin();
  };
  try {
    begin();
    const points = await killEverywhere(
      'upgrade',
      (killBefore) => work('upgrade', directory, '', { killBefore }),
      check,
    );
    begin();
    for (let kill = 0; kill < kills; kill += 1) {
      if ((await work('upgrade', directory, '', { killMs: random.below(latestKillMs) })) === 'killed')
        await check();
      else begin();
    }
    context.diagnostic(
      `killed before each of ${points} file operations, and ${kills} times in between; versions found: ` +
        [...versions].map(([version, count]) => `${version}: ${count}`).join(', '),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

/** That the content is exactly what its version says; answers the version. */
function assertStep(file: string): number {
  const database = new Database(file);
  try {
    const version = Number(database.pragma('user_version', { simple: true }));
    assert.deepEqual(database.pragma('integrity_check'), [{ integrity_check: 'ok' }]);
    const columns = database.prepare<[], string>("SELECT name FROM pragma_table_info('notes')").pluck().all();
    assert.deepEqual(columns, version === 1 ? ['number', 'text'] : ['number', 'text', 'length']);
    const changed = database
      .prepare<[], number>("SELECT count(*) FROM notes WHERE text LIKE '%X'")
      .pluck()
      .get();
    assert.equal(changed, version === 3 ? noteCount : 0);
    assert.equal(database.prepare<[], number>('SELECT count(*) FROM notes').pluck().get(), noteCount);
    return version;
  } finally {
    database.close();
  }
}

function countEvents(file: string): number {
  if (!existsSync(file)) return 0;
  const database = new Database(file);
  const count = database.prepare<[], number>('SELECT count(*) FROM events').pluck().get() ?? 0;
  database.close();
  return count;
}
