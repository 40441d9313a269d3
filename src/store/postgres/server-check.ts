import type { ClientBase } from 'pg';

interface ServerState {
  readonly encoding: string;
  readonly is_standby: boolean;
  readonly fsync: string;
  readonly full_page_writes: string;
}

/**
 * Refuses a server that cannot be worked with, and answers what an operator should know of its settings.
 * Its version is the migration's concern.
 */
export async function checkServer(client: ClientBase): Promise<readonly string[]> {
  const found = await client.query<ServerState>(`
    SELECT current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS is_standby,
      current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes`);
  const [state] = found.rows;
  if (state?.encoding !== 'UTF8') {
    throw new Error(
      `The database has the encoding ${state?.encoding}; Rowhook needs UTF8: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.`,
    );
  }
  if (state.is_standby) {
    throw new Error(
      'The database server is a standby, or in recovery, and takes no writes. Name the primary in ROWHOOK_DATABASE_URL, ' +
        'or several servers with target_session_attrs=read-write behind one name.',
    );
  }
  const off = (['fsync', 'full_page_writes'] as const).filter((setting) => state[setting] === 'off');
  return off.map(
    (setting) => `The database server runs with ${setting} = off: a power cut can lose accepted events.`,
  );
}
