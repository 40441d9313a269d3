import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClusterLoad, TestCluster } from '../support/cluster.ts';

test('a rolling upgrade with a migration, under load: every process is replaced, and nothing is lost', {
  timeout: 180_000,
}, async (context) => {
  const cluster = await TestCluster.start(context, { processes: 2 });
  await cluster.untilShared(2);
  const workspaces = 12;
  const load = await ClusterLoad.start(context, cluster, workspaces);
  await load.recovers();
  for (const process of cluster.processes) {
    await load.goesOn(50);
    assert.deepEqual(await process.end(), { code: 0, signal: null });
    await load.recovers();
    process.program = join(import.meta.dirname, 'next-version.ts');
    await process.start();
    await cluster.untilShared(2);
  }
  await load.goesOn(50);
  const [version] = await cluster.postgres.query(
    "SELECT (SELECT max(version) FROM schema_version) AS steps, count(*)::int AS columns FROM information_schema.columns WHERE table_name = 'webhooks' AND column_name = 'colour'",
    [],
    cluster.database,
  );
  assert.equal(version?.columns, 1);
  const { events, repeats } = await load.verify();
  context.diagnostic(`${events} events over ${load.retried} calls made again, ${repeats} repeats`);
  assert.equal(repeats, 0, 'whoever stops by itself finishes what is under way');

  // The version before does not know the new schema and says so, rather than work on it.
  const old = cluster.process(0);
  await old.end();
  old.program = null;
  old.launch();
  await assert.rejects(old.ready(), /schema version \d+; this Rowhook knows only \d+/);
});
