import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashApiToken, newApiToken } from './api/token.ts';
import { defaultWorkspaceName } from './api/workspace-directory.ts';
import { newTokenId } from './model/ids.ts';
import type { Store } from './store/port.ts';

/** Only its owner may read it. */
const ownerOnly = 0o600;
const secretKeyFile = 'secret-key';
const operatorTokenFile = 'operator-token';

/** The key that encrypts stored secrets: the one in the settings, or else the data directory's own, made now. */
export function secretKeyOf(dataDirectory: string, configured: string | null): string {
  if (configured !== null) return configured;
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const file = join(dataDirectory, secretKeyFile);
  if (!existsSync(file)) {
    writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, {
      mode: ownerOnly,
      flag: 'wx',
      flush: true,
    });
  }
  return readFileSync(file, 'utf8').trim();
}

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
  dataDirectory: string,
  configuredToken: string | null,
): Promise<OperatorToken> {
  const workspaces = await store.workspaces.list();
  if (!workspaces.some((workspace) => workspace.name === defaultWorkspaceName)) {
    await store.workspaces.create(defaultWorkspaceName);
  }
  if (configuredToken !== null) return { token: configuredToken, file: null };

  const file = join(dataDirectory, operatorTokenFile);
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (kept !== '' && (await store.workspaces.findToken(hashApiToken(kept)))) return { token: kept, file };
  const token = newApiToken();
  writeFileSync(file, `${token}\n`, { mode: ownerOnly, flush: true });
  const name = 'operator';
  await store.workspaces.addToken(
    { id: newTokenId(), name, scope: { kind: 'operator' }, expiresAtMs: null },
    hashApiToken(token),
  );
  return { token, file };
}
