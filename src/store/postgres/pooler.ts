import { Client, type ClientConfig } from 'pg';

/**
 * Refuses a connection pooler that lends server connections for a transaction at a time, as PgBouncer does with
 * `pool_mode = transaction`: locks, LISTEN and prepared statements belong to a session, and would be another
 * client's a moment later. It shows when two clients meet on the same server connection.
 */
export async function refuseTransactionPooler(config: ClientConfig): Promise<void> {
  const [first, second] = [new Client(config), new Client(config)];
  for (const client of [first, second]) client.on('error', () => undefined);
  try {
    await first.connect();
    const pid = await backendOf(first);
    await second.connect();
    if ((await backendOf(second)) !== pid) return;
    throw new Error(
      'The database is reached through a connection pooler that shares server connections between transactions. ' +
        'Rowhook needs sessions of its own, for locks and notifications: set the pooler to session mode ' +
        '(PgBouncer: pool_mode = session), or name the server itself in ROWHOOK_DATABASE_URL.',
    );
  } finally {
    await Promise.allSettled([first.end(), second.end()]);
  }
}

async function backendOf(client: Client): Promise<number> {
  const found = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return found.rows[0]?.pid ?? 0;
}
