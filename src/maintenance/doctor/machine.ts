import { existsSync, readFileSync } from 'node:fs';
import type { Config } from '../../config/index.ts';
import { type Finding, ok, warning } from './finding.ts';

/** Files that a server needs besides its connections: the database, its log, the program. */
const otherFiles = 100;

/** What the machine lets one process have. */
export function checkMachine(config: Config): readonly Finding[] {
  const limit = openFileLimit();
  if (limit === null) return [];
  // Each delivery is a connection out, and many clients are connections in.
  const wanted = config.maxConnections * 2 + otherFiles;
  if (limit >= wanted) return [ok('open files', `${limit} at once`)];
  return [
    warning(
      'open files',
      `The process may have ${limit} at once; with ROWHOOK_MAX_CONNECTIONS=${config.maxConnections} it may want ${wanted}.`,
      'Raise the limit (ulimit -n, or LimitNOFILE= of systemd), or lower ROWHOOK_MAX_CONNECTIONS.',
    ),
  ];
}

/** Null where the system does not tell. */
function openFileLimit(): number | null {
  const file = '/proc/self/limits';
  if (!existsSync(file)) return null;
  const soft = /^Max open files +(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1];
  return soft === undefined ? null : Number(soft);
}
