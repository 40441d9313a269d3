import assert from 'node:assert/strict';
import { chmodSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, type TestContext } from 'node:test';
import { loadConfig } from '../../config/index.ts';
import { certificate } from '../../egress/testing/consumers.ts';
import { startDnsServer } from '../../egress/testing/dns-server.ts';
import { newWebhook, webhookSettings } from '../../store/contract/samples.ts';
import { PostgresServer } from '../../store/postgres/testing/postgres-server.ts';
import { restoreMarkerFile } from '../../store/sqlite/restore-marker.ts';
import { writeKeyFile } from '../key-file.ts';
import { Installation } from '../testing/installation.ts';
import { examine, type Finding } from './index.ts';

let installation: Installation;
let dns: string;

beforeEach(async (context) => {
  installation = new Installation();
  await installation.fill('first');
  dns = (await startDnsServer(context as TestContext, {})).address;
});

afterEach(() => installation.remove());

/** Findings that are not in order, as `state check: detail`. */
async function complaints(settings: Record<string, string> = {}, nowMs = Date.now()): Promise<string[]> {
  return (await findings(settings, nowMs))
    .filter(({ state }) => state === 'failed' || state === 'warning')
    .map(({ state, check, detail, cure }) => {
      assert.ok(cure, `${check} says what to do`);
      return `${state} ${check}: ${detail}`;
    });
}

async function findings(
  settings: Record<string, string> = {},
  nowMs = Date.now(),
): Promise<readonly Finding[]> {
  const loaded = loadConfig({ ROWHOOK_PORT: '0', ROWHOOK_DNS_SERVERS: dns, ...settings });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return examine({
    directory: installation.directory,
    config: loaded.config,
    settingErrors: [],
    nowMs,
  });
}

/** That there is one complaint, and what it says. */
async function assertOnly(expected: RegExp, settings: Record<string, string> = {}): Promise<void> {
  const found = await complaints(settings);
  assert.equal(found.length, 1, found.join('\n'));
  assert.match(found[0] ?? '', expected);
}

