import { existsSync, readFileSync } from 'node:fs';
import { hashApiToken, newApiToken } from './api/token.ts';
import { defaultWorkspaceName } from './api/workspace-directory.ts';
import type { DataDirectory } from './maintenance/data-directory.ts';
import { newTokenId } from './model/ids.ts';
import { writeDurably } from './store/durable-file.ts';
import type { Store } from './store/port.ts';
import type { PostgresStore } from './store/postgres/index.ts';

/**
 * What the operator signs in with. `file` is where it can be read again; null: it came from the settings, or is
 * shown this once. A `token` that is null was shown when the database was set up.
 */
export interface OperatorToken {
  readonly token: string | null;
  readonly file: string | null;
  /** It came from the settings. */
  readonly configured: boolean;
}

/**
 * Makes what every installation has: the workspace `default`, and an operator's token. The token is kept in
 * a file that only its owner may read, so that the command line finds it; the database has only its hash.
 */
export async function prepareInstallation(
  store: Store,
  directory: DataDirectory,
  configuredToken: string | null,
): Promise<OperatorToken> {
  await ensureDefaultWorkspace(store);
  if (configuredToken !== null) return { token: configuredToken, file: null, configured: true };

  const file = directory.operatorToken;
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (kept !== '' && (await store.workspaces.findToken(hashApiToken(kept))))
    return { token: kept, file, configured: false };
  const token = newApiToken();
  writeDurably(file, `${token}\n`);
  await addOperator(store, token);
  return { token, file, configured: false };
}

/** Key of the lock under which one process after the other looks whether the installation is prepared. */
const preparingLock = 7_694_665;

/**
 * The same for a database that several processes share and may start on at once: there is no directory to keep a
 * token in, so the one made at the first start is shown by the process that makes it, and only then.
 */
export async function prepareClusterInstallation(
  store: Pick<PostgresStore, 'transaction' | 'workspaces'>,
  configuredToken: string | null,
): Promise<OperatorToken> {
  return store.transaction(async (query) => {
    await query('SELECT pg_advisory_xact_lock($1)', [preparingLock]);
    await ensureDefaultWorkspace(store);
    if (configuredToken !== null) return { token: configuredToken, file: null, configured: true };
    if ((await store.workspaces.listTokens(null)).length > 0)
      return { token: null, file: null, configured: false };
    const token = newApiToken();
    await addOperator(store, token);
    return { token, file: null, configured: false };
  });
}

async function ensureDefaultWorkspace(store: Pick<Store, 'workspaces'>): Promise<void> {
  const workspaces = await store.workspaces.list();
  if (workspaces.some((workspace) => workspace.name === defaultWorkspaceName)) return;
  await store.workspaces.create(defaultWorkspaceName);
}

async function addOperator(store: Pick<Store, 'workspaces'>, token: string): Promise<void> {
  await store.workspaces.addToken(
    { id: newTokenId(), name: 'operator', scope: { kind: 'operator' }, expiresAtMs: null },
    hashApiToken(token),
  );
}
