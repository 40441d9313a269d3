import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { copyProgressLine } from './copy-progress.ts';
import { RowhookUnderTest } from './testing/rowhook-under-test.ts';

let rowhook: RowhookUnderTest;
before(async () => {
  rowhook = await RowhookUnderTest.start();
});
after(() => rowhook.stop());

describe('rowhook backup and restore', () => {
  it('copy a server that runs, into a place that another one can begin with', async () => {
    await rowhook.succeed(['base', 'create', 'Shop']);
    const said = await rowhook.succeed(['backup', 'copy']);
    assert.match(said, /^backup +\S+\/copy\nsize +\d+\.\d MB\nchecked +sound, schema version \d+\n/);
    assert.match(said, /secret key +not included\. Keep data\/secret-key elsewhere, too/);
    assert.match(
      await rowhook.succeed(['backup', 'with-key', '--include-secret-key']),
      /secret key +included: keep the backup where nobody else can read it/,
    );
    const restored = await rowhook.succeed(['restore', 'with-key', '--data-dir', 'other']);
    assert.match(restored, /^restored +\d+\.\d MB into other\nstate of +20/);
    assert.match(restored, /secret key +restored with it\nnext +start the server/);
  });

  it('name the backup after the time when nobody does, and print it as JSON when asked to', async () => {
    const { path, files } = await rowhook.json<{ path: string; files: { name: string }[] }>(['backup']);
    assert.match(path, /\/rowhook-backup-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d$/);
    assert.deepEqual(
      files.map(({ name }) => name),
      ['rowhook.db'],
    );
  });

  it('say what is wrong, and change nothing', async () => {
    await rowhook.succeed(['backup', 'again']);
    await rowhook.fail(['backup', 'again'], 1, /^error: .*again exists already; a backup never overwrites/);
    await rowhook.fail(['backup', 'x', '--data-dir', 'nowhere'], 1, /There is no database in nowhere/);
    await rowhook.fail(
      ['restore', 'again', '--replace'],
      1,
      /data directory \.\/data is in use by process \d+/,
    );
    await rowhook.fail(['restore', 'nothing', '--data-dir', 'new'], 1, /There is no backup at .*nothing/);
    await rowhook.fail(['rotate-key'], 1, /in use by process \d+/);
  });

  it('leave a PostgreSQL installation to the tools of PostgreSQL', async () => {
    const environment = { ROWHOOK_DATABASE_URL: 'postgres://me:hidden@localhost/rowhook' };
    for (const args of [['backup'], ['restore', 'copy']]) {
      const { exitCode, errors } = await rowhook.run(args, { environment });
      assert.equal(exitCode, 1);
      assert.match(errors, /pg_dump --format=custom/);
      assert.doesNotMatch(errors, /hidden/);
    }
    const { errors } = await rowhook.run(['rotate-key'], { environment });
    assert.match(errors, /1\. Add the new key to ROWHOOK_PREVIOUS_SECRET_KEYS/);
  });

  it('need no setting of the server but where its data is', async () => {
    const environment = { ROWHOOK_PORT: 'nonsense', ROWHOOK_UNHEARD_OF: '1' };
    assert.equal((await rowhook.run(['backup', 'whatever'], { environment })).exitCode, 0);
    const wrong = await rowhook.run(['backup', 'x'], { environment: { ROWHOOK_SECRET_KEY: 'short' } });
    assert.equal(wrong.exitCode, 2);
    assert.match(wrong.errors, /ROWHOOK_SECRET_KEY: its value is not allowed/);
  });
});

describe('rowhook doctor', () => {
  it('tells how a server is that runs', async () => {
    const said = await rowhook.succeed(['doctor', '--port', '0']);
    assert.match(said, /^ok +settings +all \d+ can be used\n/);
    assert.match(said, /\nok +lock +held by process \d+, a server that runs\n/);
    assert.match(said, /\n0 failed, \d+ to look at\.\n$/);
  });

  it('ends with 1 when something failed, and looks at the rest all the same', async () => {
    const { exitCode, output } = await rowhook.run(['doctor', '--port', 'x', '--json'], {
      environment: { ROWHOOK_NONSENSE: '1' },
    });
    const { healthy, findings } = JSON.parse(output) as {
      healthy: boolean;
      findings: { check: string; state: string; detail: string }[];
    };
    assert.deepEqual([exitCode, healthy], [1, false]);
    const details = findings.filter(({ state }) => state === 'failed').map(({ detail }) => detail);
    assert.equal(details.length, 2);
    assert.match(details.join(' '), /ROWHOOK_NONSENSE: There is no such setting.*--port: "x" is not allowed/);
    assert.ok(findings.some(({ check, state }) => check === 'database' && state === 'ok'));
  });
});

it('progress is told in percent and megabytes', () => {
  assert.equal(copyProgressLine({ copiedBytes: 3_400_000, totalBytes: 10_000_000 }), '34 %  3.4 of 10.0 MB');
  assert.equal(copyProgressLine({ copiedBytes: 0, totalBytes: 0 }), '100 %  0.0 of 0.0 MB');
});
