import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PostgresServer } from '../../src/store/postgres/testing/postgres-server.ts';
import { ClusterLoad, pause, seconds, TestCluster } from '../support/cluster.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const workspaces = 12;

async function untilSynchronous(primary: PostgresServer): Promise<void> {
  for (;;) {
    const [standby] = await primary.query('SELECT sync_state FROM pg_stat_replication');
    if (standby?.sync_state === 'sync') return;
    await pause(50);
  }
}

test('PostgreSQL is killed and comes back, then fails over to a synchronous standby: nothing acknowledged is lost', {
  timeout: 180_000,
}, async (context) => {
  let proxy: TcpProxy | null = null;
  const cluster = await TestCluster.start(context, {
    processes: 2,
    postgres: { fsync: 'on' },
    databasePort: async (_index, { port }) => {
      proxy ??= await TcpProxy.start(context, port);
      return proxy.port;
    },
  });
  await cluster.untilShared(2);
  const load = await ClusterLoad.start(context, cluster, workspaces);
  await load.recovers();

  await load.goesOn(50);
  const afterRestart = await seconds(async () => {
    await cluster.postgres.restart('kill');
    await load.recovers();
  });

  const standby = await cluster.postgres.standby({ fsync: 'on' });
  context.after(() => standby.remove());
  // From here on a commit is told of only once the standby has it, too.
  cluster.postgres.configure({ synchronous_standby_names: '*' });
  await cluster.postgres.query('SELECT pg_reload_conf()');
  await untilSynchronous(cluster.postgres);
  await load.goesOn(100);
  const afterFailover = await seconds(async () => {
    await cluster.postgres.stop('kill');
    standby.promote();
    proxy?.leadTo(standby.port);
    await load.recovers();
  });

  const { events, repeats } = await load.verify();
  context.diagnostic(
    `${events} events over ${load.retried} calls made again, ${repeats} repeats; delivered again ${afterRestart} after ` +
      `PostgreSQL was killed and started, ${afterFailover} after its standby was promoted`,
  );
  const faults = 2;
  assert.ok(repeats <= 2 * faults * workspaces, `${repeats} repeats`);
});
