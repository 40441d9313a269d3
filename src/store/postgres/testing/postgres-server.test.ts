import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresServer } from './postgres-server.ts';

describe('a PostgreSQL server for tests', () => {
  const servers: PostgresServer[] = [];
  after(async () => {
    for (const server of servers) await server.remove();
    for (const server of servers) assert.equal(existsSync(server.directory), false);
  });

  it('keeps what was committed when it is killed, and its standby takes over', async () => {
    const server = await PostgresServer.start({ fsync: 'on', full_page_writes: 'on' });
    servers.push(server);
    const database = await server.createDatabase();
    await server.query('CREATE TABLE things (name text)', [], database);
    const standby = await server.standby();
    servers.push(standby);
    await server.query("INSERT INTO things VALUES ('a')", [], database);
    await server.restart('kill');
    await server.query("INSERT INTO things VALUES ('b')", [], database);
    const names = async () =>
      (await standby.query('SELECT name FROM things ORDER BY name', [], database)).map(({ name }) => name);
    while ((await names()).length < 2) await sleep(20);
    await server.stop('kill');
    standby.promote();
    await standby.query("INSERT INTO things VALUES ('c')", [], database);
    assert.deepEqual(await names(), ['a', 'b', 'c']);
  });
});
