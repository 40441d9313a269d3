import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PostgresServer } from '../../src/store/postgres/testing/postgres-server.ts';
import { ServerProcess } from '../support/server-process.ts';

test('processes that start at once on an empty database set it up together, and one shows the operator token', {
  timeout: 120_000,
}, async (context) => {
  const postgres = await PostgresServer.start({ fsync: 'off' });
  context.after(() => postgres.remove());
  const database = await postgres.createDatabase();
  const settings = {
    ROWHOOK_DATABASE_URL: postgres.url(database),
    ROWHOOK_SECRET_KEY: 'the secret key of the cluster tests, long enough',
    // Empty counts as absent.
    ROWHOOK_OPERATOR_TOKEN: '',
  };
  const processes = Array.from({ length: 3 }, () => ServerProcess.prepare(context, settings));
  await Promise.all(processes.map((process) => process.start()));
  const shown = processes.filter(({ printed }) => printed.stdout.includes('shown only now: keep it'));
  assert.equal(shown.length, 1);
  const token = /API token +(\S+)/.exec(shown[0]?.printed.stdout ?? '')?.[1];
  for (const { url } of processes) {
    const answer = await fetch(`${url}/v1/workspaces`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200);
    const { data } = (await answer.json()) as { data: unknown[] };
    assert.equal(data.length, 1, 'one workspace "default"');
  }

  const keyless = ServerProcess.prepare(context, { ...settings, ROWHOOK_SECRET_KEY: '' });
  keyless.launch();
  await assert.rejects(keyless.ready(), /ROWHOOK_SECRET_KEY is not set/);
});
