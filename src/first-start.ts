import { existsSync, readFileSync } from 'node:fs';
import { hashApiToken, newApiToken } from './api/token.ts';
import { defaultWorkspaceName } from './api/workspace-directory.ts';
import type { DataDirectory } from './maintenance/data-directory.ts';
import { newTokenId } from './model/ids.ts';
import { writeDurably } from './store/durable-file.ts';
import type { Store } from './store/port.ts';

/** What the operator signs in with. `file` is where it can be read again; null: it came from the settings. */
export interface OperatorToken {
  readonly token: string;
  readonly file: string | null;
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
  const workspaces = await store.workspaces.list();
  if (!workspaces.some((workspace) => workspace.name === defaultWorkspaceName)) {
    await store.workspaces.create(defaultWorkspaceName);
  }
  if (configuredToken !== null) return { token: configuredToken, file: null };

  const file = directory.operatorToken;
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (kept !== '' && (await store.workspaces.findToken(hashApiToken(kept)))) return { token: kept, file };
  const token = newApiToken();
  writeDurably(file, `${token}\n`);
  const name = 'operator';
  await store.workspaces.addToken(
    { id: newTokenId(), name, scope: { kind: 'operator' }, expiresAtMs: null },
    hashApiToken(token),
  );
  return { token, file };
}