describe('the doctor', () => {
  it('finds nothing wrong with a healthy installation, and changes nothing', async () => {
    const before = contents();
    assert.deepEqual(await complaints(), []);
    assert.deepEqual(contents(), before);
  });

  it('finds nothing wrong with one that was never started', async () => {
    installation.destroy();
    assert.deepEqual(await complaints(), []);
    assert.throws(() => readFileSync(installation.directory.secretKey), 'nothing was made');
  });

  it('looks at a server that runs, and says which process that is', async () => {
    const store = installation.open();
    const found = await findings();
    assert.ok(
      found.some(({ check, detail }) => check === 'lock' && detail.includes(`process ${process.pid}`)),
    );
    assert.deepEqual(
      found.filter(({ state }) => state === 'failed'),
      [],
    );
    await store.close();
  });

  it('finds a damaged database', async () => {
    const content = readFileSync(installation.directory.database);
    content.fill(0x5a, content.length - 2 * 4096, content.length - 4096);
    writeFileSync(installation.directory.database, content);
    await assertOnly(/^failed database: It is damaged: Tree \d+ page \d+/);
    truncateSync(installation.directory.database, 50);
    await assertOnly(/^failed database: It is damaged: database disk image is malformed/);
  });

  it('finds a database of another version', async () => {
    installation.execute('PRAGMA user_version = 99');
    await assertOnly(/^failed schema: version 99; this program knows only \d+/);
    installation.execute('PRAGMA user_version = 0');
    await assertOnly(/^warning schema: version 0; this program has \d+/);
  });

  it('finds secrets that the key does not open, a key that is missing, and a change of it that is not done', async () => {
    const key = readFileSync(installation.directory.secretKey, 'utf8').trim();
    writeKeyFile(installation.directory, ['n'.repeat(44)]);
    await assertOnly(/^failed secret key: 3 of 3 secrets cannot be opened; keys that sealed them: [\w-]{8};/);
    writeKeyFile(installation.directory, ['n'.repeat(44), key]);
    await assertOnly(/^warning secret key: 3 of 3 secrets still need a previous key/);
    rmSync(installation.directory.secretKey);
    await assertOnly(/^failed secret key: The key file .* is missing/);
    assert.deepEqual(await complaints({ ROWHOOK_SECRET_KEY: key }), []);
  });

  it('finds files that others can read, and the mode that mends it', async () => {
    chmodSync(installation.directory.secretKey, 0o640);
    const [found] = (await findings()).filter(({ state }) => state === 'warning');
    assert.match(found?.detail ?? '', /can read: secret-key$/);
    assert.equal(found?.cure, `chmod go= ${installation.directory.secretKey}`);
  });

  it('finds a restore that was interrupted', async () => {
    writeFileSync(
      restoreMarkerFile(installation.directory.path),
      JSON.stringify({ backup: '/b', keptIn: null }),
    );
    await assertOnly(/^failed restore: A restore was interrupted/);
  });

  it('finds a clock that is behind what was accepted already', async () => {
    const [found, ...others] = await complaints({}, Date.now() - 3_600_000);
    assert.match(found ?? '', /^warning clock: .* an event was accepted 3[56]\d\d s later/);
    assert.deepEqual(others, []);
  });

  it('finds settings that do not go together', async () => {
    await assertOnly(/^warning settings: ROWHOOK_NOTICE_RECIPIENTS is set/, {
      ROWHOOK_NOTICE_RECIPIENTS: 'ann@example.com',
    });
    await assertOnly(/^warning settings: .*tokens cross the network unencrypted/, {
      ROWHOOK_HOST: '0.0.0.0',
    });
    assert.deepEqual(
      await complaints({ ROWHOOK_HOST: '0.0.0.0', ROWHOOK_PUBLIC_URL: 'https://hooks.example.com' }),
      [],
    );
  });

  it('tells of an egress policy that is wide open, or that a proxy has to keep', async () => {
    await assertOnly(/^warning egress: ROWHOOK_ALLOWED_NETWORKS has 0\.0\.0\.0\/0/, {
      ROWHOOK_ALLOWED_NETWORKS: '0.0.0.0/0',
    });
    const proxied = await complaints({ ROWHOOK_EGRESS_PROXY: 'http://user:hidden@proxy.example:3128' });
    assert.deepEqual(proxied.length, 1);
    assert.match(proxied[0] ?? '', /^warning egress: Everything leaves through a proxy/);
    assert.ok(
      !JSON.stringify(await findings({ ROWHOOK_EGRESS_PROXY: 'http://user:hidden@p.example:1' })).includes(
        'hidden',
      ),
    );
  });

  it('finds webhooks that the policy refuses, and shows no more of them than where they lead', async () => {
    const store = installation.open();
    const [workspace] = await store.workspaces.list();
    for (const url of ['http://10.0.0.1/hook?token=hidden', 'http://127.0.0.1:8080/test-consumer/in/abc']) {
      await newWebhook(store, workspace?.number ?? 0, webhookSettings({ url }));
    }
    await store.close();
    const [found, ...others] = await complaints();
    assert.match(found ?? '', /^warning webhook URLs: The policy refuses 1 of 3: http:\/\/10\.0\.0\.1$/);
    assert.deepEqual(others, []);
  });

  it('finds a DNS server that does not answer', async (context) => {
    const silent = await startDnsServer(context, { 'rowhook-doctor.invalid': ['SERVFAIL'] });
    await assertOnly(/^warning DNS: The DNS server answered with a failure\. Asked: 127\.0\.0\.1:\d+/, {
      ROWHOOK_DNS_SERVERS: silent.address,
    });
  });

  it('finds a port that something else listens on', async (context) => {
    const other: Server = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    context.after(() => other.close());
    const address = other.address();
    assert.ok(typeof address === 'object' && address !== null);
    await assertOnly(/^warning port: The server could not listen on 127\.0\.0\.1, port \d+ \(EADDRINUSE\)/, {
      ROWHOOK_PORT: String(address.port),
    });
  });

  it('finds certificates that cannot be used', async () => {
    const file = installation.place('ca.pem');
    const settings = { ROWHOOK_EXTRA_CA_FILE: file };
    await assertOnly(/^failed egress: ENOENT/, settings);
    writeFileSync(file, 'no certificate');
    await assertOnly(/^failed certificates: .*there is none in it/, settings);
    writeFileSync(file, certificate('expired'));
    await assertOnly(/^warning certificates: 1 of 1 .* have expired/, settings);
    writeFileSync(file, certificate('authority'));
    assert.deepEqual(await complaints(settings), []);
  });

  it('finds a limit of open files that is too low for the connections there may be', async () => {
    await assertOnly(/^warning open files: .*ROWHOOK_MAX_CONNECTIONS=100000/, {
      ROWHOOK_MAX_CONNECTIONS: '100000',
    });
  });

  it('finds a data directory that others can look into', async () => {
    chmodSync(installation.directory.path, 0o755);
    await assertOnly(/^warning permissions: Other users of this machine can read: \.$/);
  });
});

describe('the doctor, where the data is in PostgreSQL,', () => {
  it('looks at the server, and shows no password', async (context) => {
    const server = await PostgresServer.start({ fsync: 'off', full_page_writes: 'off' });
    context.after(() => server.remove());
    const url = server.url(await server.createDatabase());
    await assertOnly(/^warning durability: fsync or full_page_writes is off/, { ROWHOOK_DATABASE_URL: url });
    await assertOnly(/^failed PostgreSQL: It cannot be used: /, {
      ROWHOOK_DATABASE_URL: 'postgres://me:hidden@127.0.0.1:1/rowhook',
    });
    const broken = await complaints({ ROWHOOK_DATABASE_URL: 'postgres://me:hidden@127.0.0.1:1/rowhook' });
    assert.ok(!broken.join().includes('hidden'));
  });
});

/** Every file, but for those that SQLite itself needs to read a database; they are empty. */
function contents(): Map<string, string> {
  const { path } = installation.directory;
  const names = installation.files('').filter((name) => !/-(?:wal|shm)$/.test(name));
  return new Map(names.map((name) => [name, readFileSync(join(path, name), 'latin1')]));
}
