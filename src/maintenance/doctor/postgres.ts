import { Client } from 'pg';
import { type Finding, failed, messageOf, ok, warning } from './finding.ts';
import type { Patient } from './index.ts';

const connectTimeoutMs = 10_000;
/** The oldest PostgreSQL that has what is used, as its own number: 14. */
const oldestVersion = 140_000;
const clockToleranceMs = 5_000;

/** The database server: whether it answers, whether it is new enough, and whether its clock agrees with ours. */
export async function checkPostgres({ config }: Patient): Promise<readonly Finding[]> {
  const client = new Client({
    connectionString: config.databaseUrl ?? '',
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: connectTimeoutMs,
  });
  // A connection that breaks later on is told of by the query that meets it.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; number: string; now: Date; durable: string }>(
      "SELECT version(), current_setting('server_version_num') AS number, clock_timestamp() AS now, " +
        "current_setting('fsync') || ',' || current_setting('full_page_writes') AS durable",
    );
    const [server] = rows;
    if (server === undefined) throw new Error('It answered nothing.');
    return [
      Number(server.number) >= oldestVersion
        ? ok('PostgreSQL', server.version.split(' on ')[0] ?? server.version)
        : failed('PostgreSQL', server.version, 'Upgrade it to version 14 or newer.'),
      server.durable === 'on,on'
        ? ok('durability', 'fsync and full_page_writes are on')
        : warning(
            'durability',
            'fsync or full_page_writes is off: a power cut loses events that were accepted.',
            'Turn both on in postgresql.conf.',
          ),
      checkClocks(server.now.getTime() - Date.now()),
    ];
  } catch (error) {
    return [
      failed(
        'PostgreSQL',
        `It cannot be used: ${messageOf(error)}`,
        'See that it runs and that ROWHOOK_DATABASE_URL names it, the user and the database.',
      ),
    ];
  } finally {
    await client.end().catch(() => {});
  }
}

function checkClocks(differenceMs: number): Finding {
  if (Math.abs(differenceMs) <= clockToleranceMs) return ok('clock', 'agrees with that of PostgreSQL');
  return warning(
    'clock',
    `It differs from that of PostgreSQL by ${Math.round(differenceMs / 1_000)} s.`,
    'Let both follow a time server.',
  );
}
